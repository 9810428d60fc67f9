//! `vexil find`

mod calls;
mod constant;
mod report;
mod scan;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::Value;
use vexil_ruleset::{Duration, FlagKey};

use super::unknown;
use crate::config::Config;
use crate::failure::Failure;
use crate::source::Source;
use report::Report;
use scan::scan;

const LONG_HELP: &str = "\
Says where code uses each flag, and which flags and reads could go.

Prints `file:line:column  key` and, where a call reads the flag, what is called. A use is a text in quotes that is the
key of a flag, in whatever language, in comments too; or a constant that `vexil types` made of it. Then it prints
  unknown   reads of a flag that is not: calls of OpenFeature and its hooks, and of the npm package on a client, which
            is what `createClient` makes or what reads a known flag anywhere
  unused    flags that no code uses and no flag requires
  constant  flags that serve one variant to everybody (`vexil validate` calls them constant-flag)

What .gitignore names is passed over, and so are hidden files, data and documents (JSON, YAML, TOML, Markdown, …), files
of more than 1 MiB, and what `vexil types` wrote. A key that is put together at run time is not found.

With --since 30d a flag counts as constant only if it served that variant in every version of the ruleset that the
current branch had in the last 30 days.

Examples:
  vexil find                                     the code here, the ruleset of vexil.toml
  vexil find src lib --ruleset flags.json --deny unknown,unused
  vexil find --since 30d --deny constant         rollouts that are over, for a weekly job
  vexil find --flag new-checkout                 where one flag is used";

const EXIT_CODES: &str = "\
Exit codes:
  0  done, whatever was found
  1  something was found that --deny names; the ruleset has issues; there is no such flag
  2  the command line or vexil.toml cannot be understood
  3  a file, a folder or the history cannot be read";

/// Says where code uses each flag, and which flags are unused, unknown or constant
#[derive(Debug, Args)]
#[command(long_about = LONG_HELP, after_help = EXIT_CODES)]
pub(crate) struct Find {
    /// Folders of code, or files [default: this folder]
    #[arg(value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// The ruleset; `-` reads standard input as JSON [default: the one that vexil.toml names]
    #[arg(long, value_name = "FILE")]
    ruleset: Option<PathBuf>,
    /// Only this flag; may be given again
    #[arg(long, value_name = "KEY")]
    flag: Vec<String>,
    /// Calls a flag constant only if it was for so long, by the ruleset's history in git: `12h`, `30d`, `8w`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    since: Option<Duration>,
    /// Fails where such are found; may be given again
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    deny: Vec<Denied>,
    /// Prints one JSON object: {"files", "uses": [{"file", "line", "column", "key", "call"}], "unknown": [{…, "meant"}],
    /// "unused": [KEY], "constant": [{"key", "message"}]}
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Denied {
    /// Reads of flags that are not
    Unknown,
    /// Flags that no code uses
    Unused,
    /// Flags that serve one variant to everybody
    Constant,
}

fn duration(text: &str) -> Result<Duration, String> {
    Duration::parse(text)
        .ok_or_else(|| "expected a number and one of s, m, h, d, w: 30d".to_owned())
}

pub(crate) fn run(arguments: &Find, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let path = config.ruleset(arguments.ruleset.as_deref())?;
    let source = Source::read(&path)?;
    let ruleset = match source.ruleset() {
        Ok(ruleset) => ruleset,
        Err(issues) => return Err(Failure::issues(source, issues)),
    };
    let flags: BTreeSet<&str> = ruleset.flags().keys().map(FlagKey::as_str).collect();
    for key in &arguments.flag {
        if !flags.contains(key.as_str()) {
            return Err(unknown("flag", key, flags.iter().copied()));
        }
    }
    let is_asked =
        |key: &str| arguments.flag.is_empty() || arguments.flag.iter().any(|it| it == key);
    let constant = match arguments.since {
        None => constant::now(&ruleset),
        Some(since) => constant::since(&ruleset, &path, since)?,
    };
    let here = [PathBuf::from(".")];
    let folders = if arguments.folders.is_empty() {
        &here[..]
    } else {
        &arguments.folders
    };
    let mut scan = scan(folders, &flags)?;

    let mut used: BTreeSet<&str> = scan.uses.iter().map(|it| it.key.as_str()).collect();
    let json: Value = serde_json::from_str(source.json().unwrap_or_default()).unwrap_or_default();
    required(&json, &mut used);
    let unused = flags.iter().copied();
    let unused = unused.filter(|key| !used.contains(key) && is_asked(key));
    let unused: Vec<&str> = unused.collect();
    let constant = constant
        .into_iter()
        .filter(|(key, _)| is_asked(key))
        .collect();
    scan.uses.retain(|it| is_asked(&it.key));
    if !arguments.flag.is_empty() {
        scan.unknown.clear();
    }
    let report = Report {
        source: &source,
        flags,
        scan,
        unused,
        constant,
    };
    if arguments.json {
        writeln!(out, "{}", report.json())?;
    } else {
        report.write(out)?;
    }
    let denied: Vec<String> = arguments
        .deny
        .iter()
        .filter_map(|it| report.denied(*it))
        .collect();
    if denied.is_empty() {
        return Ok(());
    }
    Err(Failure::No(format!("denied: {}", denied.join(", "))))
}

/// The flags that a part of a ruleset requires.
fn required<'j>(json: &'j Value, keys: &mut BTreeSet<&'j str>) {
    match json {
        Value::Object(members) => {
            if let (Some(Value::String(key)), true) =
                (members.get("flag"), members.contains_key("variant"))
            {
                keys.insert(key);
            }
            members.values().for_each(|it| required(it, keys));
        }
        Value::Array(items) => items.iter().for_each(|it| required(it, keys)),
        _ => {}
    }
}
