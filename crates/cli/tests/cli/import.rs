//! `vexil import`

use std::path::Path;

use serde_json::{Value, json};

use super::{check, printed, vexil, vexil_reading};

const LIST: &str = "an attribute that is a list passes a test where one of its elements does; in flagd only `in` looks into \
                    lists";

/// Imports `flagd.json` into a folder of its own.
fn imported(folder: &Path, more: &[&str]) -> String {
    let path = folder.join("ruleset.json").display().to_string();
    let arguments = [&["import", "flagd", "flagd.json", "-o", &path], more].concat();
    let said = printed(&arguments);
    assert_eq!(said, format!("{path}: 2 flags, 2 warnings, 2 notes\n"));
    path
}

#[test]
fn an_imported_file_answers_as_its_vendor_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = imported(folder.path(), &[]);
    let checkout = |context: &str| {
        let arguments = [
            "eval",
            &path,
            "--context",
            context,
            "--flag",
            "checkout",
            "--json",
        ];
        let answers: Value = serde_json::from_str(&printed(&arguments)).expect("it is JSON");
        answers.pointer("/checkout/value").cloned()
    };
    assert_eq!(checkout(r#"{"email":"a@example.com"}"#), Some(json!(true)));
    assert_eq!(
        checkout(r#"{"country":"DE","app":{"version":"2.9.0-rc.1"}}"#),
        Some(json!(true))
    );
    assert_eq!(
        checkout(r#"{"country":"DE","app":{"version":"3.0.0-rc.1"}}"#),
        Some(json!(false))
    );
}

#[test]
fn what_is_different_goes_to_standard_error() {
    let output = vexil(&["import", "flagd", "flagd.json"]);
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(notes.starts_with(&format!("warning: {LIST}\n")), "{notes}");
    assert!(
        notes.contains("\nnote: /flags/checkout/targeting/if/4/cat: this is true in every context"),
        "{notes}"
    );
    let ruleset: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert!(ruleset.pointer("/flags/checkout").is_some());

    let output = vexil(&["import", "flagd", "flagd.json", "--notes", "json"]);
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    let first: Value =
        serde_json::from_str(notes.lines().next().unwrap_or_default()).expect("it is JSON");
    assert_eq!(
        first,
        json!({ "path": "", "to": null, "answers": true, "reason": LIST })
    );
}

#[test]
fn yaml_and_standard_input_are_read_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flags.yaml");
    let yaml = "flags:\n  f: { state: ENABLED, variants: { a: 1 }, defaultVariant: a }\n";
    std::fs::write(&path, yaml).expect("it can be written");
    let from_yaml = printed(&["import", "flagd", path.to_str().expect("it is text")]);
    assert!(from_yaml.contains(r#""default": "a""#), "{from_yaml}");
    let text = r#"{"flags":{"f":{"state":"ENABLED","variants":{"a":1},"defaultVariant":"a"}}}"#;
    let output = vexil_reading(text, &["import", "flagd", "-"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), from_yaml);
}

#[test]
fn the_older_flagds_fractions_keep_their_units() {
    let colour = |more: &[&str]| {
        let ruleset = printed(&[&["import", "flagd", "flagd.json"], more].concat());
        let ruleset: Value = serde_json::from_str(&ruleset).expect("it is JSON");
        ruleset.pointer("/flags/colour/default/hash").cloned()
    };
    assert_eq!(colour(&[]), Some(json!("flagd-murmur3-v2")));
    assert_eq!(
        colour(&["--fractional", "v1"]),
        Some(json!("flagd-murmur3-v1"))
    );
}

#[test]
fn a_ruleset_is_not_written_under_another_forms_name() {
    check(
        &["import", "flagd", "flagd.json", "-o", "flags.toml"],
        2,
        "",
        "flags.toml: an imported ruleset is JSON, so its file is to be named `.json`\n",
    );
}

#[test]
fn a_file_that_is_there_is_overwritten_only_by_force() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("flags.json");
    std::fs::write(&path, "mine").expect("it can be written");
    let path = path.to_str().expect("it is text");
    let output = vexil(&["import", "flagd", "flagd.json", "-o", path]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(path).ok().as_deref(), Some("mine"));
    let output = vexil(&["import", "flagd", "flagd.json", "-o", path, "--force"]);
    assert_eq!(output.status.code(), Some(0));
}
