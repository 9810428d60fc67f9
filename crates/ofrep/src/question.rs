//! What a client asks: a context, and on Vexil's own routes the key and the answer it already has.

use serde_json::{Map, Value as Json};

use crate::base64url;
use crate::caps::{self, Excess};

/// A request's body, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// The evaluation context; empty where the body has none.
    pub context: Map<String, Json>,
    /// The client's key, where it travels in the body so that a browser sends no preflight.
    pub key: Option<String>,
    /// The entity tag of the answer that the client has.
    pub etag: Option<String>,
    /// A version that the client has heard of: it wants no older answer.
    pub version: Option<u64>,
    /// A context that somebody signed, as the JWT that carries it. Nobody has verified it yet.
    pub signed: Option<String>,
}

/// Why a body asks nothing that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not a JSON object, or a member has the wrong type.
    Parse(String),
    /// It is, but its context is not an object.
    InvalidContext,
    /// It is larger than a context may be.
    TooLarge,
    /// Its context holds more than a context may.
    Excess(Excess),
}

impl Question {
    /// Reads a body: a JSON object, or nothing at all.
    ///
    /// # Errors
    /// Says what is wrong with it: see [`Fault`].
    pub fn parse(body: &[u8]) -> Result<Question, Fault> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Question::default());
        }
        let Json::Object(mut members) = parse_json(body).map_err(Fault::Parse)? else {
            return Err(Fault::Parse("expected a JSON object".to_owned()));
        };
        Ok(Question {
            context: context_of(members.remove("context"))?,
            key: text_of(members.remove("key"), "key")?,
            etag: text_of(members.remove("etag"), "etag")?,
            version: members.get("version").and_then(Json::as_u64),
            signed: text_of(members.remove("signed"), "signed")?,
        })
    }

    /// Reads a context that travels in a URL: base64url, with or without padding, of a JSON object.
    ///
    /// # Errors
    /// Says what is wrong with it: see [`Fault`].
    pub fn parse_query(context: &str) -> Result<Question, Fault> {
        let bytes = base64url::decode(context)
            .ok_or_else(|| Fault::Parse("`context` is not base64url".to_owned()))?;
        let context = parse_json(&bytes).map_err(Fault::Parse)?;
        Ok(Question {
            context: context_of(Some(context))?,
            ..Question::default()
        })
    }
}

impl Fault {
    /// OpenFeature's word for it.
    #[must_use]
    pub fn error_code(&self) -> &'static str {
        match self {
            Fault::Parse(_) => "PARSE_ERROR",
            Fault::InvalidContext | Fault::TooLarge | Fault::Excess(_) => "INVALID_CONTEXT",
        }
    }

    /// The HTTP status that says it.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Fault::Parse(_) | Fault::InvalidContext => 400,
            Fault::TooLarge | Fault::Excess(_) => 413,
        }
    }

    /// A sentence for people.
    #[must_use]
    pub fn details(&self) -> String {
        match self {
            Fault::Parse(details) => details.clone(),
            Fault::InvalidContext => "`context` is not an object".to_owned(),
            Fault::TooLarge => format!(
                "the body is larger than {} bytes",
                vexil_core::limits::CONTEXT_BYTES
            ),
            Fault::Excess(excess) => excess.to_string(),
        }
    }
}

/// Reads JSON text. An escape of a lone surrogate becomes U+FFFD, as everywhere.
///
/// # Errors
/// Says in a sentence what is wrong with the text.
pub fn parse_json(text: &[u8]) -> Result<Json, String> {
    serde_json::from_slice(text).or_else(|error| {
        serde_json::from_slice(&mend_surrogates(text)).map_err(|_| error.to_string())
    })
}

/// Reads a context: an object within limits, or nothing.
///
/// # Errors
/// [`Fault::InvalidContext`], [`Fault::Excess`].
pub fn context_of(json: Option<Json>) -> Result<Map<String, Json>, Fault> {
    match json {
        None | Some(Json::Null) => Ok(Map::new()),
        Some(Json::Object(context)) => match caps::excess(&context) {
            None => Ok(context),
            Some(excess) => Err(Fault::Excess(excess)),
        },
        Some(Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_)) => {
            Err(Fault::InvalidContext)
        }
    }
}

fn text_of(json: Option<Json>, name: &str) -> Result<Option<String>, Fault> {
    match json {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
            Err(Fault::Parse(format!("`{name}` is not a string")))
        }
    }
}

