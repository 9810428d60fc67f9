//! What features become.

use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::{context, unleash};
use crate::Imported;

fn import(file: &Value) -> Imported {
    unleash(&file.to_string()).expect("it is a file of Unleash's")
}

fn written(imported: &Imported) -> Value {
    serde_json::from_str(&encode(&imported.ruleset)).expect("a ruleset is JSON")
}

fn notes(imported: &Imported) -> Vec<String> {
    imported.notes.iter().map(ToString::to_string).collect()
}

/// The constraint `members` of the attribute `name`, as the condition of the only rule.
#[track_caller]
fn check_constraint(name: &str, members: Value, want: Option<Value>) {
    let mut constraint = members;
    constraint["contextName"] = name.into();
    let imported = import(&json!({ "features": [{
        "name": "f", "enabled": true,
        "strategies": [{ "name": "default", "constraints": [constraint] }],
    }] }));
    let written = written(&imported);
    assert_eq!(
        written.pointer("/flags/f/rules/0/when"),
        want.as_ref(),
        "{:?}",
        notes(&imported)
    );
}

#[test]
fn constraints_are_conditions() {
    let check = check_constraint;
    check(
        "userId",
        json!({ "operator": "IN", "values": ["1"] }),
        Some(json!({ "attr": "targetingKey", "in": ["1"] })),
    );
    check(
        "plan",
        json!({ "operator": "NOT_IN", "values": ["a", "b"] }),
        Some(json!({ "not": { "attr": "plan", "in": ["a", "b"] } })),
    );
    check(
        "plan",
        json!({ "operator": "STR_CONTAINS", "values": ["A"], "caseInsensitive": true, "inverted": true }),
        Some(json!({ "not": { "attr": "plan", "contains": "A", "ignoreCase": true } })),
    );
    check(
        "age",
        json!({ "operator": "NUM_GTE", "value": "18" }),
        Some(
            json!({ "any": [{ "attr": "age", "gte": 18 }, { "attr": "/numbers/age", "gte": 18 }] }),
        ),
    );
    check(
        "v",
        json!({ "operator": "SEMVER_LT", "value": "2.0.0-rc.1+build" }),
        Some(json!({ "attr": "v", "semver": "<2.0.0-rc.1" })),
    );
    check(
        "ip",
        json!({ "operator": "IN_CIDR", "values": ["10.1.2.3/8", "x", "192.168.0.0/255.255.0.0"] }),
        Some(json!({ "attr": "ip", "cidr": ["10.0.0.0/8", "192.168.0.0/16"] })),
    );
    check(
        "mail",
        json!({ "operator": "REGEX", "value": "^a", "caseInsensitive": true }),
        Some(json!({ "attr": "mail", "matches": "(?i)^a" })),
    );
    check(
        "currentTime",
        json!({ "operator": "DATE_AFTER", "value": "1970-01-01T00:00:01Z" }),
        Some(json!({ "any": [
            { "attr": "currentTime", "after": "1970-01-01T00:00:01Z" },
            { "all": [{ "attr": "currentTime", "exists": false }, { "time": { "from": 1001 } }] },
        ] })),
    );
    // Never, and inverted always: no rule either way.
    check("plan", json!({ "operator": "IN", "values": [] }), None);
    check("plan", json!({ "operator": "NOT_IN", "values": [] }), None);
    check(
        "v",
        json!({ "operator": "SEMVER_EQ", "value": "v2.0.0", "inverted": true }),
        None,
    );
}

#[test]
fn what_unleashs_engine_cannot_read_turns_the_flag_off_with_a_note() {
    for (constraint, path) in [
        (
            json!({ "contextName": "a", "operator": "ODD", "value": "1" }),
            "operator",
        ),
        (
            json!({ "contextName": "a", "operator": "NUM_GT", "value": "one" }),
            "value",
        ),
        (
            json!({ "contextName": "a", "operator": "DATE_AFTER", "value": "2022-01-29" }),
            "value",
        ),
        (
            json!({ "contextName": "a", "operator": "SEMVER_GT", "value": "1.2" }),
            "value",
        ),
    ] {
        let imported = import(&json!({ "features": [{
            "name": "f", "enabled": true, "strategies": [
                { "name": "default" }, { "name": "default", "constraints": [constraint] },
            ],
        }] }));
        assert_eq!(
            written(&imported).pointer("/flags/f/enabled"),
            Some(&json!(false))
        );
        let at = format!("/features/0/strategies/1/constraints/0/{path}: the flag is off: ");
        assert!(
            notes(&imported).iter().any(|note| note.starts_with(&at)),
            "{:?}",
            notes(&imported)
        );
    }
}

