//! What `vexil find` finds.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::diff::git;

const RULESET: &str = r#"{ "flags": {
  "checkout": { "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off",
    "requires": [{ "flag": "gate", "variant": ["on"] }],
    "default": { "split": [["on", 1], ["off", 1]] } },
  "gate": { "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off",
    "default": { "split": [["on", 1], ["off", 1]] } },
  "old-banner": { "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off", "default": "on" },
  "theme": { "type": "string", "variants": { "a": "light", "b": "dark" }, "offVariant": "a",
    "default": { "split": [["a", 1], ["b", 1]] } }
} }"#;

const APP: &str = r#"import { createClient } from "vexil";
export const flags = createClient({ url, key });
const é = flags.boolean("checkout", false) && z.string("Required");
flags.details<boolean>(
  'chekout',
);
bus.subscribe("orders", () => {});
"#;

/// A folder with a ruleset, `vexil.toml`, and some code.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room");
    let settings = [
        ("flags.json", RULESET),
        ("vexil.toml", "ruleset = \"flags.json\"\n"),
    ];
    for (name, text) in settings.iter().chain(files) {
        let path = folder.path().join(name);
        let parent = path.parent().expect("a folder");
        std::fs::create_dir_all(parent).expect("it can be made");
        std::fs::write(&path, text).expect("it can be written");
    }
    folder
}

fn find(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vexil"));
    command.current_dir(folder).arg("find").args(arguments);
    command.output().expect("it starts")
}

#[track_caller]
fn check(folder: &Path, arguments: &[&str], code: i32, out: &str, notes: &str) {
    let output = find(folder, arguments);
    assert_eq!(String::from_utf8_lossy(&output.stderr), notes);
    assert_eq!(String::from_utf8_lossy(&output.stdout), out);
    assert_eq!(output.status.code(), Some(code));
}

#[track_caller]
fn found(folder: &Path, arguments: &[&str]) -> Value {
    let output = find(folder, &[arguments, &["--json"]].concat());
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).expect(&notes)
}

/// The keys that a line of code uses, and those of flags that are not, in a file of that name.
#[track_caller]
fn check_line(name: &str, line: &str, used: &[&str], unknown: &[&str]) {
    let folder = tree(&[(name, line)]);
    let found = found(folder.path(), &[]);
    let keys = |part: &str| -> Vec<Value> {
        let all = found.get(part).and_then(Value::as_array);
        let keys = all.into_iter().flatten().filter_map(|it| it.get("key"));
        keys.cloned().collect()
    };
    assert_eq!(
        (keys("uses"), keys("unknown")),
        (of(used), of(unknown)),
        "{name}: {line}"
    );
}

fn of(keys: &[&str]) -> Vec<Value> {
    keys.iter().map(|key| json!(key)).collect()
}

#[test]
fn find_says_where_flags_are_used_and_what_is_odd() {
    let folder = tree(&[
        ("src/app.ts", APP),
        ("src/shop.py", "theme = 'theme'\n"),
        ("README.md", "`old-banner`"),
        ("dist/app.js", "flags.boolean(\"old-banner\", false)"),
        ("node_modules/a/index.js", "f('old-banner')"),
        (".gitignore", "dist\n"),
        ("logo.png", "\"old-banner\"\0"),
    ]);
    let text = "src/app.ts:3:25  checkout  boolean\n\
                src/shop.py:1:9  theme\n\
                src/app.ts:5:3  chekout  unknown: there is no such flag (did you mean `checkout`?)\n\
                flags.json:7:3  old-banner  unused: no code uses it\n\
                flags.json:7:3  old-banner  constant: serves `on` to everyone while it is on\n\
                2 uses of 2 flags in 2 files, 1 unknown, 1 unused, 1 constant\n";
    let check =
        |arguments: &[&str], code, notes| check(folder.path(), arguments, code, text, notes);
    check(&[], 0, "");
    check(&["."], 0, "");
    check(
        &["src/app.ts", "src", "--deny", "unused"],
        1,
        "denied: 1 unused\n",
    );
    check(
        &["--deny", "constant,unknown", "--deny", "unused"],
        1,
        "denied: 1 constant, 1 unknown, 1 unused\n",
    );
    assert_eq!(
        found(folder.path(), &["src"]),
        json!({
            "files": 2,
            "uses": [
                { "file": "src/app.ts", "line": 3, "column": 25, "key": "checkout", "call": "boolean" },
                { "file": "src/shop.py", "line": 1, "column": 9, "key": "theme", "call": null },
            ],
            "unknown": [
                { "file": "src/app.ts", "line": 5, "column": 3, "key": "chekout", "call": "details", "meant": "checkout" },
            ],
            "unused": ["old-banner"],
            "constant": [{ "key": "old-banner", "message": "serves `on` to everyone while it is on" }],
        })
    );
}

#[test]
fn find_looks_for_one_flag() {
    let folder = tree(&[("src/app.ts", APP)]);
    check(
        folder.path(),
        &["--flag", "checkout", "--deny", "unknown,unused,constant"],
        0,
        "src/app.ts:3:25  checkout  boolean\n1 use of 1 flag in 1 file\n",
        "",
    );
    let notes = "there is no flag `chekout` (did you mean `checkout`?)\n";
    check(folder.path(), &["--flag", "chekout"], 1, "", notes);
    let missing = find(folder.path(), &["nowhere"]);
    assert_eq!(missing.status.code(), Some(3));
    assert_eq!(
        find(folder.path(), &["--since", "month"]).status.code(),
        Some(2)
    );
}

