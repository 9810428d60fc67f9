//! An explanation as text that a person reads.

use std::fmt;

use vexil_core::build::Part;
use vexil_core::explain::{Asked, Explanation, Outcome, Question, Step};
use vexil_core::{Evaluation, Flag};

use super::question::{inline, off, only, variant, yes_or_no};
use super::{serving, words};
use crate::rfc3339;

/// Writes an explanation as indented lines: the answer, then what led there.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a>(pub &'a Explanation<'a>);

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explanation {
            flag,
            evaluation,
            state,
            steps,
        } = self.0;
        let mut lines = Lines {
            formatter,
            depth: 0,
        };
        lines.line(&format!("{}: {}", flag.key(), answer(*flag, *evaluation)))?;
        lines.depth = 1;
        if let Some(off) = off(*state) {
            lines.line(&format!("it is {off}"))?;
        }
        lines.steps(*flag, steps)?;
        match evaluation.next_change {
            Some(instant) => lines.line(&format!("may change at {}", rfc3339::write(instant))),
            None => Ok(()),
        }
    }
}

/// `on (SPLIT, rule "dach", stage "half", treated)`
fn answer(flag: Flag<'_>, evaluation: Evaluation) -> String {
    let mut parts = vec![evaluation.reason.name().to_owned()];
    parts.extend(evaluation.rule.map(|rule| rule_label(flag, rule)));
    if let Some(chosen) = evaluation.chosen_by {
        parts.push(format!("stage {}", words::quoted(flag.stage(chosen))));
        parts.extend(chosen.arm.map(|arm| arm.name().to_owned()));
    }
    if evaluation.is_missing_unit {
        parts.push("no unit".to_owned());
    }
    format!(
        "{} ({})",
        variant(flag, evaluation.variant),
        parts.join(", ")
    )
}

fn rule_label(flag: Flag<'_>, rule: u32) -> String {
    match flag.rule_name(rule) {
        Some(name) => format!("rule {}", words::quoted(name)),
        None => format!("rule {rule}"),
    }
}

/// Lines, each indented by its depth.
struct Lines<'f, 'w> {
    formatter: &'f mut fmt::Formatter<'w>,
    depth: usize,
}

impl Lines<'_, '_> {
    fn line(&mut self, text: &str) -> fmt::Result {
        let indent = self.depth.saturating_mul(2);
        writeln!(self.formatter, "{:indent$}{text}", "")
    }

    /// What `write` writes, one deeper.
    fn deeper(&mut self, write: impl FnOnce(&mut Self) -> fmt::Result) -> fmt::Result {
        self.depth = self.depth.saturating_add(1);
        let result = write(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    fn steps(&mut self, flag: Flag<'_>, steps: &[Step<'_>]) -> fmt::Result {
        steps.iter().try_for_each(|step| self.step(flag, step))
    }

    fn step(&mut self, flag: Flag<'_>, step: &Step<'_>) -> fmt::Result {
        let served = match &step.outcome {
            Outcome::Serves {
                variant: number, ..
            } => Some(variant(flag, *number)),
            Outcome::Next | Outcome::NoUnit(_) => None,
        };
        if let (Part::Targets, [asked]) = (step.part, step.asked.as_slice()) {
            return self.line(&format!("targets: {}", inline(flag, asked)));
        }
        let came = match (step.part, &step.outcome) {
            (_, Outcome::NoUnit(unit)) => serving::no_unit(unit),
            (Part::Default, _) => served.unwrap_or_default().to_owned(),
            // Only what is not met serves here.
            (Part::Requires, _) => yes_or_no(served.is_none()).to_owned(),
            (Part::Targets | Part::Rule(_), _) => yes_or_no(served.is_some()).to_owned(),
        };
        let part = match step.part {
            Part::Requires => "requires".to_owned(),
            Part::Targets => "targets".to_owned(),
            Part::Default => "default".to_owned(),
            Part::Rule(rule) => match flag.rule_name(rule) {
                Some(name) => format!("rule {rule} {}", words::quoted(name)),
                None => format!("rule {rule}"),
            },
        };
        self.line(&format!("{part}: {came}"))?;
        self.deeper(|lines| {
            lines.all(flag, &step.asked)?;
            match &step.outcome {
                Outcome::Serves {
                    variant: number,
                    how,
                } => match serving::serving(how, variant(flag, *number)) {
                    Some(text) => lines.line(&text),
                    None => Ok(()),
                },
                Outcome::Next | Outcome::NoUnit(_) => Ok(()),
            }
        })
    }

    fn all(&mut self, flag: Flag<'_>, asked: &[Asked<'_>]) -> fmt::Result {
        asked.iter().try_for_each(|asked| self.asked(flag, asked))
    }

    fn asked(&mut self, flag: Flag<'_>, asked: &Asked<'_>) -> fmt::Result {
        self.line(&inline(flag, asked))?;
        match &asked.question {
            Question::Segment { asked: within, .. } if only(within).is_none() => {
                self.deeper(|lines| lines.all(flag, within))
            }
            Question::Flag { flag, steps, .. } => self.deeper(|lines| lines.steps(*flag, steps)),
            Question::Segment { .. }
            | Question::Attribute { .. }
            | Question::Target { .. }
            | Question::Time { .. }
            | Question::Stage { .. } => Ok(()),
        }
    }
}
