//! Flipt's snapshots by chance.
//!
//! Left out: what Flipt's server and its clients do not agree about (numbers that are not whole or beyond 32 bits, dates
//! without a time, instants finer than a second, other words for true and false, shares that do not add up to 100), and values that constraints cannot
//! read, for which the clients give up all of the flag.

use serde_json::{Map, Value, json};

use super::{Chance, Maker, Question};

pub(super) const MAKER: Maker = Maker {
    name: "flipt",
    make,
};

const TEXTS: &[&str] = &["DE", "AT", "D", "x@example.com", "user-3", "größe", "", "E"];
const NUMBERS: &[&str] = &["0", "1", "10", "18", "-5", "-1", "2147483647"];
const INSTANTS: &[&str] = &[
    "2020-01-01T00:00:00Z",
    "2027-11-11T21:33:20Z",
    "2027-11-11T22:33:20+01:00",
    "2052-10-31T09:00:00Z",
];
/// By the type of the constraints that ask for them.
const PROPERTIES: &[(&str, &[&str])] = &[
    ("STRING", &["country", "/path", "größe"]),
    ("NUMBER", &["age", "score"]),
    ("BOOLEAN", &["beta"]),
    ("DATETIME", &["since"]),
    ("ENTITY_ID", &["entityId"]),
];
/// They add up to 100, or there are none.
const SHARES: &[&[f64]] = &[
    &[],
    &[100.0],
    &[50.0, 50.0],
    &[10.0, 90.0],
    &[33.3, 33.3, 33.4],
    &[0.1, 0.0, 99.9],
    &[25.0, 12.5, 62.5],
];
const VARIANTS: &[&str] = &["control", "on", "callers-default"];

fn make(chance: &mut Chance) -> Question {
    let segments: Vec<Value> = (0..4).map(|index| segment(chance, index)).collect();
    let mut flags = Vec::new();
    let mut asked = Vec::new();
    for index in 0..4 {
        let key = format!("flag-{index}");
        let path = format!("/flags/{index}");
        let flag = if chance.is(60) {
            asked.push((format!("{key}.attachment"), path.clone()));
            variant(chance, &key, &segments)
        } else {
            boolean(chance, &key, &segments)
        };
        asked.push((key, path));
        flags.push(flag);
    }
    let contexts = (0..25).map(|_| context(chance)).collect();
    Question {
        file: json!({ "namespace": { "key": "default" }, "flags": flags }),
        flags: asked,
        contexts,
    }
}

fn segment(chance: &mut Chance, index: usize) -> Value {
    let kind = *chance.one(&["ALL_SEGMENT_MATCH_TYPE", "ANY_SEGMENT_MATCH_TYPE"]);
    let constraints: Vec<Value> = (0..chance.below(4)).map(|_| constraint(chance)).collect();
    json!({
        "key": format!("segment-{index}"), "name": "a segment", "description": "", "matchType": kind,
        "constraints": constraints, "createdAt": null, "updatedAt": null,
    })
}

fn constraint(chance: &mut Chance) -> Value {
    let (kind, properties) = *chance.one(PROPERTIES);
    let operators: &[&str] = match kind {
        "STRING" => &[
            "eq",
            "neq",
            "empty",
            "notempty",
            "prefix",
            "suffix",
            "isoneof",
            "isnotoneof",
            "contains",
            "notcontains",
        ],
        "ENTITY_ID" => &[
            "eq",
            "neq",
            "prefix",
            "suffix",
            "isoneof",
            "isnotoneof",
            "contains",
            "notcontains",
        ],
        "NUMBER" => &[
            "eq",
            "neq",
            "lt",
            "lte",
            "gt",
            "gte",
            "present",
            "notpresent",
            "isoneof",
            "isnotoneof",
        ],
        "BOOLEAN" => &["true", "false", "present", "notpresent"],
        _ => &[
            "eq",
            "neq",
            "lt",
            "lte",
            "gt",
            "gte",
            "present",
            "notpresent",
        ],
    };
    let operator = *chance.one(operators);
    let value = match (kind, operator) {
        (_, "empty" | "notempty" | "present" | "notpresent" | "true" | "false") => String::new(),
        ("NUMBER", "isoneof" | "isnotoneof") => {
            let listed: Vec<&str> = (0..chance.below(4)).map(|_| *chance.one(NUMBERS)).collect();
            format!("[{}]", listed.join(","))
        }
        ("NUMBER", _) => (*chance.one(NUMBERS)).to_owned(),
        ("DATETIME", _) => (*chance.one(INSTANTS)).to_owned(),
        (_, "isoneof" | "isnotoneof") => {
            let listed: Vec<&str> = (0..chance.below(4)).map(|_| *chance.one(TEXTS)).collect();
            json!(listed).to_string()
        }
        ("ENTITY_ID", _) if chance.is(50) => format!("user-{}", chance.below(30)),
        _ => (*chance.one(TEXTS)).to_owned(),
    };
    json!({
        "type": format!("{kind}_CONSTRAINT_COMPARISON_TYPE"), "property": chance.one(properties), "operator": operator,
        "value": value,
    })
}

