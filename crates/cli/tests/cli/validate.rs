//! What `vexil validate` says.

use std::process::Command;

use serde_json::{Value, json};

use super::{FILES, check, printed, vexil, vexil_reading};

/// `line:column code path` of every report, as JSON gives them.
#[track_caller]
fn places(arguments: &[&str]) -> Vec<String> {
    let output = vexil(&[&["validate", "--json"], arguments].concat());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let document: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let files = document
        .pointer("/files")
        .and_then(Value::as_array)
        .expect("files");
    let reports = files
        .iter()
        .filter_map(|it| it.get("reports")?.as_array())
        .flatten();
    let place = |it: &Value| {
        let member = |name: &str| match it.get(name) {
            Some(Value::String(text)) => text.clone(),
            other => other.map(Value::to_string).unwrap_or_default(),
        };
        format!(
            "{}:{} {} {}",
            member("line"),
            member("column"),
            member("code"),
            member("path")
        )
    };
    reports.map(place).collect()
}

#[test]
fn validate_shows_the_lines_that_are_wrong() {
    check(
        &["validate", "shop.json"],
        0,
        "shop.json: no issues in 2 flags\n",
        "",
    );
    check(
        &["validate", "broken.json"],
        1,
        "",
        r#"error[unknown-variant]: unknown variant `onn` (did you mean `on`?)
 --> broken.json:7:18
  |
7 |       "default": "onn"
  |                  ^^^^^ /flags/checkout/default
  |
help: write `on`
  |
7 -       "default": "onn"
7 +       "default": "on"
  |

error[value-type]: expected a boolean in a flag of type `boolean`, found a string
  --> broken.json:11:27
   |
11 |       "variants": { "on": "yes", "off": false },
   |                           ^^^^^ /flags/banner/variants/on

error[unknown-key]: unknown key `colour`
  --> broken.json:14:7
   |
14 |       "colour": "red"
   |       ^^^^^^^^ /flags/banner/colour

broken.json: 3 errors
"#,
    );
}

#[test]
fn validate_warns_of_what_is_odd() {
    let warnings = r#"warning[unreachable-rule]: is never reached: rule `club` serves everybody whom it is for
 --> odd.json:9:9
  |
9 |         { "when": { "attr": "plan", "is": "fleet" }, "serve": "off" }
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ /flags/checkout/rules/1

warning[unused-segment]: is a segment that nothing refers to
  --> odd.json:14:26
   |
14 |   "segments": { "staff": { "members": ["user-1"] } }
   |                          ^^^^^^^^^^^^^^^^^^^^^^^^^ /segments/staff

"#;
    let summary = "odd.json: no issues in 1 flag, 2 warnings";
    check(
        &["validate", "odd.json"],
        0,
        &format!("{summary}\n"),
        warnings,
    );
    check(
        &["validate", "--deny-warnings", "odd.json"],
        1,
        "",
        &format!("{warnings}{summary}, which are denied\n"),
    );
    check(
        &["validate", "--deny-warnings", "shop.json"],
        0,
        "shop.json: no issues in 2 flags\n",
        "",
    );
}

#[test]
fn issues_have_their_places_in_yaml() {
    assert_eq!(
        places(&["broken.yaml"]),
        [
            "7:14 unknown-variant /flags/checkout/default",
            "9:7 unknown-variant /flags/checkout/targets/onn",
            "12:46 unknown-key /flags/checkout/rules/0/when/foo",
            "13:36 unknown-variant /flags/checkout/rules/0/serve/split/1/0",
            "16:11 unknown-key /flags/checkout/rules/1/when/iss",
            "18:11 missing-key /flags/banner",
            "18:11 missing-key /flags/banner",
            "18:11 missing-key /flags/banner",
        ]
    );
}

#[test]
fn issues_have_their_places_in_toml() {
    assert_eq!(
        places(&["broken.toml"]),
        [
            "5:11 unknown-variant /flags/checkout/default",
            "6:1 unknown-key /flags/checkout/defualt",
            "11:9 unknown-variant /flags/checkout/rules/0/serve",
            "13:1 missing-key /flags/banner",
            "13:1 missing-key /flags/banner",
            "13:1 missing-key /flags/banner",
            "14:8 unknown-word /flags/banner/type",
        ]
    );
}

#[test]
fn what_is_no_yaml_or_toml_has_a_place_too() {
    let folder = tempfile::tempdir().expect("there is room");
    for (name, text, want) in [
        ("a.yaml", "flags:\n  - a\n b: c\n", "3:2 syntax "),
        ("b.yaml", "flags: &a [*a]\n", "1:12 syntax "),
        ("c.yaml", "flags: {}\n---\nflags: {}\n", "2:1 syntax "),
        ("d.yaml", "flags: { a: .inf }\n", "1:13 syntax "),
        ("e.yaml", "flags: !mine {}\n", "1:8 syntax "),
        ("f.yaml", "? [a]\n: b\n", "1:3 syntax "),
        ("a.toml", "[flags]\nä = 1\n", "2:1 syntax "),
        ("b.toml", "[flags]\na = nan\n", "2:5 syntax "),
        ("a.json", "{ \"é\": 1, }", "1:11 syntax "),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        assert_eq!(
            places(&[path.to_str().expect("it is text")]),
            [want],
            "{name}"
        );
    }
}

