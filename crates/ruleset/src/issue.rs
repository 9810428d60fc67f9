//! What can be wrong with a ruleset.

mod code;
mod message;

use std::fmt;

use serde_json::json;

pub use code::{Code, Unknown};

use crate::path::Path;

/// One thing wrong with a ruleset.
///
/// Decoding collects every issue instead of stopping at the first.
///
/// ```
/// let ruleset = r#"{ "flags": { "banner": {
///     "type": "boolean", "variants": { "on": true, "off": false },
///     "offVariant": "off", "default": "onn"
/// } } }"#;
/// let issues = vexil_ruleset::decode(ruleset).unwrap_err();
/// assert_eq!(
///     issues[0].to_string(),
///     "/flags/banner/default: unknown variant `onn` (did you mean `on`?)",
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// Where, as an RFC 6901 JSON Pointer: `/flags/checkout/rules/2`.
    pub path: Path,
    /// What, for programs.
    pub code: Code,
}

impl Issue {
    /// `{"path":"/flags/…","code":"unknown-variant","message":"…"}`; the message is [`Code`]'s sentence.
    #[must_use]
    pub fn to_json(&self) -> String {
        let path = self.path.as_str();
        json!({ "path": path, "code": self.code.name(), "message": self.code.to_string() })
            .to_string()
    }
}

impl fmt::Display for Issue {
    /// The place, if it is not the whole, then the sentence.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_str();
        if !path.is_empty() {
            write!(formatter, "{path}: ")?;
        }
        self.code.fmt(formatter)
    }
}

impl std::error::Error for Issue {}

#[cfg(test)]
mod tests {
    use super::{Code, Issue, Unknown};
    use crate::path::Path;

    #[track_caller]
    fn check(steps: &[&str], code: Code, want: &str) {
        let path = steps
            .iter()
            .fold(Path::default(), |path, step| path.join(step));
        assert_eq!(Issue { path, code }.to_string(), want);
    }

    #[test]
    fn message_names_the_place_then_the_fault() {
        let code = Code::UnknownVariant(Unknown {
            name: "blue".into(),
            suggestion: None,
        });
        check(
            &["flags", "a/b"],
            code,
            "/flags/a~1b: unknown variant `blue`",
        );
        check(&[], Code::WeightSum, "weights add up to 0, expected more");
    }

    #[test]
    fn on_the_wire_it_is_path_code_and_message() {
        let issue = Issue {
            path: Path::default().join("private"),
            code: Code::EmptyText,
        };
        assert_eq!(
            issue.to_json(),
            r#"{"path":"/private","code":"empty-text","message":"expected a text that is not empty"}"#
        );
    }
}
