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

/// The table as people read it. The tests in JavaScript read it there too.
fn markdown() -> String {
    let rows = CALLS.iter().map(|call| {
        let scope = match call.scope {
            Scope::Open => "open",
            Scope::Evaluate => "evaluate",
            Scope::Read => "read",
            Scope::Operate => "operate",
            Scope::Write => "write",
            Scope::Owner => "owner",
        };
        format!("| `{} {}` | {scope} |\n", call.method, call.path)
    });
    format!("| call | scope |\n|---|---|\n{}", rows.collect::<String>())
}

#[test]
fn the_readme_has_the_table() {
    let readme = include_str!("../../README.md");
    let want = markdown();
    assert!(
        readme.contains(&format!("\n\n{want}\n")),
        "README.md lacks this table:\n{want}"
    );
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
    assert_eq!(query("", "key"), None);
    assert_eq!(query("a&key&key=b", "key").as_deref(), Some(""));
    assert_eq!(query("dry%2Drun=true", "dry-run").as_deref(), Some("true"));
    assert_eq!(decode("%+1%zz%4"), "%+1%zz%4");
    let text = "aZ0-._~ &=+?#/%é";
    assert_eq!(encode(text), "aZ0-._~%20%26%3D%2B%3F%23%2F%25%C3%A9");
    assert_eq!(
        query(&format!("key={}", encode(text)), "key").as_deref(),
        Some(text)
    );
}
