//! Every call of the worker, in one table.

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
    /// It needs none.
    Health,
    /// In a header, or where a page can send none, in the query.
    Keyed(Keyed),
    /// In a header, or in the body beside the context.
    Posted(Posted),
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
pub(crate) static CALLS: [Call; 14] = [
    call("GET", "/healthz", Scope::Open, Route::Health),
    call("GET", "/admin/v1/ruleset", Scope::Read, Route::Admin(Admin::GetRuleset)),
    call("PUT", "/admin/v1/ruleset", Scope::Write, Route::Admin(Admin::PutRuleset)),
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
];

const fn call(method: &'static str, path: &'static str, scope: Scope, route: Route) -> Call {
    Call {
        method,
        path,
        scope,
        route,
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
        || path == "/healthz"
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

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digits = core::str::from_utf8(digits).ok()?;
    let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_number.then(|| u8::from_str_radix(digits, 16).ok())?
}

/// The value of `name` in the query of a URL.
pub(crate) fn query<'q>(query: &'q str, name: &str) -> Option<String> {
    let value = |pair: &'q str| pair.strip_prefix(name)?.strip_prefix('=');
    query
        .split('&')
        .find_map(value)
        .map(|value| decode(&value.replace('+', " ")))
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
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, path: &str, want: Option<(&str, &str)>) {
        let found = match find(method, path) {
            Found::Call(call, segment) => Some((call.path, segment)),
            Found::OtherMethods(methods) => Some(("other", methods)),
            Found::Nothing => None,
        };
        assert_eq!(
            found,
            want.map(|(path, segment)| (path, segment.to_owned())),
            "{method} {path}"
        );
    }

    #[test]
    fn a_call_is_found_by_method_and_path() {
        check("GET", "/v1/values", Some(("/v1/values", "")));
        check("HEAD", "/v1/values", Some(("/v1/values", "")));
        check(
            "POST",
            "/ofrep/v1/evaluate/flags",
            Some(("/ofrep/v1/evaluate/flags", "")),
        );
        check(
            "POST",
            "/ofrep/v1/evaluate/flags/a.b",
            Some(("/ofrep/v1/evaluate/flags/{key}", "a.b")),
        );
        check(
            "POST",
            "/admin/v1/flags/a%2Fkill%20%C3%A9/kill",
            Some(("/admin/v1/flags/{key}/kill", "a/kill é")),
        );
        check(
            "POST",
            "/admin/v1/flags/100%/kill",
            Some(("/admin/v1/flags/{key}/kill", "100%")),
        );
    }

    #[test]
    fn another_method_lists_those_there_are() {
        check(
            "DELETE",
            "/admin/v1/ruleset",
            Some(("other", "GET, HEAD, PUT")),
        );
        check("get", "/v1/program", Some(("other", "POST")));
    }

    #[test]
    fn nothing_is_found_beside_the_table() {
        for path in [
            "/",
            "/v1/values/",
            "/v1//values",
            "/admin/v1/flags//kill",
            "/ofrep/v1/evaluate/flags/",
            "/x",
        ] {
            check("POST", path, None);
        }
    }

    #[test]
    fn a_url_is_split_without_parsing_its_host() {
        assert_eq!(split("https://é.example/a/b?c=/d#e"), ("/a/b", "c=/d"));
        assert_eq!(split("http://127.0.0.1:8787"), ("/", ""));
        assert_eq!(split("http://host?x"), ("/", ""));
    }

    #[test]
    fn a_query_is_decoded_and_its_first_value_counts() {
        assert_eq!(query("key=a%2Bb+c&key=d", "key").as_deref(), Some("a+b c"));
        assert_eq!(query("monkey=1", "key"), None);
        assert_eq!(query("key", "key"), None);
        assert_eq!(decode("%+1%zz%4"), "%+1%zz%4");
    }
}
