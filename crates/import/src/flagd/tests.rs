use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::{Fractional, flagd};
use crate::{Effect, Imported};

/// Imports one flag with the variants `on` and `off` (the default) and `targeting`.
#[track_caller]
fn import(targeting: &Value) -> Imported {
    let file = json!({
        "$evaluators": {
            "staff": { "ends_with": [{ "var": "email" }, "@example.com"] },
            "dach": ["DE", "AT", "CH"],
            "self": { "!": { "$ref": "self" } },
        },
        "flags": { "f": {
            "state": "ENABLED",
            "variants": { "on": true, "off": false, "true": true, "false": false },
            "defaultVariant": "off",
            "targeting": targeting,
        } },
    });
    flagd(&file.to_string(), Fractional::V2).expect("it is a flagd file")
}

fn flag(imported: &Imported) -> Value {
    let ruleset: Value =
        serde_json::from_str(&encode(&imported.ruleset)).expect("a ruleset is JSON");
    ruleset.pointer("/flags/f").cloned().unwrap_or_default()
}

/// The notes on the flag's targeting, as `path below it: reason`; one by which no answer differs begins with `-`.
fn notes(imported: &Imported) -> Vec<String> {
    let note = |note: &crate::Note| {
        let path = note.path.as_str().strip_prefix("/flags/f/targeting")?;
        let mark = if note.effect == Effect::None { "-" } else { "" };
        Some(format!("{mark}{path}: {}", note.reason))
    };
    imported.notes.iter().filter_map(note).collect()
}

/// `targeting` becomes these rules and this default, without a note.
#[track_caller]
fn check(targeting: Value, rules: Value, default: &str) {
    let imported = import(&targeting);
    assert_eq!(notes(&imported), [""; 0], "{targeting}");
    let flag = flag(&imported);
    assert_eq!(
        flag.get("rules").unwrap_or(&json!([])),
        &rules,
        "{targeting}"
    );
    assert_eq!(flag.get("default"), Some(&json!(default)), "{targeting}");
}

/// A condition on which `on` is served becomes `when`, with these notes.
#[track_caller]
fn check_condition(condition: Value, when: Value, want: &[&str]) {
    let imported = import(&json!({ "if": [condition, "on"] }));
    assert_eq!(
        flag(&imported).pointer("/rules/0/when"),
        Some(&when),
        "{condition}"
    );
    let notes = notes(&imported);
    assert_eq!(notes.len(), want.len(), "{notes:?}");
    for (note, want) in notes.iter().zip(want) {
        assert!(note.contains(want), "{note}");
    }
}

/// A condition that no condition of ours says leaves the rule out, with a note.
#[track_caller]
fn check_left_out(condition: Value, note: &str) {
    let imported = import(&json!({ "if": [condition, "on"] }));
    assert_eq!(flag(&imported).pointer("/rules/0"), None, "{condition}");
    assert_eq!(notes(&imported), [note], "{condition}");
}

#[test]
fn a_chain_becomes_rules_and_its_end_the_default() {
    let is = |text: &str| json!({ "==": [{ "var": "country" }, text] });
    let when = |text: &str| json!({ "attr": "country", "is": text });
    check(Value::Null, json!([]), "off");
    check(json!({}), json!([]), "off");
    check(json!("on"), json!([]), "on");
    check(
        json!({ "if": [is("DE"), "on"] }),
        json!([{ "when": when("DE"), "serve": "on" }]),
        "off",
    );
    check(
        json!({ "if": [is("DE"), "on", null] }),
        json!([{ "when": when("DE"), "serve": "on" }]),
        "off",
    );
    check(
        json!({ "if": [is("DE"), "off", is("AT"), "off", "on"] }),
        json!([{ "when": when("DE"), "serve": "off" }, { "when": when("AT"), "serve": "off" }]),
        "on",
    );
}

