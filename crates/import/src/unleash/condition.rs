//! Conditions that may turn out to hold always or never.

use serde_json::{Value, json};

/// When something holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Holds {
    Always,
    Never,
    /// Where this condition of the ruleset language does.
    If(Value),
}

impl Holds {
    pub(super) fn not(self) -> Holds {
        match self {
            Holds::Always => Holds::Never,
            Holds::Never => Holds::Always,
            Holds::If(condition) => Holds::If(json!({ "not": condition })),
        }
    }

    /// Where all of these hold.
    pub(super) fn all(parts: impl IntoIterator<Item = Holds>) -> Holds {
        let mut conditions = Vec::new();
        for part in parts {
            match part {
                Holds::Always => {}
                Holds::Never => return Holds::Never,
                Holds::If(condition) => conditions.push(condition),
            }
        }
        match conditions.len() {
            0 => Holds::Always,
            1 => conditions.pop().map_or(Holds::Always, Holds::If),
            _ => Holds::If(json!({ "all": conditions })),
        }
    }

    /// The condition; for what holds always, `otherwise`.
    pub(super) fn or_where(&self, otherwise: impl FnOnce() -> Value) -> Option<Value> {
        match self {
            Holds::Always => Some(otherwise()),
            Holds::Never => None,
            Holds::If(condition) => Some(condition.clone()),
        }
    }
}
