//! What is built, in which order, and from what.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::process::Command;

use clap::ValueEnum;

use crate::failure::Failure;
use crate::npm;
use crate::setup;
use crate::shell::Shell;
use crate::stamp::Stamp;
use crate::wasm::Module;

/// The parts of Vexil that are more than a Rust crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Part {
    /// The npm package: the engine, the explainer and the client.
    Browser,
    /// The second module of the demo page.
    Playground,
    /// The Cloudflare Worker.
    Edge,
    /// The demo page; needs the npm package and the playground.
    Www,
}

const BROWSER: Module = Module {
    package: "vexil-browser",
    folder: "bindings/browser",
    name: "engine",
    profile: "wasm",
    recovers: false,
    exports: &[
        "memory",
        "make",
        "free",
        "room",
        "take",
        "evaluateAll",
        "answers",
    ],
    // What lies below 1,024 is the far end of the stack, which no walk comes near.
    effort: &[
        "--flatten",
        "--rereloop",
        "-Oz",
        "-Oz",
        "-Oz",
        "--low-memory-unused",
    ],
};
const EXPLAINER: Module = Module {
    package: "vexil-explainer",
    folder: "bindings/browser",
    name: "explainer",
    profile: "wasm",
    recovers: false,
    exports: &[],
    effort: &["-Oz"],
};
const PLAYGROUND: Module = Module {
    package: "vexil-playground",
    folder: "bindings/playground",
    name: "playground",
    profile: "wasm",
    recovers: false,
    exports: &[],
    effort: &["-O1"],
};
const EDGE: Module = Module {
    package: "vexil-edge",
    folder: "bindings/edge",
    name: "worker",
    profile: "edge",
    recovers: true,
    exports: &[],
    effort: &["-O2"],
};

/// Builds `parts` and what they need; everything when none is named.
pub(crate) fn run(shell: &Shell, parts: &[Part]) -> Result<(), Failure> {
    let _lock = lock(shell)?;
    setup::rust_target(shell, setup::WASM)?;
    npm::install(shell)?;
    let is_wanted = |part: Part| {
        parts.is_empty()
            || parts.contains(&part)
            || (parts.contains(&Part::Www) && part != Part::Edge)
    };
    Part::value_variants()
        .iter()
        .filter(|part| is_wanted(**part))
        .try_for_each(|part| part.build(shell))
}

impl Part {
    fn build(self, shell: &Shell) -> Result<(), Failure> {
        match self {
            Part::Browser => BROWSER
                .build(shell)
                .and_then(|()| EXPLAINER.build(shell))
                .and_then(|()| carried(shell))
                .and_then(|()| client(shell)),
            Part::Playground => PLAYGROUND.build(shell),
            Part::Edge => EDGE.build(shell).and_then(|()| worker(shell)),
            Part::Www => page(shell),
        }
    }
}

/// The engine as a module of JavaScript, for servers: whatever bundles one keeps a module, and most lose a file.
fn carried(shell: &Shell) -> Result<(), Failure> {
    let (engine, module) = (
        "bindings/browser/dist/engine.wasm",
        "bindings/browser/dist/engine-bytes.js",
    );
    let mut command = npm::tool(shell, "esbuild");
    command.args([
        engine,
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--loader:.wasm=binary",
        "--log-level=warning",
    ]);
    command.arg(format!("--outfile={module}"));
    script(
        shell,
        "engine for servers",
        &[engine, "package-lock.json"],
        &[module],
        &mut command,
    )
}

fn client(shell: &Shell) -> Result<(), Failure> {
    let inputs = [
        "bindings/browser/ts",
        "bindings/browser/tsconfig.json",
        "bindings/browser/dist/engine.d.ts",
        "bindings/browser/dist/explainer.d.ts",
        "package-lock.json",
    ];
    let mut command = npm::tool(shell, "tsc");
    command.args(["--project", "bindings/browser"]);
    script(
        shell,
        "client",
        &inputs,
        &[
            "bindings/browser/dist/index.js",
            "bindings/browser/dist/index.d.ts",
        ],
        &mut command,
    )
}

fn worker(shell: &Shell) -> Result<(), Failure> {
    let inputs = [
        "bindings/edge/entry",
        "bindings/edge/dist/worker.js",
        "package-lock.json",
    ];
    let mut command = npm::tool(shell, "esbuild");
    command.args([
        "bindings/edge/entry/worker.mjs",
        "--bundle",
        "--format=esm",
        "--target=es2022",
    ]);
    command.args([
        "--external:./worker.wasm",
        "--external:cloudflare:*",
        "--outfile=bindings/edge/dist/worker.mjs",
        "--log-level=warning",
    ]);
    script(
        shell,
        "bundle of the worker",
        &inputs,
        &["bindings/edge/dist/worker.mjs"],
        &mut command,
    )
}

fn page(shell: &Shell) -> Result<(), Failure> {
    let inputs = [
        "www",
        "bindings/browser/dist",
        "bindings/playground/dist",
        "package-lock.json",
    ];
    script(
        shell,
        "demo page",
        &inputs,
        &["www/dist"],
        shell.command("node").arg("www/build.mjs"),
    )
}

/// Runs `command` unless `outputs` are what it made of `inputs` before.
fn script(
    shell: &Shell,
    name: &str,
    inputs: &[&str],
    outputs: &[&str],
    command: &mut Command,
) -> Result<(), Failure> {
    let under = |paths: &[&str]| {
        paths
            .iter()
            .map(|path| shell.root.join(path))
            .collect::<Vec<PathBuf>>()
    };
    let stamp = Stamp::new(
        shell.made(&name.replace(' ', "-")),
        &format!("{command:?}"),
        &under(inputs),
        under(outputs),
    )?;
    if stamp.is_current() {
        return Ok(());
    }
    shell.step(&format!("building the {name}"), command)?;
    stamp.write()
}

/// One build at a time in one work tree. The lock ends with the file.
fn lock(shell: &Shell) -> Result<File, Failure> {
    let path = shell.made("lock");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    let file = File::create(&path).map_err(Failure::file(&path))?;
    let mut has_said = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(Failure::File { path, error }),
            Err(TryLockError::WouldBlock) if has_said => shell.tick()?,
            Err(TryLockError::WouldBlock) => {
                eprintln!("  another build is running here: waiting for it");
                has_said = true;
            }
        }
    }
}
