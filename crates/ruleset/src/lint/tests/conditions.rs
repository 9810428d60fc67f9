//! Conditions.

use super::{check, check_rules, ruleset_with};
use crate::lint::Lint;

#[track_caller]
pub(super) fn check_condition(of: Lint, condition: &str, want: &[&str]) {
    let want: Vec<String> = want
        .iter()
        .map(|path| format!("/flags/f/rules/0/when{path}"))
        .collect();
    let want: Vec<&str> = want.iter().map(String::as_str).collect();
    check_rules(of, &[(condition, r#""on""#)], &want);
}

/// Checks a condition of these tests of the attribute `a`, joined by `all`.
#[track_caller]
fn check_all(tests: &[&str], is_never_true: bool) {
    let tests = tests
        .iter()
        .map(|test| format!(r#"{{ "attr": "a", {test} }}"#));
    let condition = format!(r#"{{ "all": [{}] }}"#, tests.collect::<Vec<_>>().join(", "));
    check_condition(
        Lint::NeverTrue,
        &condition,
        if is_never_true { &[""] } else { &[] },
    );
}

/// [`check_all`] of tests of the targeting key besides being a unit, so that no list passes.
#[track_caller]
pub(super) fn check_unit(tests: &[&str], is_impossible: bool) {
    let tests = tests
        .iter()
        .map(|test| format!(r#"{{ "attr": "targetingKey", {test} }}"#));
    let condition = format!(r#"{{ "all": [{}] }}"#, tests.collect::<Vec<_>>().join(", "));
    let split = r#"{ "split": [["on", 1], ["off", 1]] }"#;
    check_rules(
        Lint::UnreachableRule,
        &[(&condition, split)],
        if is_impossible {
            &["/flags/f/rules/0"]
        } else {
            &[]
        },
    );
}

#[test]
fn what_is_missing_passes_no_test() {
    check_all(&[r#""exists": false"#, r#""is": 1"#], true);
    check_all(&[r#""exists": false"#, r#""exists": true"#], true);
    check_all(&[r#""exists": true"#, r#""is": 1"#], false);
    let not = |test: &str| {
        format!(
            r#"{{ "all": [{{ "attr": "a", "exists": false }}, {{ "not": {{ "attr": "a", {test} }} }}] }}"#
        )
    };
    check_condition(Lint::NeverTrue, &not(r#""exists": false"#), &[""]);
    check_condition(Lint::NeverTrue, &not(r#""is": 1"#), &[]);
}

#[test]
fn a_list_passes_two_tests_at_once() {
    check_all(&[r#""is": "a""#, r#""is": "b""#], false);
    check_all(&[r#""gt": 5"#, r#""lt": 3"#], false);
    check_all(&[r#""semver": "<1""#, r#""semver": ">2""#], false);
    check_all(&[r#""is": 1"#, r#""startsWith": "a""#], false);
}

#[test]
fn a_unit_is_one_value() {
    check_unit(&[r#""is": "a""#, r#""is": "b""#], true);
    check_unit(&[r#""is": "a""#, r#""in": ["a", "b"]"#], false);
    check_unit(&[r#""gt": 5"#, r#""lt": 3"#], true);
    check_unit(&[r#""gt": 3"#, r#""lt": 4"#], true);
    check_unit(&[r#""gt": 3"#, r#""lt": 5"#], false);
    check_unit(&[r#""gte": 4"#, r#""lte": 4"#], false);
    check_unit(&[r#""gte": 9007199254740992"#], true);
    check_unit(&[r#""lte": -9007199254740991"#], false);
    check_unit(&[r#""gt": 3"#, r#""startsWith": "a""#], true);
    check_unit(&[r#""startsWith": "a""#, r#""startsWith": "b""#], true);
    check_unit(
        &[r#""startsWith": "a""#, r#""startsWith": ["b", "ab"]"#],
        false,
    );
    check_unit(&[r#""startsWith": "a""#, r#""endsWith": "b""#], false);
    check_unit(&[r#""semver": "<1""#, r#""semver": ">2""#], true);
    check_unit(&[r#""semver": "<2""#, r#""semver": ">1.0.0""#], false);
    check_unit(&[r#""is": """#], true);
    check_unit(&[r#""is": true"#], true);
    check_unit(&[r#""is": 1.5"#], true);
    check_unit(&[r#""exists": false"#], true);
}

#[test]
fn ranges_that_nothing_is_in_are_never_true() {
    let check_semver = |range: &str, want: &[&str]| {
        let condition = format!(r#"{{ "attr": "a", "semver": "{range}" }}"#);
        check_condition(Lint::NeverTrue, &condition, want);
    };
    check_semver(">2 <1", &[""]);
    check_semver(">1.0.0 <1.0.1-0", &[""]);
    check_semver(">1.0.0 <1.0.1", &[]);
    check_semver(">2 <1 || 3", &[]);
    check_semver("<0.0.0-0", &[""]);
    check_semver("<=0.0.0-0", &[]);
    let largest = r#"{ "attr": "a", "gt": 1.7976931348623157e308 }"#;
    check_condition(Lint::NeverTrue, largest, &[""]);
    let nearly = r#"{ "attr": "a", "gte": 1.7976931348623157e308 }"#;
    check_condition(Lint::NeverTrue, nearly, &[]);
}

/// Checks whether no context passes `test` and fails all of `fails`.
#[track_caller]
pub(super) fn check_but_not(test: &str, fails: &[&str], is_never_true: bool) {
    let not = fails
        .iter()
        .map(|test| format!(r#"{{ "not": {{ "attr": "a", {test} }} }}"#));
    let not = not.collect::<Vec<_>>().join(", ");
    check_condition(
        Lint::NeverTrue,
        &format!(r#"{{ "all": [{{ "attr": "a", {test} }}, {not}] }}"#),
        if is_never_true { &[""] } else { &[] },
    );
}

#[test]
fn a_test_is_ruled_out_by_one_that_it_implies() {
    check_but_not(r#""is": "a""#, &[r#""in": ["a", "b"]"#], true);
    check_but_not(
        r#""in": ["a", "b"]"#,
        &[r#""is": "a""#, r#""is": "b""#],
        true,
    );
    check_but_not(r#""in": ["a", "b"]"#, &[r#""is": "a""#], false);
    check_but_not(r#""is": "1""#, &[r#""is": 1"#], false);
    check_but_not(r#""is": 0"#, &[r#""is": -0.0"#], true);
    check_but_not(r#""is": "abc""#, &[r#""startsWith": "ab""#], true);
    check_but_not(r#""is": "abc""#, &[r#""contains": ["x", "b"]"#], true);
    check_but_not(r#""is": "abc""#, &[r#""endsWith": "ab""#], false);
    check_but_not(r#""is": "1.2.3""#, &[r#""semver": "^1""#], true);
    check_but_not(r#""is": "1.2""#, &[r#""semver": "^1""#], false);
    check_but_not(r#""is": true"#, &[r#""is": true"#], true);
    check_but_not(r#""is": true"#, &[r#""is": false"#], false);
    check_but_not(r#""is": 5"#, &[r#""exists": true"#], true);
}

#[test]
fn ranges_of_numbers_are_compared() {
    check_but_not(r#""gt": 5"#, &[r#""gt": 3"#], true);
    check_but_not(r#""gt": 3"#, &[r#""gt": 5"#], false);
    check_but_not(r#""gt": 5"#, &[r#""gte": 5"#], true);
    check_but_not(r#""gte": 5"#, &[r#""gt": 5"#], false);
    check_but_not(r#""gte": 5"#, &[r#""gt": 5"#, r#""is": 5"#], true);
    check_but_not(r#""lt": 5"#, &[r#""lt": 3"#, r#""gte": 3"#], true);
    check_but_not(r#""lt": 5"#, &[r#""lt": 3"#, r#""gt": 3"#], false);
    check_but_not(r#""is": 4"#, &[r#""lt": 5"#], true);
    check_but_not(r#""is": 5"#, &[r#""lt": 5"#], false);
}

#[test]
fn parts_of_texts_are_compared() {
    check_but_not(r#""startsWith": "abc""#, &[r#""startsWith": "ab""#], true);
    check_but_not(r#""startsWith": "ab""#, &[r#""startsWith": "abc""#], false);
    check_but_not(
        r#""startsWith": ["ab", "x"]"#,
        &[r#""startsWith": "a""#],
        false,
    );
    check_but_not(
        r#""startsWith": ["ab", "x"]"#,
        &[r#""startsWith": "a""#, r#""contains": "x""#],
        true,
    );
    check_but_not(r#""endsWith": "abc""#, &[r#""endsWith": "bc""#], true);
    check_but_not(r#""endsWith": "abc""#, &[r#""startsWith": "a""#], false);
    check_but_not(r#""endsWith": "abc""#, &[r#""contains": "b""#], true);
    check_but_not(r#""contains": "abc""#, &[r#""contains": "b""#], true);
    check_but_not(r#""contains": "b""#, &[r#""contains": "abc""#], false);
    check_but_not(r#""contains": "b""#, &[r#""endsWith": """#], true);
    check_but_not(r#""semver": "*""#, &[r#""startsWith": """#], true);
    check_but_not(r#""contains": "b""#, &[r#""is": "b""#], false);
}

#[test]
fn ranges_of_versions_are_compared() {
    check_but_not(r#""semver": "^1.2""#, &[r#""semver": "1.x""#], true);
    check_but_not(r#""semver": "1.x""#, &[r#""semver": "^1.2""#], false);
    check_but_not(
        r#""semver": "*""#,
        &[r#""semver": "<2.0.0""#, r#""semver": ">=2.0.0""#],
        true,
    );
    check_but_not(
        r#""semver": "*""#,
        &[r#""semver": "<2.0.0""#, r#""semver": ">2.0.0""#],
        false,
    );
    check_but_not(
        r#""semver": ">=1.0.0 <1.0.1-0""#,
        &[r#""semver": "=1.0.0""#],
        true,
    );
    check_but_not(
        r#""semver": ">1.0.0-rc.1 <1.0.0""#,
        &[r#""semver": "<1.0.0-rc.2""#],
        false,
    );
}

#[test]
fn what_is_so_or_is_not_so_is_always_true() {
    let a = r#"{ "attr": "a", "is": 1 }"#;
    let any = |other: &str| format!(r#"{{ "any": [{a}, {{ "not": {other} }}] }}"#);
    check_condition(Lint::AlwaysTrue, &any(a), &[""]);
    check_condition(
        Lint::AlwaysTrue,
        &any(r#"{ "attr": "/a", "is": 1 }"#),
        &[""],
    );
    check_condition(Lint::AlwaysTrue, &any(r#"{ "attr": "b", "is": 1 }"#), &[]);
    check_condition(
        Lint::AlwaysTrue,
        &any(r#"{ "all": [{ "attr": "a", "is": 1 }, { "attr": "b", "is": 1 }] }"#),
        &[""],
    );
    check_condition(
        Lint::AlwaysTrue,
        r#"{ "any": [{ "attr": "a", "exists": false }, { "attr": "a", "exists": true }] }"#,
        &[""],
    );
    // Neither a text nor a missing attribute is in any range of numbers.
    check_condition(
        Lint::AlwaysTrue,
        r#"{ "any": [{ "attr": "a", "lt": 5 }, { "attr": "a", "gte": 5 }] }"#,
        &[],
    );
}

#[test]
fn the_smallest_condition_that_is_odd_is_named() {
    let never = r#"{ "all": [{ "attr": "a", "exists": false }, { "attr": "a", "is": 1 }] }"#;
    let b = r#"{ "attr": "b", "is": 1 }"#;
    check_condition(
        Lint::NeverTrue,
        &format!(r#"{{ "all": [{b}, {never}] }}"#),
        &["/all/1"],
    );
    check_condition(
        Lint::NeverTrue,
        &format!(r#"{{ "any": [{never}, {b}] }}"#),
        &["/any/0"],
    );
    check_condition(
        Lint::NeverTrue,
        &format!(r#"{{ "not": {never} }}"#),
        &["/not"],
    );
    check_condition(Lint::AlwaysTrue, &format!(r#"{{ "not": {never} }}"#), &[]);
}

#[test]
fn a_part_that_changes_nothing_is_redundant() {
    let of = Lint::RedundantCondition;
    let parts = |join: &str, tests: [&str; 2]| {
        let [first, second] = tests.map(|test| format!(r#"{{ "attr": "a", {test} }}"#));
        format!(r#"{{ "{join}": [{first}, {second}] }}"#)
    };
    check_condition(of, &parts("all", [r#""gt": 3"#, r#""gt": 5"#]), &["/all/0"]);
    check_condition(of, &parts("all", [r#""gt": 5"#, r#""gt": 3"#]), &["/all/1"]);
    check_condition(of, &parts("all", [r#""gt": 5"#, r#""gt": 5"#]), &["/all/1"]);
    check_condition(
        of,
        &parts("all", [r#""exists": true"#, r#""is": 1"#]),
        &["/all/0"],
    );
    check_condition(of, &parts("all", [r#""gt": 5"#, r#""lt": 7"#]), &[]);
    check_condition(of, &parts("any", [r#""gt": 3"#, r#""gt": 5"#]), &["/any/1"]);
    check_condition(
        of,
        &parts("any", [r#""is": 1"#, r#""in": [1, 2]"#]),
        &["/any/0"],
    );
    check_condition(of, &parts("any", [r#""is": 1"#, r#""is": 2"#]), &[]);
    check_condition(of, r#"{ "any": [{ "attr": "a", "is": 1 }] }"#, &[]);
}

#[test]
fn segments_can_be_empty_and_can_hold_everybody() {
    let check_segment = |of, segment: &str, want: &[&str]| {
        let members =
            r#""rules": [{ "when": { "segment": "s" }, "serve": "on" }], "default": "off""#;
        check(
            of,
            &ruleset_with(members, &format!(r#""segments": {{ "s": {segment} }}"#)),
            want,
        );
    };
    let never = Lint::NeverTrue;
    check_segment(never, "{}", &["/segments/s"]);
    check_segment(never, r#"{ "members": ["u"] }"#, &[]);
    check_segment(
        never,
        r#"{ "members": ["u"], "except": ["u"] }"#,
        &["/segments/s"],
    );
    check_segment(never, r#"{ "members": ["u", "v"], "except": ["u"] }"#, &[]);
    check_segment(
        never,
        r#"{ "except": ["u"], "when": { "attr": "targetingKey", "is": "u" } }"#,
        &["/segments/s"],
    );
    let everybody =
        r#"{ "any": [{ "attr": "a", "exists": true }, { "attr": "a", "exists": false }] }"#;
    check_segment(
        Lint::AlwaysTrue,
        &format!(r#"{{ "when": {everybody} }}"#),
        &["/segments/s/when"],
    );
    check_segment(
        Lint::AlwaysTrue,
        r#"{ "members": ["u"], "when": { "not": { "attr": "targetingKey", "is": "u" } } }"#,
        &["/segments/s"],
    );
}

#[test]
fn a_flag_serves_one_variant_at_a_time_and_can_always_be_killed() {
    let check_flags = |of, condition: &str, want: &[&str]| {
        let flag = |rest: &str| {
            format!(
                r#"{{ "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off", {rest} }}"#
            )
        };
        let gate = flag(
            r#""rules": [{ "when": { "attr": "a", "is": 1 }, "serve": "on" }], "default": "off""#,
        );
        let constant = flag(r#""default": "on", "allow": ["constant-flag"]"#);
        let disabled = flag(r#""enabled": false, "default": "on""#);
        let asking = flag(&format!(
            r#""rules": [{{ "when": {condition}, "serve": "on" }}], "default": "off""#
        ));
        let json = format!(
            r#"{{ "flags": {{ "gate": {gate}, "constant": {constant}, "disabled": {disabled}, "asking": {asking} }} }}"#
        );
        check(of, &json, want);
    };
    let place = "/flags/asking/rules/0/when";
    let is =
        |flag: &str, variant: &str| format!(r#"{{ "flag": "{flag}", "variant": ["{variant}"] }}"#);
    let both = |left: &str, right: &str| format!(r#"{{ "all": [{left}, {right}] }}"#);
    check_flags(
        Lint::NeverTrue,
        &both(&is("gate", "on"), &is("gate", "off")),
        &[place],
    );
    check_flags(
        Lint::NeverTrue,
        &both(&is("gate", "on"), &is("constant", "on")),
        &[],
    );
    check_flags(Lint::NeverTrue, &is("constant", "off"), &[place]);
    check_flags(Lint::NeverTrue, &is("constant", "on"), &[]);
    check_flags(Lint::NeverTrue, &is("disabled", "off"), &[place]);
    check_flags(Lint::AlwaysTrue, &is("constant", "on"), &[]);
    check_flags(
        Lint::AlwaysTrue,
        r#"{ "flag": "gate", "variant": ["on", "off"] }"#,
        &[],
    );
}

#[test]
fn a_question_that_is_too_large_is_left_open() {
    // Of each pair one part: too many ways to try them all.
    let pair = |index: usize| {
        format!(
            r#"{{ "any": [{{ "attr": "a{index}", "is": 1 }}, {{ "attr": "b{index}", "is": 1 }}] }}"#
        )
    };
    let pairs = |count: usize| {
        let pairs: Vec<String> = (0..count).map(pair).collect();
        let never = r#"{ "not": { "attr": "z", "is": 1 } }, { "not": { "attr": "y", "is": 1 } },
            { "any": [{ "attr": "z", "is": 1 }, { "attr": "y", "is": 1 }] }"#;
        format!(r#"{{ "all": [{}, {never}] }}"#, pairs.join(", "))
    };
    check_condition(Lint::NeverTrue, &pairs(4), &[""]);
    check_condition(Lint::NeverTrue, &pairs(24), &[]);
}
