//! How fast Vexil is beside its peers. What is measured and how is said in `tests/bench/README.md`.

mod instructions;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

pub(crate) use instructions::check as check_instructions;

use crate::build::{self, Part};
use crate::failure::Failure;
use crate::npm;
use crate::setup;
use crate::shell::Shell;
use crate::stamp;

const FOLDER: &str = "tests/bench";
const MANIFEST: &str = "tests/bench/Cargo.toml";
/// How often the engines take turns in JavaScript.
const ROUNDS: &str = "41";
const QUICK_ROUNDS: &str = "7";
/// How often each page is visited.
const VISITS: &str = "11";
const QUICK_VISITS: &str = "1";

#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct Options {
    /// Prints a line of JSON for each measurement instead of tables.
    #[arg(long)]
    json: bool,
    /// Measures only there; everywhere when none is named.
    #[arg(long)]
    runtime: Vec<Runtime>,
    /// Measures only that: a to h, `read`, `parts`, a native series such as `a-of-flags`, or of pages `download`,
    /// `bootstrap`, `network`, `storage`, each of these three with ` slow` too, `read` and `heap`.
    #[arg(long)]
    workload: Vec<String>,
    /// Takes fewer and shorter samples: for trying, not for telling.
    #[arg(long)]
    quick: bool,
    /// Takes the fastest sample of each instead of the median: on a machine that is busy, what comes nearest.
    #[arg(long)]
    fastest: bool,
    /// Counts the instructions of Vexil's workloads instead, and compares them with those stored.
    #[arg(long)]
    instructions: bool,
    /// Stores the instructions instead of comparing them.
    #[arg(long, requires = "instructions")]
    renew: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Runtime {
    Native,
    Node,
    Chromium,
    /// Whole pages in Chromium.
    Page,
}

/// What one engine needs for one workload, or for a part of it.
#[derive(Clone, Debug, PartialEq)]
struct Measurement {
    runtime: String,
    workload: String,
    name: String,
    value: f64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Ns,
    Ms,
    Bytes,
}

impl Unit {
    const ALL: [Unit; 3] = [Unit::Ns, Unit::Ms, Unit::Bytes];

    /// The member of a line of JSON that has the value.
    fn name(self) -> &'static str {
        match self {
            Unit::Ns => "ns",
            Unit::Ms => "ms",
            Unit::Bytes => "bytes",
        }
    }
}

/// Measures and prints.
pub(crate) fn run(shell: &Shell, options: &Options) -> Result<(), Failure> {
    if options.instructions {
        return if options.renew {
            instructions::renew(shell)
        } else {
            instructions::check(shell)
        };
    }
    if let Some(load) = busy() {
        eprintln!(
            "This machine is busy (load {load}): the times are too long. Wait, or try `--fastest`."
        );
    }
    let is_wanted = |runtime| options.runtime.is_empty() || options.runtime.contains(&runtime);
    let mut measured = Vec::new();
    if is_wanted(Runtime::Native) {
        measured.extend(native(shell, options)?);
    }
    let scripts: Vec<_> = [Runtime::Node, Runtime::Chromium, Runtime::Page]
        .into_iter()
        .filter(|runtime| is_wanted(*runtime))
        .collect();
    if !scripts.is_empty() {
        build::run(shell, &[Part::Browser])?;
        npm::install_in(shell, FOLDER)?;
        let sets = sets(shell)?;
        for runtime in scripts {
            measured.extend(script_in(shell, options, &sets, runtime)?);
        }
    }
    if options.json {
        for measurement in &measured {
            println!("{}", line(measurement, &measured));
        }
    } else {
        print!("{}", table::tables(&measured));
    }
    Ok(())
}

/// How many programs want a processor, where something else is running here: times would be too long, and not all by
/// the same factor.
pub(crate) fn busy() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    let load: f64 = text.split_whitespace().next()?.parse().ok()?;
    (load > 1.0).then_some(load)
}

/// A measurement as one line of JSON. What Vexil has no counterpart of has no ratio.
fn line(measurement: &Measurement, all: &[Measurement]) -> Value {
    json!({
        "runtime": measurement.runtime,
        "workload": measurement.workload,
        "name": measurement.name,
        measurement.unit.name(): measurement.value,
        "ratio": ratio(measurement, all),
    })
}

/// How many times as long, or as much, as Vexil in the same runtime.
fn ratio(measurement: &Measurement, all: &[Measurement]) -> Option<f64> {
    let vexil = all.iter().find(|other| {
        other.name == "vexil"
            && other.runtime == measurement.runtime
            && other.workload == measurement.workload
    });
    Some(measurement.value / vexil?.value)
}

fn native(shell: &Shell, options: &Options) -> Result<Vec<Measurement>, Failure> {
    let found = shell.root.join(FOLDER).join("target/criterion");
    if found.exists() {
        fs::remove_dir_all(&found).map_err(Failure::file(&found))?;
    }
    let build = [
        "bench",
        "--manifest-path",
        MANIFEST,
        "--locked",
        "--features",
        "peers",
        "--bench",
        "native",
    ];
    shell.step(
        "compiling the native engines",
        shell.command("cargo").args(build).arg("--no-run"),
    )?;
    let mut command = shell.command("cargo");
    command.args(build).arg("--");
    if !options.workload.is_empty() {
        command.arg(format!("^({})/", options.workload.join("|")));
    }
    if options.quick {
        command.env("VEXIL_BENCH_QUICK", "1");
    }
    shell.step("measuring natively", &mut command)?;
    criterion(&found, options.fastest)
}

