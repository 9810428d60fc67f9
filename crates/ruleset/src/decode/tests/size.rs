//! Limits, and that their neighbourhood is fast.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "a test that overflows or slices amiss fails"
)]

use std::fmt::Write;

use vexil_core::limits::{DEPTH, FLAGS, RULES, RULESET_BYTES};

use super::{check, check_flag, flag_with, issues};
use crate::issue::Code;
use crate::{compile, decode};

fn nested(levels: usize) -> String {
    let around = levels - 1;
    let condition = format!(
        r#"{}{{ "attr": "a", "is": 1 }}{}"#,
        r#"{ "not": "#.repeat(around),
        "}".repeat(around)
    );
    flag_with(&format!(
        r#""rules": [{{ "when": {condition}, "serve": "on" }}]"#
    ))
}

#[test]
fn conditions_nest_32_levels() {
    assert!(decode(&nested(DEPTH)).is_ok());
    let path = format!("/flags/f/rules/0/when{}", "/not".repeat(DEPTH));
    check(
        &nested(DEPTH + 1),
        &[&format!(
            "limit {path}: 33 levels of conditions, expected at most 32"
        )],
    );
}

fn chain(length: usize) -> String {
    let mut segments = String::new();
    for index in 1..length {
        let next = index - 1;
        write!(
            segments,
            r#", "s{index}": {{ "when": {{ "segment": "s{next}" }} }}"#
        )
        .unwrap();
    }
    format!(r#"{{ "segments": {{ "s0": {{}}{segments} }} }}"#)
}

#[test]
fn chains_have_32_links_and_however_long_are_walked_without_recursion() {
    assert!(decode(&chain(DEPTH)).is_ok());
    check(
        &chain(DEPTH + 1),
        &["limit /segments/s32: 33 flags, segments and releases in a chain, expected at most 32"],
    );
    assert_eq!(issues(&chain(20_000)).len(), 1);
}

#[test]
fn counts_have_limits() {
    let rule = r#"{ "when": { "attr": "a", "is": 1 }, "serve": "on" },"#.repeat(RULES + 1);
    check_flag(
        &format!(r#""rules": [{}]"#, rule.trim_end_matches(',')),
        &["limit /flags/f/rules: 1001 rules, expected at most 1000"],
    );
    let json = " ".repeat(RULESET_BYTES + 1);
    check(&json, &["limit 26214401 bytes, expected at most 26214400"]);

    let conditions = (0..10_000).map(|n| format!(r#"{{ "attr": "a{n}", "exists": true }}"#));
    let conditions: Vec<String> = conditions.collect();
    let json = format!(
        r#"{{ "segments": {{ "s": {{ "when": {{ "any": [{}] }} }} }} }}"#,
        conditions.join(",")
    );
    check(&json, &["limit 10001 attributes, expected at most 10000"]);
}

#[test]
fn of_texts_in_any_case_it_is_said_how_to_have_more() {
    let test = |from: usize| {
        let texts = (from..from + 150).map(|n| format!("\"{:08x}\"", n * 104_729 % 0x7fff_ffff));
        let texts: Vec<String> = texts.collect();
        format!(
            r#"{{ "attr": "a", "contains": [{}], "ignoreCase": true }}"#,
            texts.join(",")
        )
    };
    let many = test(0).replacen('[', &format!("[\"{}\",", "longer".repeat(1_000)), 1);
    check(
        &format!(r#"{{ "segments": {{ "s": {{ "when": {many} }} }} }}"#),
        &[
            "automaton-size /segments/s/when/contains: 151 texts in any case need an automaton of more than 65536 bytes, expected fewer in one test: an `any` of several tests can have the others",
        ],
    );
    let several: Vec<String> = (0..4).map(|part| test(part * 150)).collect();
    let several = several.join(",");
    check(
        &format!(r#"{{ "segments": {{ "s": {{ "when": {{ "any": [{several}] }} }} }} }}"#),
        &[],
    );
}

fn flags(count: usize) -> String {
    let mut flags = String::new();
    for index in 0..count {
        let comma = if index > 0 { "," } else { "" };
        write!(
            flags,
            r#"{comma}"flag-{index}": {{ "type": "string", "variants": {{ "a": "A", "b": "B" }}, "offVariant": "a",
                "targets": {{ "b": ["user-{index}"] }},
                "rules": [
                    {{ "when": {{ "all": [{{ "segment": "s" }}, {{ "attr": "a{index}", "in": ["x", {index}] }}] }}, "serve": "b" }},
                    {{ "when": {{ "attr": "v", "semver": "^{index}.1 || 3.x" }}, "serve": {{ "split": [["a", 1], ["b", 2]] }} }}
                ],
                "default": "a" }}"#
        )
        .unwrap();
    }
    let members: Vec<String> = (0..100_000).map(|n| format!("\"user-{n}\"")).collect();
    format!(
        r#"{{ "flags": {{ {flags} }}, "segments": {{ "s": {{ "members": [{}] }} }} }}"#,
        members.join(",")
    )
}

#[test]
fn ten_thousand_flags_and_a_hundred_thousand_members_compile() {
    let ruleset = decode(&flags(FLAGS - 2)).unwrap();
    let program = compile(&ruleset, "production", 1, 0).unwrap();
    // All but the two attributes that every flag reads, `targetingKey` and `v`.
    assert_eq!(program.flags().count(), FLAGS - 2);
    let found = issues(&flags(FLAGS + 1));
    assert_eq!(
        found[0].to_string(),
        "/flags: 10001 flags, expected at most 10000"
    );
}

#[test]
fn beyond_a_thousand_issues_are_counted() {
    let json = format!(r#"{{ "tests": [{}1] }}"#, "1,".repeat(49_999));
    let found = issues(&json);
    assert_eq!(found.len(), 1_001);
    assert_eq!(found[1_000].code, Code::MoreIssues(49_000));
}
