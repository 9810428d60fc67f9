//! `vexil shadow`

mod log;
mod report;

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value};
use vexil_core::{Flag, Live, Program, ask, evaluate, explain};
use vexil_import::Vendor;
use vexil_ofrep::resolve;
use vexil_ruleset::explain::Text;

use super::vendor;
use crate::config::Config;
use crate::failure::Failure;
use crate::file;
use crate::time::Instant;
use log::Recorded;
use report::{Difference, Report};

const HELP: &str = "\
Answers a recorded log with a ruleset, and says where the answers differ

Each line of the log is a JSON object: which flag was asked for, in which context, and what the answer was.

  {\"flag\": \"checkout\", \"context\": {\"targetingKey\": \"user-1\"}, \"value\": true, \"at\": \"2026-11-23T09:00:00Z\"}

The answer is a `value`, or else the name of a `variant`. `at`, which may be left out, is when it was given: RFC 3339, or
milliseconds since 1970. With `--vendor`, contexts are as that vendor writes them. No release has started, and no flag is
killed.

  vexil shadow --vendor flagd --ruleset flags.json answers.jsonl";

const EXIT_CODES: &str = "\
Exit codes:
  0  every line was answered the same
  1  an answer differs, a flag is not in the ruleset, a line cannot be read, or the ruleset has issues
  2  the command line or vexil.toml cannot be understood
  3  a file cannot be read or written";

/// Answers a recorded log with a ruleset, and says where the answers differ
#[derive(Debug, Args)]
#[command(long_about = HELP, after_help = EXIT_CODES)]
pub(crate) struct Shadow {
    /// The log, a JSON object a line; `-` reads standard input
    #[arg(value_name = "LOG")]
    log: PathBuf,
    /// The ruleset in JSON, YAML or TOML [default: the one that vexil.toml names]
    #[arg(long, value_name = "FILE")]
    ruleset: Option<PathBuf>,
    /// Whose contexts the log has [default: our own]
    #[arg(long, value_name = "VENDOR", value_parser = vendor::names())]
    vendor: Option<String>,
    /// The time of answers that do not say theirs: RFC 3339, or milliseconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// How many differing answers of each flag to show
    #[arg(long, value_name = "NUMBER", default_value_t = 3)]
    examples: usize,
    /// Prints one JSON object instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(
    arguments: &Shadow,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let (_, program) = file::program(&config.ruleset(arguments.ruleset.as_deref())?)?;
    let vendor = arguments.vendor.as_deref().map(vendor::named).transpose()?;
    let shadow = Answers {
        program: &program,
        vendor,
        now: arguments.at.unwrap_or_else(Instant::now),
    };
    let mut report = Report::new(arguments.examples);
    let failed = |error| Failure::File {
        doing: "read",
        path: arguments.log.clone(),
        error,
    };
    let (mut log, progress) = open(&arguments.log).map_err(failed)?;
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        // Bytes, since a line that is no UTF-8 is a bad line and not the end.
        let length = log.read_until(b'\n', &mut bytes).map_err(failed)?;
        if length == 0 {
            break;
        }
        progress.inc(length as u64);
        if !bytes.trim_ascii().is_empty() {
            shadow.compare(line, &bytes, &mut report);
        }
    }
    progress.finish_and_clear();
    if arguments.json {
        writeln!(out, "{}", report.to_json())?;
    } else {
        report.write(&arguments.log, out, notes)?;
    }
    report.verdict()
}

/// The log, and a bar that shows how much of it was read, if a person is looking.
fn open(path: &Path) -> std::io::Result<(Box<dyn BufRead>, ProgressBar)> {
    if path == Path::new("-") {
        let log = Box::new(std::io::stdin().lock());
        return Ok((log, ProgressBar::new_spinner()));
    }
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let style = ProgressStyle::with_template("{bar:40} {percent} % of {total_bytes}, {eta} left");
    let progress = ProgressBar::new(length);
    if let Ok(style) = style {
        progress.set_style(style);
    }
    Ok((Box::new(BufReader::new(file)), progress))
}

/// What answers as the log's flags did, or does not.
struct Answers<'a> {
    program: &'a Program,
    vendor: Option<Vendor>,
    now: Instant,
}

impl Answers<'_> {
    fn compare(&self, line: u64, text: &[u8], report: &mut Report) {
        match self.difference(line, text, report) {
            Ok(()) => {}
            Err(message) => report.bad(line, message),
        }
    }

    fn difference(&self, line: u64, text: &[u8], report: &mut Report) -> Result<(), String> {
        let recorded = Recorded::parse(text)?;
        let given = match self.vendor {
            None => recorded
                .context
                .as_object()
                .cloned()
                .ok_or("`context`: expected an object")?,
            Some(vendor) => vendor
                .context(&recorded.context)
                .map_err(|reason| format!("`context`: {reason}"))?,
        };
        let Ok(flag) = ask(self.program, &recorded.flag, None) else {
            report.unknown(&recorded.flag);
            return Ok(());
        };
        let now = recorded.at.unwrap_or(self.now);
        let ours = self.answer(flag, &given, now);
        if recorded.answer.is(&ours) {
            report.same(&recorded.flag);
            return Ok(());
        }
        report.differ(&recorded.flag, || Difference {
            line,
            theirs: recorded.answer.shown(),
            ours: match recorded.answer {
                log::Answer::Value(_) => ours.value,
                log::Answer::Variant(_) => Value::from(ours.variant),
            },
            why: self.why(flag, &given, now),
            context: recorded.context,
        });
        Ok(())
    }

    fn answer(&self, flag: Flag<'_>, given: &Map<String, Value>, now: Instant) -> log::Ours {
        let context = resolve(self.program, given);
        let answer = evaluate(self.program, &Live::default(), flag, &context, now.0);
        let variant = flag.variant(answer.variant);
        log::Ours {
            value: variant
                .and_then(|it| serde_json::from_str(it.value).ok())
                .unwrap_or_default(),
            variant: variant.map(|it| it.name.to_owned()).unwrap_or_default(),
        }
    }

    /// The first line of an explanation, after the name of the flag.
    fn why(&self, flag: Flag<'_>, given: &Map<String, Value>, now: Instant) -> String {
        let context = resolve(self.program, given);
        let explanation = explain(self.program, &Live::default(), flag, &context, now.0);
        let text = Text(&explanation).to_string();
        let line = text.lines().next().unwrap_or_default();
        let after = line.strip_prefix(flag.key());
        after
            .map_or(line, |it| it.trim_start_matches(": "))
            .to_owned()
    }
}
