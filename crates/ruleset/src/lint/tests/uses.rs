//! What nothing uses.

use super::{check, ruleset_with};
use crate::lint::Lint;

#[test]
fn a_variant_that_nothing_names_is_unused() {
    let spare = &["/flags/f/variants/spare"][..];
    let check = |members: &str, want: &[&str]| {
        let releases = r#""releases": { "ga": { "from": "on", "to": "spare", "stages": [{ "name": "all" }] } }"#;
        check(Lint::UnusedVariant, &ruleset_with(members, releases), want);
    };
    check(r#""default": "on""#, spare);
    check(r#""default": "on", "targets": { "spare": [] }"#, spare);
    check(r#""default": "on", "targets": { "spare": ["u"] }"#, &[]);
    check(r#""default": "on", "failsafe": "spare""#, &[]);
    check(r#""default": "spare""#, &["/flags/f/variants/on"]);
    check(r#""default": { "release": "ga" }"#, &[]);
    check(r#""default": { "split": [["on", 1], ["spare", 0]] }"#, &[]);
    check(
        r#""default": { "split": [["on", 1]], "rest": "spare" }"#,
        &[],
    );
    check(
        r#""default": "on", "rules": [{ "when": { "attr": "a", "is": 1 }, "serve": "spare" }]"#,
        &[],
    );
}

#[test]
fn a_segment_that_nothing_names_is_unused() {
    let check = |members: &str, want: &[&str]| {
        let segments = r#""segments": {
            "inner": { "members": ["u"] },
            "outer": { "when": { "not": { "any": [{ "segment": "inner" }, { "attr": "a", "is": 1 }] } } }
        }"#;
        let members = format!(r#""default": "on"{members}"#);
        check(Lint::UnusedSegment, &ruleset_with(&members, segments), want);
    };
    check("", &["/segments/outer"]);
    check(
        r#", "rules": [{ "when": { "segment": "outer" }, "serve": "off" }]"#,
        &[],
    );
    check(
        r#", "rules": [{ "when": { "segment": "inner" }, "serve": "off" }]"#,
        &["/segments/outer"],
    );
}

#[test]
fn a_release_that_no_flag_serves_is_unused() {
    let check = |default: &str, want: &[&str]| {
        let releases = r#""releases": {
            "a": { "from": "off", "to": "on", "stages": [{ "name": "all" }] },
            "b": { "from": "off", "to": "on", "stages": [{ "name": "all" }] }
        }"#;
        check(
            Lint::UnusedRelease,
            &ruleset_with(&format!(r#""default": {default}"#), releases),
            want,
        );
    };
    check(r#"{ "release": "a" }"#, &["/releases/b"]);
    check(r#""on""#, &["/releases/a", "/releases/b"]);
}

#[test]
fn a_team_that_owns_nothing_is_unused() {
    let check = |members: &str, owner: &str, want: &[&str]| {
        let sections = format!(
            r#""teams": {{ "payments": {{}}, "search": {{}} }},
               "releases": {{ "ga": {{ "from": "off", "to": "on", "stages": [{{ "name": "all" }}]{owner} }} }}"#
        );
        check(
            Lint::UnusedTeam,
            &ruleset_with(
                &format!(r#""default": {{ "release": "ga" }}{members}"#),
                &sections,
            ),
            want,
        );
    };
    check("", "", &["/teams/payments", "/teams/search"]);
    check(r#", "owner": "search""#, "", &["/teams/payments"]);
    check(r#", "owner": "search""#, r#", "owner": "payments""#, &[]);
}

#[test]
fn a_private_attribute_that_nothing_reads_is_found() {
    let check = |private: &str, members: &str, is_unread: bool| {
        let members = format!(r#""default": "on"{members}"#);
        check(
            Lint::UnreadPrivate,
            &ruleset_with(&members, &format!(r#""private": ["{private}"]"#)),
            if is_unread { &["/private"] } else { &[] },
        );
    };
    let rule = |attribute: &str| {
        format!(
            r#", "rules": [{{ "when": {{ "attr": "{attribute}", "exists": true }}, "serve": "off" }}]"#
        )
    };
    check("email", "", true);
    check("email", &rule("email"), false);
    check("/email", &rule("email"), false);
    check("/account", &rule("/account/ltv"), false);
    check("/account/ltv", &rule("/account"), true);
    check("/acc", &rule("/account"), true);
    check("targetingKey", "", true);
    check("targetingKey", r#", "targets": { "off": ["u"] }"#, false);
    check("targetingKey", r#", "targets": { "off": [] }"#, true);
    let split = |by: &str| {
        format!(
            r#", "rules": [{{ "when": {{ "attr": "a", "is": 1 }}, "serve": {{ "split": [["on", 1], ["off", 1]]{by} }} }}]"#
        )
    };
    check("targetingKey", &split(""), false);
    check("targetingKey", &split(r#", "by": "company""#), true);
    check("company", &split(r#", "by": "company""#), false);
}
