//! `vexil import`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use vexil_import::{Effect, Fractional, Note, Vendor};
use vexil_ruleset::encode;

use super::vendor;
use crate::edge::plain;
use crate::failure::Failure;
use crate::file;
use crate::source::Source;
use crate::style::{ASIDE, WARNING};

const HELP: &str = "\
Turns another vendor's flag file into a ruleset

The ruleset goes to standard output, or to a file. What the ruleset does not say as the vendor did goes to standard
error: a `warning` by which an answer may differ, a `note` by which none does. See what differs for your users with
`vexil shadow`.

  vexil import flagd flags.flagd.yaml -o flags.json";

/// Turns another vendor's flag file into a ruleset
#[derive(Debug, Args)]
#[command(long_about = HELP)]
pub(crate) struct Import {
    /// Whose file it is
    #[arg(value_name = "VENDOR", value_parser = vendor::names(), hide_possible_values = false)]
    vendor: String,
    /// The vendor's file: JSON, or YAML where it is named so; `-` reads standard input as JSON
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the ruleset goes, as JSON [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrites it where it is there
    #[arg(long, requires = "output")]
    force: bool,
    /// How to say what is different
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Notes::Text)]
    notes: Notes,
    /// Which flagd placed units: v1 up to 0.14, v2 since 0.15; only for flagd, whose files do not say [default: v2]
    #[arg(long, value_enum, value_name = "VERSION")]
    fractional: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Notes {
    /// A line for each
    Text,
    /// A line of JSON for each: `{"path":…,"to":…,"answers":…,"reason":…}`
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Version {
    V1,
    V2,
}

pub(crate) fn run(
    arguments: &Import,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let vendor = vendor::named(&arguments.vendor)?;
    if let Some(output) = &arguments.output {
        refuse_unless_json(output)?;
        if output.symlink_metadata().is_ok() && !arguments.force {
            let path = output.display();
            return Err(Failure::Usage(format!(
                "{path} is there already: `--force` overwrites it"
            )));
        }
    }
    let source = Source::read(&arguments.file)?;
    let json = match source.json() {
        Ok(json) => json,
        Err(issues) => return Err(Failure::issues(source, issues)),
    };
    let imported = match (vendor, arguments.fractional) {
        (Vendor::Flagd, Some(Version::V1)) => vexil_import::flagd(json, Fractional::V1),
        (Vendor::Flagd, Some(Version::V2)) => vexil_import::flagd(json, Fractional::V2),
        (_, None) => vendor.import(json),
        (_, Some(_)) => {
            let sentence = "`--fractional` is about flagd's files only";
            return Err(Failure::Usage(sentence.to_owned()));
        }
    };
    let imported = imported.map_err(|notes| Failure::NotImported {
        file: arguments.file.clone(),
        notes,
    })?;
    for note in &imported.notes {
        match arguments.notes {
            Notes::Json => writeln!(notes, "{}", to_json(note))?,
            Notes::Text => match note.effect {
                Effect::Answers => writeln!(
                    notes,
                    "{WARNING}warning{WARNING:#}: {}",
                    plain(&note.to_string())
                )?,
                Effect::None => {
                    writeln!(notes, "{ASIDE}note{ASIDE:#}: {}", plain(&note.to_string()))?;
                }
            },
        }
    }
    let flags = imported.ruleset.flags().len();
    // A file without flags has nothing to note.
    if flags == 0 && !imported.notes.is_empty() {
        let path = arguments.file.display();
        return Err(Failure::No(format!("{path}: no flag can be imported")));
    }
    let ruleset = encode(&imported.ruleset);
    let ruleset = ruleset.trim_end();
    let Some(output) = &arguments.output else {
        return Ok(writeln!(out, "{ruleset}")?);
    };
    file::write(output, format!("{ruleset}\n").as_bytes())?;
    let counted = |effect: Effect, thing: &str| {
        let notes = imported.notes.iter();
        plural(notes.filter(|it| it.effect == effect).count(), thing)
    };
    Ok(writeln!(
        out,
        "{}: {}, {}, {}",
        output.display(),
        plural(flags, "flag"),
        counted(Effect::Answers, "warning"),
        counted(Effect::None, "note")
    )?)
}

fn plural(count: usize, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}

fn refuse_unless_json(output: &Path) -> Result<(), Failure> {
    let is_other = output.extension().is_some_and(|it| {
        it.eq_ignore_ascii_case("toml")
            || it.eq_ignore_ascii_case("yaml")
            || it.eq_ignore_ascii_case("yml")
    });
    if is_other {
        let path = output.display();
        let sentence =
            format!("{path}: an imported ruleset is JSON, so its file is to be named `.json`");
        return Err(Failure::Usage(sentence));
    }
    Ok(())
}

fn to_json(note: &Note) -> serde_json::Value {
    json!({
        "path": note.path.as_str(),
        "to": note.to.as_ref().map(vexil_ruleset::Path::as_str),
        "answers": note.effect == Effect::Answers,
        "reason": note.reason,
    })
}
