use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::launchdarkly;
use crate::Imported;
use crate::note::Effect;

mod law;

/// A flag of two strings that is on, with `members` beside.
fn flag(members: Value) -> Value {
    let mut flag = json!({
        "key": "f", "on": true, "variations": ["a", "b"], "offVariation": 0, "fallthrough": { "variation": 1 },
        "salt": "s",
    });
    merge(&mut flag, members);
    flag
}

fn merge(into: &mut Value, members: Value) {
    let (Value::Object(into), Value::Object(members)) = (into, members) else {
        panic!("two objects are merged");
    };
    into.extend(members);
}

fn import(file: &Value) -> Imported {
    launchdarkly(&file.to_string()).expect("it is a file of LaunchDarkly's")
}

fn written(imported: &Imported) -> Value {
    serde_json::from_str(&encode(&imported.ruleset)).expect("a ruleset is JSON")
}

/// The flag `f` as it was written, and the paths of notes on answers.
#[track_caller]
fn check(members: Value, want: &Value, notes: &[&str]) {
    let file =
        json!({ "flags": { "f": flag(members) }, "segments": { "s": { "included": ["u"] } } });
    let imported = import(&file);
    let written = written(&imported);
    let found = written.pointer("/flags/f").cloned().unwrap_or_default();
    let mut expected = json!({
        "type": "string", "variants": { "a": "a", "b": "b" }, "offVariant": "a", "default": "b",
    });
    if want.is_null() {
        expected = Value::Null;
    } else {
        merge(&mut expected, want.clone());
    }
    assert_eq!(found, expected);
    let answers = imported
        .notes
        .iter()
        .filter(|note| note.effect == Effect::Answers);
    let answers: Vec<_> = answers.map(|note| note.path.as_str()).collect();
    assert_eq!(answers, notes, "{:?}", imported.notes);
}

/// The condition of a rule with one clause.
#[track_caller]
fn check_clause(clause: Value, want: &Value) {
    let rule = json!({ "id": "r", "variation": 0, "clauses": [clause] });
    let rules = json!([{ "name": "r", "when": want, "serve": "a" }]);
    check(json!({ "rules": [rule] }), &json!({ "rules": rules }), &[]);
}

#[test]
fn clauses_are_conditions() {
    check_clause(
        json!({ "attribute": "country", "op": "in", "values": ["DE", 1] }),
        &json!({ "attr": "country", "in": ["DE", 1] }),
    );
    check_clause(
        json!({ "contextKind": "org", "attribute": "/plan/name", "op": "startsWith", "values": ["a", "b"] }),
        &json!({ "attr": "/kinds/org/plan/name", "startsWith": ["a", "b"] }),
    );
    check_clause(
        json!({ "attribute": "age", "op": "greaterThanOrEqual", "values": [1, "2"] }),
        &json!({ "attr": "age", "gte": 1 }),
    );
    check_clause(
        json!({ "attribute": "a", "op": "matches", "values": ["^a", "b$"] }),
        &json!({ "any": [{ "attr": "a", "matches": "^a" }, { "attr": "a", "matches": "b$" }] }),
    );
    check_clause(
        json!({ "attribute": "kind", "op": "in", "values": ["org"], "negate": true }),
        &json!({ "not": { "attr": "kind", "in": ["org"] } }),
    );
    check_clause(
        json!({ "op": "segmentMatch", "values": ["s", "gone"], "negate": true }),
        &json!({ "not": { "segment": "s" } }),
    );
}

#[test]
fn a_negated_clause_asks_for_the_attribute() {
    let exists = json!({ "attr": "a", "exists": true });
    check_clause(
        json!({ "attribute": "a", "op": "in", "values": ["x"], "negate": true }),
        &json!({ "all": [exists, { "not": { "attr": "a", "in": ["x"] } }] }),
    );
    check_clause(
        json!({ "attribute": "a", "op": "in", "values": [], "negate": true }),
        &exists,
    );
    check_clause(
        json!({ "attribute": "a", "op": "unknown", "values": ["x"], "negate": true }),
        &exists,
    );
}