/// What criterion wrote about each benchmark, group by group in the order of their names.
fn criterion(folder: &Path, is_fastest: bool) -> Result<Vec<Measurement>, Failure> {
    let mut measured = Vec::new();
    for file in stamp::files(folder)? {
        if !file.ends_with("new/benchmark.json") {
            continue;
        }
        let about = read(&file)?;
        let text = |key: &str| about.get(key).and_then(Value::as_str).map(str::to_owned);
        let ns = if is_fastest {
            fastest(&read(&file.with_file_name("sample.json"))?)
        } else {
            read(&file.with_file_name("estimates.json"))?
                .pointer("/median/point_estimate")
                .and_then(Value::as_f64)
        };
        if let (Some(workload), Some(name), Some(ns)) = (text("group_id"), text("function_id"), ns)
        {
            measured.push(Measurement {
                runtime: "native".to_owned(),
                workload,
                name,
                value: ns,
                unit: Unit::Ns,
            });
        }
    }
    Ok(measured)
}

/// The least time of an iteration in any sample, in ns.
fn fastest(sample: &Value) -> Option<f64> {
    let numbers = |key: &str| sample.get(key)?.as_array();
    let each = numbers("times")?.iter().zip(numbers("iters")?);
    each.filter_map(|(time, count)| Some(time.as_f64()? / count.as_f64()?))
        .reduce(f64::min)
}

fn read(file: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::file(file))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::Wrong(format!("{}: {error}", file.display())))
}

/// The flags and contexts for runtimes that are not Rust: a folder with one for each set.
pub(crate) fn sets(shell: &Shell) -> Result<PathBuf, Failure> {
    let folder = shell.root.join(FOLDER).join("target/sets");
    let mut command = program("sets", shell);
    shell.step("writing the sets", command.arg(&folder))?;
    Ok(folder)
}

/// A program of `tests/bench`, built where it has changed.
fn program(name: &str, shell: &Shell) -> Command {
    let mut command = shell.command("cargo");
    command.args([
        "run",
        "--quiet",
        "--release",
        "--locked",
        "--manifest-path",
        MANIFEST,
        "--bin",
        name,
        "--",
    ]);
    command
}

fn script_in(
    shell: &Shell,
    options: &Options,
    sets: &Path,
    runtime: Runtime,
) -> Result<Vec<Measurement>, Failure> {
    let script = match runtime {
        Runtime::Page => "visit.mjs",
        Runtime::Chromium => "chromium.mjs",
        Runtime::Node | Runtime::Native => "node.mjs",
    };
    let mut command = shell.command("node");
    command.arg(format!("{FOLDER}/js/{script}")).arg(sets);
    if runtime == Runtime::Page {
        build::run(shell, &[Part::Edge])?;
        command.arg(if options.quick { QUICK_VISITS } else { VISITS });
    } else {
        command
            .arg("bindings/browser/dist/engine.wasm")
            .arg(if options.quick { QUICK_ROUNDS } else { ROUNDS });
    }
    command.args(&options.workload);
    if options.fastest {
        command.env("VEXIL_BENCH_FASTEST", "1");
    }
    if runtime != Runtime::Node {
        command.env("VEXIL_CHROMIUM", setup::chromium(shell)?);
    }
    let printed = shell.step(&format!("measuring with {script}"), &mut command)?;
    let text = String::from_utf8_lossy(&printed.stdout).into_owned();
    text.lines().map(parsed).collect()
}

fn parsed(line: &str) -> Result<Measurement, Failure> {
    let value: Value = serde_json::from_str(line).unwrap_or_default();
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let measurement = || {
        let (unit, value) = Unit::ALL
            .into_iter()
            .find_map(|unit| Some((unit, value.get(unit.name())?.as_f64()?)))?;
        Some(Measurement {
            runtime: text("runtime")?,
            workload: text("workload")?,
            name: text("name")?,
            value,
            unit,
        })
    };
    measurement().ok_or_else(|| Failure::Wrong(format!("no measurement: {line}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(runtime: &str, name: &str, value: f64) -> Measurement {
        Measurement {
            runtime: runtime.to_owned(),
            workload: "a".to_owned(),
            name: name.to_owned(),
            value,
            unit: Unit::Ns,
        }
    }

    #[test]
    fn a_ratio_is_to_vexil_in_the_same_runtime() {
        let all = [
            measurement("native", "vexil", 50.0),
            measurement("node", "vexil", 10.0),
            measurement("node", "other", 30.0),
        ];
        assert_eq!(ratio(&all[2], &all), Some(3.0));
        assert_eq!(ratio(&all[0], &all), Some(1.0));
        assert_eq!(ratio(&measurement("chromium", "other", 1.0), &all), None);
    }

    #[test]
    fn the_fastest_iteration_is_of_any_sample() {
        let sample = json!({ "iters": [10.0, 20.0, 30.0], "times": [500.0, 800.0, 1_800.0] });
        assert_eq!(fastest(&sample), Some(40.0));
        assert_eq!(fastest(&json!({})), None);
    }

    #[test]
    fn a_line_is_read_back() {
        for unit in Unit::ALL {
            let measured = Measurement {
                unit,
                ..measurement("node", "vexil", 10.5)
            };
            let line = line(&measured, &[]).to_string();
            assert_eq!(parsed(&line).unwrap(), measured);
        }
        assert!(parsed("(node:1) Warning: something").is_err());
    }
}
