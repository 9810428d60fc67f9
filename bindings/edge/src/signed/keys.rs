//! The keys with which contexts may be signed.
//!
//! Source: RFC 7517 (JSON Web Key), RFC 7518 section 6.4 (`oct`), RFC 8037 (`OKP`).

use serde_json::{Map, Value as Json};
use vexil_ofrep::base64url;

use super::token::{Header, Refused};

/// All keys of a deployment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ContextKeys(Vec<ContextKey>);

/// One key. What it signs with is a property of the key, so no token chooses it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ContextKey {
    id: String,
    /// The environments whose contexts it signs; all where it names none.
    environments: Option<Vec<String>>,
    pub(crate) algorithm: Algorithm,
    /// The secret itself, or the 32 bytes of the public key.
    pub(crate) bytes: Vec<u8>,
}

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// HMAC with SHA-256: whoever verifies could sign too.
    Hs256,
    /// Ed25519: only its public half is here.
    EdDsa,
}

/// Bytes of a secret of HMAC at least, as RFC 7518 section 3.2 asks.
const SECRET_BYTES: usize = 32;
/// Bytes of a public key of Ed25519.
const PUBLIC_BYTES: usize = 32;

impl ContextKeys {
    /// Reads a JSON Web Key Set; an empty text is one without keys.
    ///
    /// # Errors
    /// Says what is wrong with it, and nothing of what is secret in it.
    pub(crate) fn parse(text: &str) -> Result<ContextKeys, String> {
        if text.trim().is_empty() {
            return Ok(ContextKeys::default());
        }
        let set: Json = serde_json::from_str(text)
            .map_err(|error| format!("is not JSON at column {}", error.column()))?;
        let keys = set.get("keys").and_then(Json::as_array);
        let keys = keys.ok_or("is not a JSON Web Key Set: it has no list `keys`")?;
        let mut read: Vec<ContextKey> = Vec::new();
        for (place, key) in keys.iter().enumerate() {
            let key = key
                .as_object()
                .ok_or("is not an object")
                .and_then(ContextKey::parse)
                .map_err(|why| format!("`/keys/{place}` {why}"))?;
            if read.iter().any(|known| known.id == key.id) {
                return Err(format!("`/keys/{place}` has the `kid` of another"));
            }
            read.push(key);
        }
        Ok(ContextKeys(read))
    }

    /// Whether contexts of `environment` can be signed.
    pub(crate) fn has_any(&self, environment: &str) -> bool {
        self.0.iter().any(|key| key.is_of(environment))
    }

    /// The key that a token of `environment` names, if it also says how that key signs.
    ///
    /// # Errors
    /// Says why there is none.
    pub(crate) fn find(&self, environment: &str, header: &Header) -> Result<&ContextKey, Refused> {
        if !self.has_any(environment) {
            return Err(Refused::NotHere);
        }
        let mut keys = self.0.iter().filter(|key| key.is_of(environment));
        let key = keys
            .find(|key| key.id == header.key)
            .ok_or(Refused::UnknownKey)?;
        if key.algorithm.names().contains(&header.algorithm.as_str()) {
            Ok(key)
        } else {
            Err(Refused::Algorithm)
        }
    }
}

impl ContextKey {
    fn parse(key: &Map<String, Json>) -> Result<ContextKey, &'static str> {
        let text = |name| key.get(name).and_then(Json::as_str);
        let id = text("kid")
            .filter(|id| !id.is_empty())
            .ok_or("has no `kid`")?;
        let (algorithm, encoded) = match (text("kty"), text("crv")) {
            (Some("oct"), _) => (Algorithm::Hs256, text("k").ok_or("has no `k`")?),
            (Some("OKP"), Some("Ed25519")) => (Algorithm::EdDsa, text("x").ok_or("has no `x`")?),
            _ => return Err("is neither of `kty` `oct` nor of `OKP` with `crv` `Ed25519`"),
        };
        if text("alg").is_some_and(|name| !algorithm.names().contains(&name)) {
            return Err("has an `alg` that is not that of its `kty`");
        }
        let bytes = base64url::decode(encoded).ok_or("is not base64url")?;
        match algorithm {
            Algorithm::Hs256 if bytes.len() < SECRET_BYTES => {
                return Err("is shorter than 256 bits");
            }
            Algorithm::EdDsa if bytes.len() != PUBLIC_BYTES => {
                return Err("is no public key of Ed25519");
            }
            Algorithm::Hs256 | Algorithm::EdDsa => {}
        }
        Ok(ContextKey {
            id: id.to_owned(),
            environments: environments(key.get("environments"))?,
            algorithm,
            bytes,
        })
    }

    fn is_of(&self, environment: &str) -> bool {
        let named = self.environments.as_ref();
        named.is_none_or(|named| named.iter().any(|it| it == environment))
    }
}

