//! Every call of the worker, in one table.

use core::fmt::Write;

use crate::limit::Purpose;

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Its HTTP method.
    pub(crate) method: &'static str,
    /// Its path; `{key}` stands for one segment.
    pub(crate) path: &'static str,
    /// What the caller's key must allow.
    pub(crate) scope: Scope,
    /// What it does.
    pub(crate) route: Route,
}

/// What a key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Nothing needed.
    Open,
    /// To evaluate flags.
    Evaluate,
    /// To read rulesets.
    Read,
    /// To kill, restore, and move releases.
    Operate,
    /// To publish rulesets.
    Write,
    /// To issue keys and end them.
    Owner,
}

/// What a call does, by where its key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// It needs none: whether the worker runs, and whether its answers can be relied on.
    Health,
    Ready,
    /// In a header, or where a page can send none, in the query.
    Keyed(Keyed),
    /// In a header, or in the body beside the context.
    Posted(Posted),
    /// In a header, or in the body beside the events.
    Events,
    /// In a header; the environment answers.
    Admin(Admin),
}

/// What is asked with a key in the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyed {
    Single,
    Bulk,
    Values,
    Stream,
}

/// What is asked with a key in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Posted {
    Values,
    Program,
}

/// What the environment is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admin {
    GetRuleset,
    PutRuleset,
    Versions,
    Version,
    VersionRuleset,
    Diff,
    RollBack,
    Audit,
    Metrics,
    Events,
    Tokens,
    IssueToken,
    ExpireToken,
    Flag(FlagVerb),
    Release(ReleaseVerb),
}

/// What operations do to a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlagVerb {
    Kill,
    Restore,
}

/// What operations do to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReleaseVerb {
    Start,
    Advance,
    Rollback,
}

#[rustfmt::skip]
pub(crate) static CALLS: [Call; 27] = [
    call("GET", "/healthz", Scope::Open, Route::Health),
    call("GET", "/readyz", Scope::Open, Route::Ready),
    call("GET", "/metrics", Scope::Read, Route::Admin(Admin::Metrics)),
    call("GET", "/admin/v1/ruleset", Scope::Read, Route::Admin(Admin::GetRuleset)),
    call("PUT", "/admin/v1/ruleset", Scope::Write, Route::Admin(Admin::PutRuleset)),
    call("GET", "/admin/v1/versions", Scope::Read, Route::Admin(Admin::Versions)),
    call("GET", "/admin/v1/versions/{version}", Scope::Read, Route::Admin(Admin::Version)),
    call("GET", "/admin/v1/versions/{version}/ruleset", Scope::Read, Route::Admin(Admin::VersionRuleset)),
    call("GET", "/admin/v1/diff", Scope::Read, Route::Admin(Admin::Diff)),
    call("POST", "/admin/v1/rollback/{version}", Scope::Write, Route::Admin(Admin::RollBack)),
    call("GET", "/admin/v1/audit", Scope::Read, Route::Admin(Admin::Audit)),
    call("GET", "/admin/v1/events", Scope::Read, Route::Admin(Admin::Events)),
    call("GET", "/admin/v1/tokens", Scope::Owner, Route::Admin(Admin::Tokens)),
    call("POST", "/admin/v1/tokens", Scope::Owner, Route::Admin(Admin::IssueToken)),
    call("POST", "/admin/v1/tokens/{id}/expire", Scope::Owner, Route::Admin(Admin::ExpireToken)),
    call("POST", "/admin/v1/flags/{key}/kill", Scope::Operate, Route::Admin(Admin::Flag(FlagVerb::Kill))),
    call("POST", "/admin/v1/flags/{key}/restore", Scope::Operate, Route::Admin(Admin::Flag(FlagVerb::Restore))),
    call("POST", "/admin/v1/releases/{name}/start", Scope::Operate, Route::Admin(Admin::Release(ReleaseVerb::Start))),
    call("POST", "/admin/v1/releases/{name}/advance", Scope::Operate, Route::Admin(Admin::Release(ReleaseVerb::Advance))),
    call("POST", "/admin/v1/releases/{name}/rollback", Scope::Operate, Route::Admin(Admin::Release(ReleaseVerb::Rollback))),
    call("POST", "/ofrep/v1/evaluate/flags/{key}", Scope::Evaluate, Route::Keyed(Keyed::Single)),
    call("POST", "/ofrep/v1/evaluate/flags", Scope::Evaluate, Route::Keyed(Keyed::Bulk)),
    call("GET", "/v1/values", Scope::Evaluate, Route::Keyed(Keyed::Values)),
    call("POST", "/v1/values", Scope::Evaluate, Route::Posted(Posted::Values)),
    call("POST", "/v1/program", Scope::Evaluate, Route::Posted(Posted::Program)),
    call("GET", "/v1/stream", Scope::Evaluate, Route::Keyed(Keyed::Stream)),
    call("POST", "/v1/events", Scope::Evaluate, Route::Events),
];