#[test]
fn rules_that_hold_for_nobody_or_that_nothing_comes_to_are_gone() {
    let never = json!({ "id": "n", "variation": 0, "clauses": [{ "attribute": "a", "op": "?", "values": [1] }] });
    check(json!({ "rules": [never] }), &json!({}), &[]);
    let broken =
        json!({ "variation": 7, "clauses": [{ "attribute": "a", "op": "in", "values": [1] }] });
    let always = json!({ "id": "all", "variation": 0, "clauses": [] });
    let when =
        json!({ "any": [{ "attr": "kind", "exists": true }, { "attr": "kind", "exists": false }] });
    check(
        json!({ "rules": [always, broken] }),
        &json!({ "rules": [{ "name": "all", "when": when, "serve": "a" }] }),
        &[],
    );
    check(json!({ "rules": [broken] }), &Value::Null, &["/flags/f"]);
    check(
        json!({ "rules": [broken], "on": false }),
        &json!({ "enabled": false }),
        &[],
    );
}

#[test]
fn malformed_flags_are_left_out() {
    for malformed in [
        json!({ "fallthrough": {} }),
        json!({ "fallthrough": { "variation": 2 } }),
        json!({ "fallthrough": { "rollout": { "variations": [] } } }),
        json!({ "variations": [] }),
        json!({ "variations": ["a", 1] }),
        json!({ "targets": [{ "variation": -1, "values": ["k"] }] }),
        json!({ "on": false, "offVariation": 2 }),
        json!({ "prerequisites": [{ "key": "f", "variation": 0 }] }),
        json!({ "rules": [{ "variation": 0, "clauses": [{ "contextKind": "user", "attribute": "//", "op": "in" }] }] }),
    ] {
        check(malformed, &Value::Null, &["/flags/f"]);
    }
}

#[test]
fn without_an_off_variation_the_answer_is_the_callers() {
    let none = json!({
        "variants": { "a": "a", "b": "b", "callers-default": null }, "offVariant": "callers-default",
    });
    check(json!({ "offVariation": null }), &none, &[]);
    let mut off = none.clone();
    merge(&mut off, json!({ "enabled": false, "default": "b" }));
    check(json!({ "on": false, "offVariation": null }), &off, &[]);
    check(json!({ "offVariation": 2 }), &none, &[]);
    let needs = json!([{ "key": "gone", "variation": 0 }]);
    let mut never = none.clone();
    merge(&mut never, json!({ "default": "callers-default" }));
    let file = json!({ "offVariation": 2, "prerequisites": needs });
    check(file, &never, &["/flags/f/offVariation"]);
}

#[test]
fn a_rollout_says_who_has_no_unit() {
    let rollout = |first: u32| json!({ "rollout": { "variations": [{ "variation": first, "weight": 40_000 }, { "variation": 1 - first, "weight": 10 }] } });
    let split = |arms: Value| json!({ "split": arms, "salt": "f.s", "hash": "launchdarkly-sha1" });
    let off_first = split(json!([["a", 40_000], ["b", 60_000]]));
    check(
        json!({ "fallthrough": rollout(0) }),
        &json!({ "default": off_first }),
        &[],
    );
    let on_first = split(json!([["b", 40_000], ["a", 60_000]]));
    let when = json!({ "attr": "targetingKey", "exists": true });
    check(
        json!({ "fallthrough": rollout(1) }),
        &json!({ "rules": [{ "name": "fallthrough", "when": when, "serve": on_first }], "default": "b" }),
        &[],
    );
    let mut rule = rollout(1);
    merge(
        &mut rule,
        json!({ "clauses": [{ "attribute": "a", "op": "in", "values": [1] }] }),
    );
    let when = json!({ "attr": "a", "in": [1] });
    check(
        json!({ "rules": [rule] }),
        &json!({ "rules": [{ "when": when, "serve": on_first }, { "when": when, "serve": "b" }] }),
        &[],
    );
}

