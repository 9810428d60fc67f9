//! The vectors are worth something: an engine that was broken on purpose fails them, each time where it should.
//!
//! `mutations.json` says what is broken. A copy of the engine takes one edit after the other; it must still compile,
//! and then it must answer a vector of the named file wrongly.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// What the engine is made of, and what judges it.
const COPIED: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "crates/core",
    "crates/ofrep",
    "crates/release",
    "crates/ruleset",
    "tests/conformance",
    "tests/vectors",
];
const MEMBERS: &str = r#"members = ["crates/core", "crates/ofrep", "crates/release", "crates/ruleset", "tests/conformance"]"#;

#[test]
fn an_engine_broken_on_purpose_fails_the_vectors() {
    // Kept from one run to the next, so that only what was edited is built again.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutations");
    let engine = copy(&folder.join("engine"));
    let target = folder.join("target");
    let intact = judge(&engine, &target).expect("the intact copy builds");
    assert!(
        intact.status.success(),
        "the intact copy fails:\n{}",
        String::from_utf8_lossy(&intact.stdout)
    );

    let mutations: Vec<Value> =
        serde_json::from_str(include_str!("../mutations.json")).expect("mutations.json");
    assert!(mutations.len() >= 10);
    let survivors: Vec<String> = mutations
        .iter()
        .filter_map(|mutation| survives(mutation, &engine, &target))
        .collect();
    assert!(survivors.is_empty(), "{}", survivors.join("\n"));
}

/// Why `mutation` did not fail as it should, if it did not.
fn survives(mutation: &Value, engine: &Path, target: &Path) -> Option<String> {
    let [breaks, file, find, replace, fails] = ["breaks", "file", "find", "replace", "fails"]
        .map(|key| mutation[key].as_str().expect(key));
    let file = engine.join(file);
    let intact = fs::read_to_string(&file).expect("a file to break");
    let found = intact.matches(find).count();
    if found != 1 {
        return Some(format!("{breaks}: `{find}` is there {found} times"));
    }
    fs::write(&file, intact.replacen(find, replace, 1)).expect("written");
    let judged = judge(engine, target);
    fs::write(&file, intact).expect("written back");
    match judged {
        Err(printed) => Some(format!("{breaks}: does not compile:\n{printed}")),
        Ok(output) => {
            let printed = String::from_utf8_lossy(&output.stdout);
            let is_wrong =
                |line: &str| line.starts_with(&format!("{fails}#")) && line.contains(" engine: ");
            let is_caught = output.status.code() == Some(1) && printed.lines().any(is_wrong);
            (!is_caught).then(|| {
                format!(
                    "{breaks}: no vector of {fails} fails; printed\n{printed}{}",
                    String::from_utf8_lossy(&output.stderr)
                )
            })
        }
    }
}

/// Runs the vectors natively; what the compiler printed where it refused.
fn judge(engine: &Path, target: &Path) -> Result<Output, String> {
    let cargo = || {
        let mut command = Command::new(env!("CARGO"));
        command
            .current_dir(engine)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        command
    };
    let built = cargo()
        .args([
            "build",
            "--quiet",
            "--offline",
            "--package",
            "vexil-conformance",
            "--bin",
            "vectors",
        ])
        .output()
        .expect("cargo runs");
    if !built.status.success() {
        return Err(String::from_utf8_lossy(&built.stderr).into_owned());
    }
    Ok(Command::new(target.join("debug/vectors"))
        .arg("check")
        .output()
        .expect("the vectors run"))
}

/// Copies the engine to `to` as a workspace of its own. A file that is the same already keeps its time.
fn copy(to: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for part in COPIED {
        copy_all(&root.join(part), &to.join(part));
    }
    let manifest = to.join("Cargo.toml");
    let text = fs::read_to_string(root.join("Cargo.toml")).expect("the root manifest");
    let lines = text.lines().map(|line| {
        if line.starts_with("members = ") {
            MEMBERS
        } else {
            line
        }
    });
    fs::write(manifest, lines.collect::<Vec<_>>().join("\n")).expect("written");
    to.to_owned()
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copy_all(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        let bytes = fs::read(from).expect("a file");
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        if fs::read(to).ok().as_ref() != Some(&bytes) {
            fs::write(to, bytes).expect("written");
        }
    }
}
