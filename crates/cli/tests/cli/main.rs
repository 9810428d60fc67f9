//! The program as people run it, on real files.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod completions;
mod diff;
mod eval;
mod failures;
mod find;
mod fmt;
mod formats;
mod import;
mod init;
mod serve;
mod shadow;
mod test;
mod types;
mod validate;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files");

/// Runs `vexil` in the folder of the files.
fn vexil(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vexil"));
    command
        .current_dir(FILES)
        .args(arguments)
        .env_remove("GITHUB_WORKSPACE")
        .stdin(Stdio::null());
    command.output().expect("it starts")
}

/// Runs `vexil` in the folder of the files, with something to read.
fn vexil_reading(input: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vexil"));
    command.current_dir(FILES).args(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(input.as_bytes()).expect("it is read");
    drop(pipe);
    child.wait_with_output().expect("it ends")
}

#[track_caller]
fn check(arguments: &[&str], code: i32, out: &str, notes: &str) {
    let output = vexil(arguments);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        notes,
        "{arguments:?}"
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        out,
        "{arguments:?}"
    );
    assert_eq!(output.status.code(), Some(code), "{arguments:?}");
}

/// What a command that ends well prints.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let output = vexil(arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn schema_prints_a_json_schema() {
    let schema: Value = serde_json::from_str(&printed(&["schema"])).expect("it is JSON");
    assert_eq!(
        schema.get("$schema"),
        Some(&json!("https://json-schema.org/draft/2020-12/schema"))
    );
}

#[test]
fn compile_writes_the_same_program_for_the_same_arguments() {
    let folder = tempfile::tempdir().expect("there is room");
    let compile = |name: &str| -> (PathBuf, Vec<u8>, String) {
        let path = folder.path().join(name);
        let text = path.to_str().expect("it is text");
        let published = "2026-11-23T09:00:00Z";
        let printed = printed(&[
            "compile",
            "shop.json",
            "-o",
            text,
            "--number",
            "7",
            "--published",
            published,
        ]);
        let bytes = std::fs::read(&path).expect("it was written");
        (path, bytes, printed)
    };
    let (path, bytes, printed) = compile("a.bin");
    assert_eq!(bytes, compile("b.bin").1);
    let program = vexil_core::Program::from_bytes(bytes).expect("it is a program");
    assert_eq!(
        (program.number(), program.published(), program.environment()),
        (7, 1_795_424_400_000, "production")
    );
    let size = program.as_bytes().len();
    assert_eq!(
        printed,
        format!(
            "{}: {size} bytes, checksum {:016x}\n",
            path.display(),
            program.checksum()
        )
    );
}

#[test]
fn a_timeline_says_when_each_stage_begins() {
    check(
        &[
            "release",
            "timeline",
            "shop.json",
            "checkout-ga",
            "--from",
            "2026-11-23T10:00:00+01:00",
        ],
        0,
        "begins                stage  exposure  phase\n\
         2026-11-23T09:00:00Z  a few  0.5 %     running\n\
         2026-11-23T10:00:00Z  half   50 %      running\n\
         2026-11-24T10:00:00Z  all    100 %     done\n",
        "",
    );
    check(
        &["release", "timeline", "shop.json", "none"],
        1,
        "",
        "there is no release `none`\n",
    );
    check(
        &["release", "timeline", "shop.json", "checkout-go"],
        1,
        "",
        "there is no release `checkout-go` (did you mean `checkout-ga`?)\n",
    );
}
