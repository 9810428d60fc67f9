//! Conditions of every operator, on the attributes that contexts have.

use serde_json::{Map, Value, json};

use crate::question::Chance;

/// A condition within which others stand, at most `depth` deep.
pub(super) fn any_condition(chance: &mut Chance, depth: usize) -> Value {
    let mut condition = Map::new();
    if let (Some(deeper), true) = (depth.checked_sub(1), chance.is(30)) {
        let operator = *chance.one(&["$and", "$or", "$nor", "$not"]);
        let inner = if operator == "$not" {
            any_condition(chance, deeper)
        } else {
            let count = chance.below(3);
            (0..count).map(|_| any_condition(chance, deeper)).collect()
        };
        condition.insert(operator.into(), inner);
        return Value::Object(condition);
    }
    for _ in 0..=chance.below(2) {
        if chance.is(6) {
            let id = *chance.one(&["list", "condition", "nested", "old", "unknown"]);
            condition.insert("$savedGroup".into(), json!({ "id": id }));
            continue;
        }
        let (name, test) = test(chance);
        condition.insert(name.into(), test);
    }
    Value::Object(condition)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a list reads better without a borrow"
)]
fn pick(chance: &mut Chance, values: Value) -> Value {
    let values = values.as_array().cloned().unwrap_or_default();
    chance.one(&values).clone()
}

/// An attribute, and what is asked of it.
fn test(chance: &mut Chance) -> (&'static str, Value) {
    match chance.below(11) {
        0 => ("age", number(chance)),
        1 => ("version", version(chance)),
        2 => ("word", word(chance)),
        3 => ("tags", tags(chance)),
        4 => (
            "beta",
            pick(
                chance,
                json!([true, false, null, 1, 0, { "$eq": true }, { "$ne": false }, { "$exists": true }, { "$type": "boolean" }]),
            ),
        ),
        5 => (
            "account.plan",
            pick(
                chance,
                json!(["pro", { "$in": ["pro", "free"] }, { "$nin": ["pro"] }, { "$exists": false }, null, { "$ne": "pro" }]),
            ),
        ),
        6 => (
            "account.seats",
            pick(chance, json!([5, { "$gt": 4 }, { "$lt": 9 }, "5"])),
        ),
        7 => ("hobbies", hobbies(chance)),
        8 => (
            "id",
            pick(
                chance,
                json!([
                    { "$inGroup": "old" }, { "$notInGroup": "old" }, { "$inGroup": "unknown" }, { "$notInGroup": "unknown" },
                    { "$notInGroup": "condition" }, { "$inGroup": "empty" }, { "$notInGroup": "list" }, { "$exists": true },
                ]),
            ),
        ),
        _ => ("country", text(chance)),
    }
}

fn text(chance: &mut Chance) -> Value {
    pick(
        chance,
        json!([
            "DE", "US", "5", "true", "null", "x", null, { "$eq": "DE" }, { "$ne": "DE" }, { "$eq": 5 }, { "$eq": null },
            { "$in": ["DE", "us"] }, { "$in": ["DE", 5, null] }, { "$in": [] }, { "$in": "DE" }, { "$nin": ["DE", "us"] },
            { "$nin": [] }, { "$nin": 5 }, { "$ini": ["de", "Us"] }, { "$nini": ["de", 5] }, { "$nini": "de" },
            { "$regex": "^(DE|us)$" }, { "$regexi": "^u" }, { "$regex": "(" }, { "$regex": "l" }, { "$exists": true },
            { "$exists": false }, { "$not": { "$regex": "^D" } }, { "$not": { "$in": ["DE"] } }, { "$not": "DE" },
            { "$type": "string" }, { "$type": "number" }, { "$type": "null" }, { "$type": "undefined" },
            { "$inGroup": "old" }, { "$notInGroup": "list" }, { "$inGroup": "condition" }, { "$unknown": 1 }, true, false,
            ["DE"], ["DE", "us"], { "$ne": null, "$nin": ["US"] },
        ]),
    )
}

