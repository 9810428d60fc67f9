//! How a native host resolves a context: JSON in, the value of each attribute out.

use serde_json::Value as Json;
use vexil_core::{Context, Program, Value};

/// Resolves `context` into the slots of `program`.
#[must_use]
pub fn resolve<'c>(program: &Program, context: &'c Json) -> Context<'c> {
    Context::resolve(program, |attribute| value(look_up(context, attribute)))
}

/// What `attribute` names in `context`: a top-level member, or the end of an RFC 6901 pointer.
#[must_use]
pub fn look_up<'c>(context: &'c Json, attribute: &str) -> Option<&'c Json> {
    if attribute.starts_with('/') {
        // serde_json's own reading of RFC 6901.
        context.pointer(attribute)
    } else {
        context.get(attribute)
    }
}

/// A value of a context, as the engine takes it.
#[must_use]
pub fn value(json: Option<&Json>) -> Value<'_> {
    match json {
        None => Value::Missing,
        Some(Json::Null) => Value::Null,
        Some(Json::Bool(bool)) => Value::Bool(*bool),
        Some(Json::Number(number)) => number.as_f64().map_or(Value::Null, Value::Number),
        Some(Json::String(text)) => Value::Text(text),
        Some(Json::Array(items)) => {
            Value::List(items.iter().map(|item| value(Some(item))).collect())
        }
        Some(Json::Object(_)) => Value::Object,
    }
}
