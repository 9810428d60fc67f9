//! What goes back: a status, an entity tag and a body.

use crate::delivery::framed;

/// A response, free of any HTTP library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The entity tag, quotes included, where the body can be asked for again on condition that it changed.
    pub etag: Option<String>,
    /// What it says.
    pub body: Body,
    /// The keys of the flags for which a split had no unit to go by.
    pub missing_units: Vec<String>,
}

/// The body of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing: the client has it.
    Empty,
    /// `application/json`.
    Json(String),
    /// `application/octet-stream`.
    Bytes(Vec<u8>),
}

impl Response {
    /// Whether the client has this body already, by the tag that it says it has or its `If-None-Match`.
    #[must_use]
    pub fn is_known(&self, known: Option<&str>, if_none_match: Option<&str>) -> bool {
        self.etag.as_deref().is_some_and(|etag| {
            known == Some(etag)
                || if_none_match.is_some_and(|condition| is_current(condition, etag))
        })
    }

    /// The program in an answer of [`program`](crate::program), if there is one in it.
    #[must_use]
    pub fn program(&self) -> Option<&[u8]> {
        let (program, _) = self.frame()?;
        (!program.is_empty()).then_some(program)
    }

    /// An answer of [`program`](crate::program) for a client that has the program: of length 0, so that a kill costs it the
    /// live state alone.
    #[must_use]
    pub fn without_program(&self) -> Response {
        let (_, live) = self.frame().unwrap_or_default();
        Response {
            status: self.status,
            etag: self.etag.clone(),
            body: framed(&[], live),
            missing_units: Vec::new(),
        }
    }

    /// The program and the live state.
    fn frame(&self) -> Option<(&[u8], &[u8])> {
        let Body::Bytes(frame) = &self.body else {
            return None;
        };
        let (length, rest) = frame.split_first_chunk::<4>()?;
        rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
    }

    /// Only the tag of it, for a client that has the body.
    #[must_use]
    pub fn not_modified(&self) -> Response {
        Response::unchanged(self.etag.clone())
    }

    /// For a client that has what that is the tag of.
    pub(crate) fn unchanged(etag: Option<String>) -> Response {
        Response {
            status: 304,
            etag,
            body: Body::Empty,
            missing_units: Vec::new(),
        }
    }

    pub(crate) fn json(status: u16, body: String) -> Response {
        Response {
            status,
            etag: None,
            body: Body::Json(body),
            missing_units: Vec::new(),
        }
    }
}

/// The entity tag that `hash` makes: sixteen hexadecimal digits in quotes.
pub(crate) fn tag(hash: u64) -> String {
    format!("\"{hash:016x}\"")
}

/// Whether `condition`, the value of `If-None-Match`, lists `etag` (RFC 9110, section 13.1.2: weak comparison).
pub(crate) fn is_current(condition: &str, etag: &str) -> bool {
    condition
        .split(',')
        .map(str::trim)
        .any(|listed| listed == "*" || listed.strip_prefix("W/").unwrap_or(listed) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(condition: &str, want: bool) {
        assert_eq!(is_current(condition, "\"0a\""), want, "{condition}");
    }

    #[test]
    fn a_condition_lists_tags_weak_or_strong_or_all() {
        check("\"0a\"", true);
        check("W/\"0a\"", true);
        check("\"1\", \"0a\"", true);
        check("*", true);
        check("\"0b\"", false);
        check("0a", false);
        check("", false);
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let etag = "\"0a\"";
        let mut response = Response::json(200, "{}".to_owned());
        assert!(!response.is_known(None, Some("*")), "it has no tag");
        response.etag = Some(etag.to_owned());
        assert!(response.is_known(Some(etag), None) && response.is_known(None, Some(etag)));
        assert!(!response.is_known(None, None) && !response.is_known(Some("*"), Some("\"0b\"")));
        let unchanged = response.not_modified();
        assert_eq!((unchanged.status, unchanged.body), (304, Body::Empty));
        assert_eq!(unchanged.etag.as_deref(), Some(etag));
    }
}