const fn call(method: &'static str, path: &'static str, scope: Scope, route: Route) -> Call {
    Call {
        method,
        path,
        scope,
        route,
    }
}

impl Call {
    pub(crate) fn is_administration(&self) -> bool {
        matches!(self.route, Route::Admin(_))
    }
}

/// What a request's method and path ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A call, with the segment that stands for its `{…}`, decoded.
    Call(&'static Call, String),
    /// A path of the table, asked for with another method than these.
    OtherMethods(String),
    /// No path of the table.
    Nothing,
}

impl Found {
    /// What the request is counted among.
    pub(crate) fn purpose(&self) -> Purpose {
        match self {
            Found::Call(call, _) if call.route == Route::Events => Purpose::Report,
            Found::Call(..) | Found::OtherMethods(_) | Found::Nothing => Purpose::Other,
        }
    }
}

/// Looks `method` and `path` up; `HEAD` is `GET`.
pub(crate) fn find(method: &str, path: &str) -> Found {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut others: Vec<&str> = Vec::new();
    for call in &CALLS {
        let Some(segment) = matching(call.path, path) else {
            continue;
        };
        if call.method == method {
            return Found::Call(call, segment);
        }
        others.push(call.method);
        if call.method == "GET" {
            others.push("HEAD");
        }
    }
    if others.is_empty() {
        Found::Nothing
    } else {
        Found::OtherMethods(others.join(", "))
    }
}

/// Whether `path` lies where only calls of the table are, so that it is never an asset.
pub(crate) fn is_reserved(path: &str) -> bool {
    ["/admin/", "/ofrep/", "/v1/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
        || matches!(path, "/healthz" | "/metrics" | "/readyz")
}

fn matching(pattern: &str, path: &str) -> Option<String> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut segment = String::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(segment),
            (Some(name), Some(text)) if name.starts_with('{') && !text.is_empty() => {
                segment = decode(text);
            }
            (Some(name), Some(text)) if name == text => {}
            _ => return None,
        }
    }
}

/// Percent-decoding, as far as it decodes; what is no UTF-8 becomes U+FFFD.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let byte = if first == b'%' {
            after.get(..2).and_then(hexadecimal)
        } else {
            None
        };
        bytes.push(byte.unwrap_or(first));
        rest = byte.and_then(|_| after.get(2..)).unwrap_or(after);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What [`decode`] decodes, in which nothing has a meaning in a URL.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digits = core::str::from_utf8(digits).ok()?;
    let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_number.then(|| u8::from_str_radix(digits, 16).ok())?
}

/// The first value of `name` in the query of a URL; empty where it is there without one.
pub(crate) fn query(query: &str, name: &str) -> Option<String> {
    let decoded = |text: &str| decode(&text.replace('+', " "));
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(key) == name).then(|| decoded(value))
    })
}

/// The path and the query of an absolute URL.
///
/// By hand: the URL type of `worker` links the tables of internationalised domain names.
pub(crate) fn split(url: &str) -> (&str, &str) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let target = after_scheme
        .find('/')
        .and_then(|at| after_scheme.get(at..))
        .unwrap_or("/");
    let target = target.split_once('#').map_or(target, |(target, _)| target);
    target.split_once('?').unwrap_or((target, ""))
}

#[cfg(test)]
mod tests;
