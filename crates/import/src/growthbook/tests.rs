use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::growthbook;
use crate::note::Effect;
use crate::{Imported, Note};

mod law;

fn import(file: &Value) -> Imported {
    growthbook(&file.to_string()).expect("it is a file of features")
}

fn flag(imported: &Imported, key: &str) -> Value {
    let ruleset: Value =
        serde_json::from_str(&encode(&imported.ruleset)).expect("a ruleset is JSON");
    ruleset["flags"][key].clone()
}

/// The places of notes by which answers may differ, those of the whole file aside.
fn places(imported: &Imported) -> Vec<&str> {
    let matters = |note: &&Note| note.effect == Effect::Answers && !note.path.as_str().is_empty();
    let notes = imported.notes.iter().filter(matters);
    notes.map(|note| note.path.as_str()).collect()
}

/// A feature that is true where `condition` holds becomes a flag that is on `when` something holds, without a note.
#[track_caller]
fn check(condition: Value, when: Value) {
    let rule = json!({ "condition": condition, "force": true });
    let imported = import(&json!({ "f": { "defaultValue": false, "rules": [rule] } }));
    assert_eq!(places(&imported), [""; 0], "{condition}");
    assert_eq!(
        flag(&imported, "f")["rules"][0]["when"],
        when,
        "{condition}"
    );
}

/// The rules of a feature become these, and what is served otherwise.
#[track_caller]
fn check_rules(feature: Value, rules: Value, default: Value) {
    let imported = import(&json!({ "f": feature }));
    assert_eq!(places(&imported), [""; 0], "{feature}");
    let flag = flag(&imported, "f");
    assert_eq!(flag.get("rules").unwrap_or(&json!([])), &rules, "{feature}");
    assert_eq!(flag["default"], default, "{feature}");
}

#[test]
fn literals_are_equal_to_what_javascript_makes_them_equal_to() {
    check(
        json!({ "country": "DE" }),
        json!({ "all": [{ "attr": "country", "is": "DE" }, { "attr": "/country/1", "exists": false }] }),
    );
    check(
        json!({ "plan": "5" }),
        json!({ "all": [{ "attr": "plan", "in": ["5", 5] }, { "attr": "/plan/1", "exists": false }] }),
    );
    check(
        json!({ "a.b": null }),
        json!({ "attr": "/a/b", "exists": false }),
    );
    check(
        json!({ "a": { "$eq": true } }),
        json!({ "all": [{ "attr": "a", "is": true }, { "attr": "/a/0", "exists": false }] }),
    );
}

#[test]
fn lists_of_values_find_elements_and_what_is_not_there() {
    check(
        json!({ "tags": { "$in": ["a", 1] } }),
        json!({ "attr": "tags", "in": ["a", 1] }),
    );
    check(
        json!({ "tags": { "$nin": ["a", null] } }),
        json!({ "not": { "any": [{ "attr": "tags", "is": "a" }, { "attr": "tags", "exists": false }] } }),
    );
    check(
        json!({ "tags": { "$all": ["a", "b"] } }),
        json!({ "all": [
            { "attr": "/tags/0", "exists": true }, { "attr": "tags", "is": "a" }, { "attr": "tags", "is": "b" },
        ] }),
    );
    check(
        json!({ "tags": { "$size": 2 } }),
        json!({ "all": [{ "attr": "/tags/1", "exists": true }, { "attr": "/tags/2", "exists": false }] }),
    );
}

#[test]
fn groups_of_conditions_are_said_as_they_are() {
    let (a, b) = (json!({ "a": { "$exists": true } }), json!({ "b": null }));
    let (is_a, is_b) = (
        json!({ "attr": "a", "exists": true }),
        json!({ "attr": "b", "exists": false }),
    );
    check(json!({ "$and": [a, b] }), json!({ "all": [is_a, is_b] }));
    check(json!({ "$or": [a, b] }), json!({ "any": [is_a, is_b] }));
    check(
        json!({ "$nor": [a, b] }),
        json!({ "not": { "any": [is_a, is_b] } }),
    );
    check(
        json!({ "$not": a, "b": null }),
        json!({ "all": [{ "attr": "a", "exists": false }, is_b] }),
    );
}

#[test]
fn a_saved_group_is_a_segment() {
    let rule = |condition: Value| json!({ "condition": condition, "force": true });
    let imported = import(&json!({
        "features": { "f": { "defaultValue": false, "rules": [
            rule(json!({ "id": { "$inGroup": "staff" } })),
            rule(json!({ "id": { "$notInGroup": "staff" } })),
        ] } },
        "savedGroups": { "staff": ["user-1", "user-2"], "unused": [1] },
    }));
    let rules = flag(&imported, "f")["rules"].clone();
    assert_eq!(rules[0]["when"], json!({ "segment": "staff" }));
    assert_eq!(rules[1]["when"], json!({ "not": { "segment": "staff" } }));
    assert_eq!(imported.ruleset.segments().len(), 1);
}

