//! A signed context: a JWT in compact form, and what it has to say to be one.
//!
//! Source: RFC 7515 section 3.1 (form), section 4.1.11 (`crit`); RFC 7519 section 4.1 (claims); RFC 8725.
//!
//! | claim | |
//! |---|---|
//! | `aud` | the environment's name, or a list with it; required |
//! | `exp` | until when it is one, in s since 1970; required |
//! | `nbf` | from when on; optional |
//! | `context` | the attributes |
//! | `sub` | the `targetingKey`, where the context has none |
//!
//! All others, `jti` and `iat` among them, mean nothing here.

use serde_json::{Map, Value as Json};
use vexil_ofrep::{base64url, context_of, parse_json};

/// Bytes of a token at most: what fits into a request's head.
const MOST_BYTES: usize = 16 * 1024;
/// How far clocks may differ, in s.
const SKEW_S: f64 = 60.0;

/// A token, taken apart. Nobody has verified it yet.
#[derive(Debug)]
pub(crate) struct Token<'t> {
    pub(crate) header: Header,
    /// What is signed: the first two parts, as they were sent.
    pub(crate) signed: &'t str,
    pub(crate) signature: Vec<u8>,
    claims: Map<String, Json>,
}

/// What a token says of its signature.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// `kid`.
    pub(crate) key: String,
    /// `alg`.
    pub(crate) algorithm: String,
}

/// Why a token is no context that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    TooLarge,
    Malformed,
    Critical,
    NotHere,
    UnknownKey,
    Algorithm,
    Signature,
    Audience,
    NoEnd,
    Expired,
    NotYet,
    NoContext,
}

impl Refused {
    /// A sentence for people.
    pub(crate) fn detail(self) -> &'static str {
        match self {
            Refused::TooLarge => "the signed context is larger than 16384 bytes",
            Refused::Malformed => {
                "the signed context is no JWT in compact form with `alg` and `kid`"
            }
            Refused::Critical => {
                "the signed context has critical members, of which none is known here"
            }
            Refused::NotHere => "this environment takes no signed contexts",
            Refused::UnknownKey => "the signed context is of a key that is not known here",
            Refused::Algorithm => "the signed context is not signed as its key signs",
            Refused::Signature => "the signature of the signed context is wrong",
            Refused::Audience => {
                "the signed context is not for this environment: `aud` names another"
            }
            Refused::NoEnd => "the signed context has no `exp`, or one that is no number",
            Refused::Expired => "the signed context has expired",
            Refused::NotYet => "the signed context is not one yet, or its `nbf` is no number",
            Refused::NoContext => {
                "the signed context has no object `context` that is within limits, and no `sub`"
            }
        }
    }
}

impl<'t> Token<'t> {
    /// Takes `text` apart.
    ///
    /// # Errors
    /// [`Refused::TooLarge`], [`Refused::Malformed`], [`Refused::Critical`].
    pub(crate) fn parse(text: &'t str) -> Result<Token<'t>, Refused> {
        if text.len() > MOST_BYTES {
            return Err(Refused::TooLarge);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Refused::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Refused::Malformed)?;
        let (header, claims) = (object(header)?, object(claims)?);
        if header.contains_key("crit") {
            return Err(Refused::Critical);
        }
        let text = |name| {
            let text = header.get(name).and_then(Json::as_str);
            text.map(str::to_owned).ok_or(Refused::Malformed)
        };
        Ok(Token {
            header: Header {
                key: text("kid")?,
                algorithm: text("alg")?,
            },
            signed,
            signature: decode(signature)?,
            claims,
        })
    }

    /// The context that it carries for `environment` at `now`, in ms since 1970. Its signature is right.
    ///
    /// # Errors
    /// Says why it carries none.
    pub(crate) fn context(self, environment: &str, now: i64) -> Result<Map<String, Json>, Refused> {
        let mut claims = self.claims;
        let is_here = match claims.get("aud") {
            Some(Json::String(name)) => name == environment,
            Some(Json::Array(names)) => names.iter().any(|name| name == environment),
            Some(Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_)) | None => false,
        };
        if !is_here {
            return Err(Refused::Audience);
        }
        let now = now as f64 / 1000.0;
        let until = claims.get("exp").and_then(Json::as_f64);
        if now >= until.ok_or(Refused::NoEnd)? + SKEW_S {
            return Err(Refused::Expired);
        }
        if let Some(from) = claims.get("nbf") {
            let from = from.as_f64().ok_or(Refused::NotYet)?;
            if now < from - SKEW_S {
                return Err(Refused::NotYet);
            }
        }
        let subject = claims.remove("sub").filter(Json::is_string);
        let mut context = match (claims.remove("context"), &subject) {
            (None, None) => return Err(Refused::NoContext),
            (context, _) => context_of(context).map_err(|_| Refused::NoContext)?,
        };
        if let Some(subject) = subject {
            context.entry("targetingKey").or_insert(subject);
        }
        Ok(context)
    }
}

/// A part that encodes a JSON object.
fn object(part: &str) -> Result<Map<String, Json>, Refused> {
    let bytes = decode(part)?;
    match parse_json(&bytes) {
        Ok(Json::Object(members)) => Ok(members),
        _ => Err(Refused::Malformed),
    }
}

/// Without padding, as RFC 7515 section 2 has it.
fn decode(part: &str) -> Result<Vec<u8>, Refused> {
    let bytes = (!part.contains('=')).then(|| base64url::decode(part));
    bytes.flatten().ok_or(Refused::Malformed)
}

#[cfg(test)]
mod tests;
