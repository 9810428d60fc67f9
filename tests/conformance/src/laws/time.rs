//! Law 12.

use proptest::prelude::*;
use serde_json::Value;

use super::generate::STEPS;
use super::{Holds, Scene, answer};
use crate::answer::Native;
use crate::vector::{Case, NOW};
use crate::{canonical, oracle};

/// Law 12: an evaluation stays the same until the instant it named, which is a bound of the ruleset; the engine's and
/// the plain evaluator's.
///
/// # Errors
/// Where it does not.
pub fn until_it_changes(scene: &Scene, native: &Native) -> Holds {
    let plain = |case: &Case| {
        let (answer, next_change) = oracle::evaluate(&native.ruleset, case);
        (canonical::text(&answer), next_change)
    };
    let mut cases = 0;
    for (context, state) in scene.asked() {
        for flag in native.program.flags() {
            let case = state.case(flag.key(), context);
            cases += stays(scene, &case, |case| answer(native, case))?;
            cases += stays(scene, &case, plain)?;
        }
    }
    Ok(cases)
}

/// The answer at every instant that a bound may be at, until the one it named.
fn stays(scene: &Scene, case: &Case, answer: impl Fn(&Case) -> (String, Option<i64>)) -> Holds {
    let first = answer(case);
    let end = first.1.unwrap_or(i64::MAX);
    let about = || format!("{case:?} of {}", scene.ruleset);
    prop_assert!(end > case.now, "{} at {}", end, about());
    let named = first.1;
    prop_assert!(
        named.is_none_or(|named| bounds_of(&scene.ruleset).contains(&named)),
        "{} at {}",
        end,
        about()
    );
    let bounds = STEPS.iter().map(|step| NOW + step);
    let others = scene.states.iter().map(|state| state.now);
    let between = bounds
        .chain(others)
        .filter(|bound| (case.now..end).contains(bound));
    let mut cases = 0;
    for now in between.chain([end - 1]) {
        let case = Case {
            now,
            ..case.clone()
        };
        prop_assert_eq!(&answer(&case), &first, "at {} {}", now, about());
        cases += 1;
    }
    Ok(cases)
}

/// The instants at which a condition of the ruleset begins or ceases to hold.
fn bounds_of(ruleset: &Value) -> Vec<i64> {
    let mut bounds = Vec::new();
    let mut open = vec![ruleset];
    while let Some(value) = open.pop() {
        let time = value.get("time");
        for bound in ["from", "until"] {
            let written = time.and_then(|time| time.get(bound));
            let parsed = written.and_then(|written| match written {
                Value::String(text) => vexil_core::instant::parse(text),
                other => other.as_f64().map(|ms| ms as i64),
            });
            bounds.extend(parsed);
        }
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    bounds
}
