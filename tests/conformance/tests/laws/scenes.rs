//! The laws that are about one scene, on generated ones.

use proptest::prelude::*;
use vexil_conformance::laws::generate::scene;
use vexil_conformance::laws::{
    Law, Scene, all_flags_at_once, an_explanation, nothing_hidden, nothing_known,
    the_plain_evaluator, until_it_changes, what_cannot_differ, what_decides_what_is_sent,
    what_is_left, what_is_not_read, what_was_written_before,
};

use crate::{compiled, law};

#[track_caller]
fn check(name: &str, samples: u32, scenes: &impl Strategy<Value = Scene>, test: Law) {
    law(name, samples, scenes, |scene| {
        test(&scene, &compiled(&scene.ruleset)?)
    });
}

#[test]
fn the_engine_answers_as_the_plain_evaluator() {
    check("law 1", 400, &scene(8, 8, 0), the_plain_evaluator);
}

#[test]
fn all_flags_at_once_answer_as_each_alone() {
    check("all at once", 300, &scene(1, 1, 0), all_flags_at_once);
}

#[test]
fn what_is_left_answers_as_the_whole() {
    check("law 3", 300, &scene(1, 2, 0), what_is_left);
}

#[test]
fn nothing_known_leaves_everything() {
    check("law 3, nothing", 300, &scene(0, 1, 0), nothing_known);
}

#[test]
fn nothing_hidden_is_left() {
    law("law 3, hidden", 300, &scene(1, 1, 0), |scene| {
        let cases = nothing_hidden(&scene, &compiled(&scene.ruleset)?)?;
        prop_assert!(
            cases > 0,
            "with canaries it is no ruleset: {}",
            scene.ruleset
        );
        Ok(cases)
    });
}

#[test]
fn an_explanation_agrees_with_the_answer() {
    check("law 6", 400, &scene(4, 1, 0), an_explanation);
}

#[test]
fn an_attribute_that_a_flag_does_not_read_never_changes_its_answer() {
    check("law 11", 500, &scene(1, 1, 5), what_is_not_read);
}

#[test]
fn an_evaluation_stays_the_same_until_the_instant_it_named() {
    check("law 12", 400, &scene(1, 1, 0), until_it_changes);
}

#[test]
fn what_cannot_differ_in_a_changed_ruleset_does_not() {
    check(
        "differences, changed",
        200,
        &scene(4, 4, 0),
        what_cannot_differ,
    );
}

#[test]
fn what_was_written_before_shows_in_no_answer() {
    let scenes = scene(4, 4, 0).prop_map(|mut scene| {
        let flag = &mut scene.ruleset["flags"]["f1"];
        flag["failsafe"] = flag["offVariant"].clone();
        scene
    });
    check("written before", 150, &scenes, what_was_written_before);
}

#[test]
fn what_is_sent_is_decided_by_its_key() {
    check("sent", 300, &scene(3, 2, 8), what_decides_what_is_sent);
}
