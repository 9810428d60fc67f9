//! What `vexil test` says.

use serde_json::{Value, json};

use super::{check, printed, vexil};

#[test]
fn test_runs_the_tests_of_the_ruleset() {
    check(
        &["test", "shop.json"],
        0,
        "ok     /tests/0\nok     /tests/1\n2 passed, 0 failed\n",
        "",
    );
    check(
        &["test", "shop.json", "shop.yaml"],
        0,
        "shop.json\nok     /tests/0\nok     /tests/1\n\
         shop.yaml\nok     /tests/0\nok     /tests/1\nok     /tests/2\n5 passed, 0 failed\n",
        "",
    );
    check(
        &["test", "odd.json"],
        0,
        "no tests in odd.json: write some under `tests`\n0 passed, 0 failed\n",
        "",
    );
}

#[test]
fn a_test_that_fails_says_what_was_expected_what_came_and_why() {
    let context = r#"{"targetingKey":"user-2","country":"<&>"}"#;
    let explained = printed(&["explain", "coverage.json", "checkout", "--context", context]);
    let steps = explained.lines().skip(1);
    let why: Vec<String> = steps.map(|line| format!("       {line}\n")).collect();
    let why = why.concat();
    assert!(why.contains("country is \"<&>\", not one of"), "{why}");
    check(
        &["test", "coverage.json"],
        1,
        &format!(
            "ok     /tests/0\nok     /tests/1\nFAILED /tests/2 (coverage.json:34:5)\n\
             \x20      checkout: expected `b`, got `a` (SPLIT)\n{why}ok     /tests/3\n\
             3 passed, 1 failed\n"
        ),
        "1 of 4 tests failed\n",
    );
}

#[test]
fn coverage_names_what_no_test_comes_to() {
    let output = vexil(&["test", "coverage.json", "--coverage"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, coverage) = text.split_once("3 passed, 1 failed\n").expect("a summary");
    // Of `checkout` the parts are requires, targets, two rules and the default, and the variants a, b, c, d and f: `e`
    // weighs nothing, and `g` is what the release, which no test starts, moves to.
    assert_eq!(
        coverage,
        "base: 0 of 2 covered\n\
         \x20 no test comes to its being disabled (coverage.json:6:18)\n\
         \x20 no test comes to variant `off`\n\
         checkout: 7 of 10 covered\n\
         \x20 no test comes to rule 1 (coverage.json:18:9)\n\
         \x20 no test comes to variant `d`\n\
         \x20 no test comes to variant `f`\n\
         ready: 2 of 4 covered\n\
         \x20 no test comes to rule 0 (coverage.json:26:17)\n\
         \x20 no test comes to variant `off`\n\
         coverage: 56.2 % (9 of 16)\n"
    );
}

#[test]
fn less_coverage_than_asked_for_fails() {
    let covered = |least: &str| {
        let output = vexil(&["test", "shop.json", "--min-coverage", least]);
        let notes = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), notes)
    };
    // Six of seven: no test comes to rule 1.
    assert_eq!(covered("85.7"), (Some(0), String::new()));
    let notes = "the tests cover 85.7 %, expected at least 85.8 %\n".to_owned();
    assert_eq!(covered("85.8"), (Some(1), notes));
    assert_eq!(covered("101").0, Some(2));
}

#[test]
fn json_has_the_outcome_and_the_coverage() {
    let output = vexil(&["test", "coverage.json", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let at = |pointer: &str| document.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!((at("/passed"), at("/failed")), (json!(3), json!(1)));
    assert_eq!(at("/files/0/tests/2/line"), json!(34));
    assert_eq!(at("/files/0/tests/2/context/country"), json!("<&>"));
    assert_eq!(at("/files/0/tests/1/passed"), json!(true));
    let wrong = at("/files/0/tests/2/failures/0");
    assert_eq!(
        ["flag", "expected", "got", "reason"].map(|it| wrong.get(it).cloned()),
        ["checkout", "b", "a", "SPLIT"].map(|it| Some(json!(it)))
    );
    assert!(
        wrong
            .pointer("/explanation/steps")
            .is_some_and(Value::is_array)
    );
    assert_eq!(
        at("/coverage"),
        json!({ "covered": 9, "all": 16, "percent": 56.2 })
    );
    assert_eq!(
        at("/files/0/coverage/checkout"),
        json!({ "covered": 7, "all": 10, "percent": 70.0, "missing": [
            "/flags/checkout/rules/1", "/flags/checkout/variants/d", "/flags/checkout/variants/f",
        ] })
    );
}

#[test]
fn junit_has_a_case_for_each_test() {
    let output = vexil(&["test", "coverage.json", "shop.json", "--format", "junit"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("it is text");
    let document = roxmltree::Document::parse(&text).expect("it is XML");
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    assert_eq!(
        (root.attribute("tests"), root.attribute("failures")),
        (Some("6"), Some("1"))
    );
    let cases: Vec<_> = root
        .descendants()
        .filter(|it| it.has_tag_name("testcase"))
        .collect();
    assert_eq!(cases.len(), 6);
    let failed: Vec<_> = cases
        .iter()
        .filter(|it| it.first_element_child().is_some())
        .collect();
    assert_eq!(failed.len(), 1);
    let case = failed.first().expect("it failed");
    assert_eq!(
        case.attribute("name"),
        Some(r#"/tests/2 {"targetingKey":"user-2","country":"<&>"}"#)
    );
    assert_eq!(
        (case.attribute("file"), case.attribute("line")),
        (Some("coverage.json"), Some("34"))
    );
    let failure = case.first_element_child().expect("a failure");
    assert_eq!(
        failure.attribute("message"),
        Some("checkout: expected `b`, got `a` (SPLIT)")
    );
    assert!(
        failure
            .text()
            .is_some_and(|it| it.contains(r#"country is "<&>""#))
    );
}
