//! Attributes: often what conditions ask for, sometimes of another type, sometimes not there.

use serde_json::{Map, Value, json};

use crate::question::Chance;

/// The values that each attribute may have.
const VALUES: &str = r#"{
    "country": ["DE", "us", "US", "", "5", "true", 5, true, null, ["DE"], ["DE", "us"], {}, { "a": 1 }],
    "age": [0, 5, 18, 21.5, -3, 30, 1, "18", "21.50", "05", "-3", "", "abc", true, false, null, ["18"], ["30"], {}],
    "version": ["1.2.3", "v1.2.3", "1.2.3-beta", "1.2.3-beta.2", "2.0", "10.0.0", "1-2-3", "1.2.3+b", "a.b", "", "0",
        "1.2.3.4", 2, 1, 10, null, true, ["1.2.3"], {}],
    "word": ["alphabet", "always", "zebra", "AZL", "", "10", "9", 5, 10, true, null, ["zebra"], {}, "2024-06-01"],
    "tags": [["a", "b"], ["a"], ["A", "one", "two"], [1, 2], ["1", true], "a", null, {}, 5, ["x"],
        ["a", "b", "c", "d"]],
    "beta": [true, false, null, 0, 1, "", "false", ["a"], ["b", "c"], {}, "x"],
    "account": [{ "plan": "pro", "seats": 5 }, { "plan": "free" }, {}, null, 5, ["pro"], { "plan": ["pro"] },
        { "plan": null }],
    "hobbies": [[{ "name": "pingpong" }, { "name": "tennis", "level": 3 }], [{ "name": "bowling", "level": 5 }], "all",
        [3, 12], ["ping"], null]
}"#;

pub(super) fn any_context(chance: &mut Chance) -> Value {
    let mut context = Map::new();
    for name in ["id", "company"] {
        if chance.is(90) {
            context.insert(name.into(), any_unit(chance, name));
        }
    }
    let values: Map<String, Value> = serde_json::from_str(VALUES).unwrap_or_default();
    for (name, values) in values {
        let values = values.as_array().cloned().unwrap_or_default();
        if chance.is(80) {
            context.insert(name, chance.one(&values).clone());
        }
    }
    Value::Object(context)
}

fn any_unit(chance: &mut Chance, name: &str) -> Value {
    match chance.below(12) {
        0 => json!(chance.below(1_000).saturating_add(1)),
        1 => json!(""),
        2 => json!(null),
        _ if name == "id" => json!(format!("user-{}", chance.below(1_000))),
        _ => json!(format!("{name}-{}", chance.below(1_000))),
    }
}
