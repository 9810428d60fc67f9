//! What differences say, held to what evaluation answers.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vexil_ruleset::diff::diff;

use super::{Holds, Scene, answer, changed};
use crate::answer::Native;

/// How many other rulesets are made of each.
const OTHERS: u64 = 4;

/// A flag that is not reported as able to differ in another ruleset does not: in no context, live state or time.
///
/// # Errors
/// Where it does.
pub fn what_cannot_differ(scene: &Scene, native: &Native) -> Holds {
    let mut cases = 0;
    for seed in 0..OTHERS {
        let other = changed(scene, seed);
        let Ok(new) = Native::compile(&other.ruleset.to_string()) else {
            continue;
        };
        let differences = diff(&native.program, &new.program).into_iter();
        let can_differ: BTreeSet<&str> = differences
            .filter(|difference| difference.what.can_differ())
            .map(|difference| difference.key)
            .collect();
        for (context, state) in scene.asked().chain(other.asked()) {
            if !(state.is_possible(&scene.ruleset) && state.is_possible(&other.ruleset)) {
                continue;
            }
            let flags = native.program.flags().map(|flag| flag.key());
            for flag in flags.filter(|key| !can_differ.contains(key)) {
                let case = state.case(flag, context);
                let [was, is] = [native, &new].map(|native| answer(native, &case));
                prop_assert_eq!(
                    was,
                    is,
                    "{:?} of {} changed to {}",
                    case,
                    scene.ruleset,
                    other.ruleset
                );
                cases += 1;
            }
        }
    }
    Ok(cases)
}
