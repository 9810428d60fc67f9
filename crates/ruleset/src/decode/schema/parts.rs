//! Parts that many fields are made of.

use serde_json::{Map, Value, json};
use vexil_core::limits::KEY_CHARACTERS;

/// `value` with a description before it.
pub(super) fn said(about: &str, value: Value) -> Value {
    let mut said = Map::from_iter([("description".to_owned(), about.into())]);
    if let Value::Object(members) = value {
        let others = members
            .into_iter()
            .filter(|(name, _)| name != "description");
        said.extend(others);
    }
    Value::Object(said)
}

/// The description that people give.
pub(super) fn described() -> Value {
    said("What it is for, for people.", text())
}

/// What stands under this name in the definitions.
pub(super) fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn non_empty_text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

pub(super) fn boolean() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn number() -> Value {
    json!({ "type": "number" })
}

pub(super) fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

pub(super) fn list(item: Value) -> Value {
    object([("type", "array".into()), ("items", item)])
}

pub(super) fn some_list(item: Value) -> Value {
    object([
        ("type", "array".into()),
        ("items", item),
        ("minItems", 1.into()),
    ])
}

/// An object whose members all have keys for names.
pub(super) fn map(value: Value) -> Value {
    object([
        ("type", "object".into()),
        ("propertyNames", key()),
        ("additionalProperties", value),
    ])
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    members.into_iter().collect()
}

pub(super) fn key() -> Value {
    refer("key")
}

pub(super) fn key_definition() -> Value {
    let about = format!("A name: 1 to {KEY_CHARACTERS} of letters, digits, `.`, `_` and `-`.");
    let pattern = format!("^[A-Za-z0-9._-]{{1,{KEY_CHARACTERS}}}$");
    json!({ "description": about, "type": "string", "pattern": pattern })
}

pub(super) fn attribute() -> Value {
    refer("attribute")
}

pub(super) fn attribute_definition() -> Value {
    json!({
        "description": "An attribute of the context: the name of a top-level member, or a JSON Pointer (RFC 6901) that begins with `/`.",
        "type": "string",
        "pattern": r"^(?:[^/][\s\S]*|(?:/(?:[^/~]|~[01])*)+)$"
    })
}
