//! What decoding says about rulesets that are wrong.

mod operands;
mod references;
mod robustness;
mod shape;
mod size;

use crate::decode;
use crate::issue::Issue;

fn issues(json: &str) -> Vec<Issue> {
    decode(json).expect_err("a ruleset with issues")
}

/// Checks codes and sentences, one line an issue: `code /path: sentence`.
#[track_caller]
fn check(json: &str, want: &[&str]) {
    let found = decode(json).err().unwrap_or_default();
    let found: Vec<String> = found
        .iter()
        .map(|issue| format!("{} {issue}", issue.code.name()))
        .collect();
    assert_eq!(found, want, "{json}");
}

/// A ruleset with one flag `f`, of variants `on` and `off`, that has these members besides.
fn flag_with(members: &str) -> String {
    format!(
        r#"{{ "flags": {{ "f": {{
            "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off", "default": "off"{}{members}
        }} }} }}"#,
        if members.is_empty() { "" } else { ", " }
    )
}

/// [`check`] of a flag with these members besides.
#[track_caller]
fn check_flag(members: &str, want: &[&str]) {
    check(&flag_with(members), want);
}

/// [`check`] of a rule with this condition.
#[track_caller]
fn check_condition(condition: &str, want: &[&str]) {
    check_flag(
        &format!(r#""rules": [{{ "when": {condition}, "serve": "on" }}]"#),
        want,
    );
}

/// [`check`] of a rule that serves this.
#[track_caller]
fn check_serve(serve: &str, want: &[&str]) {
    check_flag(
        &format!(r#""rules": [{{ "when": {{ "attr": "a", "is": 1 }}, "serve": {serve} }}]"#),
        want,
    );
}
