//! Rules, and what flags come to.

use super::{check, check_rules, ruleset_with};
use crate::lint::Lint;

const A: &str = r#"{ "attr": "a", "is": 1 }"#;
const B: &str = r#"{ "attr": "b", "is": 1 }"#;
const A_AND_B: &str = r#"{ "all": [{ "attr": "a", "is": 1 }, { "attr": "b", "is": 1 }] }"#;
const EVERYBODY: &str =
    r#"{ "not": { "all": [{ "attr": "a", "is": 1 }, { "attr": "a", "exists": false }] } }"#;
const SPLIT: &str = r#"{ "split": [["on", 1], ["off", 1]] }"#;
const ON: &str = r#""on""#;

#[test]
fn a_rule_after_one_that_takes_all_of_its_contexts_is_never_reached() {
    let check =
        |rules: &[(&str, &str)], want: &[&str]| check_rules(Lint::UnreachableRule, rules, want);
    check(&[(A, ON), (A, ON)], &["/flags/f/rules/1"]);
    check(&[(A, ON), (A_AND_B, ON)], &["/flags/f/rules/1"]);
    check(&[(A_AND_B, ON), (A, ON)], &[]);
    check(&[(A, ON), (B, ON)], &[]);
    check(
        &[(EVERYBODY, ON), (A, ON), (B, ON)],
        &["/flags/f/rules/1", "/flags/f/rules/2"],
    );
}

