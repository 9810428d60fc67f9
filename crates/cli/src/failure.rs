//! Why a command did not do what was asked.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use vexil_import::Note;
use vexil_ruleset::{Issue, Path as Place};

/// Everything that can go wrong after the command line is understood.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The file is no valid ruleset.
    Issues { file: PathBuf, issues: Vec<Issue> },
    /// The file is not in the vendor's format.
    NotImported { file: PathBuf, notes: Vec<Note> },
    /// The answer is no; the sentence says to what.
    No(String),
    /// The command line, or what it leaves to `vexil.toml`, cannot be understood; the sentence says why.
    Usage(String),
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
            Failure::Issues { file, issues } => issues
                .iter()
                .try_for_each(|issue| line(to, file, &issue.path, issue)),
            Failure::NotImported { file, notes } => notes
                .iter()
                .try_for_each(|note| line(to, file, &note.path, note)),
            Failure::No(sentence) | Failure::Usage(sentence) => writeln!(to, "{sentence}"),
            Failure::File { doing, path, error } => {
                writeln!(to, "cannot {doing} {}: {error}", path.display())
            }
            // `vexil … | head` is no failure to speak of.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Failure::Output(error) => writeln!(to, "cannot write the output: {error}"),
        }
    }

    /// The same, with the name of the file in every line: for commands that read two rulesets.
    pub(crate) fn naming_file(self) -> Failure {
        let Failure::Issues { file, issues } = self else {
            return self;
        };
        let file = file.display();
        let lines: Vec<String> = issues
            .iter()
            .map(|issue| format!("{file}: {issue}"))
            .collect();
        Failure::No(lines.join("\n"))
    }

    /// As `vexil --help` lists them.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Issues { .. } | Failure::NotImported { .. } | Failure::No(_) => {
                ExitCode::from(1)
            }
            Failure::Usage(_) => ExitCode::from(2),
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

/// What is about the file as a whole names the file.
fn line(
    to: &mut impl Write,
    file: &Path,
    place: &Place,
    sentence: &impl fmt::Display,
) -> io::Result<()> {
    if place.as_str().is_empty() {
        write!(to, "{}: ", file.display())?;
    }
    writeln!(to, "{sentence}")
}
