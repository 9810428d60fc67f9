//! The files of the workspace, and what they import.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tables::{GENERATED, SOURCE};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace is there")
}

/// Every file of source, by its path from the root, with its text.
pub(crate) fn sources() -> BTreeMap<String, String> {
    let root = root();
    let mut files = BTreeMap::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the workspace") {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() && !GENERATED.contains(&name.as_str()) {
                open.push(path);
            } else if path.is_file() && has_ending(&name, SOURCE) {
                let relative = path
                    .strip_prefix(&root)
                    .expect("below the root")
                    .to_string_lossy()
                    .replace('\\', "/");
                files.insert(relative, fs::read_to_string(&path).expect("UTF-8"));
            }
        }
    }
    files
}

pub(crate) fn has_ending(file: &str, endings: &[&str]) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
}

pub(crate) fn is_test(file: &str) -> bool {
    file.starts_with("tests/")
        || file.split('/').any(|part| {
            part == "test"
                || part == "tests"
                || part.starts_with("tests.")
                || part.contains(".test.")
        })
}

/// What a module names after `from`, `import` and `import(`, in either quotes, and files beside it as a URL.
pub(crate) fn imports(text: &str) -> Vec<String> {
    let openings = ["from ", "import ", "import(", "new URL("];
    let mut found = Vec::new();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with(['*', '/']));
    for line in code {
        for opening in openings {
            let after = line.split_once(opening).map(|(_, after)| after);
            let quoted = after.and_then(|after| after.strip_prefix(['"', '\'']));
            let name = quoted.and_then(|quoted| quoted.split(['"', '\'']).next());
            found.extend(
                name.filter(|name| opening != "new URL(" || name.starts_with('.'))
                    .map(str::to_owned),
            );
        }
    }
    found
}

/// Where a relative import leads, from the root; `None` for a package.
pub(crate) fn resolve(file: &str, import: &str) -> Option<String> {
    if !import.starts_with('.') {
        return None;
    }
    let mut path: Vec<&str> = file.split('/').collect();
    path.pop();
    for step in import.split('/') {
        match step {
            "." => {}
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    Some(path.join("/"))
}
