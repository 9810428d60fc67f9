//! What `vexil fmt` does.

use std::path::Path;

use serde_json::{Value, json};

use super::{check, vexil, vexil_reading};

const MESSY: &str = r#"{ "segments": {},
  "flags": { "b": { "type": "boolean", "enabled": true, "variants": { "on": true, "off": false },
      "offVariant": "off", "default": "on" } } }"#;
const TIDY: &str = r#"{
  "flags": {
    "b": {
      "type": "boolean",
      "variants": { "off": false, "on": true },
      "offVariant": "off",
      "default": "on"
    }
  }
}
"#;

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("it can be written");
    path.to_str().expect("it is text").to_owned()
}

#[test]
fn fmt_writes_the_form_that_all_have() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = write(folder.path(), "a.json", MESSY);
    let read = || std::fs::read_to_string(&path).expect("it can be read");
    check(&["fmt", &path], 0, &format!("formatted {path}\n"), "");
    assert_eq!(read(), TIDY);
    check(&["fmt", &path], 0, "", "");
    check(&["fmt", "--check", &path], 0, "", "");
    // The ends of lines stay what they were.
    write(folder.path(), "a.json", &MESSY.replace('\n', "\r\n"));
    check(&["fmt", &path], 0, &format!("formatted {path}\n"), "");
    assert_eq!(read(), TIDY.replace('\n', "\r\n"));
    let output = vexil_reading(MESSY, &["fmt", "-"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), TIDY);
}

#[test]
fn check_shows_what_would_change_and_changes_nothing() {
    let folder = tempfile::tempdir().expect("there is room");
    let text = TIDY.replace(
        "{ \"off\": false, \"on\": true }",
        "{\"on\": true, \"off\": false}",
    );
    let path = write(folder.path(), "a.json", text.trim_end());
    let want = format!(
        r#"--- {path}
+++ {path}, formatted
@@ -2,9 +2,9 @@
   "flags": {{
     "b": {{
       "type": "boolean",
-      "variants": {{"on": true, "off": false}},
+      "variants": {{ "off": false, "on": true }},
       "offVariant": "off",
       "default": "on"
     }}
   }}
-}}
\ No newline at end of file
+}}
"#
    );
    let note = "1 file is not in that form: `vexil fmt` would write it\n";
    check(&["fmt", "--check", &path], 1, &want, note);
    assert_eq!(
        std::fs::read_to_string(&path).expect("it is there"),
        text.trim_end()
    );
    let output = vexil(&["fmt", "--check", "--json", &path]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        serde_json::from_slice::<Value>(&output.stdout).expect("it is JSON"),
        json!({ "files": [{ "file": path, "changed": true }] })
    );
}

#[test]
fn what_cannot_be_formatted_is_left_as_it_is_and_the_others_are_formatted() {
    let folder = tempfile::tempdir().expect("there is room");
    let yaml = write(folder.path(), "a.yaml", "flags: {} # a comment\n");
    let broken = write(folder.path(), "b.json", "{ \"flags\": 1 }");
    let messy = write(folder.path(), "c.json", MESSY);
    let output = vexil(&["fmt", &yaml, &broken, &messy]);
    assert_eq!(output.status.code(), Some(1));
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    let lost = format!("{yaml}: only JSON is formatted: the comments of YAML would be lost\n");
    assert!(notes.starts_with(&lost), "{notes}");
    assert!(
        notes.contains("error[wrong-type]: expected an object, found a number"),
        "{notes}"
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        format!("formatted {messy}\n")
    );
    assert_eq!(
        std::fs::read_to_string(&yaml).expect("it is there"),
        "flags: {} # a comment\n"
    );
    // Of a folder what cannot have that form is not asked to have it.
    std::fs::remove_file(broken).expect("it is there");
    check(
        &[
            "fmt",
            "--check",
            folder.path().to_str().expect("it is text"),
        ],
        0,
        "",
        "",
    );
}
