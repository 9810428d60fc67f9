//! A line of a log of answers.

use serde_json::{Map, Value};
use vexil_ofrep::parse_json;

use crate::time::Instant;

/// One answer that was given.
pub(super) struct Recorded {
    pub(super) flag: String,
    /// As whoever recorded it writes contexts.
    pub(super) context: Value,
    pub(super) answer: Answer,
    /// When it was given.
    pub(super) at: Option<Instant>,
}

/// What the answer was, as far as the log says.
pub(super) enum Answer {
    Value(Value),
    /// Its name, where the value is not known.
    Variant(String),
}

/// What a ruleset answers.
pub(super) struct Ours {
    pub(super) value: Value,
    pub(super) variant: String,
}

impl Recorded {
    /// Reads `{"flag": …, "context": …, "value": …, "variant": …, "at": …}`. Other members are whoever wrote the log's.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn parse(text: &[u8]) -> Result<Recorded, String> {
        let members: Map<String, Value> = match parse_json(text) {
            Ok(Value::Object(members)) => members,
            Ok(_) => return Err("expected a JSON object".to_owned()),
            Err(error) => return Err(format!("expected a JSON object: {error}")),
        };
        let text = |name: &str| match members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(format!("`{name}`: expected a string")),
        };
        let flag = text("flag")?.ok_or("expected the key of a `flag`")?;
        let answer = match (members.get("value"), text("variant")?) {
            (Some(value), _) => Answer::Value(value.clone()),
            (None, Some(variant)) => Answer::Variant(variant),
            (None, None) => return Err("expected a `value`, or a `variant`".to_owned()),
        };
        let at = match members.get("at") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => {
                Some(text.parse().map_err(|error| format!("`at`: {error}"))?)
            }
            Some(number) => Some(Instant(
                number
                    .as_i64()
                    .ok_or("`at`: expected milliseconds since 1970")?,
            )),
        };
        let context = members.get("context").cloned();
        Ok(Recorded {
            flag,
            context: context.unwrap_or_else(|| Map::new().into()),
            answer,
            at,
        })
    }
}

impl Answer {
    /// Whether `ours` is the same.
    pub(super) fn is(&self, ours: &Ours) -> bool {
        match self {
            Answer::Value(value) => is_same(value, &ours.value),
            Answer::Variant(variant) => *variant == ours.variant,
        }
    }

    pub(super) fn shown(&self) -> Value {
        match self {
            Answer::Value(value) => value.clone(),
            Answer::Variant(variant) => variant.as_str().into(),
        }
    }
}

/// Equal, where `5.0` is `5`.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_in = |(name, value): (&String, &Value)| {
                other.get(name).is_some_and(|it| is_same(value, it))
            };
            one.len() == other.len() && one.iter().all(is_in)
        }
        _ => one == other,
    }
}
