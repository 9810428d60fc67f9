//! `vexil validate`

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use vexil_ruleset::lint;

use super::counted;
use crate::config::Config;
use crate::failure::Failure;
use crate::files::sources;
use crate::report::{self, Checked, Level, of_findings, of_issues};
use crate::source::Source;
use crate::style::{ERROR, GOOD, WARNING};

const HELP: &str = "\
Checks rulesets: what is wrong (errors), and what is odd about one that is right (warnings)

Each is shown with the lines of the file that it is about. Of a folder, and the folders in it, every JSON, YAML and
TOML file with `flags` is checked.

In a workflow of GitHub Actions, annotate the lines of a pull request:
  vexil validate --format github flags/

or upload the results to code scanning:
  vexil validate --format sarif flags/ > vexil.sarif";

/// Checks rulesets: what is wrong (errors), and what is odd about one that is right (warnings)
#[derive(Debug, Args)]
#[command(long_about = HELP)]
pub(crate) struct Validate {
    /// Rulesets, or folders of them; `-` reads standard input as JSON [default: the ruleset that vexil.toml names]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Fails where there are warnings
    #[arg(long)]
    deny_warnings: bool,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, to standard error
    Text,
    /// One JSON document: {"files": [{"file", "flags", "reports": [{"level", "code", "path", "message", "line", …}]}], …}
    Json,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// Says of each file what is wrong with it, and of a ruleset without issues what is odd about it.
pub(crate) fn run(
    arguments: &Validate,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let sources = sources(&arguments.files, config)?;
    let files: Vec<Checked<'_>> = sources.iter().map(check).collect();
    let format = if arguments.json {
        Format::Json
    } else {
        arguments.format
    };
    match format {
        Format::Text => {
            for checked in &files {
                report::text::write(notes, checked)?;
                // In the order of what people see on a terminal.
                notes.flush()?;
                summarize(checked, arguments.deny_warnings, out, notes)?;
                out.flush()?;
            }
        }
        Format::Json => writeln!(out, "{}", report::json::document(&files))?,
        Format::Sarif => writeln!(out, "{}", report::sarif::document(&files))?,
        Format::Github => report::github::write(out, &files)?,
    }
    let count = |level| -> usize { files.iter().map(|it| it.count(level)).sum() };
    if count(Level::Error) > 0 || arguments.deny_warnings && count(Level::Warning) > 0 {
        return Err(Failure::Said);
    }
    Ok(())
}

fn check(source: &Source) -> Checked<'_> {
    match source.program() {
        Ok((ruleset, _)) => Checked {
            source,
            reports: of_findings(source, &lint(&ruleset)),
            flags: Some(ruleset.flags().len()),
        },
        Err(issues) => Checked {
            source,
            reports: of_issues(source, &issues),
            flags: None,
        },
    }
}

/// A line for each file: what is right to `out`, what is not to `notes`.
fn summarize(
    checked: &Checked<'_>,
    are_warnings_denied: bool,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let file = report::name(checked.source);
    let warnings = counted(checked.count(Level::Warning), "warning");
    match (checked.flags, checked.reports.is_empty()) {
        (None, _) => {
            let errors = counted(checked.count(Level::Error), "error");
            writeln!(notes, "{file}: {ERROR}{errors}{ERROR:#}")?;
        }
        (Some(flags), true) => {
            let flags = counted(flags, "flag");
            writeln!(out, "{file}: {GOOD}no issues{GOOD:#} in {flags}")?;
        }
        (Some(flags), false) if are_warnings_denied => {
            let flags = counted(flags, "flag");
            writeln!(
                notes,
                "{file}: no issues in {flags}, {ERROR}{warnings}{ERROR:#}, which are denied"
            )?;
        }
        (Some(flags), false) => {
            let flags = counted(flags, "flag");
            writeln!(
                out,
                "{file}: no issues in {flags}, {WARNING}{warnings}{WARNING:#}"
            )?;
        }
    }
    Ok(())
}
