//! The rulesets that a command line names: files, and what is in folders.

use std::path::{Path, PathBuf};

use crate::config::{self, Config};
use crate::failure::Failure;
use crate::source::Source;

/// The names of files that are looked at in folders.
const EXTENSIONS: &[&str] = &["json", "yaml", "yml", "toml"];

/// Folders of which nothing was written by the people who write rulesets.
pub(crate) const PASSED_OVER: &[&str] = &["node_modules", "target"];

/// The rulesets in all of `given`, and in the configured file where nothing is given. Of folders every file counts that
/// has flags, or cannot be read and mentions them.
///
/// # Errors
/// Where something cannot be read, or a folder has no ruleset.
pub(crate) fn sources(given: &[PathBuf], config: &Config) -> Result<Vec<Source>, Failure> {
    let configured = match given {
        [] => vec![config.ruleset(None)?],
        _ => Vec::new(),
    };
    let mut sources = Vec::new();
    for path in given.iter().chain(&configured) {
        if !path.is_dir() {
            sources.push(Source::read(path)?);
            continue;
        }
        let before = sources.len();
        folder(path, &mut sources)?;
        if sources.len() == before {
            let path = path.display();
            return Err(Failure::No(format!(
                "{path}: no ruleset is in this folder, expected a JSON, YAML or TOML file with `flags`"
            )));
        }
    }
    Ok(sources)
}

fn folder(path: &Path, sources: &mut Vec<Source>) -> Result<(), Failure> {
    let failed = |error| Failure::File {
        doing: "read",
        path: path.to_owned(),
        error,
    };
    let entries = std::fs::read_dir(path).map_err(failed)?;
    let mut entries: Vec<_> = entries.collect::<Result<_, _>>().map_err(failed)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (kind, path) = (entry.file_type().map_err(failed)?, entry.path());
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        // A link to a folder can lead back here.
        if kind.is_dir() {
            if !PASSED_OVER.contains(&name.as_str()) {
                folder(&path, sources)?;
            }
        } else if path.is_file() && name != config::NAME && is_named_as_ruleset(&path) {
            let source = Source::read(&path)?;
            if source.may_have_flags() {
                sources.push(source);
            }
        }
    }
    Ok(())
}

fn is_named_as_ruleset(path: &Path) -> bool {
    let extension = path.extension().and_then(|it| it.to_str());
    extension.is_some_and(|it| EXTENSIONS.contains(&it.to_ascii_lowercase().as_str()))
}
