//! `vexil test`

mod coverage;
mod json;
mod junit;
mod text;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::Value;
use vexil_core::{Live, Program, explain};
use vexil_ofrep::resolve;
use vexil_ruleset::explain::{Text, json as explanation};
use vexil_ruleset::{Path as Pointer, Ruleset, Test as Expected};

use crate::config::Config;
use crate::failure::Failure;
use crate::files::sources;
use crate::report;
use crate::source::{Lines, Source, Spot};
use crate::time::Instant;
use coverage::{Coverage, Share};

const HELP: &str = "\
Runs the rulesets' own tests, and says what they leave out

A test is a context and the variants that flags come to in it. Of one that fails you see what was expected, what came,
and why. No release has started, and no flag is killed.

Coverage counts the parts of each flag that can serve (its requirements, targets, rules and default) and the variants
that they can serve. One is covered if a test expects the flag to come to something, and it did so there.

  vexil test --coverage --min-coverage 80
  vexil test --format junit flags/ > tests.xml";

/// Runs the rulesets' own tests, and says what they leave out
#[derive(Debug, Args)]
#[command(long_about = HELP)]
pub(crate) struct Test {
    /// Rulesets, or folders of them; `-` reads standard input as JSON [default: the ruleset that vexil.toml names]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The time to evaluate at: RFC 3339, or milliseconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// Says which rules, defaults and variants no test comes to
    #[arg(long)]
    coverage: bool,
    /// Fails where less is covered, in per cent
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    min_coverage: Option<f64>,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON document: {"files": [{"file", "tests": [{"path", "passed", "failures", …}], "coverage"}], "passed", …}
    Json,
    /// `JUnit` XML, which most systems for continuous integration show
    Junit,
}

/// The tests of one ruleset.
struct Suite {
    file: String,
    cases: Vec<Case>,
    coverage: Coverage,
}

/// A test that was run.
struct Case {
    /// As a JSON Pointer: `/tests/0`.
    path: String,
    place: Option<Spot>,
    context: Value,
    failures: Vec<Wrong>,
}

/// A flag that came to another variant than expected.
struct Wrong {
    flag: String,
    expected: String,
    found: String,
    reason: &'static str,
    /// How it came to it, in lines.
    why: String,
    explanation: Value,
}

pub(crate) fn run(
    arguments: &Test,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let at = arguments.at.unwrap_or_else(Instant::now);
    let mut suites = Vec::new();
    for source in sources(&arguments.files, config)? {
        match source.program() {
            Ok((ruleset, program)) => suites.push(suite(&source, &ruleset, &program, at)),
            Err(issues) => return Err(Failure::issues(source, issues)),
        }
    }
    let share = suites.iter().fold(Share::default(), |sum, suite| {
        sum.plus(suite.coverage.share())
    });
    match if arguments.json {
        Format::Json
    } else {
        arguments.format
    } {
        Format::Text => {
            let is_covered = arguments.coverage || arguments.min_coverage.is_some();
            text::write(out, &suites, is_covered.then_some(share))?;
        }
        Format::Json => writeln!(out, "{}", json::document(&suites, share))?,
        Format::Junit => junit::write(out, &suites)?,
    }
    let (failed, all) = count(&suites);
    let least = arguments.min_coverage.unwrap_or(0.0);
    let mut is_right = true;
    if failed > 0 {
        writeln!(notes, "{failed} of {all} tests failed")?;
        is_right = false;
    }
    if share.percent() < least {
        let found = share.percent();
        writeln!(
            notes,
            "the tests cover {found} %, expected at least {least} %"
        )?;
        is_right = false;
    }
    if is_right { Ok(()) } else { Err(Failure::Said) }
}

/// How many tests failed, of how many.
fn count(suites: &[Suite]) -> (usize, usize) {
    let cases = || suites.iter().flat_map(|it| &it.cases);
    let failed = cases().filter(|it| !it.failures.is_empty()).count();
    (failed, cases().count())
}

fn suite(source: &Source, ruleset: &Ruleset, program: &Program, at: Instant) -> Suite {
    let lines = Lines::of(&source.text);
    let mut coverage = Coverage::of(ruleset, source, &lines);
    let tests = ruleset.tests().iter().enumerate();
    let cases = tests.map(|(index, test)| {
        let path = Pointer::default().join("tests").join(&index.to_string());
        let start = source.place(&path).span.map(|span| span.start);
        Case {
            path: path.to_string(),
            place: start.map(|start| lines.spot(start)),
            context: Value::Object(test.context.clone()),
            failures: failures(program, test, at, &mut coverage),
        }
    });
    Suite {
        file: report::name(source),
        cases: cases.collect(),
        coverage,
    }
}

/// Each flag that came to another variant than expected. What any came to is covered.
fn failures(
    program: &Program,
    test: &Expected,
    at: Instant,
    coverage: &mut Coverage,
) -> Vec<Wrong> {
    let context = resolve(program, &test.context);
    let wrong = test.expect.iter().filter_map(|(key, expected)| {
        let flag = program.flag(key.as_str())?;
        let explained = explain(program, &Live::default(), flag, &context, at.0);
        let answer = explained.evaluation;
        let found = flag.variant(answer.variant)?.name;
        coverage.cover(key.as_str(), answer, found);
        (found != expected.as_str()).then(|| {
            let explained_text = Text(&explained).to_string();
            let why = explained_text
                .split_once('\n')
                .map_or("", |(_, steps)| steps);
            Wrong {
                flag: key.to_string(),
                expected: expected.to_string(),
                found: found.to_owned(),
                reason: answer.reason.name(),
                why: why.to_owned(),
                explanation: explanation(&explained),
            }
        })
    });
    wrong.collect()
}

fn percent(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.trim_end_matches('%').trim_end().parse().ok();
    number
        .filter(|it| (0.0..=100.0).contains(it))
        .ok_or_else(|| "expected a number from 0 to 100".to_owned())
}
