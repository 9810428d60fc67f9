//! Features and segments of Unleash's client API.

use serde_json::{Value, json};

use crate::set::{Flag, Rule, Serve, Set, TEXTS, WEIGHTS};

const SEGMENT_ID: u32 = 1;

pub fn unleash(set: &Set) -> Value {
    let features: Vec<Value> = set.flags.iter().map(flag).collect();
    let constraint = json!({ "contextName": "userId", "operator": "IN", "values": set.members, "inverted": false, "caseInsensitive": false });
    let segments = if set.members.is_empty() {
        json!([])
    } else {
        json!([{ "id": SEGMENT_ID, "constraints": [constraint] }])
    };
    json!({ "version": 2, "features": features, "segments": segments })
}

fn flag(flag: &Flag) -> Value {
    let all = json!({ "name": "default", "parameters": {}, "constraints": [] });
    let (enabled, strategies) = match &flag.serve {
        Serve::Off => (false, json!([all])),
        Serve::On | Serve::Split => (true, json!([all])),
        Serve::Boolean(rules) => (
            true,
            rules.iter().map(|it| strategy(it, json!([]))).collect(),
        ),
        Serve::Text(rules) => {
            let matched = rules
                .iter()
                .zip(TEXTS)
                .map(|(it, text)| strategy(it, json!([variant(text, 1000)])));
            let rest = json!({ "name": "default", "parameters": {}, "constraints": [], "variants": [variant(TEXTS[3], 1000)] });
            (true, matched.chain([rest]).collect())
        }
        Serve::Percent(percent) => {
            let parameters = json!({ "rollout": percent.to_string(), "stickiness": "userId", "groupId": flag.key });
            (
                true,
                json!([{ "name": "flexibleRollout", "parameters": parameters, "constraints": [] }]),
            )
        }
        Serve::Members => (
            true,
            json!([{ "name": "default", "parameters": {}, "constraints": [], "segments": [SEGMENT_ID] }]),
        ),
    };
    let variants: Vec<Value> = match flag.serve {
        Serve::Split => TEXTS
            .iter()
            .zip(WEIGHTS)
            .map(|(text, weight)| variant(text, weight * 10))
            .collect(),
        _ => Vec::new(),
    };
    json!({
        "name": flag.key, "type": "release", "project": "default", "enabled": enabled, "stale": false, "impressionData": false,
        "strategies": strategies, "variants": variants,
    })
}

fn variant(text: &str, weight: u32) -> Value {
    json!({ "name": text, "weight": weight, "weightType": "variable", "stickiness": "userId", "payload": { "type": "string", "value": text } })
}

fn strategy(rule: &Rule<'_>, variants: Value) -> Value {
    let constraint = |name: &str, values: Value| json!({ "contextName": name, "operator": "IN", "values": values, "inverted": false, "caseInsensitive": false });
    let constraints = json!([
        constraint("country", json!(rule.countries)),
        constraint("plan", json!([rule.plan]))
    ]);
    json!({ "name": "default", "parameters": {}, "constraints": constraints, "variants": variants })
}
