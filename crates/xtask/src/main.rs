//! The one door for building, testing and measuring: `cargo xtask …`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people: its output is its purpose"
)]

mod build;
mod failure;
mod npm;
mod setup;
mod shell;
mod stamp;
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
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli.task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Interrupted) => ExitCode::from(130),
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
    }
}
