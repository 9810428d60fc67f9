//! What is allowed in place.

use super::ruleset_with;
use crate::{decode, encode, lint};

#[track_caller]
fn check(json: &str, want: &[&str]) {
    let ruleset = decode(json).expect("a ruleset without issues");
    let findings = lint(&ruleset);
    let found: Vec<String> = findings
        .iter()
        .map(|finding| format!("{} {finding}", finding.lint.name()))
        .collect();
    assert_eq!(found, want, "{json}");
    assert_eq!(decode(&encode(&ruleset)), Ok(ruleset));
}

fn flag(allow: &str, rule_allow: &str, top: &str) -> String {
    let rule = |serve| {
        format!(r#"{{ "when": {{ "attr": "a", "is": 1 }}, "serve": "{serve}"{rule_allow} }}"#)
    };
    let members = format!(
        r#""rules": [{}, {}], "default": "off"{allow}"#,
        rule("on"),
        rule("spare")
    );
    ruleset_with(&members, top)
}

#[test]
fn the_nearest_list_allows() {
    let found = "unreachable-rule /flags/f/rules/1: is never reached: rule 0 serves everybody whom it is for";
    let unused =
        |place: &str| format!("unused-allow {place}: `unreachable-rule` allows nothing here");
    check(&flag("", "", ""), &[found]);
    let allow = r#""allow": ["unreachable-rule"]"#;
    let after = &format!(", {allow}");
    check(&flag("", "", allow), &[]);
    check(&flag(after, "", ""), &[]);
    check(&flag("", after, ""), &[&unused("/flags/f/rules/0/allow/0")]);
    check(&flag(after, "", allow), &[&unused("/allow/0")]);
    let twice = r#", "allow": ["unreachable-rule", "unreachable-rule"]"#;
    check(&flag(twice, "", ""), &[&unused("/flags/f/allow/1")]);
    check(
        &flag(r#", "allow": ["shared-salt"]"#, "", ""),
        &[
            "unused-allow /flags/f/allow/0: `shared-salt` allows nothing here",
            found,
        ],
    );
}

#[test]
fn an_allow_in_vain_can_be_allowed_but_not_by_itself() {
    let unused = "unused-allow /allow/0: `unused-allow` allows nothing here";
    let constant = r#""default": "on", "targets": { "off": ["u"], "spare": ["v"] }"#;
    check(
        &ruleset_with(constant, r#""allow": ["unused-allow"]"#),
        &[unused],
    );
    check(
        &ruleset_with(constant, r#""allow": ["unused-allow", "shared-salt"]"#),
        &[],
    );
}

#[test]
fn segments_and_releases_allow_too() {
    let used = r#""default": "on", "targets": { "off": ["u"], "spare": ["v"] }"#;
    check(
        &ruleset_with(
            used,
            r#""segments": { "s": { "members": ["u"], "allow": ["unused-segment"] } },
               "releases": { "r": { "from": "on", "to": "off", "stages": [{ "name": "all" }], "allow": ["unused-release"] } }"#,
        ),
        &[],
    );
}

#[test]
fn a_lint_that_is_not_there_is_an_issue() {
    let issues = decode(r#"{ "allow": ["unused-varient"] }"#).expect_err("an issue");
    let message = issues.first().map(ToString::to_string).unwrap_or_default();
    let want = "/allow/0: unknown word `unused-varient` (did you mean `unused-variant`?), expected `unreachable-rule`, ";
    assert!(message.starts_with(want), "{message}");
}
