//! Law 1, and that all flags at once are each flag alone.

use proptest::collection::vec;
use proptest::prelude::*;
use vexil_conformance::{canonical, oracle, resolve};
use vexil_core::{Evaluation, evaluate, evaluate_all};

use crate::generate::FLAGS;
use crate::{answer, compiled, generate, law};

/// Law 1: `evaluate(compile(r), c, t) == oracle(r, c, t)` for every valid ruleset, live state and time.
#[test]
fn the_engine_answers_as_the_plain_evaluator() {
    let cases = (
        generate::ruleset(),
        vec((generate::context(), generate::state()), 8),
    );
    law("law 1", 400, &cases, |(ruleset, asked)| {
        let native = compiled(&ruleset)?;
        for (context, state) in &asked {
            for flag in FLAGS {
                let case = state.case(flag, context);
                let plain = oracle::answer(&native.ruleset, &case);
                prop_assert_eq!(
                    answer(&native, &case).0,
                    canonical::text(&plain),
                    "{:?} context {} of {}",
                    state,
                    context,
                    ruleset
                );
            }
        }
        Ok(asked.len() * FLAGS.len())
    });
}

/// All flags at once answer as each flag alone.
#[test]
fn all_flags_at_once_answer_as_each_alone() {
    let cases = (generate::ruleset(), generate::context(), generate::state());
    law("all at once", 300, &cases, |(ruleset, context, state)| {
        let native = compiled(&ruleset)?;
        let live = native.live(&state.case("f0", &context));
        let context = resolve(&native.program, &context);
        let mut all = Vec::new();
        evaluate_all(&native.program, &live, &context, state.now, &mut all);
        let all: Vec<Evaluation> = all.into_iter().map(Evaluation::from).collect();
        let each: Vec<Evaluation> = native
            .program
            .flags()
            .map(|flag| evaluate(&native.program, &live, flag, &context, state.now))
            .collect();
        prop_assert_eq!(all, each);
        Ok(FLAGS.len())
    });
}
