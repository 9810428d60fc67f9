//! Who calls, and what that allows.

use core::hint::black_box;

use vexil_ofrep::Visibility;
use worker::{Env, Headers, Result};

use crate::router::Scope;

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A page: its key is public.
    Browser,
    /// A server of the application.
    Server,
    /// Someone who may kill, restore and move releases.
    Operator,
    /// Someone who may do everything.
    Admin,
}

impl Caller {
    /// Whether this caller may do what `scope` names.
    pub(crate) fn may(self, scope: Scope) -> bool {
        match scope {
            Scope::Open => true,
            Scope::Evaluate => matches!(self, Caller::Browser | Caller::Server),
            Scope::Operate => matches!(self, Caller::Operator | Caller::Admin),
            Scope::Read | Scope::Write => self == Caller::Admin,
        }
    }

    /// What this caller may see of the flags.
    pub(crate) fn visibility(self) -> Visibility {
        match self {
            Caller::Browser => Visibility::Exposed,
            Caller::Server | Caller::Operator | Caller::Admin => Visibility::All,
        }
    }

    /// As the audit names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Caller::Browser => "browser",
            Caller::Server => "server",
            Caller::Operator => "operator",
            Caller::Admin => "admin",
        }
    }
}

/// The bindings that hold keys, and whose they are.
const KEYS: [(&str, Caller); 4] = [
    ("VEXIL_ADMIN_TOKEN", Caller::Admin),
    ("VEXIL_OPERATE_TOKEN", Caller::Operator),
    ("VEXIL_SERVER_KEY", Caller::Server),
    ("VEXIL_BROWSER_KEY", Caller::Browser),
];

/// Whose key `given` is. It is compared with every key, whichever matches; an unset key is nobody's.
pub(crate) fn caller(env: &Env, given: &str) -> Option<Caller> {
    let mut found = None;
    for (binding, caller) in KEYS {
        let Ok(key) = env.var(binding).map(|key| key.to_string()) else {
            continue;
        };
        if is_same(&key, given) && found.is_none() && !key.is_empty() {
            found = Some(caller);
        }
    }
    found
}

/// The key that a request's headers carry: `Authorization: Bearer …` or OFREP's `X-API-Key`.
pub(crate) fn credential(headers: &Headers) -> Result<Option<String>> {
    if let Some(authorization) = headers.get("authorization")? {
        let bearer = authorization
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        return Ok(bearer.map(|(_, token)| token.trim().to_owned()));
    }
    headers.get("x-api-key")
}

/// Compares without stopping at the first difference, so that time tells nothing of where it is.
fn is_same(key: &str, given: &str) -> bool {
    let differing = key
        .bytes()
        .zip(given.bytes())
        .fold(key.len() ^ given.len(), |differing, (left, right)| {
            black_box(differing | usize::from(left ^ right))
        });
    black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_same_only_when_equal() {
        for (key, given, want) in [
            ("secret", "secret", true),
            ("secret", "secreT", false),
            ("secret", "secret2", false),
            ("secret", "secre", false),
            ("secret", "", false),
            ("", "", true),
        ] {
            assert_eq!(is_same(key, given), want, "{key} {given}");
        }
    }

    #[test]
    fn keys_of_applications_never_administrate_and_tokens_never_evaluate() {
        for caller in [Caller::Browser, Caller::Server] {
            assert!(caller.may(Scope::Evaluate));
            assert!(
                ![Scope::Read, Scope::Operate, Scope::Write]
                    .into_iter()
                    .any(|scope| caller.may(scope))
            );
        }
        assert!(Caller::Operator.may(Scope::Operate));
        assert!(
            ![Scope::Read, Scope::Write, Scope::Evaluate]
                .into_iter()
                .any(|scope| Caller::Operator.may(scope))
        );
        assert!(
            [Scope::Read, Scope::Operate, Scope::Write]
                .into_iter()
                .all(|scope| Caller::Admin.may(scope))
        );
        assert!(!Caller::Admin.may(Scope::Evaluate));
    }
}
