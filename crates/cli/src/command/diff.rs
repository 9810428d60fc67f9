//! `vexil diff`

mod side;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
use vexil_core::Program;
use vexil_ofrep::resolve;
use vexil_ruleset::AttributeName;
use vexil_ruleset::diff::{By, Contexts, Text, What, diff, json, moves};

use crate::config::Config;
use crate::context::object;
use crate::edge::{Target, live_ruleset};
use crate::failure::Failure;
use crate::file;
use crate::time::Instant;
use side::Side;

/// How many units are asked for unless the command line says.
const UNITS: usize = 10_000;
/// The same contexts in every run.
const SEED: u64 = 0;
/// From how many units on a terminal shows how far it is.
const MANY: usize = 20_000;

const EXIT_CODES: &str = "\
Exit codes:
  0  every flag answers as before
  1  a flag was added or removed or can answer differently, or a ruleset has issues
  2  the command line or vexil.toml cannot be understood
  3  a file or a revision cannot be read
  4  the edge cannot be reached, or something else is at its address
  5  the edge refused";

const LONG_HELP: &str = "\
Says which flags of two rulesets can answer differently, and for how many units they do.

What it does not name answers the same for everybody. How many units move is counted in a sample: contexts by chance, of
what the rulesets compare with, or those of a file (of real users, say).

Examples:
  vexil diff old.json new.json
  vexil diff --git main                             what this branch changes
  vexil diff --git v1.2..v1.3 flags.json --json
  vexil diff --live --environment production        what a push would change
  vexil diff --git HEAD --by country --by-segment --contexts users.jsonl";

/// Says which flags of two rulesets can answer differently, and for how many units they do
#[derive(Debug, Args)]
#[command(
    long_about = LONG_HELP, after_help = EXIT_CODES,
    override_usage = "vexil diff [OPTIONS] <OLD> <NEW>\n       vexil diff [OPTIONS] --git <REVISION> [FILE]\n       vexil diff [OPTIONS] --live [FILE]"
)]
pub(crate) struct Diff {
    /// The ruleset as it was; with --git or --live the file [default: the one that vexil.toml names]
    #[arg(value_name = "OLD", required_unless_present_any = ["git", "live"])]
    old: Option<PathBuf>,
    /// The ruleset as it is to be; `-` reads standard input
    #[arg(
        value_name = "NEW",
        required_unless_present_any = ["git", "live"],
        conflicts_with_all = ["git", "live"]
    )]
    new: Option<PathBuf>,
    /// Compares the file with what it was in a revision: `main`, `HEAD~3`, or from one to another, `v1..v2`
    #[arg(long, value_name = "REVISION")]
    git: Option<String>,
    /// Compares the file with what is published: what `vexil push` would change
    #[arg(long, conflicts_with = "git")]
    live: bool,
    #[command(flatten)]
    target: Target,
    /// Counts for each value of an attribute as well; may be given again
    #[arg(long, value_name = "ATTRIBUTE", value_parser = attribute)]
    by: Vec<AttributeName>,
    /// Counts for each segment as well
    #[arg(long)]
    by_segment: bool,
    /// Contexts to ask in, a JSON object a line, instead of contexts by chance
    #[arg(long, value_name = "FILE")]
    contexts: Option<PathBuf>,
    /// How many units to ask for [default: 10000, or the contexts of the file as they are]
    ///
    /// With `--contexts`, each is given the contexts in turn, with a targetingKey of its own.
    #[arg(long, value_name = "NUMBER")]
    units: Option<usize>,
    /// The time to evaluate at: RFC 3339, or milliseconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// Prints one JSON object instead of text
    #[arg(long)]
    json: bool,
}

fn attribute(text: &str) -> Result<AttributeName, String> {
    AttributeName::new(text).ok_or_else(|| "expected a name or a JSON Pointer".to_owned())
}

