//! What a deployment is set up with.

use std::cell::RefCell;
use std::rc::Rc;

use vexil_audit::Hash;
use worker::{Env, Result};

use crate::auth::{Caller, Scopes};

/// The header in which a request with a key of the deployment names an environment.
pub(crate) const ENVIRONMENT: &str = "vexil-environment";

/// What it is set up with.
pub(crate) struct Deployment {
    /// The names of its environments, the default first. None is ever reached that is not among them.
    pub(crate) environments: Vec<String>,
    /// Its keys by their hashes.
    pub(crate) keys: Vec<(Hash, Root)>,
}

/// Whoever set up the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Root {
    /// What the audit calls it.
    pub(crate) name: &'static str,
    pub(crate) caller: Caller,
}

/// The bindings that hold keys, whose they are, and what the audit calls them.
const KEYS: [(&str, Caller, &str); 4] = [
    ("VEXIL_ADMIN_TOKEN", Caller::Admin(Scopes::ALL), "admin"),
    (
        "VEXIL_OPERATE_TOKEN",
        Caller::Admin(Scopes::OPERATE),
        "operator",
    ),
    ("VEXIL_SERVER_KEY", Caller::Server, "server"),
    ("VEXIL_BROWSER_KEY", Caller::Browser, "browser"),
];

thread_local! {
    /// Bindings stay the same for as long as an isolate lives.
    static KNOWN: RefCell<Option<Rc<Deployment>>> = const { RefCell::new(None) };
}

impl Deployment {
    /// Reads the bindings, once.
    pub(crate) fn of(env: &Env) -> Result<Rc<Deployment>> {
        if let Some(known) = KNOWN.with_borrow(Clone::clone) {
            return Ok(known);
        }
        let read = Rc::new(Deployment::read(env)?);
        KNOWN.set(Some(Rc::clone(&read)));
        Ok(read)
    }

    fn read(env: &Env) -> Result<Deployment> {
        let list = env
            .var("VEXIL_ENVIRONMENTS")
            .map_or_else(|_| "production".to_owned(), |list| list.to_string());
        let environments = parse(&list).ok_or_else(|| {
            format!("VEXIL_ENVIRONMENTS is `{list}`, expected names such as `production,staging`")
        })?;
        let keys = KEYS.iter().filter_map(|(binding, caller, name)| {
            let key = env.var(binding).ok()?.to_string();
            let root = Root {
                name,
                caller: *caller,
            };
            // An unset key is nobody's.
            (!key.is_empty()).then(|| (Hash::of(key.as_bytes()), root))
        });
        Ok(Deployment {
            environments,
            keys: keys.collect(),
        })
    }
}

fn parse(list: &str) -> Option<Vec<String>> {
    let names = list.split(',').map(str::trim);
    let names = names.map(|name| is_name(name).then(|| name.to_owned()));
    names.collect()
}

/// Whether an environment can be called so: `[a-z][a-z0-9-]{0,39}`.
pub(crate) fn is_name(name: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    name.len() <= 40
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_names_between_commas() {
        for (list, want) in [
            ("production", Some(vec!["production"])),
            (
                "production, staging-2",
                Some(vec!["production", "staging-2"]),
            ),
            ("", None),
            ("a,", None),
            ("Production", None),
            ("2a", None),
            ("-a", None),
            ("a_b", None),
            ("a/b", None),
            ("é", None),
        ] {
            let want = want.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(parse(list), want, "{list}");
        }
        assert!(is_name(&"a".repeat(40)));
        assert!(!is_name(&"a".repeat(41)));
    }
}
