//! `vexil init`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::config;
use crate::failure::Failure;
use crate::file;
use crate::style::{ASIDE, GOOD, TITLE, WARNING};
use crate::table;

/// Starts a project: a ruleset with a flag and its tests, settings, and a workflow that checks them
///
/// It writes flags.json, flags.schema.json (by which editors complete and check it), vexil.toml, and for GitHub Actions
/// .github/workflows/flags.yml at the root of the repository. Files that are there already are left as they are.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Where; it is made if it is not there
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Overwrites files that are there
    #[arg(long)]
    force: bool,
    /// Prints one JSON object instead of text: {"written": [FILE], "kept": [FILE]}
    #[arg(long)]
    json: bool,
}

const RULESET: &str = "flags.json";
const SCHEMA: &str = "flags.schema.json";
const WORKFLOW: &str = ".github/workflows/flags.yml";

/// A file to write.
struct New {
    path: PathBuf,
    text: String,
    /// What it is for.
    what: &'static str,
}

pub(crate) fn run(arguments: &Init, out: &mut impl Write) -> Result<(), Failure> {
    let (mut written, mut kept) = (Vec::new(), Vec::new());
    for new in files(&arguments.folder)? {
        // A link that leads nowhere is there too.
        if new.path.symlink_metadata().is_ok() && !arguments.force {
            kept.push(new);
            continue;
        }
        if let Some(folder) = new.path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| Failure::File {
                doing: "make",
                path: folder.to_owned(),
                error,
            })?;
        }
        file::write(&new.path, new.text.as_bytes())?;
        written.push(new);
    }
    if arguments.json {
        let paths = |files: &[New]| -> Vec<String> { files.iter().map(name).collect() };
        let document = json!({ "written": paths(&written), "kept": paths(&kept) });
        return Ok(writeln!(out, "{document}")?);
    }
    let row = |new: &New| [name(new), new.what.to_owned()];
    if !written.is_empty() {
        let rows: Vec<_> = written.iter().map(row).collect();
        writeln!(out, "{GOOD}Written{GOOD:#}")?;
        table::write_rows(out, "  ", &rows)?;
    }
    if !kept.is_empty() {
        let rows: Vec<_> = kept.iter().map(row).collect();
        writeln!(
            out,
            "{WARNING}Left as it was{WARNING:#} (`--force` overwrites it)"
        )?;
        table::write_rows(out, "  ", &rows)?;
    }
    write_next(&arguments.folder, out)
}

/// What people do next.
fn write_next(folder: &Path, out: &mut impl Write) -> Result<(), Failure> {
    writeln!(out, "\n{TITLE}Next{TITLE:#}")?;
    if folder != Path::new(".") {
        writeln!(out, "  cd {}", folder.display())?;
    }
    let steps = [
        (
            "vexil eval --set email=ada@example.com",
            "what flags come to",
        ),
        (
            "vexil explain one-page-checkout --set country=DE --set targetingKey=user-9",
            "and why",
        ),
        (
            "vexil validate && vexil test --coverage",
            "after every change of flags.json",
        ),
        ("vexil --help", "everything else"),
    ];
    let rows =
        steps.map(|(command, what)| [command.to_owned(), format!("{ASIDE}# {what}{ASIDE:#}")]);
    Ok(table::write_rows(out, "  ", &rows)?)
}

fn files(folder: &Path) -> Result<[New; 4], Failure> {
    let (root, inner) = repository(folder)?;
    let new = |path: PathBuf, text: String, what| New { path, text, what };
    let (prefix, working) = match inner.as_str() {
        "" => (String::new(), ".".to_owned()),
        inner => (format!("{inner}/"), inner.to_owned()),
    };
    let workflow = include_str!("init/flags.yml")
        .replace("{prefix}", &prefix)
        .replace("{folder}", &working);
    let here = |name: &str| {
        if folder == Path::new(".") {
            PathBuf::from(name)
        } else {
            folder.join(name)
        }
    };
    Ok([
        new(
            here(RULESET),
            include_str!("init/flags.json").to_owned(),
            "a flag, with its tests",
        ),
        new(
            here(SCHEMA),
            format!("{:#}\n", vexil_ruleset::schema()),
            "by which editors complete and check it",
        ),
        new(
            here(config::NAME),
            include_str!("init/vexil.toml").to_owned(),
            "settings of vexil's commands",
        ),
        new(
            root.map_or_else(|| here(WORKFLOW), |root| root.join(WORKFLOW)),
            workflow,
            "validates, tests and diffs every change",
        ),
    ])
}

/// The root of the repository that the folder is in, as it is reached from here, and where in it the folder is. None
/// where the folder itself is the root, or there is no repository.
fn repository(folder: &Path) -> Result<(Option<PathBuf>, String), Failure> {
    let whole = std::path::absolute(folder).map_err(|error| Failure::File {
        doing: "find",
        path: folder.to_owned(),
        error,
    })?;
    let root = whole.ancestors().find(|it| it.join(".git").exists());
    let inner = root.and_then(|root| whole.strip_prefix(root).ok());
    let steps: Vec<_> = inner.into_iter().flat_map(Path::components).collect();
    let inner = steps
        .iter()
        .map(|it| it.as_os_str().to_string_lossy().into_owned());
    let inner = inner.collect::<Vec<_>>().join("/");
    let root = root.filter(|_| !steps.is_empty()).map(Path::to_owned);
    Ok((root, inner))
}

fn name(new: &New) -> String {
    new.path.display().to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;
    use serde_json::Value;

    use super::files;
    use crate::arguments::Arguments;
    use crate::source::Source;

    #[test]
    fn the_workflow_is_yaml_and_its_commands_are_commands() {
        let [.., workflow] = files(Path::new("/")).expect("a root");
        let source = Source::new("flags.yml".into(), workflow.text);
        let json: Value = serde_json::from_str(source.json().expect("YAML")).expect("JSON");
        let steps = json.pointer("/jobs/flags/steps").and_then(Value::as_array);
        let scripts = steps
            .expect("steps")
            .iter()
            .filter_map(|it| it.get("run")?.as_str());
        let lines: Vec<&str> = scripts.flat_map(str::lines).collect();
        let commands = lines.iter().filter(|it| it.starts_with("vexil "));
        let mut count = 0;
        for command in commands {
            let words = command.split([' ', '>']).take_while(|it| !it.is_empty());
            let parsed = Arguments::try_parse_from(words.map(|it| it.trim_matches('"')));
            assert!(parsed.is_ok(), "{command}");
            count += 1;
        }
        assert_eq!(count, 4);
    }
}
