//! Why a command did not do what was asked.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use vexil_import::Note;
use vexil_ruleset::Issue;

/// Everything that can go wrong after the command line is understood.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was read is not a valid ruleset.
    Issues(Vec<Issue>),
    /// What was read is not the vendor's format.
    NotImported(Vec<Note>),
    /// The answer is no; the sentence says to what.
    No(String),
    /// A file cannot be read or written.
    File {
        doing: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    /// Writes it for people: a line for each thing that is wrong.
    pub(crate) fn print(&self, to: &mut impl Write) -> io::Result<()> {
        match self {
            Failure::Issues(issues) => issues.iter().try_for_each(|issue| writeln!(to, "{issue}")),
            Failure::NotImported(notes) => notes.iter().try_for_each(|note| writeln!(to, "{note}")),
            Failure::No(sentence) => writeln!(to, "{sentence}"),
            Failure::File { doing, path, error } => {
                writeln!(to, "cannot {doing} {}: {error}", path.display())
            }
            // `vexil … | head` is no failure to speak of.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Failure::Output(error) => writeln!(to, "cannot write the output: {error}"),
        }
    }

    /// As `vexil --help` lists them.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Issues(_) | Failure::NotImported(_) | Failure::No(_) => ExitCode::from(1),
            Failure::File { .. } | Failure::Output(_) => ExitCode::from(3),
        }
    }
}

impl From<io::Error> for Failure {
    /// Files name themselves, so what is left is the output.
    fn from(error: io::Error) -> Failure {
        Failure::Output(error)
    }
}

impl From<Vec<Issue>> for Failure {
    fn from(issues: Vec<Issue>) -> Failure {
        Failure::Issues(issues)
    }
}