#[test]
fn an_inner_chain_without_an_end_falls_to_the_default_and_not_to_the_outer_branches() {
    let is = |name: &str, text: &str| json!({ "===": [{ "var": name }, text] });
    let when = |name: &str, text: &str| json!({ "attr": name, "is": text });
    check(
        json!({ "if": [is("country", "DE"), { "if": [is("plan", "pro"), "on"] }, "on"] }),
        json!([
            { "when": { "all": [when("country", "DE"), when("plan", "pro")] }, "serve": "on" },
            { "when": when("country", "DE"), "serve": "off" },
        ]),
        "on",
    );
}

#[test]
fn true_and_false_are_the_variants_of_that_name() {
    let is = |value: Value| json!({ "attr": "country", "is": value });
    check(
        json!({ "===": [{ "var": "country" }, "DE"] }),
        json!([{ "when": is(json!("DE")), "serve": "true" }]),
        "false",
    );
    // Null, so the default, where the attribute is no text.
    check(
        json!({ "starts_with": [{ "var": "country" }, "D"] }),
        json!([
            { "when": { "attr": "country", "startsWith": "D" }, "serve": "true" },
            { "when": { "attr": "country", "startsWith": "" }, "serve": "false" },
        ]),
        "off",
    );
    check(
        json!({ "or": [{ "===": [{ "var": "country" }, "DE"] }, "on"] }),
        json!([{ "when": is(json!("DE")), "serve": "true" }]),
        "on",
    );
    check(
        json!({ "and": [{ "===": [{ "var": "country" }, "DE"] }, "on"] }),
        json!([
            { "when": { "all": [{ "not": is(json!("DE")) }, is(json!("DE"))] }, "serve": "true" },
            { "when": { "not": is(json!("DE")) }, "serve": "false" },
        ]),
        "on",
    );
}

#[test]
fn an_attribute_can_name_the_variant() {
    let imported = import(&json!({ "cat": ["o", { "var": ["end", "ff"] }] }));
    assert_eq!(
        flag(&imported).pointer("/rules"),
        Some(&json!([
            { "when": { "attr": "end", "is": "n" }, "serve": "on" },
            { "when": { "attr": "end", "is": "ff" }, "serve": "off" },
            { "when": { "attr": "end", "exists": true }, "serve": "off" },
        ]))
    );
    assert_eq!(notes(&imported).len(), 1);
}

#[test]
fn what_cannot_be_said_leaves_its_rule_out_and_says_where() {
    check_left_out(
        json!({ "==": [{ "var": "a" }, { "var": "b" }] }),
        "/if/0/==: the rule is left out: no condition compares two attributes",
    );
    check_left_out(
        json!({ "and": [{ "==": [{ "var": "a" }, 1] }, { "some": [] }] }),
        "/if/0/and/1/some: the rule is left out: no condition says what `some` says here",
    );
    check_left_out(
        json!({ "==": [{ "var": "$flagd" }, 1] }),
        "/if/0/==: the rule is left out: `$flagd` is not an attribute of the context",
    );
    check_left_out(
        json!({ "<": [{ "var": "a" }, "b"] }),
        "/if/0/<: the rule is left out: no condition orders anything but numbers",
    );
    check_left_out(
        json!({ "$ref": "nobody" }),
        "/if/0/$ref: the rule is left out: no condition says what `$ref` says here",
    );
    let imported = import(&json!({ "if": [{ "$ref": "self" }, "on"] }));
    assert_eq!(flag(&imported).pointer("/rules/0"), None);
    assert!(
        notes(&imported)
            .concat()
            .ends_with("no condition says what `$ref` says here"),
        "{:?}",
        notes(&imported)
    );
}

#[test]
fn a_result_that_no_rule_serves_is_the_default_and_noted() {
    let imported = import(&json!({ "if": [{ "$ref": "staff" }, { "+": [1, 2] }, "on"] }));
    assert_eq!(
        notes(&imported),
        ["/if/1: no rule serves what `+` yields: `off` is served instead"]
    );
    assert_eq!(
        flag(&imported).pointer("/rules/0/serve"),
        Some(&json!("off"))
    );

    let imported = import(&json!("blue"));
    assert_eq!(
        notes(&imported),
        [": the flag has no variant `blue`: `off` is served instead"]
    );
}

