//! What the commands do. Answers go to `out`; what people should know besides goes to `notes`.
//!
//! With `--json` the answer is one JSON document on one line, or one a line where there are many, and colours are in
//! none of it. The exit code says the same with it and without.

pub(crate) mod audit;
mod change;
pub(crate) mod completions;
mod confirm;
pub(crate) mod diff;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod find;
pub(crate) mod fmt;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod kill;
pub(crate) mod pull;
pub(crate) mod push;
mod release;
pub(crate) mod rollback;
pub(crate) mod serve;
pub(crate) mod shadow;
pub(crate) mod status;
pub(crate) mod test;
pub(crate) mod tokens;
pub(crate) mod types;
pub(crate) mod validate;
mod vendor;
pub(crate) mod watch;

use std::io::Write;

use vexil_ruleset::{compile, suggest};

use crate::arguments::{Arguments, Command, Compile, Release};
use crate::config::Config;
use crate::failure::Failure;
use crate::file;
use crate::source::Source;
use crate::time::Instant;

pub(crate) fn run(
    arguments: Arguments,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let config = || Config::load(arguments.config.as_deref());
    match arguments.command {
        Command::Init(init) => init::run(&init, out),
        Command::Fmt(fmt) => fmt::run(&fmt, &config()?, out, notes),
        Command::Validate(validate) => validate::run(&validate, &config()?, out, notes),
        Command::Schema => Ok(writeln!(out, "{:#}", vexil_ruleset::schema())?),
        Command::Eval(eval) => eval::run(&eval, &config()?, out),
        Command::Explain(explain) => explain::run(&explain, &config()?, out),
        Command::Completions(shell) => completions::run(&shell, out),
        Command::Man(pages) => completions::man(&pages, out),
        Command::Diff(diff) => diff::run(&diff, &config()?, out),
        Command::Find(find) => find::run(&find, &config()?, out),
        Command::Compile(compile) => write_program(&compile, &config()?, out),
        Command::Test(test) => test::run(&test, &config()?, out, notes),
        Command::Import(import) => import::run(&import, out, notes),
        Command::Shadow(shadow) => shadow::run(&shadow, &config()?, out, notes),
        Command::Serve(serve) => serve::run(&serve, &config()?, out, notes),
        Command::Types(types) => types::run(&types, &config()?, out),
        Command::Push(push) => push::run(&push, &config()?, out, notes),
        Command::Pull(pull) => pull::run(&pull, &config()?, out),
        Command::Kill(kill) => kill::kill(&kill, &config()?, out, notes),
        Command::Restore(restore) => kill::restore(&restore, &config()?, out, notes),
        Command::Rollback(rollback) => rollback::run(&rollback, &config()?, out, notes),
        Command::Status(status) => status::run(&status, &config()?, out),
        Command::History(history) => history::run(&history, &config()?, out),
        Command::Watch(watch) => watch::run(&watch, &config()?, out, notes),
        Command::Audit(audit) => audit::run(&audit, &config()?, out),
        Command::Tokens(tokens) => tokens::run(&tokens, &config()?, out, notes),
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
    let source = Source::read(&file)?;
    let published = arguments.published.unwrap_or_else(Instant::now);
    let (environment, number) = (&arguments.environment, arguments.number);
    let program = source
        .ruleset()
        .and_then(|ruleset| compile(&ruleset, environment, number, published.0))
        .map_err(|issues| Failure::issues(source, issues))?;
    file::write(&arguments.output, program.as_bytes())?;
    let (path, bytes) = (arguments.output.display(), program.as_bytes().len());
    Ok(writeln!(
        out,
        "{path}: {bytes} bytes, checksum {:016x}",
        program.checksum()
    )?)
}

/// `1 flag`, `2 flags`
fn counted(count: usize, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}
