//! Features and saved groups of GrowthBook.

use serde_json::{Value, json};

use super::by_key;
use crate::set::{Flag, Rule, SEGMENT, Serve, Set, TEXTS, WEIGHTS};

pub fn growthbook(set: &Set) -> Value {
    json!({ "features": by_key(set, flag), "savedGroups": { SEGMENT: set.members } })
}

fn flag(flag: &Flag) -> Value {
    let force = |rule: &Rule<'_>, value: Value| json!({ "condition": { "country": { "$in": rule.countries }, "plan": rule.plan }, "force": value });
    match &flag.serve {
        Serve::On => json!({ "defaultValue": true }),
        Serve::Off => json!({ "defaultValue": false }),
        Serve::Boolean(rules) => {
            let rules: Vec<Value> = rules.iter().map(|rule| force(rule, json!(true))).collect();
            json!({ "defaultValue": false, "rules": rules })
        }
        Serve::Text(rules) => {
            let rules: Vec<Value> = rules
                .iter()
                .zip(TEXTS)
                .map(|(rule, text)| force(rule, json!(text)))
                .collect();
            json!({ "defaultValue": TEXTS[3], "rules": rules })
        }
        Serve::Split => {
            let weights = WEIGHTS.map(|weight| f64::from(weight) / 100.0);
            json!({ "defaultValue": TEXTS[3], "rules": [{ "key": flag.key, "hashAttribute": "targetingKey", "variations": &TEXTS[..3], "weights": weights, "coverage": 1 }] })
        }
        Serve::Percent(percent) => {
            json!({ "defaultValue": false, "rules": [{ "force": true, "coverage": f64::from(*percent) / 100.0, "hashAttribute": "targetingKey" }] })
        }
        Serve::Members => {
            json!({ "defaultValue": false, "rules": [{ "condition": { "targetingKey": { "$inGroup": SEGMENT } }, "force": true }] })
        }
    }
}
