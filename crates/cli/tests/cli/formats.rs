//! What `vexil validate` says to machines.

use std::process::Command;

use serde_json::{Value, json};

use super::{FILES, check, vexil};

#[test]
fn sarif_is_as_its_schema_says() {
    let schema = std::fs::read_to_string(format!("{FILES}/sarif-2.1.0.schema.json"));
    // As published it closes a bracket that it does not open, twice.
    let schema = schema.expect("it is there").replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let output = vexil(&[
        "validate",
        "--format",
        "sarif",
        "broken.json",
        "odd.json",
        "/dev/null",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let faults: Vec<String> = validator
        .iter_errors(&document)
        .map(|it| it.to_string())
        .collect();
    assert_eq!(faults, Vec::<String>::new());
    let run = document.pointer("/runs/0").expect("a run");
    let results = run
        .get("results")
        .and_then(Value::as_array)
        .expect("results");
    assert_eq!(results.len(), 6);
    for result in results {
        let number = result
            .get("ruleIndex")
            .and_then(Value::as_u64)
            .expect("an index");
        let rule = run.pointer(&format!("/tool/driver/rules/{number}/id"));
        assert_eq!(rule, result.get("ruleId"));
    }
    assert_eq!(
        results.first(),
        Some(&json!({
            "ruleId": "unknown-variant", "ruleIndex": 2, "level": "error",
            "message": { "text": "unknown variant `onn` (did you mean `on`?)" },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": "broken.json" },
                    "region": { "startLine": 7, "startColumn": 18, "endLine": 7, "endColumn": 23 },
                },
                "logicalLocations": [{ "fullyQualifiedName": "/flags/checkout/default" }],
            }],
            "fixes": [{
                "description": { "text": "write `on`" },
                "artifactChanges": [{
                    "artifactLocation": { "uri": "broken.json" },
                    "replacements": [{
                        "deletedRegion": { "startLine": 7, "startColumn": 18, "endLine": 7, "endColumn": 23 },
                        "insertedContent": { "text": "\"on\"" },
                    }],
                }],
            }],
        }))
    );
}

#[test]
fn github_gets_an_annotation_for_each_report() {
    check(
        &["validate", "--format", "github", "broken.json", "odd.json"],
        1,
        "::error file=broken.json,line=7,col=18,endColumn=23,title=unknown-variant::/flags/checkout/default: unknown variant `onn` (did you mean `on`?)\n\
         ::error file=broken.json,line=11,col=27,endColumn=32,title=value-type::/flags/banner/variants/on: expected a boolean in a flag of type `boolean`, found a string\n\
         ::error file=broken.json,line=14,col=7,endColumn=15,title=unknown-key::/flags/banner/colour: unknown key `colour`\n\
         ::warning file=odd.json,line=9,col=9,endColumn=70,title=unreachable-rule::/flags/checkout/rules/1: is never reached: rule `club` serves everybody whom it is for\n\
         ::warning file=odd.json,line=14,col=26,endColumn=51,title=unused-segment::/segments/staff: is a segment that nothing refers to\n",
        "",
    );
}

#[test]
fn annotations_name_files_from_the_root_of_the_repository() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vexil"));
    let command = command
        .current_dir(FILES)
        .env("GITHUB_WORKSPACE", env!("CARGO_MANIFEST_DIR"));
    let output = command
        .args(["validate", "--format", "github", "odd.json"])
        .output();
    let text = String::from_utf8(output.expect("it starts").stdout).expect("it is text");
    assert!(
        text.starts_with("::warning file=tests/files/odd.json,line=9,"),
        "{text}"
    );
}

#[test]
fn json_has_all_there_is_to_say() {
    let output = vexil(&["validate", "--format", "json", "broken.toml"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(document.pointer("/files/0/flags"), Some(&Value::Null));
    assert_eq!(document.pointer("/errors"), Some(&json!(7)));
    assert_eq!(
        document.pointer("/files/0/reports/0"),
        Some(&json!({
            "level": "error", "code": "unknown-variant", "path": "/flags/checkout/default",
            "message": "unknown variant `onn` (did you mean `on`?)",
            "line": 5, "column": 11, "endLine": 5, "endColumn": 16, "suggestion": "on",
        }))
    );
}
