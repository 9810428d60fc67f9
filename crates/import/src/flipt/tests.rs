//! What Flipt's files become.

use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::flipt;

mod law;

/// A flag of a features file with one segment, as it is written.
fn import(flag: &Value) -> Value {
    let segments = json!([{ "key": "s", "match_type": "ALL_MATCH_TYPE", "constraints": [
        { "type": "STRING_COMPARISON_TYPE", "property": "country", "operator": "eq", "value": "DE" },
    ] }]);
    let file = json!({ "version": "1.4", "flags": [flag], "segments": segments });
    let imported = flipt(&file.to_string()).expect("it is a features file");
    serde_json::from_str(&encode(&imported.ruleset)).expect("a ruleset is JSON")
}

#[test]
fn distributions_are_a_split_in_thousands() {
    let arms = json!([{ "variant": "a", "rollout": 33.3 }, { "variant": "b", "rollout": 50 }]);
    let ruleset = import(&json!({
        "key": "f", "type": "VARIANT_FLAG_TYPE", "enabled": true, "variants": [{ "key": "a" }, { "key": "b" }],
        "rules": [{ "segment": "s", "distributions": arms }],
    }));
    assert_eq!(
        ruleset.pointer("/flags/f/rules"),
        Some(&json!([{ "when": { "segment": "s" }, "serve": {
            "split": [["a", 333], ["b", 500], ["callers-default", 167]], "salt": "f", "hash": "flipt-crc32",
        } }]))
    );
}

#[test]
fn enabled_of_a_boolean_flag_is_what_it_serves_where_no_rollout_does() {
    let ruleset = import(&json!({
        "key": "f", "type": "BOOLEAN_FLAG_TYPE", "enabled": false, "rollouts": [
            { "threshold": { "percentage": 20, "value": true } }, { "segment": { "key": "s", "value": true } },
        ],
    }));
    assert_eq!(
        ruleset.pointer("/flags/f/rules"),
        Some(&json!([
            { "when": { "flag": "f.threshold-20", "variant": ["in"] }, "serve": "true" },
            { "when": { "segment": "s" }, "serve": "true" },
        ]))
    );
    assert_eq!(ruleset.pointer("/flags/f/default"), Some(&json!("false")));
    assert_eq!(
        ruleset.pointer("/flags/f.threshold-20/default/hash"),
        Some(&json!("flipt-crc32-threshold"))
    );
}

#[test]
fn what_is_attached_to_the_default_is_served_while_the_flag_is_disabled() {
    let ruleset = import(&json!({
        "key": "f", "type": "VARIANT_FLAG_TYPE", "enabled": false,
        "variants": [{ "key": "a", "default": true, "attachment": { "x": 1 } }, { "key": "b" }],
    }));
    let attachment = ruleset.pointer("/flags/f.attachment").expect("it is made");
    assert_eq!(attachment["enabled"], json!(false));
    assert_eq!(attachment["offVariant"], json!("a"));
}

#[test]
fn shares_that_do_not_add_up_are_noted() {
    let check = |rollout: u32, want: usize| {
        let rules =
            json!([{ "segment": "s", "distributions": [{ "variant": "a", "rollout": rollout }] }]);
        let flag =
            json!({ "key": "f", "enabled": true, "variants": [{ "key": "a" }], "rules": rules });
        let segments = json!([{ "key": "s", "match_type": "ALL_MATCH_TYPE", "constraints": [] }]);
        let file = json!({ "flags": [flag], "segments": segments });
        let imported = flipt(&file.to_string()).expect("it is a features file");
        let noted = imported
            .notes
            .iter()
            .filter(|it| it.reason.contains("add up"));
        assert_eq!(noted.count(), want, "{rollout}");
    };
    check(100, 0);
    check(10, 1);
}