impl Algorithm {
    /// What RFC 7518, RFC 8037 and RFC 9864 call it.
    fn names(self) -> &'static [&'static str] {
        match self {
            Algorithm::Hs256 => &["HS256"],
            Algorithm::EdDsa => &["EdDSA", "Ed25519"],
        }
    }
}

fn environments(listed: Option<&Json>) -> Result<Option<Vec<String>>, &'static str> {
    let Some(listed) = listed else {
        return Ok(None);
    };
    let listed = listed
        .as_array()
        .ok_or("has `environments` that are no list")?;
    let names = listed.iter().map(|name| name.as_str().map(str::to_owned));
    let names: Option<Vec<String>> = names.collect();
    names
        .map(Some)
        .ok_or("has `environments` that are no names")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    #[track_caller]
    fn check_refused(keys: &str, want: &str) {
        let why = ContextKeys::parse(keys).unwrap_err();
        assert_eq!(why, want);
        assert!(!why.contains("AAEC"));
    }

    fn header(key: &str, algorithm: &str) -> Header {
        Header {
            key: key.to_owned(),
            algorithm: algorithm.to_owned(),
        }
    }

    #[test]
    fn no_keys_are_no_keys() {
        for text in ["", " \n", r#"{"keys":[]}"#] {
            assert!(!ContextKeys::parse(text).unwrap().has_any("production"));
        }
    }

    #[test]
    fn a_set_that_is_not_right_is_refused_whole() {
        let key = |members: &str| format!("{{\"keys\":[{{{members}}}]}}");
        check_refused("{", "is not JSON at column 1");
        check_refused("[]", "is not a JSON Web Key Set: it has no list `keys`");
        check_refused(r#"{"keys":[7]}"#, "`/keys/0` is not an object");
        check_refused(&key(r#""kty":"oct""#), "`/keys/0` has no `kid`");
        check_refused(&key(r#""kid":"a","kty":"oct""#), "`/keys/0` has no `k`");
        check_refused(
            &key(r#""kid":"a","kty":"oct","k":"AAEC""#),
            "`/keys/0` is shorter than 256 bits",
        );
        check_refused(
            &key(r#""kid":"a","kty":"oct","k":"AAEC!""#),
            "`/keys/0` is not base64url",
        );
        check_refused(
            &key(&format!(
                r#""kid":"a","kty":"oct","alg":"EdDSA","k":"{SECRET}""#
            )),
            "`/keys/0` has an `alg` that is not that of its `kty`",
        );
        check_refused(
            &key(r#""kid":"a","kty":"OKP","crv":"Ed25519","x":"AAEC""#),
            "`/keys/0` is no public key of Ed25519",
        );
        for kind in [
            r#""kty":"RSA""#,
            r#""kty":"OKP","crv":"X25519""#,
            r#""kty":7"#,
        ] {
            check_refused(
                &key(&format!(r#""kid":"a",{kind}"#)),
                "`/keys/0` is neither of `kty` `oct` nor of `OKP` with `crv` `Ed25519`",
            );
        }
        let twice = format!(r#"{{"kid":"a","kty":"oct","k":"{SECRET}"}}"#);
        check_refused(
            &format!("{{\"keys\":[{twice},{twice}]}}"),
            "`/keys/1` has the `kid` of another",
        );
    }

    #[test]
    fn a_token_finds_its_key_by_name_and_never_chooses_the_algorithm() {
        let keys = ContextKeys::parse(&format!(
            r#"{{"keys":[
                {{"kid":"mac","kty":"oct","k":"{SECRET}"}},
                {{"kid":"pair","kty":"OKP","crv":"Ed25519","x":"{SECRET}","environments":["production"]}}
            ]}}"#
        ))
        .unwrap();
        for (environment, key, algorithm, want) in [
            ("production", "mac", "HS256", Ok(Algorithm::Hs256)),
            ("staging", "mac", "HS256", Ok(Algorithm::Hs256)),
            ("production", "pair", "EdDSA", Ok(Algorithm::EdDsa)),
            ("production", "pair", "Ed25519", Ok(Algorithm::EdDsa)),
            ("staging", "pair", "EdDSA", Err(Refused::UnknownKey)),
            ("production", "other", "HS256", Err(Refused::UnknownKey)),
            ("production", "", "HS256", Err(Refused::UnknownKey)),
            ("production", "pair", "HS256", Err(Refused::Algorithm)),
            ("production", "mac", "EdDSA", Err(Refused::Algorithm)),
            ("production", "mac", "none", Err(Refused::Algorithm)),
            ("production", "mac", "hs256", Err(Refused::Algorithm)),
        ] {
            let found = keys.find(environment, &header(key, algorithm));
            assert_eq!(
                found.map(|key| key.algorithm),
                want,
                "{environment} {key} {algorithm}"
            );
        }
        assert_eq!(
            ContextKeys::default().find("production", &header("mac", "HS256")),
            Err(Refused::NotHere)
        );
    }
}
