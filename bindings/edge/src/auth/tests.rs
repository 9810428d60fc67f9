use super::*;

const EVERY: [Scope; 5] = [
    Scope::Evaluate,
    Scope::Read,
    Scope::Operate,
    Scope::Write,
    Scope::Owner,
];

#[track_caller]
fn check(caller: Caller, want: &[Scope]) {
    let may: Vec<Scope> = EVERY
        .into_iter()
        .filter(|scope| caller.may(*scope))
        .collect();
    assert_eq!(may, want, "{caller:?}");
    assert!(caller.may(Scope::Open));
}

fn admin(names: &[&str]) -> Caller {
    Caller::Admin(Scopes::from_names(names.iter().copied()).expect("they are scopes"))
}

#[test]
fn keys_of_applications_never_administrate_and_tokens_never_evaluate() {
    check(Caller::Browser, &[Scope::Evaluate]);
    check(Caller::Server, &[Scope::Evaluate]);
    check(admin(&["read"]), &[Scope::Read]);
    check(admin(&["operate"]), &[Scope::Operate]);
    check(admin(&["write"]), &[Scope::Read, Scope::Write]);
    check(admin(&["read", "operate"]), &[Scope::Read, Scope::Operate]);
    check(
        admin(&["owner"]),
        &[Scope::Read, Scope::Operate, Scope::Write, Scope::Owner],
    );
}

#[test]
fn scopes_are_named_as_they_are_read() {
    for names in [vec!["read"], vec!["read", "operate", "write", "owner"]] {
        let scopes = Scopes::from_names(names.iter().copied());
        assert_eq!(scopes.map(Scopes::names), Some(names));
    }
    for names in [vec![], vec!["read", "evaluate"], vec![""], vec!["Read"]] {
        assert_eq!(Scopes::from_names(names.iter().copied()), None, "{names:?}");
    }
}

fn environments() -> Vec<String> {
    vec!["production".to_owned(), "staging".to_owned()]
}

#[test]
fn a_key_of_the_deployment_works_for_the_environment_that_is_named() {
    for (named, want) in [
        (None, Ok("production")),
        (Some("staging"), Ok("staging")),
        (Some("test"), Err(Refusal::NoEnvironment)),
        (Some(""), Err(Refusal::NoEnvironment)),
    ] {
        let claim = deployment_claim(&environments(), named);
        assert_eq!(claim, want.map(str::to_owned), "{named:?}");
    }
}

#[test]
fn an_issued_key_works_for_its_own_environment() {
    for (environment, named, want) in [
        ("staging", None, Ok("staging")),
        ("staging", Some("staging"), Ok("staging")),
        (
            "staging",
            Some("production"),
            Err(Refusal::OtherEnvironment),
        ),
        ("test", None, Err(Refusal::Unknown)),
        ("test", Some("test"), Err(Refusal::Unknown)),
    ] {
        let key = format!("vxl_server_{environment}_{}", "a".repeat(32));
        let claim = issued_claim(&environments(), &key, named);
        let want = want.map(|name| (name.to_owned(), Kind::Server));
        assert_eq!(claim, want, "{environment} {named:?}");
    }
    assert_eq!(
        issued_claim(&environments(), "nobody", None),
        Err(Refusal::Unknown)
    );
}

fn claim(key: &str, kind: Kind) -> Claim {
    Claim {
        environment: "production".to_owned(),
        holder: Holder::Issued(kind),
        key: key.to_owned(),
        hash: Hash::of(key.as_bytes()),
    }
}

#[test]
fn a_claim_is_settled_by_the_keys_of_the_environment() {
    let key = |text: &str, kind, expires| EvaluationKey {
        hash: Hash::of(text.as_bytes()),
        kind,
        expires,
    };
    let keys = [
        key("page", Kind::Browser, None),
        key("server", Kind::Server, Some(1_000)),
    ];
    for (text, kind, now, want) in [
        ("page", Kind::Browser, i64::MAX, Ok(Caller::Browser)),
        ("server", Kind::Server, 999, Ok(Caller::Server)),
        ("server", Kind::Server, 1_000, Err(Refusal::Unknown)),
        ("page", Kind::Server, 0, Err(Refusal::Unknown)),
        ("other", Kind::Browser, 0, Err(Refusal::Unknown)),
    ] {
        assert_eq!(
            claim(text, kind).settle(&keys, now),
            want,
            "{text} at {now}"
        );
    }
    assert!(!bad::is_bad(Hash::of(b"other"), 1));
    claim("other", Kind::Browser).is_nobodys(0);
    assert!(bad::is_bad(Hash::of(b"other"), 1));
}
