//! What explanations say, held to what evaluation answers.

use proptest::prelude::*;
use serde_json::Value as Json;
use vexil_core::build::Part;
use vexil_core::explain::{Asked, Outcome, Question, Salt, Serving, State, Step, Unit};
use vexil_core::{
    Context, Evaluation, Flag, Known, Live, Program, Reason, Recipient, Seed, Value, evaluate,
    explain, specialise,
};

use super::{Holds, Scene};
use crate::answer::Native;
use crate::context::resolve;

/// Law 6: explain and evaluate agree on every field they share; and each step says what the answer says: which part
/// served, which variant, by which position, what other flags came to, and when any of it changes.
///
/// # Errors
/// Where they do not agree.
pub fn an_explanation(scene: &Scene, native: &Native) -> Holds {
    let Native { program, .. } = native;
    let mut cases = 0;
    for (context, state) in scene.asked() {
        cases += agrees(program, &state.live(program), context, state.now)?;
    }
    let Some((context, state)) = scene.first() else {
        return Ok(cases);
    };
    let known = Known::new(program, resolve(program, context), |_| true);
    let live = state.live(program);
    let sent = specialise(program, &live, &known, Recipient::Browser, state.now)
        .map_err(|error| TestCaseError::fail(error.message()))?;
    Ok(cases + agrees(&sent, &state.live(&sent), context, state.now)?)
}

fn agrees(program: &Program, live: &Live, context: &Json, now: i64) -> Holds {
    let context = resolve(program, context);
    for flag in program.flags() {
        let answer = evaluate(program, live, flag, &context, now);
        let explanation = explain(program, live, flag, &context, now);
        prop_assert_eq!(explanation.evaluation, answer);
        let check = Check {
            program,
            live,
            context: &context,
            now,
        };
        check.flag(flag, explanation.state, &explanation.steps, answer)?;
    }
    Ok(program.flags().count())
}

struct Check<'c> {
    program: &'c Program,
    live: &'c Live,
    context: &'c Context<'c>,
    now: i64,
}

impl Check<'_> {
    fn flag(
        &self,
        flag: Flag<'_>,
        state: State,
        steps: &[Step<'_>],
        answer: Evaluation,
    ) -> Result<(), TestCaseError> {
        prop_assert_eq!(state != State::On, answer.reason == Reason::Disabled);
        let Some((last, before)) = steps.split_last() else {
            prop_assert_ne!(state, State::On);
            return Ok(());
        };
        prop_assert_eq!(state, State::On);
        for step in before {
            let serves = matches!(step.outcome, Outcome::Serves { .. });
            prop_assert!(!serves, "only the last step serves");
        }
        let rule = match last.part {
            Part::Rule(rule) => Some(rule),
            Part::Requires | Part::Targets | Part::Default => None,
        };
        prop_assert_eq!(rule, answer.rule);
        let Outcome::Serves { variant, how } = &last.outcome else {
            return Err(TestCaseError::fail("the last step serves"));
        };
        prop_assert_eq!(*variant, answer.variant);
        match how {
            Serving::Plain => {}
            Serving::Split {
                unit,
                position,
                arms,
                rest,
            } => {
                prop_assert_eq!(answer.reason, Reason::Split);
                is_placed(unit, flag.key(), *position)?;
                let arm = arms.iter().find(|arm| u64::from(*position) < arm.boundary);
                let served = arm.filter(|arm| u64::from(*position) < arm.end);
                prop_assert_eq!(served.map_or(*rest, |arm| arm.variant), answer.variant);
            }
            Serving::Release {
                release,
                unit,
                position,
                stage,
                arm,
                ..
            } => {
                prop_assert_eq!(answer.reason, Reason::Split);
                if let Some(unit) = unit {
                    is_placed(unit, &format!("release:{}", release.name()), *position)?;
                }
                let chosen = answer.chosen_by;
                prop_assert_eq!(*stage, chosen.map(|chosen| flag.stage(chosen)));
                prop_assert_eq!(*arm, chosen.and_then(|chosen| chosen.arm));
            }
        }
        let mut changes = flag.until().filter(|until| self.now < *until);
        for asked in steps.iter().flat_map(|step| &step.asked) {
            changes = changes.into_iter().chain(self.asked(asked)?).min();
        }
        prop_assert_eq!(changes, answer.next_change);
        Ok(())
    }

    /// When what was asked comes out otherwise.
    fn asked(&self, asked: &Asked<'_>) -> Result<Option<i64>, TestCaseError> {
        match &asked.question {
            Question::Attribute { why_not, .. } => {
                prop_assert_eq!(why_not.is_none(), asked.holds);
                Ok(None)
            }
            Question::Target { .. } | Question::Stage { .. } => Ok(None),
            Question::Segment { asked: within, .. } => {
                let mut changes = None;
                for asked in within {
                    changes = changes.into_iter().chain(self.asked(asked)?).min();
                }
                Ok(changes)
            }
            Question::Flag {
                flag,
                wanted,
                state,
                steps,
            } => {
                let answer = evaluate(self.program, self.live, *flag, self.context, self.now);
                self.flag(*flag, *state, steps, answer)?;
                let is_met = *state == State::On && wanted.contains(&answer.variant);
                prop_assert_eq!(is_met, asked.holds);
                Ok(answer.next_change)
            }
            Question::Time {
                from,
                until,
                changes_at,
            } => {
                let is_time = from.is_none_or(|from| from <= self.now)
                    && until.is_none_or(|until| self.now < until);
                prop_assert_eq!(is_time, asked.holds);
                Ok(*changes_at)
            }
        }
    }
}

/// Whether a unit falls where it is said to, as far as its salt is known.
fn is_placed(unit: &Unit<'_>, salt: &str, position: u32) -> Result<(), TestCaseError> {
    let seed = match unit.salt {
        Salt::Key | Salt::Release => Seed::of(salt),
        Salt::Hashed(seed) => seed,
        Salt::Vendor(..) => return Ok(()),
    };
    if let Value::Text(text) = unit.found {
        prop_assert_eq!(seed.place(text).get(), position);
    }
    Ok(())
}
