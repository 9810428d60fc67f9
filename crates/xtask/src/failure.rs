//! Why a task stopped.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a task stopped. Its text is a sentence that says what to do.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Ctrl-C or a request to end: nothing is wrong, and nothing is said.
    Interrupted,
    /// What failed has been told in full.
    Reported,
    /// Something outside this repository is missing or in the way.
    Setup(String),
    /// A program that was started said no; its output has been shown.
    Step { label: String, status: String },
    /// A file could not be read or written.
    File {
        path: PathBuf,
        error: std::io::Error,
    },
    /// What was measured or answered is not what it has to be.
    Wrong(String),
}

impl Failure {
    /// For `map_err` on what the standard library says about the file at `path`.
    pub(crate) fn file(path: &Path) -> impl Fn(std::io::Error) -> Failure + '_ {
        move |error| Failure::File {
            path: path.to_path_buf(),
            error,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Interrupted => write!(f, "interrupted"),
            Failure::Reported => write!(f, "failed as reported"),
            Failure::Setup(sentence) | Failure::Wrong(sentence) => write!(f, "{sentence}"),
            Failure::Step { label, status } => {
                write!(f, "{label} failed ({status}); its output is above")
            }
            Failure::File { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}
