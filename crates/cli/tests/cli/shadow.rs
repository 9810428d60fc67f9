//! `vexil shadow`

use serde_json::{Value, json};

use super::{check, vexil, vexil_reading};

/// One flag: `on` in Germany, from 2026 on `later` elsewhere.
const RULESET: &str = r#"{ "flags": { "f": {
    "type": "number", "variants": { "on": 2, "off": 1, "later": 3 }, "offVariant": "off",
    "rules": [
        { "name": "dach", "when": { "attr": "country", "is": "DE" }, "serve": "on" },
        { "when": { "time": { "from": "2026-01-01T00:00:00Z" } }, "serve": "later" }
    ],
    "default": "off"
} } }"#;

const TIME: &str = "2025-06-01T00:00:00Z";

/// Runs the log against the ruleset: the exit code, and the report.
#[track_caller]
fn report(log: &str, more: &[&str]) -> (Option<i32>, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flags.json");
    std::fs::write(&path, RULESET).expect("it can be written");
    let path = path.to_str().expect("it is text");
    let arguments = ["shadow", "-", "--ruleset", path, "--at", TIME, "--json"];
    let output = vexil_reading(log, &[&arguments, more].concat());
    let said = serde_json::from_slice(&output.stdout).expect("it is JSON");
    (output.status.code(), said)
}

#[test]
fn a_log_that_is_answered_the_same_is_fine() {
    let log = r#"
        {"flag":"f","context":{"country":"DE"},"value":2.0}
        {"flag":"f","context":{"country":"DE"},"variant":"on"}
        {"flag":"f","context":{},"value":1,"variant":"called otherwise there"}
        {"flag":"f","value":3,"at":"2026-06-01T00:00:00Z"}
        {"flag":"f","value":1,"at":0}"#;
    let (code, report) = report(log, &["--vendor", "flagd"]);
    assert_eq!(code, Some(0), "{report}");
    assert_eq!(report.get("same"), Some(&json!(5)), "{report}");
}

#[test]
fn answers_that_differ_are_counted_and_shown_with_the_reason() {
    let log = r#"{"flag":"f","context":{"country":"DE"},"value":1}
{"flag":"f","context":{"country":"AT"},"variant":"on"}
{"flag":"f","context":{"country":"FR"},"value":2}
{"flag":"f","context":{"country":"FR"},"value":1}"#;
    let (code, report) = report(log, &["--examples", "2"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        report.pointer("/flags/f"),
        Some(&json!({ "same": 1, "differ": 3, "examples": [
            { "line": 1, "context": { "country": "DE" }, "theirs": 1, "ours": 2, "why": "on (TARGETING_MATCH, rule \"dach\")" },
            { "line": 2, "context": { "country": "AT" }, "theirs": "on", "ours": "off", "why": "off (DEFAULT)" },
        ] }))
    );
}

#[test]
fn unknown_flags_and_bad_lines_are_no_silence() {
    let (code, said) = report(r#"{"flag":"g","value":1}"#, &[]);
    assert_eq!(
        (code, said.get("unknown")),
        (Some(1), Some(&json!({ "g": 1 })))
    );
    let bad = |line: &str| {
        let (code, said) = report(line, &[]);
        assert_eq!(code, Some(1), "{line}");
        let message = said.pointer("/bad/0/message").and_then(Value::as_str);
        message.unwrap_or_default().to_owned()
    };
    assert!(bad("no").starts_with("expected a JSON object: "));
    assert_eq!(bad("[]"), "expected a JSON object");
    assert_eq!(bad(r#"{"value":1}"#), "expected the key of a `flag`");
    assert_eq!(bad(r#"{"flag":"f"}"#), "expected a `value`, or a `variant`");
    assert!(
        bad(r#"{"flag":"f","value":1,"context":[]}"#).starts_with("`context`: expected an object")
    );
    assert!(bad(r#"{"flag":"f","value":1,"at":"noon"}"#).starts_with("`at`: expected a time"));
}

#[test]
fn a_report_for_people_counts_by_flag() {
    let log = "{\"flag\":\"checkout\",\"context\":{},\"value\":null}\n{}\n";
    let output = vexil_reading(log, &["shadow", "-", "--ruleset", "shop.json"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.starts_with(
            "flag      same  differ\ncheckout  0     1\n\ncheckout -:1\n  theirs  null\n"
        ),
        "{said}"
    );
    assert!(
        said.ends_with("\n0 the same, 1 differ, 0 of unknown flags, 1 bad lines\n"),
        "{said}"
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "warning: -:2: expected the key of a `flag`\n"
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let nowhere = ["shadow", "nowhere.jsonl", "--ruleset", "shop.json"];
    check(
        &nowhere,
        3,
        "",
        "cannot read nowhere.jsonl: No such file or directory (os error 2)\n",
    );
    let output = vexil(&["shadow", "x.jsonl", "--vendor", "nobody"]);
    assert_eq!(output.status.code(), Some(2));
}