#[test]
fn find_knows_reads_of_flags_in_many_languages() {
    for (name, line) in [
        ("a.js", "client.getBooleanValue('nope', false)"),
        ("a.ts", "client.getObjectDetails<Theme>(\n  \"nope\", {})"),
        ("a.tsx", "const { value } = useFlag(\"nope\", false);"),
        (
            "a.jsx",
            "useSuspenseFlag('nope', 1); f(useBooleanFlagValue)",
        ),
        (
            "a.vue",
            "<p v-if=\"useBooleanFlagDetails('nope', false).value\">",
        ),
        (
            "a.py",
            "client.get_integer_details(flag_key='nope', default_value=1)",
        ),
        ("a.py", "await client.get_string_value_async(\"nope\", '')"),
        (
            "a.go",
            "v, _ := client.BooleanValue(ctx, \"nope\", false, evalCtx)",
        ),
        (
            "a.go",
            "client.FloatValueDetails(context.TODO(), `nope`, 1.5, evalCtx)",
        ),
        (
            "a.rs",
            "client.get_struct_value::<Theme>(\"nope\", None, None)",
        ),
        ("A.java", "client.getDoubleDetails(\"nope\", 1.0)"),
        ("A.cs", "await client.GetIntegerValueAsync(\"nope\", 1)"),
        (
            "a.rb",
            "client.fetch_boolean_value(flag_key: 'nope', default_value: false)",
        ),
        (
            "a.swift",
            "client.getValue(key: \"x\", 1); client.getBooleanValue(key: \"nope\", defaultValue: false)",
        ),
        (
            "a.ts",
            "private flags = snapshotClient(s); f() { this.flags?.number(`nope`, 1) }",
        ),
        (
            "a.ts",
            "a.object('theme', {}); props.a!.subscribe(\"nope\", go)",
        ),
    ] {
        let known = line
            .replace("nope", "theme")
            .replace("a.object('theme', {}); ", "");
        check_line(name, &known, &["theme"], &[]);
        let used: &[&str] = if line.contains("theme") {
            &["theme"]
        } else {
            &[]
        };
        check_line(name, line, used, &["nope"]);
    }
}

#[test]
fn find_takes_no_other_call_for_a_read() {
    for (name, line) in [
        ("a.ts", "z.string('theme'); z.string('nope')"),
        ("a.ts", "yargs().boolean('nope').string('other', 1)"),
        (
            "a.ts",
            "mqtt.subscribe('theme', f); mqtt.subscribe('nope', f)",
        ),
        ("A.java", "json.getStringValue(\"nope\")"),
        ("a.py", "flags.boolean('nope', 1)"),
        ("a.ts", "client.getStringValue('no key', '')"),
    ] {
        let used: &[&str] = if line.contains("theme") {
            &["theme"]
        } else {
            &[]
        };
        check_line(name, line, used, &[]);
    }
}

#[test]
fn a_constant_that_vexil_types_wrote_is_a_use_where_it_is_used() {
    let folder = tree(&[(
        "src/main.rs",
        "mod flags;\nfn main() {\n    f(flags::CHECKOUT, flags::Theme::from_value(v));\n}\n",
    )]);
    for (language, output) in [("rust", "src/flags.rs"), ("ts", "src/flags.ts")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vexil"));
        command.current_dir(folder.path());
        command.args(["types", "--lang", language, "-o", output]);
        assert!(command.status().expect("it starts").success());
    }
    let output = find(folder.path(), &[]);
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        out.starts_with("src/main.rs:3:14  checkout\nsrc/main.rs:3:31  theme\nflags.json:7:3  old-banner  unused"),
        "{out}"
    );
}

#[test]
fn a_flag_is_constant_since_its_history_says() {
    let folder = tree(&[]);
    let commit = |ruleset: &str, days: i64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seconds = i64::try_from(now.expect("it is later").as_secs()).expect("it fits");
        let date = format!("{} +0000", seconds - days * 86_400);
        std::fs::write(folder.path().join("flags.json"), ruleset).expect("it can be written");
        git(folder.path(), &["add", "flags.json"]);
        let output = Command::new("git")
            .current_dir(folder.path())
            .env("GIT_COMMITTER_DATE", &date)
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(["commit", "--quiet", "--date", &date, "-m", "a change"])
            .output();
        assert!(output.expect("git is there").status.success());
    };
    let constant =
        |since: &str| found(folder.path(), &["--since", since])["constant"][0]["key"].clone();
    git(folder.path(), &["init", "--quiet"]);
    let split = RULESET.replace(
        "\"default\": \"on\"",
        "\"default\": { \"split\": [[\"on\", 1], [\"off\", 1]] }",
    );
    assert_ne!(split, RULESET);
    commit(&split, 60);
    commit(RULESET, 40);
    commit("{", 20);
    commit(&RULESET.replace("\"light\"", "\"bright\""), 10);
    assert_eq!(constant("30d"), "old-banner");
    assert_eq!(constant("39d"), "old-banner");
    assert_eq!(constant("6w"), Value::Null, "it was split");
    assert_eq!(constant("70d"), Value::Null, "it was not there");
    // What it serves counts, not that it is one.
    commit(
        &RULESET.replace("\"default\": \"on\"", "\"default\": \"off\""),
        5,
    );
    assert_eq!(constant("4d"), "old-banner");
    assert_eq!(constant("6d"), Value::Null);
    let nowhere = tree(&[]);
    let output = find(nowhere.path(), &["--since", "1d"]);
    assert_eq!(output.status.code(), Some(3));
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        notes.starts_with("cannot read the history of flags.json: "),
        "{notes}"
    );
}
