//! The JSON Schema of rulesets, by an independent validator, against every vector.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use jsonschema::Validator;
use serde_json::Value;
use vexil_conformance::{Loaded, Wanted, load, vectors_dir};

fn loaded() -> Loaded {
    load(&vectors_dir()).expect("the vectors can be read")
}

fn validator() -> Validator {
    let schema = vexil_ruleset::schema();
    jsonschema::draft202012::meta::validate(&schema).expect("a schema of draft 2020-12");
    jsonschema::draft202012::new(&schema).expect("a schema")
}

/// Codes of what the schema can see, unlike a name that is not there, a cycle, or the decimal places of a number.
const OF_SHAPE: [&str; 14] = [
    "unknown-key",
    "missing-key",
    "wrong-type",
    "bad-key",
    "unknown-word",
    "value-type",
    "one-test",
    "empty-list",
    "empty-text",
    "null-operand",
    "bad-attribute",
    "pair-length",
    "missing-rest",
    "bad-duration",
];

#[test]
fn every_ruleset_of_a_vector_is_valid() {
    let validator = validator();
    for vector in loaded().vectors {
        let ruleset: Value = serde_json::from_str(&vector.ruleset).expect("JSON");
        let errors: Vec<String> = validator
            .iter_errors(&ruleset)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}\n{}", vector.name, errors.join("\n"));
    }
}

#[test]
fn every_broken_ruleset_of_another_shape_is_refused() {
    let validator = validator();
    let mut refused = 0;
    for broken in loaded().issues.iter().filter(|broken| is_of_shape(broken)) {
        // Of members with the same name a validator sees the last.
        if let Ok(ruleset) = serde_json::from_str::<Value>(&broken.ruleset) {
            assert!(!validator.is_valid(&ruleset), "{}", broken.name);
            refused += 1;
        }
    }
    assert!(refused >= 15, "only {refused}");
}

fn is_of_shape(broken: &Wanted) -> bool {
    let mut codes = broken
        .issues
        .iter()
        .filter_map(|issue| issue.get("code")?.as_str());
    codes.any(|code| OF_SHAPE.contains(&code))
}
