//! `vexil explain`

use std::io::Write;

use vexil_core::{Live, ask, explain};
use vexil_ofrep::resolve;
use vexil_ruleset::explain::{Text, json};

use crate::arguments::Explain;
use crate::command::unknown;
use crate::config::Config;
use crate::failure::Failure;
use crate::file;
use crate::time::Instant;

pub(crate) fn run(
    arguments: &Explain,
    config: &Config,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (_, program) = file::program(&arguments.ruleset.path(config)?)?;
    let key = &arguments.flag;
    let flag = ask(&program, key, None)
        .map_err(|_| unknown("flag", key, program.flags().map(|it| it.key())))?;
    let given = arguments.context.read()?;
    let context = resolve(&program, &given);
    let now = arguments.at.unwrap_or_else(Instant::now);
    let explanation = explain(&program, &Live::default(), flag, &context, now.0);
    if arguments.json {
        Ok(writeln!(out, "{}", json(&explanation))?)
    } else {
        Ok(write!(out, "{}", Text(&explanation))?)
    }
}