#[test]
fn a_rollout_is_by_its_seed_and_its_attribute_but_an_experiment_by_key() {
    let arms = json!([{ "variation": 0, "weight": 1 }, { "variation": 1, "weight": 99_999, "untracked": true }]);
    let rollout = |members: Value| {
        let mut rollout =
            json!({ "variations": arms, "seed": 7, "bucketBy": "/plan", "contextKind": "org" });
        merge(&mut rollout, members);
        json!({ "fallthrough": { "rollout": rollout } })
    };
    let split = |by: &str| json!({ "default": { "split": [["a", 1], ["b", 99_999]], "by": by, "salt": "7", "hash": "launchdarkly-sha1" } });
    check(
        rollout(json!({})),
        &split("/kinds/org/plan"),
        &["/flags/f/fallthrough/rollout/bucketBy"],
    );
    check(
        rollout(json!({ "kind": "experiment" })),
        &split("/kinds/org/key"),
        &[],
    );
}

#[test]
fn targets_are_in_the_order_of_context_targets() {
    let targets =
        json!([{ "variation": 0, "values": ["u", "v"] }, { "variation": 1, "values": ["u"] }]);
    check(
        json!({ "targets": targets }),
        &json!({ "targets": { "a": ["u", "v"] } }),
        &[],
    );
    let user =
        |variation: u32| json!({ "contextKind": "user", "variation": variation, "values": [] });
    let org = json!({ "contextKind": "org", "variation": 0, "values": ["o"] });
    let when = |attr: &str, key: &str| json!({ "attr": attr, "in": [key] });
    check(
        json!({ "targets": targets, "contextTargets": [user(1), org] }),
        &json!({ "targets": { "b": ["u"] }, "rules": [{ "when": when("/kinds/org/key", "o"), "serve": "a" }] }),
        &[],
    );
    check(
        json!({ "targets": targets, "contextTargets": [org, user(1)] }),
        &json!({ "rules": [
            { "when": when("/kinds/org/key", "o"), "serve": "a" },
            { "when": when("targetingKey", "u"), "serve": "b" },
        ] }),
        &[],
    );
}

#[test]
fn client_side_availability_exposes_values() {
    let mobile = json!({ "clientSideAvailability": { "usingMobileKey": true, "usingEnvironmentId": false } });
    check(mobile, &json!({ "expose": "values" }), &[]);
    check(
        json!({ "clientSide": true }),
        &json!({ "expose": "values" }),
        &[],
    );
    let neither =
        json!({ "clientSide": true, "clientSideAvailability": { "usingMobileKey": false } });
    check(neither, &json!({}), &[]);
}

#[test]
fn prerequisites_that_are_never_met_leave_the_off_variation() {
    let needs =
        |key: &str| json!({ "prerequisites": [{ "key": key, "variation": 0 }], "rules": [] });
    let file = json!({ "flags": {
        "f": flag(needs("gone")),
        "g": flag(needs("off")),
        "h": flag(needs("unanswered")),
        "off": flag(json!({ "on": false })),
        "unanswered": flag(json!({ "on": false, "offVariation": null })),
        "hidden": flag(json!({ "offVariation": null, "prerequisites": [{ "key": "off", "variation": 1 }] })),
        "i": flag(needs("hidden")),
        "loop": flag(needs("back")),
        "back": flag(needs("loop")),
    } });
    let written = written(&import(&file));
    let at = |pointer: &str| written.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/flags/f/default"), json!("a"));
    assert_eq!(
        at("/flags/g/requires"),
        json!({ "flag": "off", "variant": ["a"] })
    );
    assert_eq!(
        at("/flags/h/requires"),
        json!({ "flag": "unanswered", "variant": ["a"] })
    );
    assert_eq!(at("/flags/unanswered/offVariant"), json!("callers-default"));
    assert_eq!(
        (at("/flags/loop"), at("/flags/back")),
        (Value::Null, Value::Null)
    );
}

