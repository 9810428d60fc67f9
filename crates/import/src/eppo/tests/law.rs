//! Law 9 over generated files.

use proptest::prelude::*;
use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::super::eppo;

/// Each of the literals is the text `mark`, so that it can be found again.
fn any_condition() -> impl Strategy<Value = Value> {
    let attribute = prop::sample::select(vec!["country", "id", "", "/a", "mark"]);
    let operator = prop::sample::select(vec![
        "ONE_OF",
        "NOT_ONE_OF",
        "MATCHES",
        "NOT_MATCHES",
        "GTE",
        "LT",
        "IS_NULL",
        "SOUNDS_LIKE",
    ]);
    let value = prop_oneof![
        6 => prop::collection::vec(Just(json!("mark")), 0..3).prop_map(Value::from),
        6 => Just(json!("mark")),
        2 => Just(json!(["mark", 1])),
        1 => Just(json!(true)),
        1 => Just(json!("1.2.3")),
    ];
    (attribute, operator, value).prop_map(|(attribute, operator, value)| {
        json!({ "attribute": attribute, "operator": operator, "value": value })
    })
}

fn any_split() -> impl Strategy<Value = Value> {
    let salt = prop::sample::select(vec!["mark", "shared"]);
    let shard = (salt, 0..10_000_u32, 0..7_000_u32).prop_map(|(salt, start, length)| {
        json!({ "salt": salt, "ranges": [{ "start": start, "end": start.saturating_add(length) }] })
    });
    (0..4_u8, prop::collection::vec(shard, 0..3)).prop_map(|(variation, shards)| {
        json!({ "variationKey": format!("v{variation}"), "shards": shards, "extraLogging": { "mark": "mark" } })
    })
}

fn any_allocation() -> impl Strategy<Value = Value> {
    let rule = prop::collection::vec(any_condition(), 0..3)
        .prop_map(|conditions| json!({ "conditions": conditions }));
    let instant = || {
        let instants = vec![
            json!("2020-01-01T00:00:00Z"),
            json!("2030-01-01T00:00:00Z"),
            json!("mark"),
        ];
        prop::option::weighted(0.2, prop::sample::select(instants))
    };
    let rules = prop::collection::vec(rule, 0..3);
    let splits = prop::collection::vec(any_split(), 0..3);
    (rules, splits, instant(), instant(), any::<bool>()).prop_map(
        |(rules, splits, start, end, logs)| {
            json!({
                "key": "mark", "rules": rules, "splits": splits, "startAt": start, "endAt": end, "doLog": logs,
                "mark": "mark",
            })
        },
    )
}

fn any_flag() -> impl Strategy<Value = Value> {
    let value = prop_oneof![6 => Just(json!("mark")), 1 => Just(json!(["mark"]))];
    let variations = prop::collection::vec(value, 0..4);
    let kind = prop::sample::select(vec!["STRING", "STRING", "STRING", "BOOLEAN", "mark"]);
    let shards = prop::sample::select(vec![
        json!(10_000),
        json!(10_000),
        json!(10_000),
        json!("mark"),
    ]);
    let allocations = prop::collection::vec(any_allocation(), 0..4);
    (variations, kind, shards, allocations).prop_map(|(values, kind, shards, allocations)| {
        let variations: serde_json::Map<_, _> = values
            .into_iter()
            .enumerate()
            .map(|(index, value)| {
                (
                    format!("v{index}"),
                    json!({ "key": format!("v{index}"), "value": value }),
                )
            })
            .collect();
        json!({
            "enabled": true, "variationType": kind, "variations": variations, "totalShards": shards,
            "allocations": allocations, "mark": "mark",
        })
    })
}

/// Gives each `mark` a number of its own and returns them with their places.
fn number_marks(value: &mut Value, path: &str, marks: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text == "mark" => {
            *text = format!("mark-{}-", marks.len());
            marks.push((text.clone(), path.to_owned()));
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                number_marks(item, &format!("{path}/{index}"), marks);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                number_marks(member, &format!("{path}/{name}"), marks);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a note is about what holds `lost`, or leaves the flag out for another part of it.
fn accounts_for((path, reason): (&str, &str), lost: &str) -> bool {
    let rest = lost.strip_prefix(path);
    let flag = |path: &str| path.split('/').take(3).collect::<Vec<_>>().join("/");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        || (reason.starts_with("the flag is left out") && flag(path) == flag(lost))
}

proptest! {
    // Law 9: every allocation, condition, variation and shard of an imported file is in the ruleset or in a note.
    #[test]
    fn nothing_is_lost_in_silence(flags in prop::collection::vec(any_flag(), 0..4)) {
        let flags: serde_json::Map<_, _> =
            flags.into_iter().enumerate().map(|(index, flag)| (format!("f{index}"), flag)).collect();
        let mut file = json!({ "flags": flags, "mark": "mark" });
        let mut marks = Vec::new();
        number_marks(&mut file, "", &mut marks);
        let imported = eppo(&file.to_string()).expect("it is a configuration");
        let written = encode(&imported.ruleset);
        let notes = || imported.notes.iter().filter(|note| note.path.as_str() != "");
        for (mark, path) in &marks {
            let is_noted = notes().any(|note| accounts_for((note.path.as_str(), &note.reason), path));
            prop_assert!(written.contains(mark.as_str()) || is_noted, "{} of {} in {:?}", mark, path, imported.notes);
        }
    }
}
