//! How much the worker bears beside a worker that returns a constant, and beside its peers. What is measured and how
//! is said in `tests/load/README.md`.

mod target;

use std::fmt::Write;

use clap::Args;
use serde_json::{Value, json};

use crate::bench;
use crate::build::{self, Part};
use crate::failure::Failure;
use crate::npm;
use crate::shell::Shell;

use target::Target;

const FOLDER: &str = "tests/load";
/// The set of `tests/bench` that is published.
const SET: &str = "mix-1000";

/// What is asked.
const CALLS: [&str; 8] = [
    "values hit",
    "values miss",
    "values 304",
    "values get",
    "ofrep single",
    "ofrep bulk",
    "ofrep bulk miss",
    "program",
];
/// What is measured of each.
const OF_CALL: [&str; 5] = ["", " p50", " p99", " processor", ", constant"];
/// What is measured once.
const ONCE: [&str; 11] = [
    "ofrep bulk miss, @openfeature/flagd-core",
    "ofrep bulk miss, @growthbook/growthbook",
    "generator processor",
    "kill acknowledged to last stream told p50",
    "kill acknowledged to last stream told p99",
    "kill asked for to last stream told p50",
    "kill asked for to last stream told p99",
    "start-up in node",
    "start-up in workerd",
    "memory, resident",
    "memory, WebAssembly",
];

#[derive(Args)]
pub(crate) struct Options {
    /// Prints a line of JSON for each measurement instead of a table.
    #[arg(long)]
    json: bool,
    /// Measures for moments only, with fewer streams and flags: for trying, not for telling.
    #[arg(long)]
    quick: bool,
}

/// One figure.
#[derive(Clone, Debug, PartialEq)]
struct Measurement {
    name: String,
    /// `None` where it could not be measured; then the unit says why.
    value: Option<f64>,
    unit: String,
    /// To the constant worker; of a peer, of Vexil to it.
    ratio: Option<f64>,
}

/// Measures and prints.
pub(crate) fn run(shell: &Shell, options: &Options) -> Result<(), Failure> {
    if let Some(load) = bench::busy() {
        eprintln!(
            "This machine is busy (load {load}): ratios are still of one run, times are too long."
        );
    }
    let measured = measure(shell, options.quick)?;
    if options.json {
        for measurement in &measured {
            println!("{}", line(measurement));
        }
    } else {
        print!("{}", table(&measured));
    }
    Ok(())
}

/// Fails unless a quick run measures everything there is to measure. How fast anything is does not matter.
pub(crate) fn check(shell: &Shell) -> Result<(), Failure> {
    complete(&measure(shell, true)?)
}

fn measure(shell: &Shell, is_quick: bool) -> Result<Vec<Measurement>, Failure> {
    build::run(shell, &[Part::Edge])?;
    npm::install_in(shell, FOLDER)?;
    let set = bench::sets(shell)?.join(SET);
    let mut command = shell.command("node");
    command.arg(format!("{FOLDER}/load.mjs")).arg(set);
    if is_quick {
        command.arg("--quick");
    }
    let printed = shell.step("measuring the worker", &mut command)?;
    let text = String::from_utf8_lossy(&printed.stdout).into_owned();
    text.lines().map(parsed).collect()
}

fn parsed(line: &str) -> Result<Measurement, Failure> {
    let value: Value = serde_json::from_str(line).unwrap_or_default();
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str| value.get(key).and_then(Value::as_f64);
    let measurement = || {
        Some(Measurement {
            name: text("name")?,
            value: number("value"),
            unit: text("unit")?,
            ratio: number("ratio"),
        })
    };
    measurement().ok_or_else(|| Failure::Wrong(format!("no measurement: {line}")))
}

fn complete(measured: &[Measurement]) -> Result<(), Failure> {
    let of_calls = CALLS
        .iter()
        .flat_map(|call| OF_CALL.iter().map(move |of| format!("{call}{of}")));
    let wanted = of_calls.chain(ONCE.iter().map(|name| (*name).to_owned()));
    for name in wanted {
        let found = measured.iter().filter(|it| it.name == name);
        let values: Vec<_> = found.map(|it| it.value.ok_or(&it.unit)).collect();
        match values.as_slice() {
            [Ok(value)] if value.is_finite() => {}
            [Err(reason)] => return Err(Failure::Wrong(format!("{name}: {reason}"))),
            _ => return Err(Failure::Wrong(format!("{name}: measured {values:?}"))),
        }
    }
    Ok(())
}

