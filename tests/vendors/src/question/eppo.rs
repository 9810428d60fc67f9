//! Eppo's configurations by chance.
//!
//! Left out: what its SDKs do not agree about (versions with build metadata, `-0`, exponents and more than 15 digits in
//! texts, and classes of characters beyond ASCII), subjects without a key, which they refuse, and attributes that are
//! lists or objects, which its attributes cannot be.

use serde_json::{Map, Value, json};

use super::{Chance, Maker, Question};

pub(super) const MAKER: Maker = Maker { name: "eppo", make };

const ATTRIBUTES: &[&str] = &["country", "age", "version", "beta", "id", "/path", "größe"];
const TEXTS: &[&str] = &[
    "DE",
    "AT",
    "true",
    "false",
    "1",
    "10",
    "18",
    "2.5",
    "null",
    "",
    "user-3",
    "1.2.3",
    "x@example.com",
    "-5",
];
const NUMBERS: &[f64] = &[
    0.0,
    1.0,
    10.0,
    18.0,
    2.5,
    -5.0,
    17.99,
    1e21,
    0.001,
    1_234_567.0,
];
const VERSIONS: &[&str] = &[
    "1.2.3",
    "1.2.4",
    "1.10.0",
    "2.0.0-rc.1",
    "2.0.0",
    "0.0.0",
    "1.2.3-alpha.1",
];
const PATTERNS: &[&str] = &[
    "true",
    "^(DE|AT)$",
    "@example\\.com$",
    "^1",
    "[0-9]",
    "",
    "a.*s",
    "(?i)de",
    "^-",
    "user-[1-5]",
    "é",
    "^$",
    "(",
];
const NOT_VERSIONS: &[&str] = &["1.2", "v1.2.3", "01.2.3", "1.2.3.4"];
const NUMERIC_TEXTS: &[&str] = &[
    "18", "018", "18.0", "+18", "-5", "17.99", "18.", ".5", "2.50", "0", "-0.0", "10", "abc",
    " 18", "1_0", "-",
];
const SALTS: &[&str] = &["traffic", "split", "größe", "a"];
const VARIATIONS: &[&str] = &["control", "on", "two words", "callers-default"];
/// Before and after the instant at which all questions are asked.
const INSTANTS: &[&str] = &[
    "2020-01-01T00:00:00Z",
    "2022-10-31T09:00:00.594Z",
    "2027-11-11T21:33:20Z",
    "2052-10-31T09:00:00.594Z",
];

fn make(chance: &mut Chance) -> Question {
    let mut flags = Map::new();
    let mut asked = Vec::new();
    for index in 0..4 {
        let key = format!("flag-{index}");
        flags.insert(key.clone(), flag(chance, &key));
        asked.push((key.clone(), format!("/flags/{key}")));
    }
    asked.push(("no-such-flag".to_owned(), "/flags/no-such-flag".to_owned()));
    let contexts = (0..40).map(|_| context(chance)).collect();
    let file = json!({
        "createdAt": "2024-04-17T19:40:53.716Z", "format": "SERVER", "environment": { "name": "Test" }, "flags": flags,
    });
    Question {
        file,
        flags: asked,
        contexts,
    }
}

fn flag(chance: &mut Chance, key: &str) -> Value {
    let kind = *chance.one(&["BOOLEAN", "STRING", "INTEGER", "NUMERIC", "JSON"]);
    let variations: Map<String, Value> = VARIATIONS
        .iter()
        .enumerate()
        .map(|(index, name)| {
            (
                (*name).to_owned(),
                json!({ "key": name, "value": value(chance, kind, index) }),
            )
        })
        .collect();
    let allocations: Vec<Value> = (0..chance.below(5))
        .map(|index| allocation(chance, index))
        .collect();
    json!({
        "key": key, "enabled": !chance.is(5), "variationType": kind, "variations": variations,
        "allocations": allocations, "totalShards": 10000,
    })
}

fn value(chance: &mut Chance, kind: &str, index: usize) -> Value {
    if chance.is(4) {
        return chance.one(&[json!(true), json!(1.5), json!("odd")]).clone();
    }
    let values = match kind {
        "BOOLEAN" => json!([true, false, true, false]),
        "STRING" => json!(["", "a", "b", "c"]),
        "INTEGER" => json!([0, 1, -7, 9_007_199_254_740_991_i64]),
        "NUMERIC" => json!([0.0, 1.5, -7.25, 100.0]),
        _ => json!(["{}", "{\"a\": [1, 2.5]}", "[]", "{\"é\": null}"]),
    };
    values.get(index).cloned().unwrap_or_default()
}

