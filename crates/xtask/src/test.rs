//! Every test there is, area by area. A failure does not stop the others.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::bench;
use crate::build;
use crate::conformance;
use crate::failure::Failure;
use crate::load;
use crate::npm;
use crate::packaging;
use crate::readme;
use crate::setup;
use crate::shell::Shell;
use crate::size;
use crate::stamp;

/// The crates that run as WebAssembly. Each is checked by itself: the browser's has no `std`, and the features
/// that the others ask of what they share would bring it.
const WASM_CRATES: [&str; 4] = [
    "vexil-browser",
    "vexil-edge",
    "vexil-explainer",
    "vexil-playground",
];

/// The one Rust test that is an area of its own: it builds the engine ten times.
const MUTATIONS: &str = "an_engine_broken_on_purpose_fails_the_vectors";

/// What can be tested by itself. In this order: what is quick to fail comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Area {
    /// Formatting.
    Fmt,
    /// Lints, natively and as WebAssembly.
    Clippy,
    /// The core without a standard library.
    NoStd,
    /// Every Rust test and documentation example, and the cases of other vendors that npm has.
    Rust,
    /// The vectors against engines broken on purpose.
    Mutations,
    /// Types of TypeScript.
    Types,
    /// The npm package in node.
    Browser,
    /// The second module of the demo page, in node.
    Playground,
    /// The worker on workerd.
    Edge,
    /// The command line, beside the worker.
    Cli,
    /// The worker and `vexil serve` as OFREP servers, with published clients, and the suite that asks them.
    Ofrep,
    /// That everything the worker is measured by can be measured.
    Load,
    /// The vectors through node, Chromium and workerd.
    Bindings,
    /// The npm package, packed, installed and used with each tool; what README.md shows; and the examples of its use.
    Packaging,
    /// The page, the worker and people in a real browser.
    E2e,
    /// The download against its budget.
    Size,
    /// The instructions of each workload against those stored.
    Instructions,
    /// The numbers in README.md against those measured now.
    Readme,
}

/// How an area went.
struct Report {
    area: Area,
    result: Result<u64, Failure>,
    took: Duration,
}

/// Installs what is missing, builds, and runs `areas` (all of them when none is named).
pub(crate) fn run(shell: &Shell, areas: &[Area]) -> Result<(), Failure> {
    setup::node()?;
    let mut reports = Vec::new();
    for area in Area::value_variants()
        .iter()
        .filter(|area| areas.is_empty() || areas.contains(area))
    {
        let start = Instant::now();
        let result = area.run(shell);
        if matches!(result, Err(Failure::Interrupted)) {
            return Err(Failure::Interrupted);
        }
        if let Err(failure) = &result {
            eprintln!("{failure}");
        }
        let report = Report {
            area: *area,
            result,
            took: start.elapsed(),
        };
        println!("{}", report.line());
        reports.push(report);
    }
    conclude(&reports)
}

fn conclude(reports: &[Report]) -> Result<(), Failure> {
    let failed: Vec<&Report> = reports
        .iter()
        .filter(|report| report.result.is_err())
        .collect();
    let passed = reports.len().saturating_sub(failed.len());
    if !failed.is_empty() && reports.len() > 1 {
        println!();
        for report in &failed {
            println!("{}", report.line());
        }
    }
    println!("{passed} passed, {} failed", failed.len());
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::Reported)
    }
}

impl Report {
    fn line(&self) -> String {
        let seconds = self.took.as_secs_f64();
        let area = self.area.name();
        match &self.result {
            Ok(0) => format!("ok      {area:<12} {seconds:6.1} s"),
            Ok(tests) => format!("ok      {area:<12} {seconds:6.1} s  {tests} tests"),
            Err(_) => format!("FAILED  {area:<12} {seconds:6.1} s  again: cargo xtask test {area}"),
        }
    }
}

