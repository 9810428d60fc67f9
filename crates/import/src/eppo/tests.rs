//! What Eppo's configurations become.

use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::eppo;

mod law;

/// A flag of these allocations, as it is written, and the notes.
fn import(allocations: &Value) -> (Value, Vec<String>) {
    let flag = json!({
        "key": "f", "enabled": true, "variationType": "STRING", "totalShards": 10000, "allocations": allocations,
        "variations": { "a": { "key": "a", "value": "A" }, "b": { "key": "b", "value": "B" } },
    });
    let file = json!({ "format": "SERVER", "flags": { "f": flag } });
    let imported = eppo(&file.to_string()).expect("it is a configuration");
    let ruleset = serde_json::from_str(&encode(&imported.ruleset)).expect("a ruleset is JSON");
    let notes = imported.notes.iter().map(ToString::to_string).collect();
    (ruleset, notes)
}

fn shard(salt: &str, start: u32, end: u32) -> Value {
    json!({ "salt": salt, "ranges": [{ "start": start, "end": end }] })
}

#[test]
fn splits_by_one_salt_are_one_split_of_ours() {
    let splits = json!([
        { "variationKey": "a", "shards": [shard("s", 0, 4000)] },
        { "variationKey": "b", "shards": [shard("s", 4000, 9000)] },
    ]);
    let (ruleset, _) = import(&json!([{ "key": "x", "splits": splits }]));
    assert_eq!(
        ruleset.pointer("/flags/f/default"),
        Some(&json!({
            "split": [["a", 4000], ["b", 5000], ["callers-default", 1000]], "salt": "s", "hash": "eppo-md5",
        }))
    );
}

#[test]
fn shards_of_several_salts_are_flags_that_a_rule_asks() {
    let both = json!([shard("traffic", 0, 6000), shard("split", 0, 5000)]);
    let splits = json!([{ "variationKey": "a", "shards": both }]);
    let (ruleset, notes) = import(&json!([
        { "key": "x", "splits": splits },
        { "key": "y", "splits": [{ "variationKey": "b", "shards": [] }] },
    ]));
    let asks = |key: &str| json!({ "flag": key, "variant": ["in"] });
    assert_eq!(
        ruleset.pointer("/flags/f/rules/0/when"),
        Some(&json!({ "all": [asks("f.x.shard-1"), asks("f.x.shard-2")] }))
    );
    assert_eq!(ruleset.pointer("/flags/f/default"), Some(&json!("b")));
    let made = notes.iter().filter(|it| it.contains("a flag of its own"));
    assert_eq!(made.count(), 2, "{notes:?}");
}

#[test]
fn what_eppo_gives_to_clients_is_an_error() {
    let notes = eppo(r#"{ "format": "CLIENT", "flags": {} }"#).expect_err("its names are hashes");
    assert!(
        notes.iter().any(|it| it.reason.contains("for clients")),
        "{notes:?}"
    );
}

#[test]
fn a_condition_that_cannot_be_read_costs_its_rule_and_is_noted() {
    let rules =
        json!([{ "conditions": [{ "attribute": "a", "operator": "SOUNDS_LIKE", "value": "x" }] }]);
    let split = json!([{ "variationKey": "a", "shards": [] }]);
    let (ruleset, notes) = import(&json!([{ "key": "x", "rules": rules, "splits": split }]));
    assert_eq!(
        ruleset.pointer("/flags/f/default"),
        Some(&json!("callers-default"))
    );
    assert!(notes.concat().contains("SOUNDS_LIKE"), "{notes:?}");
}
