//! `vexil explain`

use std::io::Write;

use clap::Args;
use vexil_core::{Live, ask, explain};
use vexil_ofrep::resolve;
use vexil_ruleset::explain::{Text, json};

use crate::arguments::RulesetFile;
use crate::command::unknown;
use crate::config::Config;
use crate::context::ContextArguments;
use crate::edge::plain;
use crate::failure::Failure;
use crate::file;
use crate::time::Instant;

/// Says how a flag comes to its answer in a context, step by step
///
/// For example:
///   vexil explain flags.json checkout --set targetingKey=user-1 --set country=DE
#[derive(Debug, Args)]
#[command(allow_missing_positional = true, verbatim_doc_comment)]
pub(crate) struct Explain {
    #[command(flatten)]
    ruleset: RulesetFile,
    /// The flag
    #[arg(value_name = "FLAG")]
    flag: String,
    #[command(flatten)]
    context: ContextArguments,
    /// The time to evaluate at: RFC 3339, or milliseconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// Prints one JSON object instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(
    arguments: &Explain,
    config: &Config,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let path = arguments.ruleset.path(config)?;
    let (_, program) = file::program(&path)?;
    let key = &arguments.flag;
    let flag = ask(&program, key, None)
        .map_err(|_| unknown("flag", key, program.flags().map(|it| it.key())))?;
    let given = arguments.context.read(&path)?;
    let context = resolve(&program, &given);
    let now = arguments.at.unwrap_or_else(Instant::now);
    let explanation = explain(&program, &Live::default(), flag, &context, now.0);
    if arguments.json {
        Ok(writeln!(out, "{}", json(&explanation))?)
    } else {
        let text = Text(&explanation).to_string();
        Ok(text
            .lines()
            .try_for_each(|line| writeln!(out, "{}", plain(line)))?)
    }
}
