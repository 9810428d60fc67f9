//! What the engine answers here, natively.

use std::error::Error;

use serde_json::{Map, Value};
use vexil_core::{
    Evaluation, Flag, Known, Live, Program, ProgramError, Progress, Recipient, ask, evaluate,
    specialise,
};

use crate::context::resolve;
use crate::vector::{Case, Started};

/// A ruleset, compiled to what a native host holds.
pub struct Native {
    /// The program, read back from its bytes as any host does.
    pub program: Program,
    /// The ruleset as it was written, for the plain evaluator.
    pub ruleset: Value,
}

/// Either a program or the issues why there is none.
pub type Compiled = Result<Native, Vec<vexil_ruleset::Issue>>;

impl Native {
    /// Decodes and compiles `ruleset`.
    ///
    /// # Errors
    /// Every issue of the ruleset.
    pub fn compile(ruleset: &str) -> Compiled {
        let decoded = vexil_ruleset::decode(ruleset)?;
        let program = vexil_ruleset::compile(&decoded, "production", 1, 0)?;
        // What could be decoded is JSON.
        let ruleset = serde_json::from_str(ruleset).unwrap_or_default();
        Ok(Native { program, ruleset })
    }

    /// The live state in which `case` asks.
    #[must_use]
    pub fn live(&self, case: &Case) -> Live {
        live(&self.program, case)
    }

    /// What a browser is sent that asks for `case`: it places no unit by another vendor's recipe itself.
    ///
    /// # Errors
    /// A program at a limit that its copy exceeds.
    pub fn sent(&self, case: &Case) -> Result<Native, Box<dyn Error>> {
        let context = resolve(&self.program, &case.context);
        let known = Known::new(&self.program, context, |_| false);
        let live = self.live(case);
        let program = specialise(&self.program, &live, &known, Recipient::Browser, case.now)
            .map_err(ProgramError::message)?;
        let ruleset = self.ruleset.clone();
        Ok(Native { program, ruleset })
    }

    /// The answer to `case`, to be made canonical.
    ///
    /// # Errors
    /// A value in the program that is no JSON.
    pub fn answer(&self, case: &Case) -> Result<Value, Box<dyn Error>> {
        Ok(self.evaluate(case)?.0)
    }

    /// The answer to `case`, and the next instant at which it may change by itself.
    ///
    /// # Errors
    /// A value in the program that is no JSON.
    pub fn evaluate(&self, case: &Case) -> Result<(Value, Option<i64>), Box<dyn Error>> {
        let program = &self.program;
        match ask(program, &case.flag, None) {
            Ok(flag) => {
                let context = resolve(program, &case.context);
                let evaluation = evaluate(program, &self.live(case), flag, &context, case.now);
                Ok((answer_of(flag, evaluation)?, evaluation.next_change))
            }
            Err(code) => {
                let members = [
                    ("errorCode", code.name()),
                    ("flag", case.flag.as_str()),
                    ("reason", "ERROR"),
                ];
                let members = members
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value.into()));
                Ok((Value::Object(members.collect()), None))
            }
        }
    }
}

/// The live state of `program` in which `case` asks.
#[must_use]
pub fn live(program: &Program, case: &Case) -> Live {
    let killed = case.killed.iter().map(String::as_str);
    let started = progress(program, &case.started);
    Live::new(program, 1, killed, started, [])
}

/// How far the releases of `program` have come, by name.
pub(crate) fn progress<'s>(
    program: &Program,
    started: &'s [Started],
) -> impl Iterator<Item = (&'s str, Progress)> {
    started.iter().filter_map(|started| {
        let mut releases = program.releases();
        let release = releases.find(|release| release.name() == started.release)?;
        let mut stages = 0..release.stage_count();
        let progress = Progress {
            stage: stages.find(|stage| release.stage_name(*stage) == Some(&started.stage))?,
            exposure: started.exposure,
        };
        Some((started.release.as_str(), progress))
    })
}

/// What `evaluation` says about `flag`, in the form that every runtime compares.
fn answer_of(flag: Flag<'_>, evaluation: Evaluation) -> Result<Value, Box<dyn Error>> {
    let variant = flag
        .variant(evaluation.variant)
        .ok_or("a variant that the flag lacks")?;
    let mut answer = Map::new();
    answer.insert("flag".to_owned(), flag.key().into());
    answer.insert("variant".to_owned(), variant.name.into());
    answer.insert("value".to_owned(), serde_json::from_str(variant.value)?);
    answer.insert("reason".to_owned(), evaluation.reason.name().into());
    if let Some(rule) = evaluation.rule {
        let name = flag
            .rule_name(rule)
            .map_or_else(|| rule.to_string(), str::to_owned);
        answer.insert("rule".to_owned(), name.into());
    }
    if let Some(chosen_by) = evaluation.chosen_by {
        answer.insert("stage".to_owned(), flag.stage(chosen_by).into());
        if let Some(arm) = chosen_by.arm {
            answer.insert("arm".to_owned(), arm.name().into());
        }
    }
    if evaluation.is_missing_unit {
        answer.insert("missingUnit".to_owned(), true.into());
    }
    Ok(Value::Object(answer))
}