fn allocation(chance: &mut Chance, index: usize) -> Value {
    let mut allocation = Map::new();
    let mut put = |name: &str, value: Value| allocation.insert(name.to_owned(), value);
    put("key", json!(format!("allocation {index}")));
    put("doLog", json!(chance.is(80)));
    if chance.is(75) {
        put(
            "rules",
            (0..chance.below(3)).map(|_| rule(chance)).collect(),
        );
    }
    if chance.is(15) {
        put("startAt", json!(chance.one(INSTANTS)));
    }
    if chance.is(15) {
        put("endAt", json!(chance.one(INSTANTS)));
    }
    let shared: Option<Value> = chance.is(40).then(|| shard(chance));
    let splits = (0..chance.below(4)).map(|_| split(chance, shared.as_ref()));
    put("splits", splits.collect());
    allocation.into()
}

fn split(chance: &mut Chance, shared: Option<&Value>) -> Value {
    let mut shards: Vec<Value> = shared.into_iter().cloned().collect();
    for _ in 0..chance.below(3) {
        shards.push(shard(chance));
    }
    if chance.is(10) {
        shards.clear();
    }
    let name = if chance.is(4) {
        "no such"
    } else {
        *chance.one(VARIATIONS)
    };
    json!({ "variationKey": name, "shards": shards })
}

fn shard(chance: &mut Chance) -> Value {
    let range = |chance: &mut Chance| match chance.below(10) {
        0 => json!({ "start": 0, "end": 10000 }),
        1 => json!({ "start": 5000, "end": 5000 }),
        2 => json!({ "start": 8000, "end": 12000 }),
        _ => {
            let (start, length) = (chance.below(10_000), chance.below(7_000));
            json!({ "start": start, "end": start.saturating_add(length) })
        }
    };
    let ranges: Vec<Value> = (0..=chance.below(2)).map(|_| range(chance)).collect();
    json!({ "salt": chance.one(SALTS), "ranges": ranges })
}

fn rule(chance: &mut Chance) -> Value {
    let conditions: Vec<Value> = (0..chance.below(3)).map(|_| condition(chance)).collect();
    json!({ "conditions": conditions })
}

fn condition(chance: &mut Chance) -> Value {
    let operator = *chance.one(&[
        "ONE_OF",
        "NOT_ONE_OF",
        "MATCHES",
        "NOT_MATCHES",
        "GTE",
        "GT",
        "LTE",
        "LT",
        "IS_NULL",
        "ONE_OF",
        "GTE",
        "LT",
        "SOUNDS_LIKE",
    ]);
    let value = match operator {
        "ONE_OF" | "NOT_ONE_OF" if chance.is(97) => {
            (0..chance.below(5)).map(|_| text(chance)).collect()
        }
        "MATCHES" | "NOT_MATCHES" if chance.is(97) => json!(chance.one(PATTERNS)),
        "IS_NULL" if chance.is(97) => json!(chance.is(50)),
        "GTE" | "GT" | "LTE" | "LT" => match chance.below(10) {
            0..4 => json!(chance.one(VERSIONS)),
            4 => json!(chance.one(NOT_VERSIONS)),
            5 => json!(chance.one(NUMERIC_TEXTS)),
            _ => json!(chance.one(NUMBERS)),
        },
        _ => chance.one(&[json!(1), json!(true), json!("odd")]).clone(),
    };
    json!({ "attribute": chance.one(ATTRIBUTES), "operator": operator, "value": value })
}

fn text(chance: &mut Chance) -> Value {
    match chance.below(5) {
        0 => json!(chance.one(VERSIONS)),
        1 => json!(chance.one(NUMBERS).to_string()),
        _ => json!(chance.one(TEXTS)),
    }
}

fn context(chance: &mut Chance) -> Value {
    let key = format!("user-{}", chance.below(2000));
    let mut attributes = Map::new();
    for name in ATTRIBUTES {
        if chance.is(if *name == "id" { 30 } else { 70 }) {
            attributes.insert((*name).to_owned(), attribute(chance, name));
        }
    }
    json!({ "subjectKey": key, "subjectAttributes": attributes })
}

fn attribute(chance: &mut Chance, name: &str) -> Value {
    match chance.below(9) {
        0 | 1 => json!(chance.one(TEXTS)),
        2 => json!(chance.one(NUMBERS)),
        3 => json!(chance.is(50)),
        // One that is null for itself is a difference that the importer names.
        4 if name != "id" => Value::Null,
        5 => json!(chance.one(NUMERIC_TEXTS)),
        6 => json!(chance.one(NOT_VERSIONS)),
        7 => json!(format!("user-{}", chance.below(10))),
        _ => match name {
            "age" => json!(chance.one(NUMBERS)),
            "version" => json!(chance.one(VERSIONS)),
            _ => json!(chance.one(TEXTS)),
        },
    }
}
