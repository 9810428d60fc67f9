//! Who calls, for which environment, and what that allows.
//!
//! A key of the deployment is one of its secrets and works for every environment. An issued key names its environment
//! and its kind; only that environment knows whether it issued it. So a request first makes a [`Claim`], which costs
//! nothing; what is evaluated settles it by the keys in the head, what administrates by the environment's own table.

mod bad;
mod key;
mod refusal;
mod scopes;

use vexil_audit::Hash;
use vexil_ofrep::Visibility;
use worker::{Headers, Result};

use crate::deployment::{Deployment, Root};
use crate::router::Scope;
use crate::signed;

pub(crate) use key::{IssuedKey, Kind, matching, random};
pub(crate) use refusal::Refusal;
pub(crate) use scopes::Scopes;

/// What the holder of a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A page: its key is public.
    Browser,
    /// A server of the application.
    Server,
    /// Somebody who administrates.
    Admin(Scopes),
}

impl Caller {
    /// Whether this caller may do what `scope` names.
    pub(crate) fn may(self, scope: Scope) -> bool {
        match self {
            Caller::Browser | Caller::Server => matches!(scope, Scope::Open | Scope::Evaluate),
            Caller::Admin(scopes) => scopes.allow(scope),
        }
    }

    /// What this caller may see of the flags.
    pub(crate) fn visibility(self) -> Visibility {
        match self {
            Caller::Browser => Visibility::Exposed,
            Caller::Server | Caller::Admin(_) => Visibility::All,
        }
    }
}

/// A key that evaluates, as the head of its environment lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EvaluationKey {
    pub(crate) hash: Hash,
    /// [`Kind::Browser`] or [`Kind::Server`].
    pub(crate) kind: Kind,
    /// From when on it is nobody's, in ms since 1970.
    pub(crate) expires: Option<i64>,
}

/// A key as a request shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'k> {
    pub(crate) key: &'k str,
    /// Of the key.
    pub(crate) hash: Hash,
}

/// Whose key a request shows, as far as it says itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// One of the deployment's environments.
    pub(crate) environment: String,
    pub(crate) holder: Holder,
    /// As it was given.
    pub(crate) key: String,
    /// Of the key.
    pub(crate) hash: Hash,
}

/// Who has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Whoever set up the deployment.
    Deployment(Root),
    /// Somebody to whom the environment issued it, if it did.
    Issued(Kind),
}

impl Claim {
    /// Reads `shown`, the key of a request that may name an environment too.
    ///
    /// What a key's kind can never do is refused here, whether or not the key is known: nobody need be asked for it.
    pub(crate) fn read(
        deployment: &Deployment,
        shown: Option<Shown<'_>>,
        named: Option<&str>,
        scope: Scope,
        now: i64,
    ) -> Result<core::result::Result<Claim, Refusal>> {
        let environments = deployment.environments()?;
        let Some(Shown { key, hash }) = shown else {
            return Ok(Err(Refusal::Unknown));
        };
        let found = match matching(deployment.keys.iter().copied(), hash) {
            Some(root) => deployment_claim(environments, named)
                .map(|environment| (environment, Holder::Deployment(root))),
            None => issued_claim(environments, key, named)
                .map(|(environment, kind)| (environment, Holder::Issued(kind))),
        };
        let claim = found.map(|(environment, holder)| Claim {
            environment,
            holder,
            key: key.to_owned(),
            hash,
        });
        Ok(claim.and_then(|claim| match claim.might(scope) {
            false => Err(Refusal::OutOfScope(scope)),
            true if bad::is_bad(hash, now) => Err(Refusal::Unknown),
            true => Ok(claim),
        }))
    }

    fn might(&self, scope: Scope) -> bool {
        match self.holder {
            Holder::Deployment(Root { caller, .. }) => caller.may(scope),
            Holder::Issued(Kind::Browser | Kind::Server) => scope == Scope::Evaluate,
            Holder::Issued(Kind::Admin) => scope != Scope::Evaluate,
        }
    }