#[test]
fn a_rollout_that_is_last_is_a_split_and_another_a_flag_of_its_own() {
    let rollout = |percent: &str| json!({ "name": "flexibleRollout", "parameters": { "rollout": percent, "stickiness": "default", "groupId": "g" } });
    let imported = import(&json!({ "features": [
        { "name": "f", "enabled": true, "strategies": [rollout("10"), rollout("20")] },
    ] }));
    let written = written(&imported);
    let split = |by: &str, percent: u8| {
        json!({
            "split": [["on", percent], ["off", 100 - percent]], "by": by, "salt": "g", "hash": "unleash-murmur3",
        })
    };
    let serve = |pointer: &str| written.pointer(pointer).cloned().unwrap_or_default();
    let mut user = split("targetingKey", 10);
    user.as_object_mut().map(|it| it.remove("by"));
    assert_eq!(serve("/flags/f.rollout-1/rules/0/serve"), user);
    assert_eq!(serve("/flags/f.rollout-1/default"), split("sessionId", 10));
    assert_eq!(
        serve("/flags/f/rules/0/when"),
        json!({ "flag": "f.rollout-1", "variant": ["on"] })
    );
    assert_eq!(serve("/flags/f/default"), split("sessionId", 20));
}

#[test]
fn a_flag_with_variants_says_disabled_enabled_or_the_variant() {
    let variant = |name: &str, value: &str| json!({ "name": name, "weight": 500, "payload": { "type": "number", "value": value } });
    let imported = import(&json!({ "features": [{
        "name": "f", "enabled": true, "strategies": [],
        "variants": [variant("a", "1.5"), variant("disabled", "2")],
    }] }));
    let written = written(&imported);
    assert_eq!(
        written.pointer("/flags/f/variants"),
        Some(&json!({ "a": 1.5, "disabled": 0, "disabled-2": 2.0, "enabled": 0 }))
    );
    assert_eq!(
        written.pointer("/flags/f/offVariant"),
        Some(&json!("disabled"))
    );
    assert_eq!(written.pointer("/flags/f/default"), Some(&json!("a")));
    assert_eq!(
        written.pointer("/flags/f/rules/0/serve/split"),
        Some(&json!([["a", 500], ["disabled-2", 500]]))
    );
}

#[test]
fn parents_are_prerequisites_and_those_that_must_be_off_a_rule() {
    let feature = |name: &str, dependencies: Value| json!({ "name": name, "enabled": true, "dependencies": dependencies });
    let imported = import(&json!({ "features": [
        feature("parent", json!([])),
        feature("child", json!([{ "feature": "parent" }])),
        feature("opposite", json!([{ "feature": "parent", "enabled": false }])),
        feature("grandchild", json!([{ "feature": "child" }])),
    ] }));
    let written = written(&imported);
    let requires = json!({ "flag": "parent", "variant": ["on"] });
    assert_eq!(written.pointer("/flags/child/requires"), Some(&requires));
    assert_eq!(
        written.pointer("/flags/opposite/rules/0/when"),
        Some(&requires)
    );
    assert_eq!(
        written.pointer("/flags/opposite/rules/0/serve"),
        Some(&json!("off"))
    );
    assert_eq!(
        written.pointer("/flags/grandchild/enabled"),
        Some(&json!(false))
    );
}

#[test]
fn contexts_are_texts_and_the_numbers_that_they_are() {
    let given = json!({
        "userId": 7, "appName": null, "other": "x", "list": [1],
        "properties": { "age": "12.0", "sessionId": "s", "appName": "hidden", "targetingKey": "t", "yes": true },
    });
    assert_eq!(
        Value::from(context(&given).expect("it is an object")),
        json!({
            "targetingKey": "7", "sessionId": "s", "age": "12.0", "other": "x", "yes": "true",
            "property:targetingKey": "t", "numbers": { "targetingKey": 7.0, "age": 12.0 },
        })
    );
    assert!(context(&json!([])).is_err());
}

#[test]
fn what_is_no_file_of_unleashs_is_an_error() {
    for text in ["{", "[]", r#"{"features":{}}"#, r#"{"flags":{}}"#] {
        assert!(unleash(text).is_err(), "{text}");
    }
}

mod law;
