//! Where the two rulesets come from.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::git;
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
                let text = git::show(revision, path)?;
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
