//! What `vexil init` leaves in a folder.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn vexil_in(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vexil"));
    command
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("it starts")
}

#[track_caller]
fn check(folder: &Path, arguments: &[&str], out: &str) {
    let output = vexil_in(folder, arguments);
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), notes.as_str()), (Some(0), ""));
    assert_eq!(String::from_utf8_lossy(&output.stdout), out);
}

#[test]
fn what_init_writes_is_right_in_every_respect() {
    let folder = tempfile::tempdir().expect("there is room");
    let folder = folder.path();
    let output = vexil_in(folder, &["init"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let written: Vec<&str> = text
        .lines()
        .skip(1)
        .map_while(|it| it.split_whitespace().next())
        .collect();
    let names = [
        "flags.json",
        "flags.schema.json",
        "vexil.toml",
        ".github/workflows/flags.yml",
    ];
    assert_eq!(written, names);
    check(
        folder,
        &["validate", "--deny-warnings"],
        "flags.json: no issues in 1 flag\n",
    );
    check(folder, &["fmt", "--check"], "");
    let tests =
        "ok     /tests/0\nok     /tests/1\nok     /tests/2\nok     /tests/3\n4 passed, 0 failed\n";
    let coverage = format!("{tests}coverage: 100 % (5 of 5)\n");
    check(folder, &["test", "--min-coverage", "100"], &coverage);

    let read = |name: &str| -> Value {
        let text = std::fs::read(folder.join(name)).expect("it was written");
        serde_json::from_slice(&text).expect("it is JSON")
    };
    let ruleset = read("flags.json");
    assert_eq!(
        ruleset.get("$schema").and_then(Value::as_str),
        Some("./flags.schema.json")
    );
    assert!(jsonschema::is_valid(&read("flags.schema.json"), &ruleset));
}

#[test]
fn init_says_what_to_do_next_and_that_works() {
    let folder = tempfile::tempdir().expect("there is room");
    let output = vexil_in(folder.path(), &["init", "mine"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (_, next) = text.split_once("\nNext\n").expect("next steps");
    let commands: Vec<&str> = next
        .lines()
        .filter_map(|it| it.split('#').next())
        .map(str::trim)
        .collect();
    assert_eq!(commands.first(), Some(&"cd mine"));
    let mut count = 0;
    for command in commands.iter().skip(1).flat_map(|it| it.split(" && ")) {
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        let output = vexil_in(&folder.path().join("mine"), &words);
        assert_eq!(output.status.code(), Some(0), "{command}");
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn init_overwrites_nothing_unless_it_is_forced_to() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("flags.json");
    std::fs::write(&path, "mine").expect("it can be written");
    let lists = |arguments: &[&str]| -> Value {
        let output = vexil_in(folder.path(), &[&["init", "--json"], arguments].concat());
        serde_json::from_slice(&output.stdout).expect("it is JSON")
    };
    let others = [
        "flags.schema.json",
        "vexil.toml",
        ".github/workflows/flags.yml",
    ];
    let want = serde_json::json!({ "written": others, "kept": ["flags.json"] });
    assert_eq!(lists(&[]), want);
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "mine");
    assert_eq!(lists(&[]).pointer("/written"), Some(&serde_json::json!([])));
    assert_eq!(
        lists(&["--force"]).pointer("/kept"),
        Some(&serde_json::json!([]))
    );
    check(
        folder.path(),
        &["validate"],
        "flags.json: no issues in 1 flag\n",
    );
}

#[test]
fn the_workflow_is_at_the_root_of_the_repository() {
    let folder = tempfile::tempdir().expect("there is room");
    let inner = folder.path().join("apps/shop");
    std::fs::create_dir_all(&inner).expect("it can be made");
    std::fs::create_dir(folder.path().join(".git")).expect("it can be made");
    assert_eq!(vexil_in(&inner, &["init"]).status.code(), Some(0));
    let workflow = folder.path().join(".github/workflows/flags.yml");
    let workflow = std::fs::read_to_string(workflow).expect("it was written");
    assert!(
        workflow.contains("working-directory: apps/shop\n"),
        "{workflow}"
    );
    assert!(
        workflow.contains("paths: [\"apps/shop/flags.json\","),
        "{workflow}"
    );
    assert!(!inner.join(".github").exists());
}
