//! Why a command did not do what was asked.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use vexil_import::Note;
use vexil_ruleset::{Issue, Path as Place};

use crate::edge::{Refusal, plain};
use crate::report::{self, Checked};
use crate::source::Source;

/// Everything that can go wrong after the command line is understood.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The file is no valid ruleset.
    Issues {
        source: Box<Source>,
        issues: Vec<Issue>,
    },
    /// The file is not in the vendor's format.
    NotImported { file: PathBuf, notes: Vec<Note> },
    /// The answer is no; the sentence says to what.
    No(String),
    /// The answer is no, and all about it was said.
    Said,
    /// The command line, or what it leaves to `vexil.toml`, cannot be understood; the sentence says why.
    Usage(String),
    /// A file cannot be read or written.
    File {
        doing: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    /// Nobody can be served at an address.
    Address { address: String, error: io::Error },
    /// Standard output cannot be written.
    Output(io::Error),
    /// There is no way to an edge, now; the sentence says why.
    Unreachable(String),
    /// Something else is at its address; the sentence says what.
    NoEdge(String),
    /// The edge said no.
    Refused(Box<Refusal>),
}

impl Failure {
    /// That a file is no valid ruleset.
    pub(crate) fn issues(source: Source, issues: Vec<Issue>) -> Failure {
        let source = Box::new(source);
        Failure::Issues { source, issues }
    }

    /// Writes it for people: a line for each thing that is wrong.
    pub(crate) fn print(&self, to: &mut impl Write) -> io::Result<()> {
        match self {
            Failure::Issues { source, issues } => {
                let reports = report::of_issues(source, issues);
                let checked = Checked {
                    source,
                    reports,
                    flags: None,
                };
                report::text::write(to, &checked)
            }
            Failure::NotImported { file, notes } => notes
                .iter()
                .try_for_each(|note| line(to, file, &note.path, note)),
            Failure::No(sentence)
            | Failure::Usage(sentence)
            | Failure::Unreachable(sentence)
            | Failure::NoEdge(sentence) => {
                writeln!(to, "{sentence}")
            }
            Failure::Refused(refusal) => refusal.print(to),
            Failure::File { doing, path, error } => {
                writeln!(to, "cannot {doing} {}: {error}", path.display())
            }
            Failure::Said => Ok(()),
            Failure::Address { address, error } => {
                write!(to, "cannot listen at {address}: {error}")?;
                if error.kind() == io::ErrorKind::AddrInUse {
                    write!(to, "; --port names another, 0 one that is free")?;
                }
                writeln!(to)
            }
            // `vexil … | head` is no failure to speak of.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Failure::Output(error) => writeln!(to, "cannot write the output: {error}"),
        }
    }

    /// What is wrong, a line for each, without colours.
    pub(crate) fn lines(&self) -> Vec<String> {
        if let Failure::Issues { issues, .. } = self {
            return issues.iter().map(ToString::to_string).collect();
        }
        let mut text = Vec::new();
        // Memory can be written.
        let _ = self.print(&mut text);
        let text = String::from_utf8_lossy(&text);
        text.lines().map(ToOwned::to_owned).collect()
    }

    /// As `vexil --help` lists them.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Issues { .. }
            | Failure::NotImported { .. }
            | Failure::No(_)
            | Failure::Said => ExitCode::from(1),
            Failure::Usage(_) => ExitCode::from(2),
            Failure::File { .. } | Failure::Address { .. } | Failure::Output(_) => {
                ExitCode::from(3)
            }
            Failure::Unreachable(_) | Failure::NoEdge(_) => ExitCode::from(4),
            Failure::Refused(_) => ExitCode::from(5),
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
    writeln!(to, "{}", plain(&sentence.to_string()))
}
