//! Objects, put together member by member.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::{Map, Value};

/// The members of an object, in the order they are given.
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn new() -> Self {
        Members(Map::new())
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn optional(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// A list; none where it would be empty.
    pub(crate) fn list(self, name: &str, items: impl Iterator<Item = Value>) -> Self {
        let items: Vec<Value> = items.collect();
        self.optional(name, (!items.is_empty()).then_some(items))
    }

    /// An object with a member for each entry; none where it would be empty.
    pub(crate) fn map<K: Display, T>(
        self,
        name: &str,
        entries: &BTreeMap<K, T>,
        encode: impl Fn(&T) -> Value,
    ) -> Self {
        let members = entries
            .iter()
            .map(|(key, it)| (key.to_string(), encode(it)));
        let members: Map<String, Value> = members.collect();
        self.optional(name, (!members.is_empty()).then_some(members))
    }
}

impl From<Members> for Value {
    fn from(members: Members) -> Value {
        Value::Object(members.0)
    }
}

pub(crate) fn text(text: impl Display) -> Value {
    Value::String(text.to_string())
}

pub(crate) fn list(items: impl IntoIterator<Item = Value>) -> Value {
    items.into_iter().collect()
}

/// A number, without a decimal point where it is integral.
pub(crate) fn number(number: f64) -> Value {
    let integer = number as i64;
    #[expect(
        clippy::float_cmp,
        reason = "integral means exactly equal to an integer"
    )]
    let is_integral = integer as f64 == number && integer != i64::MAX;
    if is_integral {
        Value::from(integer)
    } else {
        Value::from(number)
    }
}
