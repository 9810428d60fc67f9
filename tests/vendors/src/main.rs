//! `vendors`: runs the cases that vendors publish, and says how many passed.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: its output is its purpose"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use vexil_vendors::suite::{Decisions, Folders, Outcome, SUITES, Suite};

/// Runs the cases that vendors publish through import, compile and evaluate.
#[derive(Parser)]
struct Options {
    /// The folder that has `launchdarkly.jsonl`, `growthbook.json` and `eppo.json`
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The folder in which npm installed the published packages
    #[arg(long, value_name = "DIR", default_value = "tests/vendors/node_modules")]
    node_modules: PathBuf,
    /// Prints a line of JSON for each vendor: `{"vendor":…,"passed":…,"failed":…,"unsupported":…}`
    #[arg(long)]
    json: bool,
}

/// How many cases of a vendor went how.
#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
    unsupported: u64,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::from(3)
        }
    }
}

/// Whether no case failed.
fn run(options: &Options) -> Result<bool, String> {
    let decisions = Decisions::load()?;
    let mut is_fine = true;
    for suite in SUITES {
        let count = count(suite, options, &decisions)?;
        // Without the folder there is nothing of some vendors to run.
        if options.data.is_none() && count.passed == 0 && count.failed == 0 {
            continue;
        }
        is_fine &= count.failed == 0;
        let Count {
            passed,
            failed,
            unsupported,
        } = count;
        let vendor = suite.name;
        if options.json {
            println!(
                "{}",
                json!({ "vendor": vendor, "passed": passed, "failed": failed, "unsupported": unsupported })
            );
        } else {
            println!("{vendor}: {passed} passed, {failed} failed, {unsupported} unsupported");
        }
    }
    Ok(is_fine)
}

fn count(suite: &Suite, options: &Options, decisions: &Decisions) -> Result<Count, String> {
    let folders = Folders {
        data: options.data.as_deref(),
        node_modules: &options.node_modules,
    };
    let mut count = Count::default();
    for case in (suite.run)(&folders)? {
        let add = |number: &mut u64| *number = number.saturating_add(1);
        match case.outcome {
            Outcome::Passed => add(&mut count.passed),
            Outcome::Failed(why) => {
                add(&mut count.failed);
                eprintln!("{} failed: {}: {why}", suite.name, case.name);
            }
            Outcome::Unsupported(decision) => {
                if let Some(why) = decisions.why(suite.name, decision) {
                    add(&mut count.unsupported);
                    eprintln!("{} unsupported: {}: {why}", suite.name, case.name);
                } else {
                    add(&mut count.failed);
                    let name = case.name;
                    eprintln!(
                        "{} failed: {name}: `{decision}` is no decision of decisions.json",
                        suite.name
                    );
                }
            }
        }
    }
    Ok(count)
}
