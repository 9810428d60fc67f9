//! Files, in and out.

use std::io::Read;
use std::path::Path;

use vexil_core::Program;
use vexil_ruleset::Ruleset;

use crate::failure::Failure;
use crate::source::Source;

/// The text of a file, or of standard input where `path` is `-`.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|error| Failure::File {
        doing: "read",
        path: path.to_owned(),
        error,
    })
}

/// The ruleset in a file.
pub(crate) fn ruleset(path: &Path) -> Result<Ruleset, Failure> {
    let source = Source::read(path)?;
    source
        .ruleset()
        .map_err(|issues| Failure::issues(source, issues))
}

/// The ruleset in a file, and the program that it is compiled to, which is evaluated here and goes nowhere.
pub(crate) fn program(path: &Path) -> Result<(Ruleset, Program), Failure> {
    let source = Source::read(path)?;
    source
        .program()
        .map_err(|issues| Failure::issues(source, issues))
}

/// Writes the whole of a file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::File {
        doing: "write",
        path: path.to_owned(),
        error,
    })
}
