//! From a Rust crate to the WebAssembly module and the JavaScript beside it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use wasm_bindgen_cli_support::Bindgen;

use crate::failure::Failure;
use crate::npm;
use crate::setup::WASM;
use crate::shell::Shell;
use crate::stamp::{self, Stamp};

/// What else than the Rust code decides about the output: part of every stamp, with the options.
const TOOLS: &str = "wasm-bindgen 0.2.130, binaryen 132.0.0";
/// Nobody who runs a module reads which tools made it.
const STRIP: [&str; 2] = ["--strip-producers", "--strip-target-features"];

/// One WebAssembly module and where it goes: `<folder>/dist/<name>.wasm`, `.d.ts` and, where there is glue, `.js`.
pub(crate) struct Module {
    pub(crate) package: &'static str,
    pub(crate) folder: &'static str,
    pub(crate) name: &'static str,
    /// The profile of `Cargo.toml` that it is compiled with.
    pub(crate) profile: &'static str,
    /// Whether the glue offers `__wbg_reset_state`, for a host that outlives a trap.
    pub(crate) recovers: bool,
    /// What is called as it is, of numbers alone: nothing else is kept, and no JavaScript goes with it. Empty where there is glue.
    pub(crate) exports: &'static [&'static str],
    /// How hard `wasm-opt` works on it: seconds against bytes.
    pub(crate) effort: &'static [&'static str],
}

impl Module {
    pub(crate) fn dist(&self, shell: &Shell) -> PathBuf {
        shell.root.join(self.folder).join("dist")
    }

    /// Compiles the crate and, if that changed anything, makes the module anew.
    pub(crate) fn build(&self, shell: &Shell) -> Result<(), Failure> {
        let compiled = self.compile(shell)?;
        let dist = self.dist(shell);
        let output = |extension: &str| dist.join(format!("{}.{extension}", self.name));
        let extensions: &[&str] = if self.exports.is_empty() {
            &["wasm", "d.ts", "js"]
        } else {
            &["wasm", "d.ts"]
        };
        let outputs: Vec<PathBuf> = extensions.iter().copied().map(output).collect();
        let stamp = Stamp::new(
            shell.made(self.name),
            &format!("{TOOLS} {:?} {:?} {STRIP:?}", self.effort, self.exports),
            std::slice::from_ref(&compiled),
            outputs.clone(),
        )?;
        if stamp.is_current() {
            return Ok(());
        }
        let staging = compiled.with_extension("bindgen");
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(Failure::file(&staging))?;
        }
        self.bind(&compiled, &staging)?;
        let staged = |suffix: &str| staging.join(format!("{}{suffix}", self.name));
        let mut module = staged("_bg.wasm");
        if !self.exports.is_empty() {
            module = self.cut(shell, &module, &staged("_bg.cut.wasm"))?;
        }
        let optimised = staged("_bg.opt.wasm");
        let mut optimise = npm::tool(shell, "wasm-opt");
        optimise
            .args(self.effort)
            .args(STRIP)
            .arg(module)
            .arg("-o")
            .arg(&optimised);
        shell.step(&format!("optimising {}.wasm", self.name), &mut optimise)?;
        for (from, to) in [optimised, staged(".d.ts"), staged(".js")]
            .iter()
            .zip(&outputs)
        {
            copy(from, to)?;
        }
        // JavaScript that crates bring along; the glue imports it from there.
        for snippet in stamp::files(&staging.join("snippets"))? {
            if let Ok(name) = snippet.strip_prefix(&staging) {
                copy(&snippet, &dist.join(name))?;
            }
        }
        stamp.write()
    }

    /// Leaves only what `exports` reach: not what wasm-bindgen adds for values other than numbers.
    fn cut(&self, shell: &Shell, module: &Path, cut: &Path) -> Result<PathBuf, Failure> {
        let root = json!({ "name": "root", "root": true, "reaches": self.exports });
        let kept = self
            .exports
            .iter()
            .map(|name| json!({ "name": name, "export": name }));
        let graph: Value = std::iter::once(root).chain(kept).collect();
        let path = cut.with_extension("json");
        fs::write(&path, graph.to_string()).map_err(Failure::file(&path))?;
        let mut command = npm::tool(shell, "wasm-metadce");
        command
            .arg(module)
            .arg("--graph-file")
            .arg(&path)
            .arg("-o")
            .arg(cut);
        shell.step(&format!("cutting {}.wasm", self.name), &mut command)?;
        Ok(cut.to_owned())
    }

    fn compile(&self, shell: &Shell) -> Result<PathBuf, Failure> {
        let mut command = shell.command("cargo");
        command.args([
            "build",
            "--profile",
            self.profile,
            "--target",
            WASM,
            "--package",
            self.package,
        ]);
        command.arg("--config").arg(remapped(shell));
        shell.step(&format!("compiling {}", self.package), &mut command)?;
        let file = format!("{}.wasm", self.package.replace('-', "_"));
        Ok(target_directory(shell)?
            .join(WASM)
            .join(self.profile)
            .join(file))
    }

    fn bind(&self, compiled: &Path, staging: &Path) -> Result<(), Failure> {
        let mut bindgen = Bindgen::new();
        bindgen
            .input_path(compiled)
            .out_name(self.name)
            .typescript(true)
            .reset_state_function(self.recovers);
        // The glue would look for the file where it lies; entries say where the bytes are, and bundlers see only what is used.
        bindgen.omit_default_module_path(true);
        let result = bindgen
            .web(true)
            .and_then(|bindgen| bindgen.generate(staging));
        result.map_err(|error| {
            Failure::Wrong(format!(
                "wasm-bindgen refused {}: {error:#}",
                compiled.display()
            ))
        })
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    fs::copy(from, to).map(drop).map_err(Failure::file(from))
}

/// Keeps this machine's folders out of what is shipped: the same source makes the same bytes everywhere.
fn remapped(shell: &Shell) -> String {
    let home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")));
    let home = home.map(|home| format!("--remap-path-prefix={home}=cargo"));
    let root = format!("--remap-path-prefix={}=vexil", shell.root.display());
    format!(
        "target.{WASM}.rustflags={}",
        home.into_iter().chain([root]).collect::<Value>()
    )
}

/// Where cargo puts what it builds: an environment variable or a configuration may have moved it.
fn target_directory(shell: &Shell) -> Result<PathBuf, Failure> {
    let mut command = shell.command("cargo");
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let printed = shell.step("asking cargo", &mut command)?;
    let metadata: Value = serde_json::from_slice(&printed.stdout).unwrap_or_default();
    let directory = metadata
        .get("target_directory")
        .and_then(Value::as_str)
        .map(PathBuf::from);
    directory.ok_or_else(|| Failure::Wrong("`cargo metadata` names no target directory".to_owned()))
}
