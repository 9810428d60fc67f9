//! One question, in words.

use vexil_core::explain::{Asked, Outcome, Question, State, Step};
use vexil_core::{Flag, Release, Value};

use super::words;
use crate::rfc3339;

/// One question on one line; what it led to may follow.
pub(super) fn inline(flag: Flag<'_>, asked: &Asked<'_>) -> String {
    let holds = asked.holds;
    match &asked.question {
        Question::Attribute {
            name,
            found,
            wanted,
            why_not,
        } => {
            let hint = why_not.map_or("", |why_not| words::hint(found, wanted, why_not));
            let relation = words::relation(wanted, holds);
            format!("{name} is {}{hint}, {relation}", words::found(found))
        }
        Question::Target {
            found,
            variant: number,
            ..
        } => {
            let who = match found {
                Value::Text(text) => words::quoted(text),
                other => format!("targetingKey, which is {},", words::found(other)),
            };
            format!(
                "{who} is {}listed for {}",
                not(holds),
                variant(flag, *number)
            )
        }
        Question::Segment {
            name,
            asked: within,
        } => {
            let space = if name.is_empty() { "" } else { " " };
            let came = match only(within) {
                Some(one) => inline(flag, one),
                None => yes_or_no(holds).to_owned(),
            };
            format!("segment{space}{name}: {came}")
        }
        Question::Flag {
            flag,
            wanted,
            state,
            steps,
        } => prerequisite(*flag, wanted, *state, steps, holds),
        Question::Time {
            from,
            until,
            changes_at,
        } => {
            let bound = |word: &str, bound: &Option<i64>| {
                bound.map_or(String::new(), |at| format!("{word}{}", rfc3339::write(at)))
            };
            let (from, until) = (bound(" from ", from), bound(" until ", until));
            let changes = bound(", changes at ", changes_at);
            format!("time{from}{until}: {}{changes}", yes_or_no(holds))
        }
        Question::Stage {
            release,
            wanted,
            found,
        } => {
            let at = found.map_or_else(
                || "has not started".to_owned(),
                |found| format!("is at stage {}", stage(*release, found)),
            );
            let wanted = stage(*release, *wanted);
            format!(
                "release {} {at}: {wanted} is {}reached",
                release.name(),
                not(holds)
            )
        }
    }
}

fn prerequisite(
    flag: Flag<'_>,
    wanted: &[u32],
    state: State,
    steps: &[Step<'_>],
    holds: bool,
) -> String {
    let wanted: Vec<&str> = wanted.iter().map(|number| variant(flag, *number)).collect();
    let wanted = wanted.join(" or ");
    let key = flag.key();
    match (off(state), steps.last().map(|step| &step.outcome)) {
        (
            None,
            Some(Outcome::Serves {
                variant: number, ..
            }),
        ) => {
            let served = variant(flag, *number);
            format!("flag {key} serves {served}, {}{wanted}", not(holds))
        }
        (off, _) => format!("flag {key} is {}, not {wanted}", off.unwrap_or("off")),
    }
}

fn stage(release: Release<'_>, number: u32) -> String {
    release
        .stage_name(number)
        .map_or_else(String::new, words::quoted)
}

/// The only question, where it has no questions of its own.
pub(super) fn only<'s, 'a>(asked: &'s [Asked<'a>]) -> Option<&'s Asked<'a>> {
    match asked {
        [one]
            if !matches!(
                one.question,
                Question::Segment { .. } | Question::Flag { .. }
            ) =>
        {
            Some(one)
        }
        _ => None,
    }
}

/// The name of a variant.
pub(super) fn variant(flag: Flag<'_>, number: u32) -> &str {
    flag.variant(number).map_or("", |variant| variant.name)
}

/// Why it is not on, if it is not.
pub(super) fn off(state: State) -> Option<&'static str> {
    match state {
        State::On => None,
        State::Disabled => Some("disabled"),
        State::Killed => Some("killed"),
    }
}

pub(super) fn yes_or_no(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

fn not(holds: bool) -> &'static str {
    if holds { "" } else { "not " }
}
