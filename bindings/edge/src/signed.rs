//! Contexts that somebody signed: a JWT beside the key, in `Authorization: Bearer …` or in the body's member `signed`.
//!
//! The page's own server signs what it vouches for, and the page passes it on. Where an environment has context keys, a
//! browser is believed nothing private that is not signed ([`vexil_ofrep::Trust`]); a server's key vouches for itself.
//!
//! A token says that its context may be asked with until it expires, by whoever has it: within that time showing it
//! again is what it is for, and changes nothing. So tokens are short-lived, and none is remembered.

mod keys;
mod token;

use serde_json::{Map, Value as Json};
use vexil_ofrep::Trust;
use worker::Result;

use crate::auth::{Caller, Refusal};
use crate::crypto::{self, Key};
pub(crate) use keys::ContextKeys;
use keys::{Algorithm, ContextKey};
use token::Token;

/// Whose word a caller's context is.
pub(crate) enum Word {
    /// The caller's, who is believed.
    Caller,
    /// The caller's, of whom nothing private is believed.
    Unsigned,
    /// Of somebody who signed these attributes.
    Signed(Map<String, Json>),
}

impl Word {
    /// That of a caller who sent no signed context.
    pub(crate) fn unsigned(keys: &ContextKeys, environment: &str, caller: Caller) -> Word {
        if caller == Caller::Browser && keys.has_any(environment) {
            Word::Unsigned
        } else {
            Word::Caller
        }
    }

    /// Reads `token`, the signed context that the caller sent, if any; `now` is in ms since 1970.
    pub(crate) async fn read(
        keys: &ContextKeys,
        environment: &str,
        caller: Caller,
        token: Option<&str>,
        now: i64,
    ) -> Result<core::result::Result<Word, Refusal>> {
        let Some(token) = token else {
            return Ok(Ok(Word::unsigned(keys, environment, caller)));
        };
        let token = match Token::parse(token) {
            Ok(token) => token,
            Err(refused) => return Ok(Err(Refusal::Context(refused.detail()))),
        };
        let key = match keys.find(environment, &token.header) {
            Ok(key) => key,
            Err(refused) => return Ok(Err(Refusal::Context(refused.detail()))),
        };
        if !is_signed(key, &token).await? {
            return Ok(Err(Refusal::Context(token::Refused::Signature.detail())));
        }
        Ok(match token.context(environment, now) {
            Ok(context) => Ok(Word::Signed(context)),
            Err(refused) => Err(Refusal::Context(refused.detail())),
        })
    }

    /// What it means for answers; `withheld` are the flags that are hidden where nothing is signed, by index.
    pub(crate) fn trust<'a>(&'a self, withheld: &'a [bool]) -> Trust<'a> {
        match self {
            Word::Caller => Trust::Caller,
            Word::Unsigned => Trust::Unsigned { withheld },
            Word::Signed(context) => Trust::Signed(context),
        }
    }
}

/// Whether a bearer token is a signed context and no key: three parts, of which the first can be a JSON object.
pub(crate) fn is_token(bearer: &str) -> bool {
    bearer.starts_with('e') && bearer.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// Whether `token` carries a signature made with `key`.
async fn is_signed(key: &ContextKey, token: &Token<'_>) -> Result<bool> {
    let (algorithm, length) = match key.algorithm {
        Algorithm::Hs256 => (crypto::Algorithm::HmacSha256, 32),
        Algorithm::EdDsa => (crypto::Algorithm::Ed25519, 64),
    };
    if token.signature.len() != length {
        return Ok(false);
    }
    let key = Key::to_verify(algorithm, &key.bytes).await?;
    key.verify(&token.signature, token.signed.as_bytes()).await
}

#[cfg(test)]
mod tests {
    use super::is_token;

    #[test]
    fn a_bearer_token_of_three_parts_is_a_signed_context() {
        for (bearer, want) in [
            ("eyJhbGciOiJub25lIn0.e30.", true),
            ("ewo.e30.AA", true),
            (
                "vxl_browser_production_0123456789abcdefghijABCDEFGHIJ01",
                false,
            ),
            ("e.mail", false),
            ("a.b.c", false),
            ("", false),
        ] {
            assert_eq!(is_token(bearer), want, "{bearer}");
        }
    }
}