#[test]
fn included_wins_over_excluded_and_percentages_are_flags() {
    let clause = json!({ "attribute": "a", "op": "in", "values": [1] });
    let file = json!({ "flags": {}, "segments": {
        "plain": { "included": ["u"], "excluded": ["u", "v"], "rules": [{ "clauses": [clause] }] },
        "kinds": { "excluded": ["v"], "includedContexts": [{ "contextKind": "org", "values": ["o"] }], "rules": [{ "clauses": [clause] }] },
        "part": { "salt": "p", "rules": [{ "weight": 30_000, "clauses": [clause] }] },
        "loop": { "rules": [{ "clauses": [{ "op": "segmentMatch", "values": ["loop"] }] }] },
        "big": { "unbounded": true },
    } });
    let imported = import(&file);
    let written = written(&imported);
    let test = json!({ "attr": "a", "in": [1] });
    assert_eq!(
        written.pointer("/segments/plain"),
        Some(&json!({ "members": ["u"], "except": ["v"], "when": test }))
    );
    let out = json!({ "not": { "attr": "targetingKey", "in": ["v"] } });
    let when =
        json!({ "any": [{ "attr": "/kinds/org/key", "in": ["o"] }, { "all": [out, test] }] });
    assert_eq!(written.pointer("/segments/kinds/when"), Some(&when));
    let part = json!({ "flag": "part.rule-0", "variant": ["in"] });
    assert_eq!(
        written.pointer("/segments/part/when"),
        Some(&json!({ "all": [test, part] }))
    );
    let split = json!({ "split": [["in", 30_000], ["out", 70_000]], "salt": "part.p", "hash": "launchdarkly-sha1" });
    assert_eq!(written.pointer("/flags/part.rule-0/default"), Some(&split));
    assert_eq!(written.pointer("/segments/loop"), None);
    let answers = imported
        .notes
        .iter()
        .filter(|note| note.effect == Effect::Answers);
    let answers: Vec<_> = answers.map(|note| note.path.as_str()).collect();
    assert_eq!(answers, ["/segments/big/unbounded", "/segments/loop"]);
}

#[test]
fn a_file_comes_from_an_sdk_a_stream_or_the_rest_api() {
    let sdk = json!({ "flags": { "f": flag(json!({})) } });
    let want = written(&import(&sdk));
    let put = json!({ "path": "/", "data": sdk });
    assert_eq!(written(&import(&put)), want);
    let rest = |environments: Value| {
        json!({ "items": [{
            "key": "f", "kind": "multivariate", "name": "F",
            "variations": [{ "_id": "1", "value": "a", "name": "A" }, { "_id": "2", "value": "b" }],
            "environments": environments,
        }] })
    };
    let production =
        json!({ "on": true, "salt": "s", "offVariation": 0, "fallthrough": { "variation": 1 } });
    assert_eq!(
        written(&import(&rest(json!({ "production": production })))),
        want
    );
    let two = rest(json!({ "production": production, "test": production }));
    let notes = launchdarkly(&two.to_string()).expect_err("it is not known which is meant");
    assert!(
        notes[0].reason.contains("`production`, `test`"),
        "{notes:?}"
    );
}

#[test]
fn what_is_no_file_of_launchdarkly_is_an_error() {
    for (text, path) in [
        ("{", ""),
        ("[]", ""),
        ("{}", "/flags"),
        (r#"{"flags":1}"#, "/flags"),
    ] {
        let notes = launchdarkly(text).expect_err("it is not one");
        assert_eq!(notes[0].path.as_str(), path, "{text}");
    }
}
