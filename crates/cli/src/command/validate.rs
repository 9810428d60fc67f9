//! `vexil validate`

use std::io::Write;
use std::path::Path;

use vexil_ruleset::lint;

use super::program;
use crate::failure::Failure;
use crate::file;

/// Says of a ruleset without issues what is odd about it.
pub(super) fn run(
    path: &Path,
    are_warnings_denied: bool,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let ruleset = file::ruleset(path)?;
    program(&ruleset, path)?;
    let findings = lint(&ruleset);
    for finding in &findings {
        writeln!(notes, "warning: {finding} [{}]", finding.lint.name())?;
    }
    let flags = ruleset.flags().len();
    let warnings = match findings.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        count => format!(", {count} warnings"),
    };
    if are_warnings_denied && !findings.is_empty() {
        return Err(Failure::No(format!(
            "{}: no issues in {flags} flags{warnings}, which are denied",
            path.display()
        )));
    }
    Ok(writeln!(
        out,
        "{}: no issues in {flags} flags{warnings}",
        path.display()
    )?)
}