#[test]
fn the_second_of_two_members_is_shown_and_the_first() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("twice.json");
    std::fs::write(&path, "{ \"flags\": {},\n  \"flags\": {} }").expect("it can be written");
    let path = path.to_str().expect("it is text");
    let want = format!(
        r#"error[duplicate-key]: `flags` is written more than once, expected once
 --> {path}:2:3
  |
2 |   "flags": {{}} }}
  |   ^^^^^^^ /flags
  |
note: first written here
  |
1 | {{ "flags": {{}},
  |   ^^^^^^^

{path}: 1 error
"#
    );
    check(&["validate", path], 1, "", &want);
}

#[test]
fn of_a_long_line_a_part_is_shown_and_of_many_reports_some() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("long.json");
    let flags = (0..120)
        .map(|it| (format!("f{it:03}"), json!({})))
        .collect::<Value>();
    std::fs::write(&path, json!({ "flags": flags }).to_string()).expect("it can be written");
    let path = path.to_str().expect("it is text");
    let output = vexil(&["validate", path]);
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        notes.lines().all(|line| line.chars().count() < 160),
        "{notes}"
    );
    assert!(notes.contains(&format!(" --> {path}:1:248\n")), "{notes}");
    let end = format!("{path}: 380 more (`--json` has them all)\n\n{path}: 480 errors\n");
    assert!(notes.ends_with(&end), "{notes}");
    assert_eq!(places(&[path]).len(), 480);
}

#[test]
fn of_folders_every_file_with_flags_is_checked() {
    let folder = tempfile::tempdir().expect("there is room");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    };
    for (name, text) in [
        ("a.yaml", "flags: {}"),
        ("inner/b.toml", "[flags]"),
        ("inner/package.json", "{}"),
        ("inner/broken.json", "{ \"flags\": "),
        ("tsconfig.json", "{ // no ruleset\n}"),
        ("node_modules/c.json", "nothing"),
        (".hidden/d.json", "{ \"flags\": "),
        ("vexil.toml", "flags = 1"),
        ("flags.txt", "flags"),
    ] {
        write(name, text);
    }
    let output = vexil(&["validate", folder.path().to_str().expect("it is text")]);
    assert_eq!(output.status.code(), Some(1));
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).replace(folder.path().to_str().expect("text"), "");
    let mut ends: Vec<&str> = text.lines().filter(|it| it.starts_with('/')).collect();
    ends.sort_unstable();
    assert_eq!(
        ends,
        [
            "/a.yaml: no issues in 0 flags",
            "/inner/b.toml: no issues in 0 flags",
            "/inner/broken.json: 1 error",
        ]
    );
    let empty = folder.path().join("node_modules");
    let output = vexil(&["validate", empty.to_str().expect("it is text")]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn several_files_are_checked_each_for_itself() {
    let output = vexil(&["validate", "broken.json", "shop.json", "odd.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "shop.json: no issues in 2 flags\nodd.json: no issues in 1 flag, 2 warnings\n"
    );
}

#[test]
fn standard_input_has_a_name() {
    let output = vexil_reading("{ \"flags\": {} }", &["validate", "-"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "<stdin>: no issues in 0 flags\n"
    );
}

#[test]
fn colours_are_for_those_who_want_them() {
    let run = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vexil"));
        let command = command.current_dir(FILES).args(["validate", "broken.json"]);
        command
            .env_remove("NO_COLOR")
            .envs(variables.iter().copied());
        let output = command.output().expect("it starts");
        String::from_utf8_lossy(&output.stderr).contains('\u{1b}')
    };
    assert!(!run(&[]));
    assert!(run(&[("CLICOLOR_FORCE", "1")]));
    assert!(!run(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn the_ruleset_of_the_demo_has_no_warnings() {
    let ruleset = concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/ruleset.json");
    let summary = format!("{ruleset}: no issues in 6 flags\n");
    check(&["validate", "--deny-warnings", ruleset], 0, &summary, "");
}

#[test]
fn the_same_ruleset_means_the_same_in_every_format() {
    let folder = tempfile::tempdir().expect("there is room");
    let context = r#"{"targetingKey":"user-1","email":"a@example.com"}"#;
    let answers =
        ["shop.yaml", "shop.toml"].map(|name| printed(&["eval", name, "--context", context]));
    let json = printed(&["eval", "shop.json", "--context", context]);
    assert_eq!(answers, [json.clone(), json]);
    let compiled = ["shop.json", "shop.yaml", "shop.toml"].map(|name| {
        let path = folder.path().join(name);
        let path = path.to_str().expect("it is text");
        printed(&["compile", name, "-o", path, "--published", "0"]);
        std::fs::read(path).expect("it was written")
    });
    let [json, yaml, toml] = compiled;
    assert!(json == yaml && json == toml);
}
