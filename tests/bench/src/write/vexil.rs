//! A Vexil ruleset.

use serde_json::{Map, Value, json};

use super::by_key;
use crate::set::{Flag, Rule, SEGMENT, Serve, Set, TEXTS, WEIGHTS};

pub fn vexil(set: &Set) -> Value {
    let mut ruleset = json!({ "flags": by_key(set, flag) });
    if !set.members.is_empty() {
        ruleset["segments"] = json!({ SEGMENT: { "members": set.members } });
    }
    ruleset
}

fn flag(flag: &Flag) -> Value {
    let mut written = if flag.serve.is_boolean() {
        json!({ "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off", "default": "off" })
    } else {
        let variants: Map<String, Value> = TEXTS
            .iter()
            .map(|text| ((*text).to_owned(), json!(text)))
            .collect();
        json!({ "type": "string", "variants": variants, "offVariant": TEXTS[3], "default": TEXTS[3] })
    };
    written["expose"] = json!("program");
    match &flag.serve {
        Serve::On => written["default"] = json!("on"),
        Serve::Off => written["enabled"] = json!(false),
        Serve::Boolean(rules) => written["rules"] = rules.iter().map(|it| rule(it, "on")).collect(),
        Serve::Text(rules) => {
            written["rules"] = rules
                .iter()
                .zip(TEXTS)
                .map(|(it, text)| rule(it, text))
                .collect()
        }
        Serve::Split => {
            let arms: Vec<_> = TEXTS.iter().zip(WEIGHTS).collect();
            written["default"] = json!({ "split": arms, "by": "targetingKey" });
        }
        Serve::Percent(percent) => {
            written["default"] =
                json!({ "split": [["on", percent], ["off", 100 - percent]], "by": "targetingKey" })
        }
        Serve::Members => {
            written["rules"] = json!([{ "when": { "segment": SEGMENT }, "serve": "on" }])
        }
    }
    written
}

fn rule(rule: &Rule<'_>, serve: &str) -> Value {
    let country = json!({ "attr": "country", "in": rule.countries });
    json!({ "when": { "all": [country, { "attr": "plan", "is": rule.plan }] }, "serve": serve })
}