/// Some of the segments, and how they are joined.
fn asked(chance: &mut Chance, segments: &[Value]) -> Map<String, Value> {
    let some: Vec<&Value> = (0..=chance.below(2))
        .map(|_| chance.one(segments))
        .collect();
    let operator = *chance.one(&["OR_SEGMENT_OPERATOR", "AND_SEGMENT_OPERATOR"]);
    let mut asked = Map::new();
    asked.insert("segments".to_owned(), json!(some));
    asked.insert("segmentOperator".to_owned(), operator.into());
    asked
}

fn variant(chance: &mut Chance, key: &str, segments: &[Value]) -> Value {
    let attachment = |name: &str| match name {
        "control" => "",
        "on" => "{\"a\":[1,2]}",
        _ => "[\"b\"]",
    };
    let mut rules: Vec<Value> = Vec::new();
    for rank in 1..=chance.below(4) {
        let shares = *chance.one(SHARES);
        let listed: Vec<Value> = shares
            .iter()
            .map(|rollout| {
                let name = *chance.one(VARIANTS);
                json!({
                    "id": "", "ruleId": "", "variantId": "", "variantKey": name, "variantAttachment": attachment(name),
                    "rollout": rollout,
                })
            })
            .collect();
        let mut rule = asked(chance, segments);
        rule.insert("id".to_owned(), format!("rule-{rank}").into());
        rule.insert("rank".to_owned(), rank.into());
        rule.insert("distributions".to_owned(), listed.into());
        rules.push(rule.into());
    }
    let mut flag = json!({
        "key": key, "name": key, "description": "", "enabled": !chance.is(10), "type": "VARIANT_FLAG_TYPE",
        "createdAt": null, "updatedAt": null, "rules": rules, "rollouts": [],
    });
    if let Some(members) = flag.as_object_mut().filter(|_| chance.is(50)) {
        let name = *chance.one(VARIANTS);
        let variant = json!({ "id": "", "key": name, "attachment": attachment(name) });
        members.insert("defaultVariant".to_owned(), variant);
    }
    flag
}

fn boolean(chance: &mut Chance, key: &str, segments: &[Value]) -> Value {
    let mut rollouts: Vec<Value> = Vec::new();
    for rank in 1..=chance.below(4) {
        let value = chance.is(50);
        rollouts.push(if chance.is(50) {
            let percentage = *chance.one(&[0.0, 1.0, 20.0, 33.3, 50.0, 99.5, 100.0]);
            let threshold = json!({ "percentage": percentage, "value": value });
            json!({ "type": "THRESHOLD_ROLLOUT_TYPE", "rank": rank, "threshold": threshold })
        } else {
            let mut segment = asked(chance, segments);
            segment.insert("value".to_owned(), value.into());
            json!({ "type": "SEGMENT_ROLLOUT_TYPE", "rank": rank, "segment": segment })
        });
    }
    json!({
        "key": key, "name": key, "description": "", "enabled": chance.is(50), "type": "BOOLEAN_FLAG_TYPE",
        "createdAt": null, "updatedAt": null, "rules": [], "rollouts": rollouts,
    })
}

fn context(chance: &mut Chance) -> Value {
    let id = match chance.below(20) {
        0 => (*chance.one(&["DE", "größe"])).to_owned(),
        1..6 => format!("user-{}", chance.below(30)),
        _ => format!("{:x}", chance.bits()),
    };
    let mut context = Map::new();
    for (kind, names) in PROPERTIES {
        for name in names.iter().filter(|_| *kind != "ENTITY_ID") {
            if chance.is(75) {
                let value = match *kind {
                    "NUMBER" => *chance.one(NUMBERS),
                    "BOOLEAN" => *chance.one(&["true", "false"]),
                    "DATETIME" => *chance.one(INSTANTS),
                    _ => *chance.one(TEXTS),
                };
                context.insert((*name).to_owned(), value.into());
            }
        }
    }
    json!({ "entityId": id, "context": context })
}
