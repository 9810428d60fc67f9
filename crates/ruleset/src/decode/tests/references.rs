//! Names that stand for nothing, and names that lead in a circle.

use super::{check, check_condition, check_flag, check_serve, flag_with};
use crate::decode;

#[test]
fn unknown_variants_are_found_wherever_they_are_named() {
    check_flag(
        r#""failsafe": "of", "targets": { "onn": ["u"] }, "rules": [
            { "when": { "flag": "f2", "variant": ["v"] }, "serve": "blue" },
            { "when": { "not": { "attr": "a", "exists": true } },
              "serve": { "split": [["ON", 1]], "exposure": 0.1, "rest": "none" } }
        ]"#,
        &[
            "unknown-variant /flags/f/failsafe: unknown variant `of` (did you mean `off`?)",
            "unknown-variant /flags/f/targets/onn: unknown variant `onn` (did you mean `on`?)",
            "unknown-flag /flags/f/rules/0/when/flag: unknown flag `f2`",
            "unknown-variant /flags/f/rules/0/serve: unknown variant `blue`",
            "unknown-variant /flags/f/rules/1/serve/split/0/0: unknown variant `ON` (did you mean `on`?)",
            "unknown-variant /flags/f/rules/1/serve/rest: unknown variant `none`",
        ],
    );
}

#[test]
fn a_flag_that_is_wrong_itself_is_not_unknown() {
    check(
        r#"{ "flags": {
            "base": { "type": "bolean", "variants": { "on": true }, "offVariant": "on", "default": "on" },
            "next": { "type": "boolean", "variants": { "on": true }, "offVariant": "on", "default": "on",
                      "requires": { "flag": "base", "variant": ["on", "off"] } }
        } }"#,
        &[
            "unknown-word /flags/base/type: unknown word `bolean` (did you mean `boolean`?), expected `boolean`, `string`, `number` or `object`",
            "unknown-variant /flags/next/requires/variant/1: unknown variant `off`",
        ],
    );
}

#[test]
fn segments_releases_and_teams_must_be_there() {
    check_condition(
        r#"{ "segment": "employees" }"#,
        &["unknown-segment /flags/f/rules/0/when/segment: unknown segment `employees`"],
    );
    check_serve(
        r#"{ "release": "ga" }"#,
        &["unknown-release /flags/f/rules/0/serve/release: unknown release `ga`"],
    );
    check(
        r#"{ "teams": { "payments": {} }, "releases": { "r": {
            "from": "a", "to": "b", "owner": "payment", "stages": [{ "name": "all" }]
        } } }"#,
        &["unknown-team /releases/r/owner: unknown team `payment` (did you mean `payments`?)"],
    );
}

