//! What `vexil diff` says.

use std::path::Path;

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
