//! Law 1, and that all flags at once are each flag alone.

use proptest::prelude::*;
use vexil_core::{Evaluation, evaluate, evaluate_all};

use super::{Holds, Scene, answer};
use crate::answer::Native;
use crate::context::resolve;
use crate::{canonical, oracle};

/// Law 1: `evaluate(compile(r), c, t) == oracle(r, c, t)` for every valid ruleset, live state and time.
///
/// # Errors
/// Where it does not hold.
pub fn the_plain_evaluator(scene: &Scene, native: &Native) -> Holds {
    let mut cases = 0;
    for (context, state) in scene.asked() {
        for flag in native.program.flags() {
            let case = state.case(flag.key(), context);
            let plain = oracle::answer(&native.ruleset, &case);
            prop_assert_eq!(
                answer(native, &case).0,
                canonical::text(&plain),
                "{:?} context {} of {}",
                state,
                context,
                scene.ruleset
            );
            cases += 1;
        }
    }
    Ok(cases)
}

/// All flags at once answer as each flag alone.
///
/// # Errors
/// Where they do not.
pub fn all_flags_at_once(scene: &Scene, native: &Native) -> Holds {
    let Native { program, .. } = native;
    let mut cases = 0;
    let mut all = Vec::new();
    for (context, state) in scene.asked() {
        let live = state.live(program);
        let context = resolve(program, context);
        evaluate_all(program, &live, &context, state.now, &mut all);
        let each: Vec<Evaluation> = program
            .flags()
            .map(|flag| evaluate(program, &live, flag, &context, state.now))
            .collect();
        let all: Vec<Evaluation> = all.iter().copied().map(Evaluation::from).collect();
        prop_assert_eq!(&all, &each);
        cases += each.len();
    }
    Ok(cases)
}
