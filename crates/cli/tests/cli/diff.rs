//! What `vexil diff` says.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{check, vexil};

/// Two rulesets with the flag `f`, of which `weight` of 100 units get `on`, and a file of contexts.
pub(super) fn rulesets(folder: &Path) -> [String; 3] {
    let ruleset = |weight: u32| {
        let default = json!({ "split": [["on", weight], ["off", 100_u32.saturating_sub(weight)]] });
        json!({ "flags": { "f": {
            "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off", "default": default
        } } })
    };
    // By the reference implementation of XXH64, u5 falls at 10 % to 20 % by the salt `f`, and u0 and u1 do not.
    let contexts = ["u0", "u1", "u5"].map(|unit| json!({ "targetingKey": unit }).to_string());
    let files = [
        ("old.json", ruleset(10).to_string()),
        ("new.json", ruleset(20).to_string()),
        ("contexts.jsonl", contexts.join("\n")),
    ];
    files.map(|(name, text)| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.to_str().expect("it is text").to_owned()
    })
}

#[test]
fn diff_counts_the_units_that_move() {
    let folder = tempfile::tempdir().expect("there is room");
    let [old, new, contexts] = rulesets(folder.path());
    check(
        &["diff", &old, &new, "--contexts", &contexts],
        1,
        "f: its default shares its units out otherwise\n\
         f: moves 33.33 % of contexts from off to on (1 of 3)\n\
         \x20 for example {\"targetingKey\":\"u5\"}\n",
        "1 flag can answer differently\n",
    );
    let output = vexil(&["diff", &old, &new, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let printed: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let way = printed.pointer("/f/moves/0").expect("some move");
    assert_eq!(
        [way.get("from"), way.get("to"), printed.pointer("/f/asked")],
        [
            Some(&json!("off")),
            Some(&json!("on")),
            Some(&json!(10_000))
        ]
    );
    // A tenth of them; six standard deviations are 180.
    let count = way.get("count").and_then(Value::as_u64).expect("a count");
    assert!((820..=1_180).contains(&count), "{count}");
}

#[test]
fn diff_of_what_is_the_same_has_nothing_to_say() {
    check(&["diff", "shop.json", "shop.json"], 0, "", "");
}

/// Runs `git` in `folder`, as nobody in particular.
pub(super) fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args(arguments)
        .output()
        .expect("git is there");
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{notes}");
}

#[test]
fn diff_compares_with_a_revision() {
    let folder = tempfile::tempdir().expect("there is room");
    let [old, new, contexts] = rulesets(folder.path());
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "old.json"]);
    git(folder.path(), &["commit", "--quiet", "-m", "10 %"]);
    std::fs::copy(&new, &old).expect("it can be copied");
    let want = "f: its default shares its units out otherwise\n\
                f: moves 33.33 % of contexts from off to on (1 of 3)\n\
                \x20 for example {\"targetingKey\":\"u5\"}\n";
    let compare = |revision: &str, code: i32, out: &str, notes: &str| {
        check(
            &["diff", "--git", revision, &old, "--contexts", &contexts],
            code,
            out,
            notes,
        );
    };
    compare("HEAD", 1, want, "1 flag can answer differently\n");
    git(folder.path(), &["commit", "--quiet", "-a", "-m", "20 %"]);
    compare("HEAD", 0, "", "");
    compare("HEAD~1..HEAD", 1, want, "1 flag can answer differently\n");
    let missing = format!("cannot read nowhere:{old}: invalid object name 'nowhere'.\n");
    compare("nowhere", 3, "", &missing);
    std::fs::write(&old, "{").expect("it can be written");
    git(folder.path(), &["commit", "--quiet", "-a", "-m", "broken"]);
    std::fs::copy(&new, &old).expect("it can be copied");
    let output = vexil(&["diff", "--git", "HEAD", &old]);
    assert_eq!(output.status.code(), Some(1));
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(notes.contains(&format!("--> HEAD:{old}:1:1")), "{notes}");
}

#[test]
fn diff_counts_by_attribute_and_by_segment() {
    let folder = tempfile::tempdir().expect("there is room");
    let [old, new, _] = rulesets(folder.path());
    let path = folder.path().join("by.jsonl");
    let contexts = [
        r#"{"targetingKey":"u5","plan":"club"}"#,
        r#"{"targetingKey":"u0","plan":"club"}"#,
        r#"{"targetingKey":"u1"}"#,
    ];
    std::fs::write(&path, contexts.join("\n")).expect("it can be written");
    let contexts = path.to_str().expect("it is text");
    check(
        &[
            "diff",
            &old,
            &new,
            "--contexts",
            contexts,
            "--by",
            "plan",
            "--by-segment",
        ],
        1,
        "f: its default shares its units out otherwise\n\
         f: moves 33.33 % of contexts from off to on (1 of 3)\n\
         \x20 for example {\"targetingKey\":\"u5\",\"plan\":\"club\"}\n\
         \x20 by segment:\n\
         \x20   (in none)  33.33 % (1 of 3)\n\
         \x20 by plan:\n\
         \x20   club        50 % (1 of 2)\n\
         \x20   (has none)   0 % (0 of 1)\n",
        "1 flag can answer differently\n",
    );
}

#[test]
fn diff_needs_two_rulesets() {
    for arguments in [
        &["diff", "shop.json"][..],
        &["diff", "--git", "HEAD", "shop.json", "shop.json"],
        &["diff", "shop.json", "shop.json", "--by", ""],
    ] {
        assert_eq!(vexil(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