#[test]
fn rules_before_one_can_take_all_of_its_contexts_together() {
    let check =
        |rules: &[(&str, &str)], want: &[&str]| check_rules(Lint::UnreachableRule, rules, want);
    let not_b = r#"{ "not": { "attr": "b", "is": 1 } }"#;
    check(&[(B, ON), (not_b, ON), (A, ON)], &["/flags/f/rules/2"]);
    let low = r#"{ "attr": "n", "lt": 5 }"#;
    let high = r#"{ "attr": "n", "gte": 5 }"#;
    check(
        &[(low, ON), (high, ON), (r#"{ "attr": "n", "is": 7 }"#, ON)],
        &["/flags/f/rules/2"],
    );
    check(
        &[
            (low, ON),
            (high, ON),
            (r#"{ "attr": "n", "exists": true }"#, ON),
        ],
        &[],
    );
}

#[test]
fn a_split_passes_on_whoever_has_no_unit() {
    let check =
        |rules: &[(&str, &str)], want: &[&str]| check_rules(Lint::UnreachableRule, rules, want);
    check(&[(A, SPLIT), (A, ON)], &[]);
    check(&[(A, SPLIT), (A, SPLIT)], &["/flags/f/rules/1"]);
    let by_b = r#"{ "split": [["on", 1], ["off", 1]], "by": "b" }"#;
    check(&[(A, SPLIT), (A, by_b)], &[]);
    // The key is a unit, so it was divided before.
    check(
        &[
            (EVERYBODY, SPLIT),
            (
                r#"{ "all": [{ "attr": "targetingKey", "is": "u" }, { "attr": "a", "is": 1 }] }"#,
                ON,
            ),
        ],
        &[],
    );
    check(
        &[(r#"{ "attr": "targetingKey", "exists": false }"#, SPLIT)],
        &["/flags/f/rules/0"],
    );
    check(
        &[(r#"{ "attr": "targetingKey", "is": 1.5 }"#, SPLIT)],
        &["/flags/f/rules/0"],
    );
    check(
        &[(r#"{ "attr": "targetingKey", "exists": true }"#, SPLIT)],
        &[],
    );
}

#[test]
fn targets_and_requirements_are_asked_before_rules() {
    let flag = |members: &str, key: &str| {
        let members = format!(
            r#"{members}, "rules": [{{ "when": {{ "attr": "targetingKey", "in": {key} }}, "serve": {SPLIT} }}], "default": "off""#
        );
        ruleset_with(&members, "")
    };
    let of = Lint::UnreachableRule;
    let targets = r#""targets": { "on": ["u"], "off": ["v"] }"#;
    check(of, &flag(targets, r#"["u", "v"]"#), &["/flags/f/rules/0"]);
    check(of, &flag(targets, r#"["u", "w"]"#), &[]);
    // A list that holds a target and another key is a target too, yet nobody says that it is the same list.
    check(of, &flag(targets, r#"["w"]"#), &[]);
}

#[track_caller]
fn check_members(of: Lint, members: &str, want: &[&str]) {
    let releases = r#""releases": { "ga": { "from": "off", "to": "on", "stages": [{ "name": "all", "percent": 100 }] } }"#;
    check(of, &ruleset_with(members, releases), want);
}

#[test]
fn a_flag_with_one_outcome_is_constant() {
    let of = Lint::ConstantFlag;
    check_members(of, r#""default": "on""#, &["/flags/f"]);
    check_members(of, r#""default": "on", "enabled": false"#, &[]);
    check_members(of, r#""default": "on", "targets": { "off": ["u"] }"#, &[]);
    check_members(
        of,
        r#""default": "on", "targets": { "on": ["u"], "off": [] }"#,
        &["/flags/f"],
    );
    check_members(
        of,
        &format!(r#""default": "on", "rules": [{{ "when": {A}, "serve": "on" }}]"#),
        &["/flags/f"],
    );
    check_members(
        of,
        &format!(r#""default": "on", "rules": [{{ "when": {A}, "serve": "off" }}]"#),
        &[],
    );
    check_members(
        of,
        &format!(r#""default": "off", "rules": [{{ "when": {EVERYBODY}, "serve": "on" }}]"#),
        &["/flags/f"],
    );
    check_members(of, r#""default": { "release": "ga" }"#, &[]);
    check_members(
        of,
        r#""default": { "split": [["on", 1], ["off", 0]] }"#,
        &[],
    );
    check_members(
        of,
        r#""default": { "split": [["off", 1], ["on", 0]] }"#,
        &["/flags/f"],
    );
    check_members(
        of,
        r#""default": { "split": [["on", 1]], "exposure": 0, "rest": "off" }"#,
        &["/flags/f"],
    );
    check_members(
        of,
        r#""default": { "split": [["on", 1]], "exposure": 0.1, "rest": "off" }"#,
        &[],
    );
}

#[test]
fn a_requirement_that_nothing_meets_is_found() {
    let requiring = |gate: &str, requires: &str| {
        let flag = |rest: &str| {
            format!(
                r#"{{ "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off", {rest} }}"#
            )
        };
        let gate = flag(gate);
        let asking = flag(&format!(r#""requires": {requires}, "default": "on""#));
        format!(r#"{{ "flags": {{ "asking": {asking}, "gate": {gate} }} }}"#)
    };
    let check = |gate: &str, requires: &str, want: &[&str]| {
        check(Lint::UnmetRequirement, &requiring(gate, requires), want);
        // Said once: that it is constant besides follows.
        super::check(
            Lint::ConstantFlag,
            &requiring(gate, requires),
            if gate.contains("rules") {
                &[]
            } else {
                &["/flags/gate"][..usize::from(!gate.contains("enabled"))]
            },
        );
    };
    let on = r#"{ "flag": "gate", "variant": ["on"] }"#;
    let off = r#"{ "flag": "gate", "variant": ["off"] }"#;
    let place = &["/flags/asking/requires"][..];
    check(r#""default": "on""#, on, &[]);
    check(r#""default": "on""#, off, place);
    check(r#""default": "on", "enabled": false"#, on, place);
    check(r#""default": "off", "enabled": false"#, off, place);
    let varying = format!(r#""rules": [{{ "when": {A}, "serve": "on" }}], "default": "off""#);
    check(&varying, on, &[]);
    check(&varying, &format!("[{on}, {off}]"), place);
    check(&varying, &format!("[{on}, {on}]"), &[]);
}

#[test]
fn an_off_variant_meets_where_it_is_served_while_on() {
    let gates = |first: &str, second: &str| {
        let flag = |rest: &str| {
            format!(
                r#"{{ "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off", {rest} }}"#
            )
        };
        let asking =
            flag(r#""requires": { "flag": "second", "variant": ["off"] }, "default": "on""#);
        format!(
            r#"{{ "flags": {{ "asking": {asking}, "first": {}, "second": {} }} }}"#,
            flag(first),
            flag(second)
        )
    };
    let of = Lint::UnmetRequirement;
    check(
        of,
        &gates(r#""default": "on""#, r#""default": "on""#),
        &["/flags/asking/requires"],
    );
    let second = r#""requires": { "flag": "first", "variant": ["on"] }, "default": "on""#;
    check(of, &gates(r#""default": "on""#, second), &[]);
    check(
        of,
        &gates(
            r#""default": "on""#,
            r#""default": { "split": [["on", 1]] }"#,
        ),
        &[],
    );
}

#[test]
fn arms_without_weight_and_splits_with_one_arm_are_found() {
    let check = |serve: &str, zero: &[&str], whole: &[&str]| {
        check_members(Lint::ZeroWeight, &format!(r#""default": {serve}"#), zero);
        check_members(Lint::WholeWeight, &format!(r#""default": {serve}"#), whole);
    };
    let split = &["/flags/f/default/split"];
    check(r#"{ "split": [["on", 1], ["off", 1]] }"#, &[], &[]);
    check(
        r#"{ "split": [["on", 1], ["off", 0], ["spare", 3]] }"#,
        &["/flags/f/default/split/1"],
        &[],
    );
    check(r#"{ "split": [["on", 100], ["off", 0]] }"#, &[], split);
    check(r#"{ "split": [["on", 100]] }"#, &[], split);
    check(r#"{ "split": [["on", 1], ["on", 2]] }"#, &[], split);
    check(
        r#"{ "split": [["on", 100]], "exposure": 0.5, "rest": "off" }"#,
        &[],
        &[],
    );
    check(
        r#"{ "split": [["on", 100]], "exposure": 0.5, "rest": "on" }"#,
        &[],
        split,
    );
    check(
        r#"{ "split": [["on", 100]], "exposure": 0, "rest": "off" }"#,
        &[],
        &[],
    );
}

#[test]
fn rollouts_of_two_flags_with_one_salt_are_found() {
    let check = |first: &str, second: &str, want: &[&str]| {
        let flag = |split: &str| {
            format!(
                r#"{{ "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off",
                    "default": {{ {split} }} }}"#
            )
        };
        let json = format!(
            r#"{{ "flags": {{ "first": {}, "second": {} }}, "releases": {{ "ga": {{ "from": "off", "to": "on", "stages": [{{ "name": "all" }}] }} }} }}"#,
            flag(first),
            flag(second)
        );
        check(Lint::SharedSalt, &json, want);
    };
    let halves = r#""split": [["on", 1], ["off", 1]]"#;
    let salted = |salt: &str| format!(r#"{halves}, "salt": "{salt}""#);
    let (first, second) = (
        &["/flags/first/default/salt"],
        &["/flags/second/default/salt"],
    );
    check(halves, halves, &[]);
    check(&salted("x"), &salted("x"), second);
    check(&salted("x"), &salted("y"), &[]);
    check(halves, &salted("first"), second);
    check(&salted("second"), halves, first);
    check(&salted("second"), &salted("x"), &[]);
    check(&salted("release:ga"), halves, first);
    check(
        &salted("x"),
        &format!(r#"{}, "by": "company""#, salted("x")),
        &[],
    );
    check(
        &salted("x"),
        r#""split": [["on", 1], ["off", 0]], "salt": "x""#,
        &[],
    );
    let hashed = format!(r#"{}, "hash": "eppo-md5""#, salted("x"));
    check(&salted("x"), &hashed, &[]);
    check(&hashed, &hashed, second);
}
