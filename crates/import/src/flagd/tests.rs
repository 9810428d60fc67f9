use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::flagd;
use crate::Imported;

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
            "variants": { "on": true, "off": false },
            "defaultVariant": "off",
            "targeting": targeting,
        } },
    });
    flagd(&file.to_string()).expect("it is a flagd file")
}

fn flag(imported: &Imported) -> Value {
    let ruleset: Value =
        serde_json::from_str(&encode(&imported.ruleset)).expect("a ruleset is JSON");
    ruleset.pointer("/flags/f").cloned().unwrap_or_default()
}

/// The notes on the flag's targeting, as `path below it: reason`.
fn notes(imported: &Imported) -> Vec<String> {
    let all = imported.notes.iter().map(ToString::to_string);
    all.filter_map(|note| Some(note.strip_prefix("/flags/f/targeting")?.to_owned()))
        .collect()
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
    let file = json!({ "flags": { "f": {
        "state": "ENABLED", "variants": { "true": 1, "false": 0 }, "defaultVariant": "true",
        "targeting": { "in": [{ "var": "country" }, ["DE"]] },
    } } });
    let imported = flagd(&file.to_string()).expect("it is a flagd file");
    assert_eq!(imported.notes, []);
    let flag = flag(&imported);
    let rules = json!([{ "when": { "attr": "country", "in": ["DE"] }, "serve": "true" }]);
    assert_eq!(
        (flag.get("rules"), flag.get("default")),
        (Some(&rules), Some(&json!("false")))
    );
}

#[test]
fn conditions_that_say_the_same_have_no_note() {
    let country = json!({ "var": "country" });
    check_condition(
        json!({ "==": ["DE", country] }),
        json!({ "attr": "country", "is": "DE" }),
        &[],
    );
    check_condition(
        json!({ "==": [country, null] }),
        json!({ "attr": "country", "exists": false }),
        &[],
    );
    check_condition(
        json!({ "!==": [country, 1] }),
        json!({ "not": { "attr": "country", "is": 1 } }),
        &[],
    );
    check_condition(
        json!({ "in": [country, { "$ref": "dach" }] }),
        json!({ "attr": "country", "in": ["DE", "AT", "CH"] }),
        &[],
    );
    check_condition(
        json!({ "in": [7, { "var": ["ids"] }] }),
        json!({ "attr": "ids", "is": 7 }),
        &[],
    );
    check_condition(
        json!({ "starts_with": [{ "var": "app.name" }, "x"] }),
        json!({ "attr": "/app/name", "startsWith": "x" }),
        &[],
    );
    check_condition(
        json!({ "$ref": "staff" }),
        json!({ "attr": "email", "endsWith": "@example.com" }),
        &[],
    );
    check_condition(
        json!({ "or": [{ "!": { "$ref": "staff" } }, { "and": [{ "!!": [{ "===": [country, "DE"] }] }] }] }),
        json!({ "any": [
            { "not": { "attr": "email", "endsWith": "@example.com" } },
            { "all": [{ "attr": "country", "is": "DE" }] },
        ] }),
        &[],
    );
}

#[test]
fn conditions_that_hold_for_other_contexts_have_a_note() {
    let converts = &["/if/0/==: only `5` itself is equal"];
    check_condition(
        json!({ "==": [{ "var": "age" }, 5] }),
        json!({ "attr": "age", "is": 5 }),
        converts,
    );
    check_condition(
        json!({ "!=": [{ "var": "age" }, "5"] }),
        json!({ "not": { "attr": "age", "is": "5" } }),
        &["/if/0/!=: only"],
    );
    check_condition(
        json!({ "<=": [18, { "var": "age" }] }),
        json!({ "attr": "age", "gte": 18 }),
        &["/if/0/<=: compares numbers only"],
    );
    check_condition(
        json!({ "<": [18, { "var": "age" }, 65] }),
        json!({ "all": [{ "attr": "age", "gt": 18 }, { "attr": "age", "lt": 65 }] }),
        &["/if/0/<: compares numbers only"],
    );
    check_condition(
        json!({ "in": ["beta", { "var": "groups" }] }),
        json!({ "attr": "groups", "contains": "beta" }),
        &["has to equal it"],
    );
    check_condition(
        json!({ "var": "beta" }),
        json!({ "all": [{ "attr": "beta", "exists": true }, { "not": { "attr": "beta", "in": [false, 0, ""] } }] }),
        &["/if/0/var: a list"],
    );
}

#[test]
fn versions_compare_as_flagd_compares_them() {
    let check = |comparison: &str, bound: &str, range: &str| {
        let condition = json!({ "sem_ver": [{ "var": "v" }, comparison, bound] });
        check_condition(
            condition,
            json!({ "attr": "v", "semver": range }),
            &["full versions only"],
        );
    };
    check("=", "2.1.0", "=2.1.0");
    check("!=", "2.1.0", "<2.1.0 || >2.1.0");
    check(">=", "2.1.0-rc.1", ">=2.1.0-rc.1");
    check("^", "2.1.3", ">=2.0.0-0 <3.0.0-0");
    check("~", "2.1.3", ">=2.1.0-0 <2.2.0-0");
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
        json!(true),
        "/if/0: the rule is left out: `true` is not a condition",
    );
    check_left_out(
        json!({ "sem_ver": [{ "var": "v" }, ">=", "2.1"] }),
        "/if/0/sem_ver: the rule is left out: `>= 2.1` does not compare with a full version",
    );
    check_left_out(
        json!({ "===": [{ "var": ["a", "x"] }, "x"] }),
        "/if/0/===: the rule is left out: `a` has a value of its own for contexts without it",
    );
    check_left_out(
        json!({ ">": [{ "var": "$flagd.timestamp" }, 1] }),
        "/if/0/>: the rule is left out: `$flagd.timestamp` is not an attribute of the context",
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
    let fractional = json!({ "fractional": [["on", 50], ["off", 50]] });
    let imported = import(&json!({ "if": [{ "$ref": "staff" }, fractional, "on"] }));
    assert_eq!(
        notes(&imported),
        ["/if/1: no rule serves what `fractional` yields: `off` is served instead"]
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
    let imported = flagd(&file.to_string()).expect("it is a flagd file");
    let keys: Vec<_> = imported
        .ruleset
        .flags()
        .keys()
        .map(ToString::to_string)
        .collect();
    assert_eq!(keys, ["kept", "off"]);
    let paths: Vec<_> = imported
        .notes
        .iter()
        .map(|note| note.path.as_str())
        .collect();
    for path in [
        "/flags/kept/metadata",
        "/flags/off/state",
        "/flags/a b",
        "/flags/mixed/variants",
        "/flags/none/variants",
        "/flags/open/defaultVariant",
        "/flags/state/state",
        "/flags/text",
        "/flags/unknown",
        "/metadata",
    ] {
        assert!(paths.contains(&path), "{path} in {paths:?}");
    }
}

#[test]
fn what_is_no_flagd_file_is_an_error() {
    for (text, path) in [("{", ""), ("[]", "/flags"), (r#"{"flags":[]}"#, "/flags")] {
        let notes = flagd(text).expect_err("it is not one");
        assert_eq!(
            notes.first().map(|note| note.path.as_str()),
            Some(path),
            "{text}"
        );
    }
}

mod law;
