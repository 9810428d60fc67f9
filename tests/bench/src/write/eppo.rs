//! A universal flag configuration of Eppo. It has no segments: the members are in the rule.

use serde_json::{Map, Value, json};

use super::by_key;
use crate::set::{Flag, Rule, Serve, Set, TEXTS, WEIGHTS};

const SHARDS: u32 = 10_000;

pub fn eppo(set: &Set) -> Value {
    json!({
        "createdAt": "2026-01-01T00:00:00.000Z", "format": "SERVER", "environment": { "name": "bench" },
        "flags": by_key(set, |it| flag(it, &set.members)), "bandits": {}, "banditReferences": {},
    })
}

fn flag(flag: &Flag, members: &[String]) -> Value {
    let (kind, variations) = if flag.serve.is_boolean() {
        (
            "BOOLEAN",
            json!({ "on": { "key": "on", "value": true }, "off": { "key": "off", "value": false } }),
        )
    } else {
        let variations: Map<String, Value> = TEXTS
            .iter()
            .map(|text| ((*text).to_owned(), json!({ "key": text, "value": text })))
            .collect();
        ("STRING", Value::Object(variations))
    };
    let all = |variation: &str| json!([{ "variationKey": variation, "shards": [] }]);
    let rest = allocation(
        "rest",
        json!([]),
        all(if flag.serve.is_boolean() {
            "off"
        } else {
            TEXTS[3]
        }),
    );
    let allocations = match &flag.serve {
        Serve::On => vec![allocation("all", json!([]), all("on"))],
        Serve::Off => vec![rest],
        Serve::Boolean(rules) => ruled(rules, |_| all("on"), rest),
        Serve::Text(rules) => ruled(rules, |index| all(TEXTS[index]), rest),
        Serve::Split => {
            let arms: Vec<_> = TEXTS.iter().copied().zip(WEIGHTS).collect();
            vec![allocation("split", json!([]), splits(&flag.key, &arms))]
        }
        Serve::Percent(percent) => vec![allocation(
            "split",
            json!([]),
            splits(&flag.key, &[("on", *percent), ("off", 100 - percent)]),
        )],
        Serve::Members => {
            let is_member = json!([{ "conditions": [{ "attribute": "id", "operator": "ONE_OF", "value": members }] }]);
            vec![allocation("members", is_member, all("on")), rest]
        }
    };
    json!({
        "key": flag.key, "enabled": !matches!(flag.serve, Serve::Off), "variationType": kind, "variations": variations,
        "allocations": allocations, "totalShards": SHARDS,
    })
}

fn allocation(key: &str, rules: Value, splits: Value) -> Value {
    json!({ "key": key, "rules": rules, "splits": splits, "doLog": false })
}

fn ruled(rules: &[Rule<'_>], serve: impl Fn(usize) -> Value, rest: Value) -> Vec<Value> {
    let mut allocations: Vec<Value> = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let one_of = |attribute: &str, value: Value| json!({ "attribute": attribute, "operator": "ONE_OF", "value": value });
        let conditions = json!([
            one_of("country", json!(rule.countries)),
            one_of("plan", json!([rule.plan]))
        ]);
        allocations.push(allocation(
            &format!("rule-{index}"),
            json!([{ "conditions": conditions }]),
            serve(index),
        ));
    }
    allocations.push(rest);
    allocations
}

fn splits(salt: &str, arms: &[(&str, u32)]) -> Value {
    let mut start = 0;
    let mut splits = Vec::new();
    for (variation, percent) in arms {
        let end = start + percent * SHARDS / 100;
        splits.push(json!({ "variationKey": variation, "shards": [{ "salt": salt, "ranges": [{ "start": start, "end": end }] }] }));
        start = end;
    }
    Value::Array(splits)
}
