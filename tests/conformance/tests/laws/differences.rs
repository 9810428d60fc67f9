//! What differences say, held to what evaluation answers.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value as Json;
use vexil_conformance::{Case, Native, live, resolve};
use vexil_core::{Evaluation, Flag, Program, evaluate};
use vexil_ruleset::diff::{Contexts, diff};

use crate::{compiled, law};
use vexil_conformance::laws::generate::{self, FLAGS};

/// What is done to a ruleset.
#[derive(Clone, Debug)]
enum Edit {
    /// A flag is written anew, as it is in another ruleset.
    Flag(usize),
    /// A segment is.
    Segment(usize),
    /// A release is.
    Release(usize),
    /// One scalar somewhere is another, if that is valid.
    Scalar(Index, Index),
    /// Another flag comes first, and all of its kind are read after what it reads.
    Before,
    /// What no answer tells.
    Silent,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        1 => (0..4_usize).prop_map(Edit::Flag),
        8 => any::<(Index, Index)>().prop_map(|(place, to)| Edit::Scalar(place, to)),
        1 => (0..3_usize).prop_map(Edit::Segment),
        1 => (0..3_usize).prop_map(Edit::Release),
        1 => Just(Edit::Before),
        1 => Just(Edit::Silent),
    ]
}

fn edited(ruleset: &Json, other: &Json, edit: &Edit) -> Json {
    let mut ruleset = ruleset.clone();
    let mut replace = |kind: &str, name: String| ruleset[kind][&name] = other[kind][&name].clone();
    match edit {
        Edit::Flag(number) => replace("flags", format!("f{number}")),
        Edit::Segment(number) => replace("segments", format!("s{number}")),
        Edit::Release(number) => replace("releases", format!("r{number}")),
        Edit::Scalar(place, to) => {
            let mut places = Vec::new();
            scalars(&mut ruleset, &mut places);
            let place = place.index(places.len());
            change(places.swap_remove(place), *to);
        }
        Edit::Before => ruleset["flags"]["a"] = other["flags"]["f0"].clone(),
        Edit::Silent => {
            for flag in FLAGS {
                ruleset["flags"][*flag]["variants"]["z"] = Json::from(9);
                ruleset["flags"][*flag]["track"] = Json::from(true);
            }
        }
    }
    ruleset
}

fn scalars<'j>(json: &'j mut Json, found: &mut Vec<&'j mut Json>) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| scalars(item, found)),
        Json::Object(members) => members
            .values_mut()
            .for_each(|member| scalars(member, found)),
        scalar => found.push(scalar),
    }
}

fn change(scalar: &mut Json, to: Index) {
    *scalar = match &*scalar {
        Json::Bool(bool) => Json::from(!bool),
        Json::String(_) => Json::from(*to.get(&["v0", "v1", "x", "y", "u1", "s0", "^1.2"])),
        // A weight, a bound, or an exposure.
        number => match number.as_f64() {
            Some(number) if number <= 1.0 => Json::from(0.5),
            Some(number) => Json::from(number + 1.0),
            None => Json::Null,
        },
    };
}

/// A flag that is not reported as able to differ never does: in no context, at no time, and whatever flags are killed
/// and releases started in both programs.
#[test]
fn a_flag_that_cannot_differ_never_does() {
    let contexts = prop::collection::vec(generate::context(), 8);
    let rulesets = (generate::ruleset(), generate::ruleset(), edit());
    let cases = (rulesets, contexts, generate::state(), any::<u64>());
    law(
        "differences",
        600,
        &cases,
        |(rulesets, contexts, state, seed)| {
            let (ruleset, other, edit) = rulesets;
            let old = compiled(&ruleset)?.program;
            let edited = edited(&ruleset, &other, &edit);
            let Ok(Native { program: new, .. }) = Native::compile(&edited.to_string()) else {
                prop_assert!(
                    matches!(edit, Edit::Scalar(..)),
                    "{} edited {:?} as {}",
                    ruleset,
                    edit,
                    other
                );
                return Ok(0);
            };
            prop_assert_eq!(diff(&old, &old), vec![]);
            let can_differ = can_differ(&old, &new);
            match edit {
                Edit::Before => prop_assert_eq!(&can_differ, &BTreeSet::from(["a"])),
                Edit::Silent => prop_assert_eq!(&can_differ, &BTreeSet::new()),
                Edit::Flag(_) | Edit::Segment(_) | Edit::Release(_) | Edit::Scalar(..) => {}
            }
            let by_chance = Contexts::of(&[&old, &new], seed).take(24).map(Json::Object);
            let mut cases = 0;
            for context in contexts.into_iter().chain(by_chance) {
                for flag in old.flags().filter(|flag| !can_differ.contains(flag.key())) {
                    let case = state.case(flag.key(), &context);
                    let [was, is] = [&old, &new].map(|program| answer(program, &case));
                    prop_assert_eq!(was, is, "{:?} of {} edited to {}", case, ruleset, edited);
                    cases += 1;
                }
            }
            Ok(cases)
        },
    );
}

fn can_differ<'p>(old: &'p Program, new: &'p Program) -> BTreeSet<&'p str> {
    let differences = diff(old, new).into_iter();
    differences
        .filter(|difference| difference.what.can_differ())
        .map(|difference| difference.key)
        .collect()
}

/// All that a host tells of an answer, and when it changes.
fn answer(program: &Program, case: &Case) -> (Vec<String>, Option<i64>) {
    let flag = program.flag(&case.flag).expect("both have it");
    let context = resolve(program, &case.context);
    let evaluation = evaluate(program, &live(program, case), flag, &context, case.now);
    (told(flag, evaluation), evaluation.next_change)
}

fn told(flag: Flag<'_>, answer: Evaluation) -> Vec<String> {
    let variant = flag.variant(answer.variant).expect("it has its variants");
    let rule = answer.rule.map(|rule| flag.rule_name(rule).ok_or(rule));
    let stage = answer
        .chosen_by
        .map(|chosen| (flag.stage(chosen), chosen.arm));
    vec![
        format!("{variant:?}"),
        format!("{:?}", answer.reason),
        format!("{rule:?} {stage:?} {}", answer.is_missing_unit),
    ]
}