#[test]
fn any_team_may_own_where_none_is_declared() {
    assert!(decode(&flag_with(r#""owner": "payments""#)).is_ok());
}

#[test]
fn a_release_moves_between_variants_of_each_flag_that_uses_it() {
    check(
        r#"{
            "flags": { "f": { "type": "number", "variants": { "v1": 1, "v2": 2 }, "offVariant": "v1",
                              "default": { "release": "ga" } } },
            "releases": { "ga": { "from": "v1", "to": "v3", "stages": [{ "name": "all", "percent": 100 }] } }
        }"#,
        &[
            "release-variant /flags/f/default/release: release `ga` needs variant `v3`, which this flag lacks",
        ],
    );
}

#[test]
fn expectations_of_tests_name_flags_and_variants() {
    let json = flag_with("");
    let json = json.strip_suffix('}').unwrap();
    check(
        &format!(
            r#"{json}, "tests": [{{ "context": {{}}, "expect": {{ "f": "onn", "g": "on" }} }}] }}"#
        ),
        &[
            "unknown-variant /tests/0/expect/f: unknown variant `onn` (did you mean `on`?)",
            "unknown-flag /tests/0/expect/g: unknown flag `g`",
        ],
    );
}

#[test]
fn one_targeting_key_is_a_target_of_one_variant() {
    check_flag(
        r#""targets": { "on": ["u1", "u2", "u1"], "off": ["u3", "u2"] }"#,
        &[
            "duplicate-target /flags/f/targets/off/1: `u2` is a target of `on` too, expected one variant for it",
        ],
    );
}

#[test]
fn cycles_are_named_from_end_to_end() {
    let flag = |condition: &str| {
        format!(
            r#"{{ "type": "boolean", "variants": {{ "on": true }}, "offVariant": "on", "default": "on",
                 "rules": [{{ "when": {condition}, "serve": "on" }}] }}"#
        )
    };
    let to = |key: &str| flag(&format!(r#"{{ "flag": "{key}", "variant": ["on"] }}"#));
    let itself = format!(r#"{{ "flags": {{ "a": {} }} }}"#, to("a"));
    check(
        &itself,
        &["cycle /flags/a: needs itself: flag `a` → flag `a`"],
    );

    let three = format!(
        r#"{{ "flags": {{ "a": {}, "b": {}, "c": {}, "d": {} }} }}"#,
        to("b"),
        to("c"),
        to("b"),
        to("a")
    );
    check(
        &three,
        &["cycle /flags/b: needs itself: flag `b` → flag `c` → flag `b`"],
    );

    let mixed = format!(
        r#"{{ "flags": {{ "a": {} }}, "segments": {{
            "s": {{ "when": {{ "not": {{ "any": [{{ "flag": "a", "variant": ["on"] }}] }} }} }},
            "t": {{ "when": {{ "segment": "t" }} }}
        }} }}"#,
        flag(r#"{ "segment": "s" }"#)
    );
    check(
        &mixed,
        &[
            "cycle /flags/a: needs itself: flag `a` → segment `s` → flag `a`",
            "cycle /segments/t: needs itself: segment `t` → segment `t`",
        ],
    );
}

#[test]
fn cycles_lead_through_audiences() {
    let json = |audience: &str| {
        format!(
            r#"{{ "flags": {{ "f": {{ "type": "boolean", "variants": {{ "on": true, "off": false }},
                 "offVariant": "off", "default": {{ "release": "ga" }} }} }},
                 "segments": {{ "s": {{ "when": {{ "flag": "f", "variant": ["on"] }} }} }},
                 "releases": {{ "ga": {{ "from": "off", "to": "on", "stages": [
                     {{ "name": "some", "audience": {audience} }}, {{ "name": "all", "percent": 100 }}] }} }} }}"#
        )
    };
    check(
        &json(r#"{ "flag": "f", "variant": ["off"] }"#),
        &["cycle /flags/f: needs itself: flag `f` → release `ga` → flag `f`"],
    );
    check(
        &json(r#"{ "not": { "segment": "s" } }"#),
        &["cycle /flags/f: needs itself: flag `f` → release `ga` → segment `s` → flag `f`"],
    );
    assert!(decode(&json(r#"{ "attr": "a", "is": 1 }"#)).is_ok());
}

#[test]
fn a_release_that_no_flag_of_its_audience_uses_is_no_cycle() {
    let json = flag_with("");
    let json = json.strip_suffix('}').unwrap();
    let release = r#""releases": { "ga": { "from": "off", "to": "on", "stages": [
        { "name": "some", "audience": { "flag": "f", "variant": ["on"] } }] } }"#;
    assert!(decode(&format!("{json}, {release} }}")).is_ok());
}

#[test]
fn prerequisites_that_meet_again_are_no_cycle() {
    let json = r#"{ "segments": {
        "base": { "members": ["u"] },
        "left": { "when": { "segment": "base" } },
        "right": { "when": { "segment": "base" } },
        "both": { "when": { "all": [{ "segment": "left" }, { "segment": "right" }] } }
    } }"#;
    assert!(decode(json).is_ok());
}
