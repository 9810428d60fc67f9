//! The one door for building, testing and measuring: `cargo xtask …`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: its output is its purpose"
)]

mod bench;
mod build;
mod conformance;
mod demo;
mod failure;
mod http;
mod load;
mod npm;
mod packaging;
mod publish;
mod readme;
mod reference;
mod screenshot;
mod setup;
mod shell;
mod size;
mod stamp;
mod test;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Failure;
use crate::shell::Shell;

/// Builds, tests and measures Vexil.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds what browsers and the edge load, and the demo page. Skips what is up to date.
    Build {
        /// What to build: everything when none is named.
        parts: Vec<build::Part>,
    },
    /// Builds, starts the worker on this machine, and serves the demo page.
    Demo {
        #[arg(long, default_value_t = 8787)]
        port: u16,
        /// Starts everything on a free port, asks for the page and one evaluation, and stops.
        #[arg(long, conflicts_with = "port")]
        check: bool,
    },
    /// Runs every test, or those of the areas named.
    Test { areas: Vec<test::Area> },
    /// Measures how fast Vexil is beside its peers, in one run on this machine.
    Bench(bench::Options),
    /// Measures the worker beside a worker that returns a constant and beside its peers, in one run on this machine.
    Load(load::Options),
    /// Runs the cases that vendors publish through import, compile and evaluate.
    Conformance(conformance::Cases),
    /// Asks the vendors' own evaluators and imported flags the same questions, made by chance.
    Differential(conformance::Peers),
    /// Measures what a browser downloads, and compares it with the budget.
    Size {
        #[arg(long)]
        json: bool,
    },
    /// Packs the npm package and uses it with each runtime, bundler and compiler that it should work with.
    Packaging(packaging::Options),
    /// Prints what would be published to npm.
    Publish(publish::Options),
    /// Writes the measured sizes into README.md.
    Readme {
        /// Compares instead of writing.
        #[arg(long)]
        check: bool,
    },
    /// Writes the reference of the npm package from its types and their comments.
    Reference,
    /// Takes the pictures of the demo page that README.md shows.
    Screenshot,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli.task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Interrupted) => ExitCode::from(130),
        Err(Failure::Reported) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<(), Failure> {
    let shell = Shell::new()?;
    match task {
        Task::Build { parts } => build::run(&shell, parts),
        Task::Demo { check: true, .. } => demo::check(&shell),
        Task::Demo { port, check: false } => demo::serve(&shell, *port),
        Task::Test { areas } => test::run(&shell, areas),
        Task::Bench(options) => bench::run(&shell, options),
        Task::Load(options) => load::run(&shell, options),
        Task::Conformance(options) => conformance::cases(&shell, options),
        Task::Differential(options) => conformance::peers(&shell, options),
        Task::Size { json } => size::run(&shell, *json),
        Task::Packaging(options) => packaging::run(&shell, options),
        Task::Publish(_) => publish::run(&shell),
        Task::Readme { check } => readme::run(&shell, *check),
        Task::Reference => reference::run(&shell),
        Task::Screenshot => screenshot::run(&shell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_publishes_calls_tasks_that_there_are() {
        let workflow = include_str!("../../../.github/workflows/publish.yml");
        let calls: Vec<&str> = workflow
            .lines()
            .filter_map(|line| line.split_once("cargo xtask "))
            .map(|(_, call)| call)
            .collect();
        assert!(!calls.is_empty());
        for call in calls {
            let words = std::iter::once("xtask").chain(call.split_whitespace());
            assert!(Cli::try_parse_from(words).is_ok(), "cargo xtask {call}");
        }
    }
}
