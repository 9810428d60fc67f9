//! What a deployment is set up with: all that its bindings say, but for what a class of objects reads for itself.

use std::cell::RefCell;
use std::rc::Rc;

use vexil_audit::Hash;
use worker::{Env, Result};

use crate::auth::{Caller, Scopes};
use crate::limit::Limits;
use crate::signed::ContextKeys;

/// The header in which a request with a key of the deployment names an environment.
pub(crate) const ENVIRONMENT: &str = "vexil-environment";

/// What it is set up with.
pub(crate) struct Deployment {
    environments: Setting<Vec<String>>,
    /// Its keys by their hashes.
    pub(crate) keys: Vec<(Hash, Root)>,
    /// How much a caller may ask.
    pub(crate) limits: Limits,
    context_keys: Setting<ContextKeys>,
    /// The origins whose pages may read answers, as `VEXIL_ALLOWED_ORIGINS` lists them.
    pub(crate) origins: String,
    /// For how long answers may go unconfirmed before this worker says that it is not ready, in ms.
    pub(crate) max_age_ms: i64,
    /// Whether `request.cf` is the network's own word.
    pub(crate) has_request_cf: bool,
}

/// A setting, or what is wrong with it. Who needs it says so in the log; the rest of the deployment lives on.
pub(crate) type Setting<T> = core::result::Result<T, String>;

/// For how long answers go unconfirmed before this worker is not ready, unless `VEXIL_MAX_AGE_S` says otherwise.
const DEFAULT_MAX_AGE_MS: i64 = 300_000;

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
    pub(crate) fn of(env: &Env) -> Rc<Deployment> {
        if let Some(known) = KNOWN.with_borrow(Clone::clone) {
            return known;
        }
        let read = Rc::new(Deployment::read(|binding| {
            env.var(binding).ok().map(|text| text.to_string())
        }));
        KNOWN.set(Some(Rc::clone(&read)));
        read
    }

    fn read(binding: impl Fn(&str) -> Option<String>) -> Deployment {
        let list = binding("VEXIL_ENVIRONMENTS").unwrap_or_else(|| "production".to_owned());
        let environments = parse(&list).ok_or_else(|| {
            format!("VEXIL_ENVIRONMENTS is `{list}`, expected names such as `production,staging`")
        });
        let keys = KEYS.iter().filter_map(|(name_of_binding, caller, name)| {
            let key = binding(name_of_binding)?;
            let root = Root {
                name,
                caller: *caller,
            };
            // An unset key is nobody's.
            (!key.is_empty()).then(|| (Hash::of(key.as_bytes()), root))
        });
        let context_keys = binding("VEXIL_CONTEXT_KEYS").unwrap_or_default();
        let max_age_s = binding("VEXIL_MAX_AGE_S").and_then(|seconds| seconds.parse::<i64>().ok());
        Deployment {
            environments,
            keys: keys.collect(),
            limits: Limits::read(&binding),
            context_keys: ContextKeys::parse(&context_keys)
                .map_err(|why| format!("VEXIL_CONTEXT_KEYS {why}")),
            origins: binding("VEXIL_ALLOWED_ORIGINS").unwrap_or_default(),
            max_age_ms: max_age_s
                .map_or(DEFAULT_MAX_AGE_MS, |seconds| seconds.saturating_mul(1000)),
            has_request_cf: binding("VEXIL_REQUEST_CF").is_none_or(|said| said != "off"),
        }
    }

    /// The names of its environments, the default first. None is ever reached that is not among them.
    ///
    /// # Errors
    /// Where what is set is no such list.
    pub(crate) fn environments(&self) -> Result<&[String]> {
        let environments = self.environments.as_deref();
        environments.map_err(|why| why.as_str().into())
    }

    /// The keys with which contexts may be signed.
    ///
    /// # Errors
    /// Where what is set is no set of keys.
    pub(crate) fn context_keys(&self) -> Result<&ContextKeys> {
        let keys = self.context_keys.as_ref();
        keys.map_err(|why| why.as_str().into())
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
