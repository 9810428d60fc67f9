//! Conditions of which it may be known beforehand what they come to.

use serde_json::{Value, json};

/// When a vendor's condition holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Holds {
    /// In every context.
    Always,
    /// In none.
    Never,
    /// Where this condition of a ruleset does.
    If(Value),
}

impl Holds {
    /// Where all of them do.
    pub(crate) fn all(parts: impl IntoIterator<Item = Holds>) -> Holds {
        let mut conditions = Vec::new();
        for part in parts {
            match part {
                Holds::Always => {}
                Holds::Never => return Holds::Never,
                Holds::If(condition) => conditions.push(condition),
            }
        }
        match conditions.as_slice() {
            [] => Holds::Always,
            [condition] => Holds::If(condition.clone()),
            _ => Holds::If(json!({ "all": conditions })),
        }
    }

    /// Where any of them does.
    pub(crate) fn any(parts: impl IntoIterator<Item = Holds>) -> Holds {
        let mut conditions = Vec::new();
        for part in parts {
            match part {
                Holds::Always => return Holds::Always,
                Holds::Never => {}
                Holds::If(condition) => conditions.push(condition),
            }
        }
        match conditions.as_slice() {
            [] => Holds::Never,
            [condition] => Holds::If(condition.clone()),
            _ => Holds::If(json!({ "any": conditions })),
        }
    }

    /// Where it does not.
    pub(crate) fn not(self) -> Holds {
        match self {
            Holds::Always => Holds::Never,
            Holds::Never => Holds::Always,
            Holds::If(condition) => Holds::If(json!({ "not": condition })),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Holds::{Always, If, Never};
    use super::*;

    #[test]
    fn what_is_known_is_not_written() {
        let (a, b) = (If(json!("a")), If(json!("b")));
        assert_eq!(Holds::all([]), Always);
        assert_eq!(Holds::all([Always, a.clone()]), a);
        assert_eq!(Holds::all([a.clone(), Never]), Never);
        assert_eq!(
            Holds::all([a.clone(), b.clone()]),
            If(json!({ "all": ["a", "b"] }))
        );
        assert_eq!(Holds::any([]), Never);
        assert_eq!(Holds::any([Never, a.clone()]), a);
        assert_eq!(Holds::any([a.clone(), Always]), Always);
        assert_eq!(Holds::any([a.clone(), b]), If(json!({ "any": ["a", "b"] })));
        assert_eq!(a.not(), If(json!({ "not": "a" })));
        assert_eq!(Never.not(), Always);
    }
}