impl Area {
    fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }

    /// Runs the area: how many tests passed, where something counts them.
    fn run(self, shell: &Shell) -> Result<u64, Failure> {
        match self {
            Area::Fmt => cargo(shell, "formatting", &["fmt", "--all", "--check"]),
            Area::Clippy => {
                setup::rust_target(shell, setup::WASM)?;
                cargo(
                    shell,
                    "clippy, native",
                    &[
                        "clippy",
                        "--workspace",
                        "--all-targets",
                        "--",
                        "-D",
                        "warnings",
                    ],
                )?;
                WASM_CRATES.iter().try_fold(0, |count, package| {
                    cargo(
                        shell,
                        &format!("clippy, {package} as WebAssembly"),
                        &[
                            "clippy",
                            "--target",
                            setup::WASM,
                            "--package",
                            package,
                            "--",
                            "-D",
                            "warnings",
                        ],
                    )
                    .map(|_| count)
                })
            }
            Area::NoStd => {
                setup::rust_target(shell, setup::BARE)?;
                cargo(
                    shell,
                    "vexil-core without std",
                    &["check", "--package", "vexil-core", "--target", setup::BARE],
                )
            }
            Area::Rust => {
                npm::install_in(shell, conformance::FOLDER)?;
                cargo(
                    shell,
                    "tests in Rust",
                    &["test", "--workspace", "--", "--skip", MUTATIONS],
                )
            }
            Area::Mutations => cargo(
                shell,
                "mutations",
                &[
                    "test",
                    "--package",
                    "vexil-conformance",
                    "--test",
                    "mutations",
                ],
            ),
            Area::Types => {
                build::run(shell, &[])?;
                configured(shell)?.iter().try_fold(0, |count, folder| {
                    let mut command = npm::tool(shell, "tsc");
                    command.args(["--noEmit", "--project"]).arg(folder);
                    shell
                        .step(&format!("types of {}", folder.display()), &mut command)
                        .map(|_| count)
                })
            }
            Area::Browser => node(shell, "bindings/browser"),
            Area::Playground => node(shell, "bindings/playground"),
            Area::Edge => node(shell, "bindings/edge"),
            Area::Cli => node(shell, "tests/cli"),
            Area::Ofrep => node(shell, "tests/ofrep"),
            Area::Load => load::check(shell).map(|()| 0),
            Area::Bindings => node(shell, "tests/bindings"),
            Area::Packaging => {
                npm::install_in(shell, "tests/packaging/examples")?;
                npm::install_in(shell, "tests/packaging/docs")?;
                let tests = node(shell, "tests/packaging")?;
                packaging::check(shell).map(|rows| tests.saturating_add(rows))
            }
            Area::E2e => node(shell, "tests/e2e"),
            Area::Size => size::check(&size::measure(shell)?).map(|()| 0),
            Area::Instructions => bench::check_instructions(shell).map(|()| 0),
            Area::Readme => readme::run(shell, true).map(|()| 0),
        }
    }
}

fn cargo(shell: &Shell, label: &str, arguments: &[&str]) -> Result<u64, Failure> {
    counted(shell, label, shell.command("cargo").args(arguments))
}

/// Every `*.test.mjs` and `*.test.js` of `folder`, one after the other: some of them measure time.
fn node(shell: &Shell, folder: &str) -> Result<u64, Failure> {
    build::run(shell, &[])?;
    let is_test = |path: &PathBuf| {
        path.file_name().is_some_and(|name| {
            [".test.mjs", ".test.js"]
                .iter()
                .any(|end| name.to_string_lossy().ends_with(end))
        })
    };
    let files: Vec<PathBuf> = stamp::files(&shell.root.join(folder))?
        .into_iter()
        .filter(is_test)
        .collect();
    if files.is_empty() {
        return Err(Failure::Wrong(format!("{folder} has no *.test.mjs")));
    }
    let mut command = shell.command("node");
    command
        .args([
            "--test",
            "--test-concurrency=1",
            "--test-reporter=spec",
            "--test-timeout=600000",
        ])
        .args(files);
    counted(
        shell,
        folder,
        command.env("VEXIL_CHROMIUM", setup::chromium(shell)?),
    )
}

fn counted(shell: &Shell, label: &str, command: &mut Command) -> Result<u64, Failure> {
    shell
        .step(label, command)
        .map(|printed| passed(&String::from_utf8_lossy(&printed.all)))
}

/// The npm workspaces that have types to check.
fn configured(shell: &Shell) -> Result<Vec<PathBuf>, Failure> {
    let folders = ["bindings", "www", "tests"]
        .iter()
        .map(|folder| stamp::files(&shell.root.join(folder)));
    let files: Vec<_> = folders.collect::<Result<_, _>>()?;
    let configurations = files
        .into_iter()
        .flatten()
        .filter(|file| file.file_name().is_some_and(|name| name == "tsconfig.json"));
    Ok(configurations
        .filter_map(|file| Some(file.strip_prefix(&shell.root).ok()?.parent()?.to_path_buf()))
        .collect())
}

/// How many tests cargo and node say have passed.
fn passed(printed: &str) -> u64 {
    let of_line = |line: &str| {
        let cargo = || {
            line.strip_prefix("test result: ok. ")?
                .split_once(" passed")?
                .0
                .parse()
                .ok()
        };
        let node = || line.strip_prefix("ℹ pass ")?.trim().parse().ok();
        cargo().or_else(node)
    };
    printed
        .lines()
        .filter_map(of_line)
        .fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(printed: &str, want: u64) {
        assert_eq!(passed(printed), want);
    }

    #[test]
    fn tests_are_counted_over_all_binaries() {
        check(
            "running 2 tests\ntest result: ok. 2 passed; 0 failed;\n\ntest result: ok. 40 passed; 0 failed;\n",
            42,
        );
        check("✔ a test (1.2ms)\nℹ tests 7\nℹ pass 7\nℹ fail 0\n", 7);
        check("Checking vexil-core\n", 0);
    }

    #[test]
    fn a_report_names_the_command_that_runs_a_failed_area_again() {
        let report = Report {
            area: Area::NoStd,
            result: Err(Failure::Interrupted),
            took: Duration::from_millis(1250),
        };
        assert_eq!(
            report.line(),
            "FAILED  no-std          1.2 s  again: cargo xtask test no-std"
        );
        let report = Report {
            area: Area::Rust,
            result: Ok(42),
            took: Duration::from_secs(90),
        };
        assert_eq!(report.line(), "ok      rust           90.0 s  42 tests");
    }
}
