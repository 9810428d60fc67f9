//! Whether an output is still the one its inputs make.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh64::Xxh64;

use crate::failure::Failure;

/// Folders that hold what was made, not what it is made from.
const MADE: [&str; 3] = ["dist", "node_modules", "target"];

/// Remembers, in a file, what an output was made from and what it was then.
pub(crate) struct Stamp {
    file: PathBuf,
    inputs: u64,
    outputs: Vec<PathBuf>,
}

impl Stamp {
    /// `settings` is whatever else the outputs depend on: versions, options.
    pub(crate) fn new(
        file: PathBuf,
        settings: &str,
        inputs: &[PathBuf],
        outputs: Vec<PathBuf>,
    ) -> Result<Self, Failure> {
        Ok(Stamp {
            file,
            inputs: digest(settings, inputs)?,
            outputs,
        })
    }

    /// True when the outputs are untouched since they were made, and from these very inputs.
    pub(crate) fn is_current(&self) -> bool {
        let text = self.text();
        text.is_ok_and(|text| fs::read_to_string(&self.file).is_ok_and(|known| known == text))
    }

    /// To be called once the outputs are made.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).map_err(Failure::file(folder))?;
        }
        fs::write(&self.file, self.text()?).map_err(Failure::file(&self.file))
    }

    fn text(&self) -> Result<String, Failure> {
        for output in &self.outputs {
            fs::metadata(output).map_err(Failure::file(output))?;
        }
        Ok(format!(
            "{:016x} {:016x}\n",
            self.inputs,
            digest("", &self.outputs)?
        ))
    }
}

/// One number for the names and bytes of `paths`. A folder counts with all it holds, but for what was made; a missing path counts as such.
fn digest(settings: &str, paths: &[PathBuf]) -> Result<u64, Failure> {
    let mut hash = Xxh64::new(0);
    hash.update(settings.as_bytes());
    for path in paths {
        for file in files(path)? {
            let bytes = fs::read(&file).map_err(Failure::file(&file))?;
            // Not where the folder lies: another target directory holds the same module.
            let name = file.strip_prefix(path).unwrap_or(&file);
            hash.update(name.as_os_str().as_encoded_bytes());
            hash.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(&bytes);
        }
    }
    Ok(hash.digest())
}

/// Every file at or under `path`, sorted, without what was made or is hidden.
pub(crate) fn files(path: &Path) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut found = BTreeSet::new();
    let mut pending = vec![path.to_path_buf()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path).map_err(Failure::file(&path))? {
                let entry = entry.map_err(Failure::file(&path))?;
                let name = entry.file_name();
                let name = name.to_string_lossy();
                if !name.starts_with('.') && !MADE.contains(&name.as_ref()) {
                    pending.push(entry.path());
                }
            }
        } else if path.exists() {
            found.insert(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("vexil-xtask-{}-{name}", std::process::id()));
            fs::create_dir_all(folder.join("in/dist")).unwrap();
            fs::write(folder.join("in/a"), "a").unwrap();
            fs::write(folder.join("out"), "made from a").unwrap();
            Folder(folder)
        }

        fn stamp(&self, settings: &str) -> Stamp {
            Stamp::new(
                self.0.join("stamp"),
                settings,
                &[self.0.join("in")],
                vec![self.0.join("out")],
            )
            .unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[track_caller]
    fn check(name: &str, settings: &str, change: impl Fn(&Path), is_current: bool) {
        let folder = Folder::new(name);
        assert!(!folder.stamp("v1").is_current(), "nothing was made yet");
        folder.stamp("v1").write().unwrap();
        change(&folder.0);
        assert_eq!(folder.stamp(settings).is_current(), is_current);
    }

    #[test]
    fn an_untouched_output_is_current() {
        check("same", "v1", |_| {}, true);
    }

    #[test]
    fn any_change_of_an_input_makes_it_anew() {
        check(
            "edited",
            "v1",
            |folder| fs::write(folder.join("in/a"), "b").unwrap(),
            false,
        );
        check(
            "added",
            "v1",
            |folder| fs::write(folder.join("in/b"), "").unwrap(),
            false,
        );
        check(
            "renamed",
            "v1",
            |folder| fs::rename(folder.join("in/a"), folder.join("in/c")).unwrap(),
            false,
        );
        check("settings", "v2", |_| {}, false);
    }

    #[test]
    fn a_changed_or_missing_output_is_made_anew() {
        check(
            "overwritten",
            "v1",
            |folder| fs::write(folder.join("out"), "by hand").unwrap(),
            false,
        );
        check(
            "deleted",
            "v1",
            |folder| fs::remove_file(folder.join("out")).unwrap(),
            false,
        );
    }

    #[test]
    fn what_was_made_is_no_input() {
        check(
            "dist",
            "v1",
            |folder| fs::write(folder.join("in/dist/x"), "x").unwrap(),
            true,
        );
    }
}