#[test]
fn a_flag_that_cannot_be_kept_costs_no_other() {
    let on = json!({ "on": true });
    let flag = |member: &str, value: Value| {
        let mut flag = json!({ "state": "ENABLED", "variants": on, "defaultVariant": "on" });
        flag[member] = value;
        flag
    };
    let file = json!({ "metadata": {}, "flags": {
        "kept": flag("metadata", json!({ "team": "a" })),
        "off": flag("state", json!("DISABLED")),
        "a b": flag("state", json!("ENABLED")),
        "mixed": flag("variants", json!({ "on": true, "two": 2 })),
        "none": flag("variants", json!({})),
        "open": flag("defaultVariant", Value::Null),
        "state": flag("state", json!("PAUSED")),
        "text": "on",
        "unknown": flag("defaultVariant", json!("blue")),
    } });
    let imported = flagd(&file.to_string(), Fractional::V2).expect("it is a flagd file");
    let keys: Vec<_> = imported
        .ruleset
        .flags()
        .keys()
        .map(ToString::to_string)
        .collect();
    let renamed = keys.first().map(String::as_str).unwrap_or_default();
    assert!(renamed.starts_with("a_b-"), "{renamed}");
    assert_eq!(
        keys.get(1..),
        Some(&["kept", "off", "open"].map(String::from)[..])
    );
    let paths: Vec<_> = imported
        .notes
        .iter()
        .map(|note| note.path.as_str())
        .collect();
    for path in [
        "/flags/kept/metadata",
        "/flags/a b",
        "/flags/mixed/variants",
        "/flags/none/variants",
        "/flags/state/state",
        "/flags/text",
        "/flags/unknown/defaultVariant",
        "/metadata",
    ] {
        assert!(paths.contains(&path), "{path} in {paths:?}");
    }
}

#[test]
fn where_flagd_leaves_the_answer_to_the_caller_a_variant_is_null() {
    let check = |members: Value, off: &str, default: Value, rules: Value| {
        let mut f = json!({
            "state": "ENABLED", "variants": { "on": true, "callers-default": false },
            "targeting": { "fractional": [["on", 1], ["callers-default", 1]] },
        });
        for (name, value) in members.as_object().into_iter().flatten() {
            f[name] = value.clone();
        }
        let file = json!({ "flags": { "f": f } });
        let imported = flagd(&file.to_string(), Fractional::V2).expect("it is a flagd file");
        assert_eq!(notes(&imported), [""; 0]);
        let flag = flag(&imported);
        assert_eq!(flag["offVariant"], json!(off), "{members}");
        assert_eq!(flag["default"], default, "{members}");
        assert_eq!(flag.get("rules").unwrap_or(&json!([])), &rules, "{members}");
        let null = json!({ "on": true, "callers-default": false, "callers-default-": null });
        assert_eq!(
            flag["variants"] == null,
            off == "callers-default-",
            "{members}"
        );
    };
    let split = json!({ "split": [["on", 1], ["callers-default", 1]], "hash": "flagd-murmur3-v2" });
    let none = "callers-default-";
    check(json!({}), none, split.clone(), json!([]));
    check(
        json!({ "defaultVariant": null }),
        none,
        split.clone(),
        json!([]),
    );
    check(
        json!({ "defaultVariant": "on" }),
        "on",
        split.clone(),
        json!([]),
    );
    // Once it is enabled again, who has no unit is served the default.
    let there = json!({ "attr": "targetingKey", "exists": true });
    check(
        json!({ "defaultVariant": "on", "state": "DISABLED" }),
        none,
        json!("on"),
        json!([{ "when": there, "serve": split }]),
    );
}

#[test]
fn what_is_no_flagd_file_is_an_error() {
    for (text, path) in [("{", ""), ("[]", "/flags"), (r#"{"flags":1}"#, "/flags")] {
        let notes = flagd(text, Fractional::V2).expect_err("it is not one");
        assert_eq!(
            notes.first().map(|note| note.path.as_str()),
            Some(path),
            "{text}"
        );
    }
}

mod conditions;
mod fractions;
mod law;
