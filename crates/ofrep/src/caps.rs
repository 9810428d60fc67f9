//! How much one evaluation context may hold.

use core::fmt;

use serde_json::{Map, Value as Json};
use vexil_core::limits::{CONTEXT_DEPTH, CONTEXT_MEMBERS};

/// What a context has too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// More than [`CONTEXT_MEMBERS`].
    Members,
    /// Deeper than [`CONTEXT_DEPTH`].
    Depth,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Excess::Members => write!(f, "`context` has more than {CONTEXT_MEMBERS} members"),
            Excess::Depth => write!(f, "`context` nests deeper than {CONTEXT_DEPTH}"),
        }
    }
}

/// What `context` has too much of, if anything.
pub(crate) fn excess(context: &Map<String, Json>) -> Option<Excess> {
    let mut members = context.len();
    let mut level: Vec<&Json> = context.values().collect();
    for _ in 0..CONTEXT_DEPTH {
        let mut inner = Vec::new();
        for value in level {
            match value {
                Json::Object(object) => {
                    members = members.saturating_add(object.len());
                    inner.extend(object.values());
                }
                Json::Array(items) => inner.extend(items),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
            }
        }
        level = inner;
    }
    if members > CONTEXT_MEMBERS {
        Some(Excess::Members)
    } else if level.is_empty() {
        None
    } else {
        Some(Excess::Depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(context: &str, want: Option<Excess>) {
        let Json::Object(context) = serde_json::from_str(context).unwrap() else {
            panic!("no object")
        };
        assert_eq!(excess(&context), want);
    }

    fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
        format!(
            "{{\"a\":{}{inner}{}}}",
            open.repeat(depth),
            close.repeat(depth)
        )
    }

    #[test]
    fn a_context_nests_as_deep_as_the_limit_and_no_deeper() {
        for (open, close) in [("[", "]"), ("{\"b\":", "}"), ("[{\"b\":", "}]")] {
            let most = (CONTEXT_DEPTH - 1) / (close.len());
            check(&nested(open, "1", close, most), None);
            check(
                &nested(open, "1", close, CONTEXT_DEPTH),
                Some(Excess::Depth),
            );
        }
    }

    #[test]
    fn members_count_wherever_they_are() {
        let members = |count: usize| {
            let members = (0..count).map(|number| format!("\"{number}\":1"));
            members.collect::<Vec<_>>().join(",")
        };
        check(&format!("{{{}}}", members(CONTEXT_MEMBERS)), None);
        check(
            &format!("{{{}}}", members(CONTEXT_MEMBERS + 1)),
            Some(Excess::Members),
        );
        check(
            &format!("{{\"a\":[{{{}}}]}}", members(CONTEXT_MEMBERS)),
            Some(Excess::Members),
        );
        // A list is one attribute, whatever its length.
        check(&format!("{{\"a\":[1{}]}}", ",1".repeat(30_000)), None);
    }
}
