//! `vexil test`

use std::io::Write;
use std::path::Path;

use vexil_core::{Live, Program, evaluate};
use vexil_ofrep::resolve;
use vexil_ruleset::Test;

use crate::failure::Failure;
use crate::file;
use crate::time::Instant;

pub(crate) fn run(path: &Path, at: Instant, out: &mut impl Write) -> Result<(), Failure> {
    let (ruleset, program) = file::program(path)?;
    let mut failed = 0_usize;
    for (index, test) in ruleset.tests().iter().enumerate() {
        let wrong = wrong(&program, test, at);
        let verdict = if wrong.is_empty() { "ok    " } else { "FAILED" };
        writeln!(out, "{verdict} /tests/{index}")?;
        wrong
            .iter()
            .try_for_each(|line| writeln!(out, "       {line}"))?;
        failed = failed.saturating_add(usize::from(!wrong.is_empty()));
    }
    let all = ruleset.tests().len();
    writeln!(
        out,
        "{} passed, {failed} failed",
        all.saturating_sub(failed)
    )?;
    if failed > 0 {
        return Err(Failure::No(format!("{failed} of {all} tests failed")));
    }
    Ok(())
}

/// A line for each flag that came to another variant than expected.
fn wrong(program: &Program, test: &Test, at: Instant) -> Vec<String> {
    let context = resolve(program, &test.context);
    let checked = test.expect.iter().map(|(key, expected)| {
        let flag = program.flag(key.as_str())?;
        let answer = evaluate(program, &Live::default(), flag, &context, at.0);
        let variant = flag.variant(answer.variant)?.name;
        let line = format!(
            "{key}: expected `{expected}`, got `{variant}` ({})",
            answer.reason.name()
        );
        (variant != expected.as_str()).then_some(line)
    });
    checked.flatten().collect()
}
