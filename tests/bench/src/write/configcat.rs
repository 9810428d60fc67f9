//! A ConfigCat config JSON, format 6.

use serde_json::{Value, json};

use super::by_key;
use crate::set::{Flag, Rule, SEGMENT, Serve, Set, TEXTS, WEIGHTS};

/// Comparators that compare with text as it is, not with its hash.
const IS_ONE_OF: u32 = 0;
const EQUALS: u32 = 28;

pub fn configcat(set: &Set) -> Value {
    let segments: &[Value] = &if set.members.is_empty() {
        vec![]
    } else {
        vec![
            json!({ "n": SEGMENT, "r": [{ "a": "Identifier", "c": IS_ONE_OF, "l": set.members }] }),
        ]
    };
    json!({ "p": { "u": "https://cdn-global.configcat.com", "r": 0, "s": "c2FsdA==" }, "s": segments, "f": by_key(set, flag) })
}

fn boolean(value: bool) -> Value {
    json!({ "b": value })
}

fn text(value: &str) -> Value {
    json!({ "s": value })
}

fn flag(flag: &Flag) -> Value {
    let (kind, rest) = if flag.serve.is_boolean() {
        (0, boolean(false))
    } else {
        (1, text(TEXTS[3]))
    };
    let mut written = json!({ "t": kind, "v": rest });
    match &flag.serve {
        Serve::On => written["v"] = boolean(true),
        Serve::Off => {}
        Serve::Boolean(rules) => {
            written["r"] = rules.iter().map(|it| rule(it, boolean(true))).collect()
        }
        Serve::Text(rules) => {
            written["r"] = rules
                .iter()
                .zip(TEXTS)
                .map(|(it, serve)| rule(it, text(serve)))
                .collect()
        }
        Serve::Split => {
            written["p"] = TEXTS
                .iter()
                .zip(WEIGHTS)
                .map(|(serve, weight)| json!({ "p": weight, "v": text(serve) }))
                .collect()
        }
        Serve::Percent(percent) => {
            written["p"] = json!([{ "p": percent, "v": boolean(true) }, { "p": 100 - percent, "v": boolean(false) }])
        }
        Serve::Members => {
            written["r"] =
                json!([{ "c": [{ "s": { "s": 0, "c": 0 } }], "s": { "v": boolean(true) } }])
        }
    }
    written
}

fn rule(rule: &Rule<'_>, serve: Value) -> Value {
    let country = json!({ "u": { "a": "Country", "c": IS_ONE_OF, "l": rule.countries } });
    json!({ "c": [country, { "u": { "a": "plan", "c": EQUALS, "s": rule.plan } }], "s": { "v": serve } })
}
