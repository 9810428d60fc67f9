//! Shared parts of targeting: `{"$ref": name}` stands for `$evaluators[name]`.

use serde_json::{Map, Value};

/// Levels of nesting after which a reference is left as it is: it may be within itself.
const DEPTH: usize = 64;

/// Values one file may grow to: references to references could otherwise multiply without end.
const VALUES: usize = 100_000;

/// The evaluators of a file, and which of them were needed.
pub(super) struct Evaluators<'f> {
    by_name: Option<&'f Map<String, Value>>,
    used: Vec<&'f str>,
    values: usize,
}

impl<'f> Evaluators<'f> {
    pub(super) fn of(file: &'f Value) -> Evaluators<'f> {
        let by_name = file.get("$evaluators").and_then(Value::as_object);
        Evaluators {
            by_name,
            used: Vec::new(),
            values: 0,
        }
    }

    /// `expression` with every reference replaced. One to a name that is not there, to itself, or
    /// beyond the limits stays, and no condition can say it.
    pub(super) fn expand(&mut self, expression: &Value) -> Value {
        self.expand_within(expression, DEPTH)
    }

    pub(super) fn unused(&self) -> impl Iterator<Item = &'f str> {
        let names = self.by_name.into_iter().flat_map(Map::keys);
        names
            .map(String::as_str)
            .filter(|name| !self.used.contains(name))
    }

    fn expand_within(&mut self, expression: &Value, depth: usize) -> Value {
        self.values = self.values.saturating_add(1);
        let below = depth.saturating_sub(1);
        match expression {
            Value::Object(members) => {
                if depth > 0
                    && self.values < VALUES
                    && let Some((name, evaluator)) = self.refer(members)
                {
                    if !self.used.contains(&name) {
                        self.used.push(name);
                    }
                    return self.expand_within(evaluator, below);
                }
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), self.expand_within(value, below)))
                    .collect()
            }
            Value::Array(items) => items
                .iter()
                .map(|item| self.expand_within(item, below))
                .collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                expression.clone()
            }
        }
    }

    fn refer(&self, members: &Map<String, Value>) -> Option<(&'f str, &'f Value)> {
        let name = members
            .get("$ref")
            .filter(|_| members.len() == 1)?
            .as_str()?;
        let (name, evaluator) = self.by_name?.get_key_value(name)?;
        Some((name, evaluator))
    }
}