impl Diff {
    fn sides(&self, config: &Config) -> Result<[Side; 2], Failure> {
        let old = self.old.as_deref();
        Ok(match (&self.git, &self.new) {
            (Some(revision), _) => Side::since(revision, &config.ruleset(old)?),
            (None, new) => [
                Side::File(config.ruleset(old)?),
                Side::File(config.ruleset(new.as_deref())?),
            ],
        })
    }

    fn groups(&self) -> Vec<By> {
        let segments = self.by_segment.then_some(By::Segment);
        let attributes = self.by.iter().cloned().map(By::Attribute);
        segments.into_iter().chain(attributes).collect()
    }
}

pub(crate) fn run(arguments: &Diff, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let read = |side: &Side| -> Result<Program, Failure> {
        let source = side.read()?;
        match source.program() {
            Ok((_, program)) => Ok(program),
            Err(issues) => Err(Failure::issues(source, issues)),
        }
    };
    let (old, new) = if arguments.live {
        let file = Side::File(config.ruleset(arguments.old.as_deref())?);
        (
            live_ruleset(config, &arguments.target)?.program,
            read(&file)?,
        )
    } else {
        let [old, new] = arguments.sides(config)?;
        (read(&old)?, read(&new)?)
    };
    let differences = diff(&old, &new);
    let can_differ: Vec<&str> = differences
        .iter()
        .filter(|it| {
            matches!(
                it.what,
                What::Changed {
                    can_differ: true,
                    ..
                }
            )
        })
        .map(|it| it.key)
        .collect();
    let by_chance = Contexts::of(&[&old, &new], SEED);
    let contexts: Vec<Map<String, Value>> = match &arguments.contexts {
        None => by_chance.take(arguments.units.unwrap_or(UNITS)).collect(),
        Some(path) => given(path, arguments.units, by_chance)?,
    };
    let now = arguments.at.unwrap_or_else(Instant::now).0;
    let progress = progress(contexts.len());
    let contexts = progress.wrap_iter(contexts.into_iter());
    let by = arguments.groups();
    let moves: BTreeMap<&str, _> = moves(&old, &new, &can_differ, contexts, &by, resolve, now);
    if arguments.json {
        writeln!(out, "{}", json(&differences, &moves))?;
    } else {
        let is_as_given = arguments.contexts.is_some() && arguments.units.is_none();
        let text = Text {
            differences: &differences,
            moves: &moves,
            counted: if is_as_given { "contexts" } else { "units" },
        };
        write!(out, "{text}")?;
    }
    let count = differences.iter().filter(|it| it.what.can_differ()).count();
    match count {
        0 => Ok(()),
        1 => Err(Failure::No("1 flag can answer differently".to_owned())),
        _ => Err(Failure::No(format!("{count} flags can answer differently"))),
    }
}

/// Shown on a terminal alone, and gone once it is over.
fn progress(units: usize) -> ProgressBar {
    if units < MANY {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} units, {eta} left");
    let bar = ProgressBar::new(units as u64);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_finish(indicatif::ProgressFinish::AndClear)
}

/// The contexts of a file: as they are, or in turn for so many units.
fn given(
    path: &Path,
    units: Option<usize>,
    mut by_chance: Contexts,
) -> Result<Vec<Map<String, Value>>, Failure> {
    let text = file::read(path)?;
    let lines = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| !line.trim().is_empty());
    let contexts: Vec<Map<String, Value>> = lines
        .map(|(line, number)| {
            object(line).map_err(|error| {
                let path = path.display();
                Failure::No(format!("{path}:{number}: {error}"))
            })
        })
        .collect::<Result<_, _>>()?;
    let Some(units) = units else {
        return Ok(contexts);
    };
    let contexts = contexts.into_iter().cycle().take(units);
    let contexts = contexts.map(|mut context| {
        context.insert("targetingKey".to_owned(), by_chance.unit().into());
        context
    });
    Ok(contexts.collect())
}
