//! A flagd flag definition.

use serde_json::{Value, json};

use super::by_key;
use crate::set::{Flag, Rule, SEGMENT, Serve, Set, TEXTS, WEIGHTS};

pub fn flagd(set: &Set) -> Value {
    let is_member = json!({ "in": [{ "var": "targetingKey" }, set.members] });
    json!({ "flags": by_key(set, flag), "$evaluators": { SEGMENT: is_member } })
}

fn flag(flag: &Flag) -> Value {
    let mut written = if flag.serve.is_boolean() {
        json!({ "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off" })
    } else {
        let variants: serde_json::Map<String, Value> = TEXTS
            .iter()
            .map(|text| ((*text).to_owned(), json!(text)))
            .collect();
        json!({ "state": "ENABLED", "variants": variants, "defaultVariant": TEXTS[3] })
    };
    match &flag.serve {
        Serve::On => written["defaultVariant"] = json!("on"),
        Serve::Off => written["state"] = json!("DISABLED"),
        Serve::Boolean(rules) => written["targeting"] = first(rules, |_| "on", "off"),
        Serve::Text(rules) => written["targeting"] = first(rules, |index| TEXTS[index], TEXTS[3]),
        Serve::Split => {
            let arms: Vec<_> = TEXTS.iter().zip(WEIGHTS).collect();
            written["targeting"] = json!({ "fractional": arms });
        }
        Serve::Percent(percent) => {
            written["targeting"] =
                json!({ "fractional": [["on", percent], ["off", 100 - percent]] })
        }
        Serve::Members => {
            written["targeting"] = json!({ "if": [{ "$ref": SEGMENT }, "on", "off"] })
        }
    }
    written
}

fn first(rules: &[Rule<'_>], serve: impl Fn(usize) -> &'static str, rest: &str) -> Value {
    let mut chain = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        let country = json!({ "in": [{ "var": "country" }, rule.countries] });
        chain.push(json!({ "and": [country, { "==": [{ "var": "plan" }, rule.plan] }] }));
        chain.push(json!(serve(index)));
    }
    chain.push(json!(rest));
    json!({ "if": chain })
}
