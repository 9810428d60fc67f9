//! Conditions of which some come to the same in every context.

use serde_json::{Value, json};

/// A condition of the ruleset language, or what it always is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Truth {
    Always,
    Never,
    When(Value),
}

impl Truth {
    pub(super) fn of(truth: bool) -> Truth {
        if truth { Truth::Always } else { Truth::Never }
    }

    pub(super) fn not(self) -> Truth {
        match self {
            Truth::Always => Truth::Never,
            Truth::Never => Truth::Always,
            Truth::When(condition) => Truth::When(json!({ "not": condition })),
        }
    }

    pub(super) fn and(truths: Vec<Truth>) -> Truth {
        Truth::join(truths, "all", &Truth::Never, &Truth::Always)
    }

    pub(super) fn or(truths: Vec<Truth>) -> Truth {
        Truth::join(truths, "any", &Truth::Always, &Truth::Never)
    }

    /// How many values it is written with.
    pub(super) fn size(&self) -> usize {
        match self {
            Truth::Always | Truth::Never => 0,
            Truth::When(condition) => size(condition),
        }
    }

    /// All of `truths`, of which one that is `decisive` decides, and those that are `idle` do nothing.
    fn join(truths: Vec<Truth>, name: &str, decisive: &Truth, idle: &Truth) -> Truth {
        if truths.contains(decisive) {
            return decisive.clone();
        }
        let mut conditions: Vec<Value> = Vec::new();
        for truth in truths {
            if let Truth::When(condition) = truth {
                conditions.push(condition);
            }
        }
        match conditions.len() {
            0 => idle.clone(),
            1 => Truth::When(conditions.swap_remove(0)),
            _ => Truth::When(json!({ name: conditions })),
        }
    }
}

fn size(value: &Value) -> usize {
    let sum = |sum: usize, value: &Value| sum.saturating_add(size(value));
    match value {
        Value::Array(items) => items.iter().fold(1, sum),
        Value::Object(members) => members.values().fold(1, sum),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}