    fn find<'k>(
        &self,
        kind: Kind,
        keys: &'k [EvaluationKey],
        now: i64,
    ) -> Option<&'k EvaluationKey> {
        matching(keys.iter().map(|key| (key.hash, key)), self.hash)
            .filter(|key| key.kind == kind && key.expires.is_none_or(|expires| now < expires))
    }

    /// Who calls, by `keys`.
    pub(crate) fn settle(
        &self,
        keys: &[EvaluationKey],
        now: i64,
    ) -> core::result::Result<Caller, Refusal> {
        let kind = match self.holder {
            Holder::Deployment(Root { caller, .. }) => return Ok(caller),
            Holder::Issued(kind) => kind,
        };
        match self.find(kind, keys, now).map(|key| key.kind) {
            Some(Kind::Browser) => Ok(Caller::Browser),
            Some(Kind::Server) => Ok(Caller::Server),
            Some(Kind::Admin) | None => Err(Refusal::Unknown),
        }
    }

    /// When the key ends, in ms since 1970, by `keys`; `None` where it has no end.
    pub(crate) fn ends(&self, keys: &[EvaluationKey], now: i64) -> Option<i64> {
        match self.holder {
            Holder::Deployment(_) => None,
            Holder::Issued(kind) => self.find(kind, keys, now)?.expires,
        }
    }

    /// Remembers for a while that its environment, asked after the claim was made, did not know the key.
    pub(crate) fn is_nobodys(&self, now: i64) {
        bad::remember(self.hash, now);
    }
}

fn deployment_claim(
    environments: &[String],
    named: Option<&str>,
) -> core::result::Result<String, Refusal> {
    let mut environments = environments.iter();
    let found = match named {
        Some(named) => environments.find(|it| *it == named),
        None => environments.next(),
    };
    found.cloned().ok_or(Refusal::NoEnvironment)
}

fn issued_claim(
    environments: &[String],
    given: &str,
    named: Option<&str>,
) -> core::result::Result<(String, Kind), Refusal> {
    let key = IssuedKey::parse(given).ok_or(Refusal::Unknown)?;
    if !environments.iter().any(|it| it == key.environment) {
        return Err(Refusal::Unknown);
    }
    if named.is_some_and(|named| named != key.environment) {
        return Err(Refusal::OtherEnvironment);
    }
    Ok((key.environment.to_owned(), key.kind))
}

impl<'k> Shown<'k> {
    pub(crate) fn new(key: &'k str) -> Shown<'k> {
        let hash = Hash::of(key.as_bytes());
        Shown { key, hash }
    }

    /// Whether it is a browser's, which is no secret. An issued one only says so.
    pub(crate) fn is_public(&self, deployment: &Deployment) -> bool {
        match matching(deployment.keys.iter().copied(), self.hash) {
            Some(root) => root.caller == Caller::Browser,
            None => IssuedKey::parse(self.key).is_some_and(|key| key.kind == Kind::Browser),
        }
    }
}

/// The key and the signed context that a request's headers carry.
pub(crate) fn credentials(headers: &Headers) -> Result<(Option<String>, Option<String>)> {
    let (authorization, api_key) = (headers.get("authorization")?, headers.get("x-api-key")?);
    let (key, signed) = carried(authorization.as_deref(), api_key.as_deref());
    Ok((key.map(str::to_owned), signed.map(str::to_owned)))
}

/// The key and the signed context in these two headers: the key in `Authorization: Bearer …` or OFREP's `X-API-Key`. The
/// signed context may be in `Authorization`, in place of a key.
pub(crate) fn carried<'h>(
    authorization: Option<&'h str>,
    api_key: Option<&'h str>,
) -> (Option<&'h str>, Option<&'h str>) {
    match authorization.and_then(bearer) {
        Some(token) if signed::is_token(token) => (api_key, Some(token)),
        Some(token) => (Some(token), None),
        None => (api_key, None),
    }
}

/// What is after `Bearer`; other schemes, such as that of a proxy in front of the worker, are not for it.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

#[cfg(test)]
mod tests;
