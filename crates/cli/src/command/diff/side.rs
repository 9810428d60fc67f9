//! Where the two rulesets come from.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::source::Source;

/// One of the two rulesets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A file as it is.
    File(PathBuf),
    /// A file as it is in a revision of its repository.
    Revision { revision: String, path: PathBuf },
}

impl Side {
    /// Both sides of `revision`: of `A..B` what lies between, and else from it until now.
    pub(super) fn since(revision: &str, path: &Path) -> [Side; 2] {
        let at = |revision: &str| match revision {
            "" => Side::File(path.to_owned()),
            revision => Side::Revision {
                revision: revision.to_owned(),
                path: path.to_owned(),
            },
        };
        let (old, new) = revision.split_once("..").unwrap_or((revision, ""));
        [at(old), at(new)]
    }

    pub(super) fn read(&self) -> Result<Source, Failure> {
        match self {
            Side::File(path) => Source::read(path),
            Side::Revision { revision, path } => {
                let text = show(revision, path)?;
                Ok(Source::new(self.to_string().into(), text))
            }
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Side::File(path) => path.display().fmt(formatter),
            Side::Revision { revision, path } => {
                write!(formatter, "{revision}:{}", path.display())
            }
        }
    }
}

/// What `git show` says of the file.
fn show(revision: &str, path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::File {
        doing: "read",
        path: format!("{revision}:{}", path.display()).into(),
        error,
    };
    let other = |text: &str| failed(std::io::Error::other(text.to_owned()));
    let name = path.file_name().ok_or_else(|| other("it names no file"))?;
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["show", "--end-of-options"])
        .arg(format!("{revision}:./{}", name.display()))
        .output()
        .map_err(|error| failed(std::io::Error::new(error.kind(), format!("git: {error}"))))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or("git says nothing");
        return Err(other(first.trim_start_matches("fatal: ")));
    }
    String::from_utf8(output.stdout).map_err(|_| other("it is not UTF-8"))
}
