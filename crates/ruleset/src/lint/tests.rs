//! For each lint what it finds, and what is almost the same and right.

mod allow;
mod conditions;
mod flags;
mod laws;
mod moot;
mod operands;
mod uses;

use super::{Lint, lint};
use crate::decode;

/// Checks where `of` is found in a ruleset.
#[track_caller]
fn check(of: Lint, json: &str, want: &[&str]) {
    let ruleset = decode(json).expect("a ruleset without issues");
    let findings = lint(&ruleset);
    let found = findings.iter().filter(|finding| finding.lint == of);
    let paths: Vec<&str> = found.map(|finding| finding.path.as_str()).collect();
    assert_eq!(paths, want, "{json}\n{findings:#?}");
}

/// A ruleset with a flag `f` of variants `on`, `off` and `spare`, with these members besides, and these sections.
fn ruleset_with(members: &str, sections: &str) -> String {
    let comma = |text: &str| if text.is_empty() { "" } else { ", " };
    let (before_members, before_sections) = (comma(members), comma(sections));
    format!(
        r#"{{ "flags": {{ "f": {{
            "type": "number", "variants": {{ "on": 1, "off": 0, "spare": 2 }}, "offVariant": "off"{before_members}{members}
        }} }}{before_sections}{sections} }}"#
    )
}

/// [`check`] of a flag with these rules, of which each is a condition and what it serves.
#[track_caller]
fn check_rules(of: Lint, rules: &[(&str, &str)], want: &[&str]) {
    let rules = rules
        .iter()
        .map(|(when, serve)| format!(r#"{{ "when": {when}, "serve": {serve} }}"#));
    let rules = rules.collect::<Vec<_>>().join(", ");
    let members = format!(r#""rules": [{rules}], "default": "off""#);
    check(of, &ruleset_with(&members, ""), want);
}
