//! What people read when something goes wrong.

use std::path::Path;

use super::diff::rulesets;
use super::{check, printed, vexil};

#[test]
fn a_file_that_cannot_be_read_is_named() {
    check(
        &["validate", "nowhere.json"],
        3,
        "",
        "cannot read nowhere.json: No such file or directory (os error 2)\n",
    );
}

#[test]
fn an_issue_of_the_whole_file_names_the_file() {
    for command in ["test", "eval"] {
        check(
            &[command, "/dev/null"],
            1,
            "",
            "error[syntax]: eof while parsing a value at line 1, column 0\n\
             \x20--> /dev/null:1:1\n  |\n1 |\n  | ^\n\n",
        );
    }
}

#[test]
fn a_context_has_the_limit_that_it_has_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("context.json");
    let context = |bytes: usize| {
        let context = r#"{"targetingKey":"u"}"#;
        context.to_owned() + &" ".repeat(bytes.saturating_sub(context.len()))
    };
    let path = path.to_str().expect("it is text");
    let at = format!("@{path}");
    let message = "a context of 65537 bytes, expected at most 65536\n";
    std::fs::write(path, context(65_537)).expect("it can be written");
    for arguments in [
        &["eval", "shop.json", "--context", &at][..],
        &["explain", "shop.json", "checkout", "--context", &at],
    ] {
        check(arguments, 1, "", &format!("{path}: {message}"));
    }
    let diff = ["diff", "shop.json", "shop.json", "--contexts", path];
    check(&diff, 1, "", &format!("{path}:1: {message}"));
    std::fs::write(path, context(65_536)).expect("it can be written");
    check(&diff, 0, "", "");
}

#[test]
fn eval_of_a_flag_that_is_not_there_says_so() {
    check(
        &["eval", "shop.json", "--flag", "chekout"],
        1,
        "",
        "there is no flag `chekout` (did you mean `checkout`?)\n",
    );
}

#[test]
fn diff_names_the_file_that_has_issues() {
    let output = vexil(&["diff", "shop.json", "broken.json"]);
    assert_eq!(output.status.code(), Some(1));
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(notes.contains(" --> broken.json:7:18\n"), "{notes}");
}

#[test]
fn diff_names_the_line_that_is_no_context() {
    let folder = tempfile::tempdir().expect("there is room");
    let [old, new, contexts] = rulesets(folder.path());
    std::fs::write(&contexts, "{}\n[]\n").expect("it can be written");
    let output = vexil(&["diff", &old, &new, "--contexts", &contexts]);
    assert_eq!(output.status.code(), Some(1));
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        notes.starts_with(&format!("{contexts}:2: expected a JSON object")),
        "{notes}"
    );
}

#[test]
fn a_context_that_is_no_object_cannot_be_understood() {
    let output = vexil(&["eval", "shop.json", "--context", "[]"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("expected a JSON object"));
}

#[test]
fn a_file_that_has_no_context_is_named() {
    for command in [
        &["eval", "shop.json"][..],
        &["explain", "shop.json", "prices"],
    ] {
        check(
            &[command, &["--context", "@nowhere.json"]].concat(),
            3,
            "",
            "cannot read nowhere.json: No such file or directory (os error 2)\n",
        );
        check(
            &[command, &["--context", "@/dev/null"]].concat(),
            1,
            "",
            "/dev/null: expected a JSON object: EOF while parsing a value at line 1 column 0\n",
        );
    }
}

#[test]
fn a_ruleset_with_issues_compiles_to_nothing() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("program.bin");
    assert_eq!(
        vexil(&[
            "compile",
            "broken.json",
            "-o",
            path.to_str().expect("it is text")
        ])
        .status
        .code(),
        Some(1)
    );
    assert!(!Path::new(&path).exists());
}

#[test]
fn a_file_that_is_not_flagds_is_refused() {
    check(
        &["import", "flagd", "/dev/null"],
        1,
        "",
        "/dev/null: this is not JSON: EOF while parsing a value at line 1 column 0\n",
    );
}

#[test]
fn a_file_of_which_no_flag_can_be_imported_is_refused() {
    let left_out = "the flag is left out: expected `ENABLED` or `DISABLED`";
    check(
        &["import", "flagd", "shop.json"],
        1,
        "",
        &format!(
            "warning: /flags/checkout/state: {left_out}\n\
             warning: /flags/prices/state: {left_out}\n\
             note: /segments: left out: a ruleset has no place for it\n\
             note: /releases: left out: a ruleset has no place for it\n\
             note: /tests: left out: a ruleset has no place for it\n\
             shop.json: no flag can be imported\n"
        ),
    );
}

#[test]
fn every_command_that_can_fail_documents_its_exit_codes() {
    for arguments in [
        &["--help"][..],
        &["validate", "--help"],
        &["eval", "--help"],
        &["compile", "--help"],
        &["test", "--help"],
        &["explain", "--help"],
        &["diff", "--help"],
        &["import", "--help"],
        &["shadow", "--help"],
        &["serve", "--help"],
        &["types", "--help"],
        &["release", "timeline", "--help"],
    ] {
        assert!(printed(arguments).contains("Exit codes:"), "{arguments:?}");
    }
}
