use super::*;

#[track_caller]
fn check(body: &Json, want: core::result::Result<Wanted, &str>) {
    let body = body.as_object().expect("an object");
    let wanted = Wanted::read(body, 1_000);
    assert_eq!(wanted, want.map_err(str::to_owned), "{body:?}");
}

#[test]
fn a_token_is_wanted_by_name_and_kind() {
    let wanted = |kind, scopes: Option<&[&str]>, expires| {
        Ok(Wanted {
            name: "ci".to_owned(),
            kind,
            scopes: scopes
                .map(|names| Scopes::from_names(names.iter().copied()).expect("they are scopes")),
            expires,
        })
    };
    check(
        &json!({ "name": "ci", "kind": "browser" }),
        wanted(Kind::Browser, None, None),
    );
    check(
        &json!({ "name": "ci", "kind": "server", "expires": 1_001, "reason": "rotation" }),
        wanted(Kind::Server, None, Some(1_001)),
    );
    check(
        &json!({ "name": "ci", "kind": "admin", "scopes": ["read", "operate"], "expires": null }),
        wanted(Kind::Admin, Some(&["read", "operate"]), None),
    );
}

#[test]
fn what_is_no_token_is_refused_in_words() {
    let name = "`name` says in at most 100 characters whose key it is";
    check(&json!({ "kind": "server" }), Err(name));
    for text in ["", " ", "a\nb", &"x".repeat(101)] {
        check(&json!({ "name": text, "kind": "server" }), Err(name));
    }
    check(
        &json!({ "name": "ci", "kind": "owner" }),
        Err("`kind` is `browser`, `server` or `admin`"),
    );
    check(
        &json!({ "name": "ci", "kind": "server", "scopes": [] }),
        Err("only a key of kind `admin` has scopes"),
    );
    for scopes in [
        json!(null),
        json!([]),
        json!("read"),
        json!(["root"]),
        json!(["read", 7]),
    ] {
        check(
            &json!({ "name": "ci", "kind": "admin", "scopes": scopes }),
            Err("`scopes` has some of `read`, `operate`, `write` and `owner`"),
        );
    }
    for expires in [json!("tomorrow"), json!(1.5), json!(-1), json!(1_u64 << 53)] {
        check(
            &json!({ "name": "ci", "kind": "server", "expires": expires }),
            Err("`expires` is an instant, in milliseconds since 1970"),
        );
    }
    check(
        &json!({ "name": "ci", "kind": "server", "expires": 1_000 }),
        Err("`expires` is past"),
    );
    check(
        &json!({ "name": "ci", "kind": "server", "key": "mine" }),
        Err("`key` means nothing here"),
    );
}
