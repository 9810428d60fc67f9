//! What `git` knows of a file.

use std::io;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;

/// The text of a file in a revision.
pub(crate) fn show(revision: &str, path: &Path) -> Result<String, Failure> {
    let read = || {
        let object = format!("{revision}:./{}", name(path)?);
        git(path, &["show", "--end-of-options", &object])
    };
    read().map_err(|error| Failure::File {
        doing: "read",
        path: format!("{revision}:{}", path.display()).into(),
        error,
    })
}

/// The commits of the current branch whose text of a file held at some time since `from`, in seconds since 1970, the
/// newest first; `None` where the file is younger.
pub(crate) fn revisions(path: &Path, from: i64) -> Result<Option<Vec<String>>, Failure> {
    let read = || {
        if git(path, &["rev-parse", "--is-shallow-repository"])?.trim() == "true" {
            return Err(io::Error::other(
                "the repository is shallow; `git fetch --unshallow` gets the rest",
            ));
        }
        let name = name(path)?;
        let log = ["log", "--first-parent", "--format=%H %ct", "--"];
        let log = git(path, &[&log[..], &[&name]].concat())?;
        let mut revisions = Vec::new();
        for line in log.lines() {
            let (revision, time) = line.split_once(' ').unwrap_or((line, ""));
            revisions.push(revision.to_owned());
            if time.parse().is_ok_and(|time: i64| time <= from) {
                return Ok(Some(revisions));
            }
        }
        Ok(None)
    };
    read().map_err(|error| Failure::File {
        doing: "read the history of",
        path: path.to_owned(),
        error,
    })
}

fn name(path: &Path) -> Result<String, io::Error> {
    let name = path.file_name();
    let name = name.ok_or_else(|| io::Error::other("it names no file"))?;
    Ok(name.display().to_string())
}

/// What `git` prints in the folder of a file.
fn git(path: &Path, arguments: &[&str]) -> Result<String, io::Error> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("git: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or("git says nothing");
        return Err(io::Error::other(
            first.trim_start_matches("fatal: ").to_owned(),
        ));
    }
    String::from_utf8(output.stdout).map_err(|_| io::Error::other("it is not UTF-8"))
}
