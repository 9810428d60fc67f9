//! Contexts, and literals that they often hit.

#![expect(
    clippy::indexing_slicing,
    reason = "members of objects made here are set and read by name, and its numbers are small"
)]

use serde_json::{Map, Value, json};

use crate::question::Chance;

/// Names and references of attributes, which all contexts have values for.
pub(super) const ATTRIBUTES: [&str; 18] = [
    "key",
    "name",
    "anonymous",
    "kind",
    "country",
    "age",
    "version",
    "when",
    "tags",
    "/plan/name",
    "/plan/level",
    "/tags/0",
    "a/b",
    "/a~1b",
    "targetingKey",
    "kinds",
    "/kinds/org",
    "/key/x",
];
pub(super) const KINDS: [&str; 3] = ["user", "org", "device"];

/// What a rollout may be by.
pub(super) fn attribute(chance: &mut Chance) -> String {
    (*chance.one(&[
        "key",
        "name",
        "country",
        "age",
        "/plan/name",
        "/plan/level",
        "tags",
        "anonymous",
        "/tags/0",
        "a/b",
    ]))
    .to_owned()
}

/// A key of a context.
pub(super) fn key(chance: &mut Chance) -> String {
    format!("k{}", chance.below(8))
}

/// What an attribute of that name is, or is compared with.
pub(super) fn literal(chance: &mut Chance, of: &str) -> Value {
    if chance.is(4) {
        return chance
            .one(&[
                Value::Null,
                json!(true),
                json!(1),
                json!("x"),
                json!(""),
                json!([]),
                json!({}),
                json!(["x"]),
            ])
            .clone();
    }
    match of {
        "key" => key(chance).into(),
        "kind" => (*chance.one(&["user", "org", "device", "car"])).into(),
        "anonymous" => chance.is(50).into(),
        "age" | "/plan/level" => chance
            .one(&[
                json!(-1),
                json!(0),
                json!(1),
                json!(1.5),
                json!(2),
                json!(18),
                json!(1e3),
            ])
            .clone(),
        "version" => version(chance).into(),
        "when" => time(chance),
        "tags" | "/tags/0" => chance
            .one(&[json!("a"), json!("ab"), json!("b"), json!(1), json!(true)])
            .clone(),
        "pattern" => (*chance.one(&[
            "^a", "b$", "[0-9]+", r"\d", "(", "a|D", ".", "", "(?i)de", "^[a-z]+$", "E{2}",
        ]))
        .into(),
        _ => (*chance.one(&["DE", "de", "DEE", "a", "ab", "b", "A b", "É", "k1", "1"])).into(),
    }
}

/// A version, in full or not, or nearly one.
fn version(chance: &mut Chance) -> String {
    if chance.is(10) {
        return (*chance.one(&[
            "v1", "2.0.0.0", "01.2", "2.", "", "2.0.0-", "2-01", "1.x", "2.0.0+", "2 ",
        ]))
        .to_owned();
    }
    let number = |chance: &mut Chance| *chance.one(&[0, 0, 1, 2, 9, 10, 11, 19, 20, 100]);
    let mut text = number(chance).to_string();
    for _ in 0..chance.below(3) {
        text = format!("{text}.{}", number(chance));
    }
    if chance.is(40) {
        let mut pre = Vec::new();
        for _ in 0..=chance.below(2) {
            pre.push(*chance.one(&[
                "rc", "beta", "beta2", "0", "2", "10", "a-b", "1a", "1b", "-", "rC", "alpha",
            ]));
        }
        text = format!("{text}-{}", pre.join("."));
    }
    if chance.is(15) {
        text = format!("{text}+{}", chance.one(&["b", "1.2", "01"]));
    }
    text
}

fn time(chance: &mut Chance) -> Value {
    chance
        .one(&[
            json!("2024-05-01T00:00:00Z"),
            json!("2024-05-01T02:00:00+02:00"),
            json!("2024-05-01T00:00:00.001Z"),
            json!("2024-05-01t00:00:00z"),
            json!("2024-05-01"),
            json!("2024-02-30T00:00:00Z"),
            json!(1_714_521_600_000_i64),
            json!(1_714_521_600_001_i64),
            json!(-5),
            json!(0),
            json!("1714521600000"),
        ])
        .clone()
}

/// One context, with or without a kind, or one of several kinds.
pub(super) fn context(chance: &mut Chance) -> Value {
    match chance.below(10) {
        0 | 1 => {
            let mut user = attributes(chance);
            let builtin = [
                ("country", user.remove("country")),
                ("name", user.remove("name")),
            ];
            let anonymous = user.remove("anonymous");
            let mut context = json!({ "key": key(chance), "custom": user, "anonymous": anonymous });
            for (name, value) in builtin {
                if let Some(value) = value.filter(Value::is_string) {
                    context[name] = value;
                }
            }
            context
        }
        2..=4 => {
            let mut context = json!({ "kind": "multi" });
            for kind in KINDS {
                if chance.is(60) || kind == "device" {
                    context[kind] = attributes(chance).into();
                    context[kind]["key"] = key(chance).into();
                }
            }
            context
        }
        _ => {
            let mut context = attributes(chance);
            let kind = if chance.is(70) {
                "user"
            } else {
                *chance.one(&KINDS)
            };
            context.insert("kind".into(), kind.into());
            context.insert("key".into(), key(chance).into());
            context.into()
        }
    }
}

/// All but kind and key.
fn attributes(chance: &mut Chance) -> Map<String, Value> {
    let mut out = Map::new();
    for name in [
        "country",
        "age",
        "version",
        "when",
        "a/b",
        "targetingKey",
        "kinds",
        "/plan/name",
    ] {
        if chance.is(70) {
            out.insert(name.into(), literal(chance, name));
        }
    }
    for name in ["country", "version", "when", "age"] {
        if chance.is(10) {
            let list: Vec<_> = (0..chance.below(3))
                .map(|_| literal(chance, name))
                .collect();
            out.insert(name.into(), list.into());
        }
    }
    if chance.is(60) {
        let tags: Vec<_> = (0..chance.below(3))
            .map(|_| literal(chance, "tags"))
            .collect();
        out.insert("tags".into(), tags.into());
    }
    if chance.is(60) {
        let plan = json!({ "name": literal(chance, "country"), "level": literal(chance, "age") });
        out.insert("plan".into(), plan);
    }
    if chance.is(20) {
        out.insert("kinds".into(), json!({ "org": { "key": "k1" } }));
    }
    if chance.is(60) {
        out.insert("name".into(), (*chance.one(&["DE", "a", "ab", ""])).into());
    }
    if chance.is(40) {
        out.insert("anonymous".into(), chance.is(50).into());
    }
    out
}