/// `body` with every escape of a lone surrogate, which JavaScript strings may hold and UTF-8 cannot, made U+FFFD.
fn mend_surrogates(body: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((&first, after)) = rest.split_first() {
        let width = match (first, escaped_unit(rest)) {
            (b'\\', Some(0xD800..=0xDBFF))
                if matches!(rest.get(6..).and_then(escaped_unit), Some(0xDC00..=0xDFFF)) =>
            {
                12
            }
            (b'\\', Some(0xD800..=0xDFFF)) => {
                mended.extend_from_slice(br"\ufffd");
                rest = rest.get(6..).unwrap_or_default();
                continue;
            }
            (b'\\', _) if !after.is_empty() => 2,
            _ => 1,
        };
        let (copied, left) = rest.split_at_checked(width).unwrap_or((rest, &[]));
        mended.extend_from_slice(copied);
        rest = left;
    }
    mended
}

/// The UTF-16 code unit of the escape `\uXXXX` that `bytes` begin with.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(br"\u")?.get(..4)?;
    let digits = core::str::from_utf8(digits).ok()?;
    digits
        .bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_fault(body: &str, code: &str, details: &str) {
        let fault = Question::parse(body.as_bytes()).unwrap_err();
        assert_eq!(fault.error_code(), code);
        assert!(fault.details().contains(details), "{}", fault.details());
    }

    #[track_caller]
    fn check_user(body: &str, want: &str) {
        let question = Question::parse(body.as_bytes()).unwrap();
        assert_eq!(question.context.get("u").and_then(Json::as_str), Some(want));
    }

    #[test]
    fn a_body_without_context_asks_for_an_empty_one() {
        for body in [
            "",
            " \n",
            "{}",
            r#"{"context":null}"#,
            r#"{"context":{}}"#,
            r#"{"other":1}"#,
        ] {
            assert_eq!(
                Question::parse(body.as_bytes()),
                Ok(Question::default()),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named_as_openfeature_names_it() {
        check_fault("{", "PARSE_ERROR", "EOF");
        check_fault("[]", "PARSE_ERROR", "expected a JSON object");
        check_fault("null", "PARSE_ERROR", "expected a JSON object");
        check_fault(r#"{"key":7}"#, "PARSE_ERROR", "`key` is not a string");
        check_fault(r#"{"etag":{}}"#, "PARSE_ERROR", "`etag` is not a string");
        check_fault(
            r#"{"context":[]}"#,
            "INVALID_CONTEXT",
            "`context` is not an object",
        );
        check_fault(
            r#"{"context":"u"}"#,
            "INVALID_CONTEXT",
            "`context` is not an object",
        );
        check_fault(
            &format!("{}1{}", "[".repeat(5000), "]".repeat(5000)),
            "PARSE_ERROR",
            "recursion limit",
        );
    }

    #[test]
    fn what_else_a_client_says_travels_beside_the_context() {
        let question = Question::parse(
            br#"{"key":"browser-1","etag":"\"0a\"","version":7,"signed":"a.b.c","context":{"u":1}}"#,
        )
        .unwrap();
        assert_eq!(
            (question.key.as_deref(), question.etag.as_deref()),
            (Some("browser-1"), Some("\"0a\""))
        );
        assert_eq!(question.version, Some(7));
        assert_eq!(question.signed.as_deref(), Some("a.b.c"));
    }

    #[test]
    fn a_lone_surrogate_becomes_the_replacement_character() {
        check_user(r#"{"context":{"u":"a\ud800b"}}"#, "a\u{fffd}b");
        check_user(
            r#"{"context":{"u":"\udc00\ud83d\ude00"}}"#,
            "\u{fffd}\u{1f600}",
        );
        check_user(
            r#"{"context":{"u":"\ud800\ud800\udc00"}}"#,
            "\u{fffd}\u{10000}",
        );
        check_user(r#"{"context":{"u":"\\ud800\udfff"}}"#, "\\ud800\u{fffd}");
        check_user(r#"{"context":{"u":"\ud800"}}"#, "\u{fffd}");
    }

    #[test]
    fn a_context_in_a_url_is_base64url_of_an_object() {
        // {"u":"\ud800"}
        let question = Question::parse_query("eyJ1IjoiXHVkODAwIn0").unwrap();
        assert_eq!(
            question.context.get("u").and_then(Json::as_str),
            Some("\u{fffd}")
        );
        let question = Question::parse_query("eyJ1IjoiYSJ9").unwrap();
        assert_eq!(question.context.get("u").and_then(Json::as_str), Some("a"));
        assert_eq!(Question::parse_query("W10"), Err(Fault::InvalidContext));
        assert_eq!(
            Question::parse_query("e!").unwrap_err().error_code(),
            "PARSE_ERROR"
        );
        assert_eq!(
            Question::parse_query("ew").unwrap_err().error_code(),
            "PARSE_ERROR"
        );
    }
}
