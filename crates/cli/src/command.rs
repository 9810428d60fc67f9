//! What the commands do. Answers go to `out`; what people should know besides goes to `notes`.
//!
//! With `--json` the answer is one JSON document on one line, or one a line where there are many, and colours are in
//! none of it. The exit code says the same with it and without.

mod diff;
mod eval;
mod explain;
mod release;
mod test;
mod validate;

use std::io::Write;
use std::path::Path;

use vexil_core::Program;
use vexil_ruleset::{Ruleset, compile, encode, suggest};

use crate::arguments::{Arguments, Command, Compile, Import, Release};
use crate::config::Config;
use crate::failure::Failure;
use crate::file;
use crate::time::Instant;

pub(crate) fn run(
    arguments: Arguments,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let config = || Config::load(arguments.config.as_deref());
    match arguments.command {
        Command::Validate {
            ruleset,
            deny_warnings,
        } => validate::run(&ruleset.path(&config()?)?, deny_warnings, out, notes),
        Command::Schema => Ok(writeln!(out, "{:#}", vexil_ruleset::schema())?),
        Command::Eval(eval) => eval::run(&eval, &config()?, out),
        Command::Explain(explain) => explain::run(&explain, &config()?, out),
        Command::Diff(diff) => diff::run(&diff, out),
        Command::Compile(compile) => write_program(&compile, &config()?, out),
        Command::Test { ruleset, at } => test::run(
            &ruleset.path(&config()?)?,
            at.unwrap_or_else(Instant::now),
            out,
        ),
        Command::Import(Import::Flagd { path }) => {
            let imported =
                vexil_import::flagd(&file::read(&path)?).map_err(|notes| Failure::NotImported {
                    file: path.clone(),
                    notes,
                })?;
            imported
                .notes
                .iter()
                .try_for_each(|note| writeln!(notes, "{note}"))?;
            // A file without flags has nothing to note.
            if imported.ruleset.flags().is_empty() && !imported.notes.is_empty() {
                let path = path.display();
                return Err(Failure::No(format!("{path}: no flag can be imported")));
            }
            Ok(writeln!(out, "{}", encode(&imported.ruleset).trim_end())?)
        }
        Command::Release(Release::Timeline {
            ruleset,
            name,
            from,
        }) => release::timeline(
            &file::ruleset(&ruleset.path(&config()?)?)?,
            &name,
            from.unwrap_or_else(Instant::now),
            out,
        ),
    }
}

/// The ruleset of a file as a program that is evaluated here and goes nowhere.
fn program(ruleset: &Ruleset, path: &Path) -> Result<Program, Failure> {
    compile(ruleset, "local", 1, 0).map_err(|issues| Failure::Issues {
        file: path.to_owned(),
        issues,
    })
}

/// That nothing is called `name`, and what of `names` may have been meant.
pub(crate) fn unknown<'a>(
    kind: &str,
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Failure {
    let meant = suggest(name, names)
        .map(|it| format!(" (did you mean `{it}`?)"))
        .unwrap_or_default();
    Failure::No(format!("there is no {kind} `{name}`{meant}"))
}

fn write_program(
    arguments: &Compile,
    config: &Config,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let file = arguments.ruleset.path(config)?;
    let ruleset = file::ruleset(&file)?;
    let published = arguments.published.unwrap_or_else(Instant::now);
    let program = compile(
        &ruleset,
        &arguments.environment,
        arguments.number,
        published.0,
    )
    .map_err(|issues| Failure::Issues { file, issues })?;
    file::write(&arguments.output, program.as_bytes())?;
    let (path, bytes) = (arguments.output.display(), program.as_bytes().len());
    Ok(writeln!(
        out,
        "{path}: {bytes} bytes, checksum {:016x}",
        program.checksum()
    )?)
}
