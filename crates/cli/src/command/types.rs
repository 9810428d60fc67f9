//! `vexil types`

mod attributes;
mod rust;
mod shape;
mod typescript;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use vexil_core::Expose;
use vexil_ruleset::{Flag, FlagKey, Ruleset};

use crate::arguments::{EXIT_CODES, RulesetFile};
use crate::config::Config;
use crate::failure::Failure;
use crate::file;

const LONG_HELP: &str = "\
Writes the flags of a ruleset as types, so that a misspelt key does not compile.

ts    an interface for `createClient<Flags>` of the npm package `vexil`: of a flag the values of its variants, of an
      object what its values have in common. And the attributes that flags decide by.
rust  a constant for each key, an enum for the variants of each string.

The same ruleset gives the same bytes. With --check nothing is written: it fails where the file is not what would be.

Examples:
  vexil types flags.json -o src/flags.ts
  vexil types flags.json -o src/flags.ts --check
  vexil types flags.json --lang rust > src/flags.rs";

/// Writes the flags as types of TypeScript or Rust
#[derive(Debug, Args)]
#[command(long_about = LONG_HELP, after_help = EXIT_CODES)]
pub(crate) struct Types {
    #[command(flatten)]
    ruleset: RulesetFile,
    /// The language [default: by the name of the output, or else ts]
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Language>,
    /// Where it goes [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Fails where the output is not what would be written, and writes nothing
    #[arg(long, requires = "output")]
    check: bool,
    /// Leaves out flags that the ruleset exposes to no browser
    #[arg(long)]
    exposed_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    Ts,
    Rust,
}

/// The flags, in the order of their keys.
type Flags<'r> = Vec<(&'r FlagKey, &'r Flag)>;

pub(crate) fn run(arguments: &Types, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let path = &arguments.ruleset.path(config)?;
    let text = arguments.text(&file::ruleset(path)?, path);
    let Some(output) = &arguments.output else {
        return Ok(write!(out, "{text}")?);
    };
    let name = output.display();
    if arguments.check {
        let found = std::fs::read_to_string(output).unwrap_or_default();
        if found == text {
            return Ok(writeln!(out, "{name}: is what {} says", path.display())?);
        }
        return Err(Failure::No(format!(
            "{name}: is not what {} says; `{}` writes it anew",
            path.display(),
            arguments.again(path, output)
        )));
    }
    if std::fs::read_to_string(output).is_ok_and(|found| found == text) {
        return Ok(writeln!(out, "{name}: is as it was")?);
    }
    file::write(output, text.as_bytes())?;
    Ok(writeln!(out, "{name}: written")?)
}

impl Types {
    fn text(&self, ruleset: &Ruleset, path: &Path) -> String {
        let flags = ruleset.flags().iter();
        let flags: Flags<'_> = flags
            .filter(|(_, flag)| !self.exposed_only || flag.expose != Expose::Server)
            .collect();
        let of = match path.file_name() {
            Some(name) if path != Path::new("-") => name.display().to_string(),
            Some(_) | None => "a ruleset".to_owned(),
        };
        match self.language() {
            Language::Ts => typescript::write(&of, &flags, &attributes::of(ruleset)),
            Language::Rust => rust::write(&of, &flags),
        }
    }

    fn language(&self) -> Language {
        let by_name = || {
            let extension = self.output.as_ref()?.extension()?;
            (extension == "rs").then_some(Language::Rust)
        };
        self.lang.or_else(by_name).unwrap_or(Language::Ts)
    }

    /// The command that writes `output`.
    fn again(&self, path: &Path, output: &Path) -> String {
        let mut words = format!("vexil types {}", path.display());
        match self.lang {
            Some(Language::Ts) => words.push_str(" --lang ts"),
            Some(Language::Rust) => words.push_str(" --lang rust"),
            None => {}
        }
        if self.exposed_only {
            words.push_str(" --exposed-only");
        }
        format!("{words} -o {}", output.display())
    }
}
