//! Flags and segments as LaunchDarkly's server SDKs receive them.

use serde_json::{Value, json};

use super::by_key;
use crate::set::{Flag, Rule, SEGMENT, Serve, Set, TEXTS, WEIGHTS};

pub fn launchdarkly(set: &Set) -> Value {
    let mut data = json!({ "flags": by_key(set, flag), "segments": {} });
    if !set.members.is_empty() {
        data["segments"][SEGMENT] = json!({
            "key": SEGMENT, "version": 1, "included": set.members, "excluded": [], "rules": [], "salt": "salt", "deleted": false, "unbounded": false,
        });
    }
    data
}

fn flag(flag: &Flag) -> Value {
    let variations = if flag.serve.is_boolean() {
        json!([true, false])
    } else {
        json!(TEXTS)
    };
    let last = if flag.serve.is_boolean() { 1 } else { 3 };
    let mut written = json!({
        "key": flag.key, "version": 1, "on": true, "variations": variations, "offVariation": last, "fallthrough": { "variation": last },
        "rules": [], "targets": [], "contextTargets": [], "prerequisites": [], "salt": flag.key, "deleted": false, "trackEvents": false,
        "trackEventsFallthrough": false, "clientSide": true, "clientSideAvailability": { "usingEnvironmentId": true, "usingMobileKey": true },
    });
    match &flag.serve {
        Serve::On => written["fallthrough"] = json!({ "variation": 0 }),
        Serve::Off => written["on"] = json!(false),
        Serve::Boolean(rules) => {
            written["rules"] = rules
                .iter()
                .enumerate()
                .map(|(index, it)| rule(index, it, 0))
                .collect()
        }
        Serve::Text(rules) => {
            written["rules"] = rules
                .iter()
                .enumerate()
                .map(|(index, it)| rule(index, it, index))
                .collect()
        }
        Serve::Split => written["fallthrough"] = rollout(&WEIGHTS),
        Serve::Percent(percent) => written["fallthrough"] = rollout(&[*percent, 100 - percent]),
        Serve::Members => {
            let clause = json!({ "attribute": "", "op": "segmentMatch", "values": [SEGMENT], "negate": false });
            written["rules"] = json!([{ "id": "rule-0", "clauses": [clause], "variation": 0, "trackEvents": false }]);
        }
    }
    written
}

fn rollout(weights: &[u32]) -> Value {
    let arms: Vec<Value> = weights
        .iter()
        .enumerate()
        .map(|(index, weight)| json!({ "variation": index, "weight": weight * 1000 }))
        .collect();
    json!({ "rollout": { "kind": "rollout", "contextKind": "user", "variations": arms } })
}

fn rule(index: usize, rule: &Rule<'_>, variation: usize) -> Value {
    let clause = |attribute: &str, values: Value| json!({ "contextKind": "user", "attribute": attribute, "op": "in", "values": values, "negate": false });
    json!({
        "id": format!("rule-{index}"), "clauses": [clause("country", json!(rule.countries)), clause("plan", json!([rule.plan]))],
        "variation": variation, "trackEvents": false,
    })
}