/// A measurement as one line of JSON.
fn line(measurement: &Measurement) -> Value {
    json!({
        "name": measurement.name,
        "value": measurement.value,
        "unit": measurement.unit,
        "ratio": measurement.ratio,
        "target": Target::of(&measurement.name).map(|target| target.to_string()),
    })
}

/// The measurements as a table in Markdown.
fn table(measured: &[Measurement]) -> String {
    let mut text = String::from("| | measured | ratio | target |\n| --- | --: | --: | --- |\n");
    for measurement in measured {
        let Measurement {
            name,
            value,
            unit,
            ratio,
        } = measurement;
        let value = value.map_or_else(|| unit.clone(), |value| format!("{} {unit}", digits(value)));
        let ratio = ratio.map(digits).unwrap_or_default();
        let verdict = Target::of(name).map(|target| target.verdict(measurement));
        let _ = writeln!(
            text,
            "| {name} | {value} | {ratio} | {} |",
            verdict.unwrap_or_default()
        );
    }
    text
}

/// Three digits, and all before the point.
fn digits(value: f64) -> String {
    match value.abs() {
        size if size < 1.0 => format!("{value:.3}"),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(name: &str, value: Option<f64>, unit: &str, ratio: Option<f64>) -> Measurement {
        Measurement {
            name: name.to_owned(),
            value,
            unit: unit.to_owned(),
            ratio,
        }
    }

    #[test]
    fn a_line_is_read_back_and_has_its_target() {
        let hit = measurement("values hit", Some(4_567.8), "requests/s", Some(0.5));
        let line = line(&hit);
        assert_eq!(line["target"], "ratio >= 0.7");
        assert_eq!(parsed(&line.to_string()).unwrap(), hit);
        assert!(parsed("(node:1) Warning: something").is_err());
    }

    #[test]
    fn a_table_says_what_is_met_and_by_how_much_the_rest_is_missed() {
        let all = [
            measurement("values hit", Some(4_567.8), "requests/s", Some(0.35)),
            measurement("values hit p50", Some(1.234), "ms", Some(12.3)),
            measurement("memory, WebAssembly", Some(23.95), "MB", None),
            measurement(
                "ofrep bulk miss, @growthbook/growthbook",
                None,
                "cannot be measured: EvalError",
                None,
            ),
        ];
        let want = "| | measured | ratio | target |\n| --- | --: | --: | --- |\n\
                    | values hit | 4568 requests/s | 0.350 | ratio >= 0.7: missed, 2.0× |\n\
                    | values hit p50 | 1.23 ms | 12.3 |  |\n\
                    | memory, WebAssembly | 23.9 MB |  | value <= 24: met |\n\
                    | ofrep bulk miss, @growthbook/growthbook | cannot be measured: EvalError |  | ratio >= 5: not measured |\n";
        assert_eq!(table(&all), want);
    }

    #[test]
    fn a_run_is_complete_with_one_number_for_everything() {
        let of_calls = CALLS
            .iter()
            .flat_map(|call| OF_CALL.iter().map(move |of| format!("{call}{of}")));
        let all: Vec<Measurement> = of_calls
            .chain(ONCE.iter().map(|name| (*name).to_owned()))
            .map(|name| measurement(&name, Some(1.0), "ms", None))
            .collect();
        assert!(complete(&all).is_ok());
        assert!(complete(all.get(1..).unwrap()).is_err(), "one is missing");
        let mut unmeasured = all.clone();
        unmeasured.last_mut().unwrap().value = None;
        assert!(complete(&unmeasured).is_err(), "one has no number");
        let twice = [all.clone(), all].concat();
        assert!(complete(&twice).is_err(), "each is there twice");
    }

    #[test]
    fn every_target_is_of_something_that_is_measured() {
        for name in target::names() {
            let of_call = CALLS.iter().any(|call| {
                name.strip_prefix(call)
                    .is_some_and(|of| OF_CALL.contains(&of))
            });
            assert!(of_call || ONCE.contains(&name), "{name}");
        }
    }
}
