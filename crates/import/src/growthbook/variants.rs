//! The values of a feature, as variants of a flag.

use serde_json::{Map, Value, json};

use super::javascript;

/// The variant that stands for no value: it is null, which leaves the answer to the caller, as `GrowthBook` does.
pub(super) const NO_VALUE: &str = "no-value";
/// The member of an object that a value of another type is in.
pub(super) const WRAPPED: &str = "value";

/// The values so far, by name; null is [`NO_VALUE`].
#[derive(Clone, Debug, Default)]
pub(super) struct Variants {
    all: Vec<(String, Value)>,
}

/// What variants are, all together.
pub(super) struct Typed {
    pub(super) kind: &'static str,
    pub(super) variants: Map<String, Value>,
    /// Whether each value is a member of an object.
    pub(super) is_wrapped: bool,
}

impl Variants {
    /// The variant of `value`; equal values are one.
    pub(super) fn name(&mut self, value: &Value) -> String {
        let same = |(_, it): &&(String, Value)| javascript::has_same_json(it, value);
        if let Some((name, _)) = self.all.iter().find(same) {
            return name.clone();
        }
        let mut name = match value {
            Value::Null => NO_VALUE.to_owned(),
            Value::Bool(true) => "on".to_owned(),
            Value::Bool(false) => "off".to_owned(),
            Value::Number(_) => javascript::text(value),
            Value::String(text) => text.clone(),
            Value::Array(_) | Value::Object(_) => String::new(),
        };
        let is_fine = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
        let is_reserved = name == NO_VALUE && !value.is_null();
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_fine) || is_reserved {
            name = format!("value-{}", self.all.len().saturating_add(1));
        }
        while self.all.iter().any(|(other, _)| *other == name) {
            name.push_str("-2");
        }
        self.all.push((name.clone(), value.clone()));
        name
    }

    /// Names and values; null where there is none.
    pub(super) fn all(&self) -> &[(String, Value)] {
        &self.all
    }

    /// As a flag has them; `None` where there is no value.
    pub(super) fn typed(&self) -> Option<Typed> {
        let values = || self.all.iter().filter(|(_, value)| !value.is_null());
        let kind = kind(&values().next()?.1);
        let is_wrapped = values().any(|(_, value)| self::kind(value) != kind);
        let written = |(name, value): &(String, Value)| {
            let value = match value {
                Value::Null => Value::Null,
                value if is_wrapped => json!({ WRAPPED: value }),
                value => value.clone(),
            };
            (name.clone(), value)
        };
        Some(Typed {
            kind: if is_wrapped { "object" } else { kind },
            variants: self.all.iter().map(written).collect(),
            is_wrapped,
        })
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Null | Value::Array(_) | Value::Object(_) => "object",
    }
}
