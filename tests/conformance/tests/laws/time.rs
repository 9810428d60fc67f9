//! Law 12.

use proptest::prelude::*;
use vexil_conformance::{Case, NOW, canonical, oracle};

use crate::generate::{FLAGS, STEPS};
use crate::{answer, compiled, generate, law};

/// Law 12: an evaluation stays the same until the instant it named, which is a bound of the ruleset; the engine's and the
/// plain evaluator's.
#[test]
fn an_evaluation_stays_the_same_until_the_instant_it_named() {
    let cases = (generate::ruleset(), generate::context(), generate::state());
    law("law 12", 400, &cases, |(ruleset, context, state)| {
        let native = compiled(&ruleset)?;
        let plain = |case: &Case| {
            let (answer, next_change) = oracle::evaluate(&native.ruleset, case);
            (canonical::text(&answer), next_change)
        };
        let mut cases = 0;
        for flag in FLAGS {
            let case = state.case(flag, &context);
            let about = format!("{flag} of {state:?} context {context} of {ruleset}");
            cases += until_it_changes(&case, |case| answer(&native, case), &about)?;
            cases += until_it_changes(&case, plain, &about)?;
        }
        Ok(cases)
    });
}

/// The answer at every instant that a bound can be at, until the one it named.
fn until_it_changes(
    case: &Case,
    answer: impl Fn(&Case) -> (String, Option<i64>),
    about: &str,
) -> Result<usize, TestCaseError> {
    let first = answer(case);
    let end = first.1.unwrap_or(i64::MAX);
    prop_assert!(end > case.now, "{} at {}", end, about);
    let bounds = STEPS.iter().map(|step| NOW + step);
    prop_assert!(
        first
            .1
            .is_none_or(|named| bounds.clone().any(|bound| bound == named)),
        "{} at {}",
        end,
        about
    );
    let between = bounds.filter(|bound| (case.now..end).contains(bound));
    let mut cases = 0;
    for now in between.chain([end - 1]) {
        let case = Case {
            now,
            ..case.clone()
        };
        prop_assert_eq!(&answer(&case), &first, "at {} {}", now, about);
        cases += 1;
    }
    Ok(cases)
}