fn number(chance: &mut Chance) -> Value {
    let bound = pick(
        chance,
        json!([0, 1, 5, 18, 21.5, -3, -0.5, "18", "21.5", "abc"]),
    );
    let operator = *chance.one(&["$gt", "$gte", "$lt", "$lte", "$eq", "$ne"]);
    match chance.below(4) {
        0 => pick(
            chance,
            json!([0, 1, 18, -3, "18", "5", { "$in": [5, "18"] }, { "$type": "number" }, true, false]),
        ),
        1 => json!({ operator: bound, "$lt": 30 }),
        2 => json!({ "$not": { operator: bound } }),
        _ => json!({ operator: bound }),
    }
}

fn version(chance: &mut Chance) -> Value {
    let operator = *chance.one(&["$veq", "$vne", "$vgt", "$vgte", "$vlt", "$vlte"]);
    let bound = pick(
        chance,
        json!([
            "1.2.3",
            "1.2.3-beta",
            "v1.2.3",
            "2.0",
            "10.0.0",
            "1.2",
            "0",
            "2",
            2,
            "1.2.3-4",
            "1.0.0--"
        ]),
    );
    json!({ operator: bound })
}

fn word(chance: &mut Chance) -> Value {
    let operator = *chance.one(&["$gt", "$gte", "$lt", "$lte"]);
    let bound = pick(
        chance,
        json!(["alphabet", "zebra", "always", "10", "", "2024-01-01"]),
    );
    pick(
        chance,
        json!([
            { operator: bound }, { "$gt": "alphabet", "$lt": "zebra" }, "zebra", "10", { "$regex": "^al" },
            { "$regexi": "AL" }, { "$regex": "[^a-z]" }, { "$regex": "\\d+$" },
        ]),
    )
}

fn tags(chance: &mut Chance) -> Value {
    pick(
        chance,
        json!([
            { "$in": ["a", "x"] }, { "$nin": ["a", "x"] }, { "$ini": ["a", "ONE"] }, { "$all": ["a", "b"] }, { "$all": ["1"] },
            { "$all": [1, 2] }, { "$alli": ["one", "TWO"] }, { "$alli": ["A"] }, { "$all": [] }, { "$all": "a" },
            { "$all": [{ "$regex": "^o" }] }, { "$elemMatch": { "$eq": "a" } }, { "$elemMatch": { "$gt": 1 } },
            { "$elemMatch": { "$gt": 0, "$lt": 2 } }, { "$elemMatch": { "$ne": "a" } }, { "$elemMatch": { "$not": { "$in": ["a"] } } },
            { "$not": { "$elemMatch": { "$in": ["a", "b"] } } }, { "$elemMatch": { "$regex": "^[ab]" } }, { "$size": 2 },
            { "$size": 0 }, { "$size": { "$gt": 1 } }, { "$size": { "$lt": 3, "$ne": 1 } }, { "$not": { "$size": 1 } },
            { "$type": "array" }, { "$type": "object" }, ["a", "b"], ["a"], [1, 2], "a", ["1", true], {}, { "$elemMatch": { "$in": [1, "x"] } },
        ]),
    )
}

fn hobbies(chance: &mut Chance) -> Value {
    pick(
        chance,
        json!([
            { "$elemMatch": { "name": "tennis" } }, { "$elemMatch": { "name": { "$regex": "^ping" } } },
            { "$elemMatch": { "name": { "$in": ["bowling"] }, "level": { "$gte": 4 } } }, { "$elemMatch": { "$gt": 10 } },
            { "$elemMatch": { "level": { "$exists": true } } }, { "$elemMatch": { "level": { "$exists": false } } },
            { "$not": { "$elemMatch": { "name": "tennis", "level": 3 } } }, { "$size": 1 },
        ]),
    )
}
