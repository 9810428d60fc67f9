//! Features and attributes of `GrowthBook`, by chance.
//!
//! What the importer says of a whole file is kept out: units that are not text or whole numbers, texts of numbers in
//! other notations than plain digits, and lists of several elements where values are ordered. So are lists and nulls
//! within lists.

use serde_json::{Map, Value, json};

use super::{Chance, Maker, Question};

mod condition;
mod context;

use condition::any_condition;
use context::any_context;

pub(super) const MAKER: Maker = Maker {
    name: "growthbook",
    make,
};

/// Features of a file, and contexts that each is asked in.
const FEATURES: usize = 6;
const CONTEXTS: usize = 24;

fn make(chance: &mut Chance) -> Question {
    let mut features = Map::new();
    for index in 0..FEATURES {
        let feature = feature(chance, index);
        features.insert(format!("f{index}"), feature);
    }
    let keys = features.keys();
    let flags = keys.map(|key| (key.clone(), format!("/features/{key}")));
    Question {
        flags: flags.collect(),
        file: json!({
            "features": features,
            "savedGroups": groups(),
            "contextualBandits": { "b": { "banditVersion": 1, "contexts": [
                { "leafId": 1, "condition": any_condition(chance, 1), "weights": [0.8, 0.2] },
                { "leafId": 2, "condition": any_condition(chance, 1), "weights": [0.1, 0.9] },
            ] } },
        }),
        contexts: (0..CONTEXTS).map(|_| any_context(chance)).collect(),
    }
}

fn groups() -> Value {
    json!({
        "old": ["user-1", "user-2", "DE", 5],
        "list": { "type": "list", "attributeKey": "country", "values": ["DE", "AT"] },
        "condition": { "type": "condition", "condition": { "age": { "$gte": 18 } } },
        "nested": { "type": "condition", "condition": { "$savedGroup": { "id": "list" }, "beta": true } },
        "empty": [],
    })
}

/// Values of one type; number `index` may ask for those before it.
fn feature(chance: &mut Chance, index: usize) -> Value {
    let values = match index % 4 {
        0 => json!([true, false]),
        1 => json!(["red", "green", "a blue one"]),
        2 => json!([0, 1, 2.5, -3]),
        _ => json!([{ "a": 1 }, { "a": 2 }, [1, 2]]),
    };
    let values = values.as_array().cloned().unwrap_or_default();
    let count = chance.below(5);
    let rules: Vec<Value> = (0..count).map(|_| rule(chance, index, &values)).collect();
    json!({ "defaultValue": chance.one(&values), "rules": rules })
}

fn rule(chance: &mut Chance, index: usize, values: &[Value]) -> Value {
    let mut rule = Map::new();
    let mut add = |name: &str, value: Value| rule.insert(name.to_owned(), value);
    if chance.is(60) {
        add("condition", any_condition(chance, 2));
    }
    if index > 0 && chance.is(20) {
        add("parentConditions", parents(chance, index));
    }
    if chance.is(10) {
        let attribute = *chance.one(&["id", "company"]);
        let ranges = *chance.one(&[[0.0, 0.5], [0.25, 0.9], [0.1, 0.8]]);
        add(
            "filters",
            json!([{ "seed": "filter", "ranges": [ranges], "attribute": attribute }]),
        );
    }
    if chance.is(70) {
        add(
            "hashVersion",
            chance
                .one(&[json!(1), json!(2), json!(2), json!(3)])
                .clone(),
        );
    }
    if chance.is(30) {
        add("hashAttribute", json!(chance.one(&["id", "company"])));
    }
    if chance.is(40) {
        add("seed", json!(format!("seed-{}", chance.below(3))));
    }
    if chance.is(50) {
        add(
            "coverage",
            chance
                .one(&[json!(0), json!(0.1), json!(0.5), json!(0.755), json!(1)])
                .clone(),
        );
    }
    if chance.is(50) {
        add("force", chance.one(values).clone());
        if chance.is(20) {
            add(
                "range",
                chance
                    .one(&[json!([0, 0.5]), json!([0.333, 0.777]), json!([0.9, 1])])
                    .clone(),
            );
        }
        return Value::Object(rule);
    }
    let more = chance.below(3);
    let variations: Vec<&Value> = (0..=more).map(|_| chance.one(values)).collect();
    if chance.is(10) {
        add(
            "contextualVariations",
            json!([values.first(), values.get(1)]),
        );
        add("contextualBanditRef", json!(chance.one(&["b", "none"])));
        return Value::Object(rule);
    }
    add("variations", json!(variations));
    add("key", json!(format!("experiment-{}", chance.below(3))));
    if chance.is(50) {
        let weights = [
            json!([0.3, 0.7]),
            json!([0.2, 0.3, 0.5]),
            json!([0.9, 0.3]),
            json!([1, 0]),
        ];
        add("weights", chance.one(&weights).clone());
    }
    if chance.is(20) {
        let ranges = [
            json!([[0, 0.4], [0.5, 0.8]]),
            json!([[0.2, 0.3], [0, 0.2], [0.25, 1]]),
        ];
        add("ranges", chance.one(&ranges).clone());
    }
    if chance.is(20) {
        add(
            "namespace",
            chance
                .one(&[
                    json!(["ns", 0, 0.6]),
                    json!(["ns", 0.3, 1]),
                    json!(["other", 0, 0]),
                ])
                .clone(),
        );
    }
    if chance.is(15) {
        add(
            "meta",
            json!([{ "key": "a" }, { "key": "b", "passthrough": true }, {}]),
        );
    }
    Value::Object(rule)
}

fn parents(chance: &mut Chance, index: usize) -> Value {
    let parent = chance.below(index);
    let value = match parent % 4 {
        0 => chance
            .one(&[
                json!(true),
                json!({ "$ne": true }),
                json!({ "$exists": true }),
            ])
            .clone(),
        1 => chance
            .one(&[
                json!("red"),
                json!({ "$in": ["green", "red"] }),
                json!({ "$regex": "e" }),
            ])
            .clone(),
        2 => chance
            .one(&[
                json!(1),
                json!({ "$gt": 0 }),
                json!({ "$lte": "1" }),
                json!(null),
            ])
            .clone(),
        _ => chance
            .one(&[
                json!({ "$exists": true }),
                json!({ "$type": "array" }),
                json!({ "$size": 2 }),
            ])
            .clone(),
    };
    let mut parent = json!({ "id": format!("f{parent}"), "condition": { "value": value } });
    if let (true, Some(members)) = (chance.is(25), parent.as_object_mut()) {
        members.insert("gate".into(), json!(true));
    }
    json!([parent])
}
