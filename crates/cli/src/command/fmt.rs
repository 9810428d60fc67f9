//! `vexil fmt`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};
use vexil_ruleset::{Ruleset, encode};

use crate::config::Config;
use crate::failure::Failure;
use crate::file;
use crate::files::sources;
use crate::report;
use crate::source::{Format, Source};
use crate::style::{ASIDE, GONE, GOOD, TITLE};

const HELP: &str = "\
Writes rulesets in the one form that all of them have

The form is indented by two spaces, with what fits on a line on one; flags, segments and variants are in the order of
their names; what says no more than its absence is left out. What a ruleset means stays as it is.

Only JSON is formatted: YAML and TOML can have comments, which would be lost. In folders they are passed over. A ruleset
on standard input (`-`) is written to standard output.";

/// Writes rulesets in the one form that all of them have
#[derive(Debug, Args)]
#[command(long_about = HELP)]
pub(crate) struct Fmt {
    /// Rulesets in JSON, or folders of them; `-` reads standard input [default: the ruleset that vexil.toml names]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Writes nothing, shows what would change, and fails where something would
    #[arg(long)]
    check: bool,
    /// Prints one JSON object instead of text: {"files": [{"file", "changed"}]}
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(
    arguments: &Fmt,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let mut done: Vec<Value> = Vec::new();
    let (mut changed, mut is_right) = (0_usize, true);
    for source in sources(&arguments.files, config)? {
        let name = report::name(&source);
        if source.format != Format::Json {
            // A folder was named, not this file.
            if arguments.files.is_empty() || arguments.files.contains(&source.path) {
                let format = if source.format == Format::Yaml {
                    "YAML"
                } else {
                    "TOML"
                };
                writeln!(
                    notes,
                    "{name}: only JSON is formatted: the comments of {format} would be lost"
                )?;
                is_right = false;
            }
            continue;
        }
        let formatted = match source.ruleset() {
            Ok(ruleset) => written(&ruleset, &source.text),
            Err(issues) => {
                Failure::issues(source, issues).print(notes)?;
                is_right = false;
                continue;
            }
        };
        let is_changed = formatted != source.text;
        changed = changed.saturating_add(usize::from(is_changed));
        done.push(json!({ "file": name, "changed": is_changed }));
        let is_text = !arguments.json;
        if arguments.check {
            if is_changed && is_text {
                show(&source, &formatted, out)?;
            }
        } else if source.path == Path::new("-") {
            write!(out, "{formatted}")?;
        } else if is_changed {
            file::write(&source.path, formatted.as_bytes())?;
            if is_text {
                writeln!(out, "{GOOD}formatted{GOOD:#} {name}")?;
            }
        }
    }
    if arguments.json {
        writeln!(out, "{}", json!({ "files": done }))?;
    }
    if arguments.check && changed > 0 {
        let (files, command) = match changed {
            1 => ("1 file is".to_owned(), "`vexil fmt` would write it"),
            _ => (
                format!("{changed} files are"),
                "`vexil fmt` would write them",
            ),
        };
        writeln!(notes, "{files} not in that form: {command}")?;
        is_right = false;
    }
    if is_right { Ok(()) } else { Err(Failure::Said) }
}

/// The form that all have, with the ends of lines that `text` has.
fn written(ruleset: &Ruleset, text: &str) -> String {
    let written = format!("{}\n", encode(ruleset));
    if text.contains("\r\n") {
        written.replace('\n', "\r\n")
    } else {
        written
    }
}

/// Writes what would change, as a unified diff.
fn show(source: &Source, formatted: &str, out: &mut impl Write) -> Result<(), Failure> {
    let name = report::name(source);
    let diff = TextDiff::from_lines(source.text.as_str(), formatted);
    writeln!(
        out,
        "{TITLE}--- {name}{TITLE:#}\n{TITLE}+++ {name}, formatted{TITLE:#}"
    )?;
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        writeln!(out, "{ASIDE}{}{ASIDE:#}", hunk.header())?;
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches(['\r', '\n']);
            match change.tag() {
                ChangeTag::Equal => writeln!(out, " {line}")?,
                ChangeTag::Delete => writeln!(out, "{GONE}-{line}{GONE:#}")?,
                ChangeTag::Insert => writeln!(out, "{GOOD}+{line}{GOOD:#}")?,
            }
            if change.missing_newline() {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}
