//! `vexil explain`

use std::io::Write;

use vexil_core::{Live, ask, explain};
use vexil_ofrep::resolve;
use vexil_ruleset::explain::{Text, json};

use crate::arguments::Explain;
use crate::command::program;
use crate::failure::Failure;
use crate::file;
use crate::time::Instant;

pub(crate) fn run(arguments: &Explain, out: &mut impl Write) -> Result<(), Failure> {
    let program = program(&file::ruleset(&arguments.ruleset.path)?)?;
    let flag = ask(&program, &arguments.flag, None)
        .map_err(|_| Failure::No(format!("there is no flag `{}`", arguments.flag)))?;
    let context = resolve(&program, &arguments.context);
    let now = arguments.at.unwrap_or_else(Instant::now);
    let explanation = explain(&program, &Live::default(), flag, &context, now.0);
    if arguments.json {
        Ok(writeln!(out, "{}", json(&explanation))?)
    } else {
        Ok(write!(out, "{}", Text(&explanation))?)
    }
}
