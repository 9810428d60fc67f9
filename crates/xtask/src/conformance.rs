//! Importers against what vendors published, and against the vendors' own evaluators.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::failure::Failure;
use crate::npm;
use crate::shell::Shell;

/// The crate, and the folder in which npm installs what it needs.
pub(crate) const FOLDER: &str = "tests/vendors";

#[derive(Args)]
pub(crate) struct Cases {
    /// The folder that has `launchdarkly.jsonl`, `growthbook.json` and `eppo.json`; only npm's cases run without it.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Prints a line of JSON for each vendor instead.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Peers {
    /// Asks only this vendor's evaluator.
    #[arg(long, value_name = "NAME")]
    vendor: Option<String>,
    /// How many pairs of a flag and a context to ask of each vendor.
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000)]
    cases: usize,
    /// The number of the first file; each file has the next.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// Prints a line of JSON for each vendor instead.
    #[arg(long)]
    json: bool,
}

/// Runs the cases that vendors published.
pub(crate) fn cases(shell: &Shell, options: &Cases) -> Result<(), Failure> {
    npm::install_in(shell, FOLDER)?;
    let mut command = shell.command("cargo");
    command.args(["run", "--quiet", "--package", "vexil-vendors", "--"]);
    if let Some(data) = &options.data {
        command.arg("--data").arg(data);
    }
    command.args(options.json.then_some("--json"));
    run(&mut command)
}

/// Asks the vendors' own evaluators and imported flags the same questions.
pub(crate) fn peers(shell: &Shell, options: &Peers) -> Result<(), Failure> {
    npm::install_in(shell, FOLDER)?;
    let mut command = shell.command("cargo");
    command.args([
        "run",
        "--quiet",
        "--manifest-path",
        "tests/vendors/peers/Cargo.toml",
        "--",
    ]);
    let (cases, seed) = (options.cases.to_string(), options.seed.to_string());
    command.args(["--cases", &cases, "--seed", &seed]);
    if let Some(vendor) = &options.vendor {
        command.args(["--vendor", vendor]);
    }
    command.args(options.json.then_some("--json"));
    run(&mut command)
}

/// Runs `command`; what it prints is for whoever called.
fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command
        .status()
        .map_err(|error| Failure::Setup(format!("cannot start cargo ({error}): is it in PATH?")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Reported)
    }
}