#[test]
fn shares_are_exact_and_what_is_left_of_the_last_rule_is_the_default() {
    let split = |arms: Value, salt: &str, hash: &str| json!({ "split": arms, "by": "id", "salt": salt, "hash": hash });
    check_rules(
        json!({ "defaultValue": "a", "rules": [{ "variations": ["b", "c"], "key": "k", "coverage": 0.5 }] }),
        json!([]),
        split(
            json!([["b", 25], ["a", 25], ["c", 25], ["a", 25]]),
            "k",
            "growthbook-fnv1a-v1",
        ),
    );
    // Of a forced value the end of its share is within it.
    check_rules(
        json!({ "defaultValue": false, "rules": [{ "force": true, "coverage": 0.25, "hashVersion": 2, "seed": "s" }] }),
        json!([]),
        split(
            json!([["on", 2_501], ["off", 7_499]]),
            "s",
            "growthbook-fnv1a-v2",
        ),
    );
    check_rules(
        json!({ "defaultValue": false, "rules": [{ "id": "r1", "force": true, "range": [0, 0.5] }] }),
        json!([{
            "name": "r1",
            "when": { "attr": "id", "exists": true },
            "serve": split(json!([["on", 50], ["off", 50]]), "f", "growthbook-fnv1a-v1"),
        }]),
        json!("off"),
    );
}

#[test]
fn what_is_left_of_other_rules_goes_on_by_a_flag_of_its_own() {
    let imported = import(&json!({ "f": { "defaultValue": 0, "rules": [
        { "force": 1, "range": [0, 0.5] },
        { "force": 2 },
    ] } }));
    let rules = json!([{ "when": { "flag": "f.0", "variant": ["in"] }, "serve": "1" }]);
    assert_eq!(flag(&imported, "f")["rules"], rules);
    assert_eq!(flag(&imported, "f")["default"], json!("2"));
    let split = json!([["in", 50], ["out", 50]]);
    assert_eq!(flag(&imported, "f.0")["default"]["split"], split);
}

#[test]
fn a_gate_is_a_requirement_and_no_value_a_variant_that_is_null() {
    let parents = json!([{ "id": "p", "condition": { "value": "green" }, "gate": true }]);
    let imported = import(&json!({
        "p": { "defaultValue": "red", "rules": [{ "condition": { "a": null }, "force": "green" }] },
        "f": { "defaultValue": true, "rules": [{ "parentConditions": parents }] },
    }));
    let flag = flag(&imported, "f");
    assert_eq!(
        flag["requires"],
        json!({ "flag": "p", "variant": ["green"] })
    );
    assert_eq!(flag["offVariant"], json!("no-value"));
    assert_eq!(flag["variants"], json!({ "on": true, "no-value": null }));
    assert_eq!(places(&imported), [""; 0]);
}

#[test]
fn a_feature_without_a_value_leaves_the_answer_to_the_caller_as_before() {
    let parents = json!([{ "id": "gone", "condition": { "value": true }, "gate": true }]);
    let imported = import(&json!({ "features": {
        "f": { "defaultValue": 1, "rules": [{ "parentConditions": parents }] },
        "g": {},
    } }));
    assert_eq!(imported.ruleset.flags().len(), 0);
    assert_eq!(places(&imported), [""; 0]);
}

#[test]
fn values_of_several_types_are_wrapped() {
    let imported = import(
        &json!({ "f": { "defaultValue": true, "rules": [{ "condition": { "a": null }, "force": "T" }] } }),
    );
    let flag = flag(&imported, "f");
    assert_eq!(flag["type"], json!("object"));
    assert_eq!(
        flag["variants"],
        json!({ "T": { "value": "T" }, "on": { "value": true } })
    );
    assert_eq!(places(&imported), ["/f"]);
}

#[test]
fn what_cannot_be_said_costs_its_rule_and_nothing_else() {
    let rule = |condition: Value| json!({ "condition": condition, "force": true });
    let imported = import(&json!({ "features": {
        "a": { "defaultValue": false, "rules": [rule(json!({ "x": { "$regex": "(?=y)" } })), rule(json!({ "x": null }))] },
        "b": 5,
        "c": { "defaultValue": "red" },
    } }));
    assert_eq!(places(&imported), ["/features/a/rules/0", "/features/b"]);
    assert_eq!(
        flag(&imported, "a")["rules"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(flag(&imported, "c")["default"], json!("red"));
}

#[test]
fn what_is_no_file_of_features_is_an_error() {
    for text in ["{", "[]", r#"{"encryptedFeatures":"x"}"#, r#"{"a":1}"#] {
        let notes = growthbook(text).expect_err("it is none");
        assert_eq!(notes.len(), 1, "{text}");
    }
}
