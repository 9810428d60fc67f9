use serde_json::json;

use super::*;

/// RFC 4648, section 5, without padding.
fn encode(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<String> = text.bytes().map(|byte| format!("{byte:08b}")).collect();
    let letter = |six: &[u8]| {
        let six = format!("{:0<6}", core::str::from_utf8(six).unwrap());
        char::from(LETTERS[usize::from_str_radix(&six, 2).unwrap()])
    };
    bits.concat().as_bytes().chunks(6).map(letter).collect()
}

fn token(header: &Json, claims: &Json) -> String {
    let (header, claims) = (encode(&header.to_string()), encode(&claims.to_string()));
    format!("{header}.{claims}.AAEC")
}

#[track_caller]
fn check_parse(text: &str, want: Refused) {
    assert_eq!(Token::parse(text).map(|token| token.header), Err(want));
}

/// What a token with `claims` carries for `production` at 1,000,000 s.
fn context(claims: &Json) -> Result<Json, Refused> {
    let header = json!({ "alg": "HS256", "kid": "a" });
    let text = token(&header, claims);
    let token = Token::parse(&text).unwrap();
    token.context("production", 1_000_000_000).map(Json::Object)
}

#[test]
fn a_token_is_taken_apart_as_it_was_sent() {
    let text = token(
        &json!({ "alg": "HS256", "kid": "a", "typ": "JWT" }),
        &json!({}),
    );
    let token = Token::parse(&text).unwrap();
    assert_eq!(token.signed, text.strip_suffix(".AAEC").unwrap());
    assert_eq!(token.signature, [0, 1, 2]);
    let header = Header {
        key: "a".to_owned(),
        algorithm: "HS256".to_owned(),
    };
    assert_eq!(token.header, header);
}

#[test]
fn what_is_no_token_is_refused() {
    let right = token(&json!({ "alg": "HS256", "kid": "a" }), &json!({}));
    let header = encode(r#"{"alg":"HS256","kid":"a"}"#);
    for text in [
        "",
        ".",
        "..",
        "a.b",
        &format!("{header}.{header}"),
        &format!("{right}.AAEC"),
        &format!("{right}="),
        &format!("{header}=.{header}.AAEC"),
        &format!("{header}.e!.AAEC"),
        &format!("{header}.{}.AAEC", encode("[]")),
        &format!("{header}.{}.AAEC", encode("{")),
        &format!("{header}.{}.A", encode("{}")),
        &token(&json!({ "alg": "HS256" }), &json!({})),
        &token(&json!({ "kid": "a" }), &json!({})),
        &token(&json!({ "alg": 7, "kid": "a" }), &json!({})),
        &token(&json!({ "alg": "HS256", "kid": ["a"] }), &json!({})),
        &token(&json!([]), &json!({})),
    ] {
        check_parse(text, Refused::Malformed);
    }
    let critical = json!({ "alg": "HS256", "kid": "a", "crit": ["exp"] });
    check_parse(&token(&critical, &json!({})), Refused::Critical);
    let large = json!({ "context": { "padding": "x".repeat(MOST_BYTES) } });
    check_parse(
        &token(&json!({ "alg": "HS256", "kid": "a" }), &large),
        Refused::TooLarge,
    );
}

#[test]
fn claims_say_for_what_and_when() {
    let with = |member: &str, value: Json| {
        let mut claims =
            json!({ "aud": "production", "exp": 1_000_600, "context": { "plan": "pro" } });
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(member);
        } else {
            claims[member] = value;
        }
        context(&claims).map(|_| ())
    };
    for (member, value, want) in [
        ("aud", json!("production"), Ok(())),
        ("aud", json!(["staging", "production"]), Ok(())),
        ("aud", json!("staging"), Err(Refused::Audience)),
        ("aud", json!(["staging"]), Err(Refused::Audience)),
        ("aud", json!([]), Err(Refused::Audience)),
        ("aud", json!({ "production": 1 }), Err(Refused::Audience)),
        ("aud", json!(null), Err(Refused::Audience)),
        ("exp", json!(999_940.5), Ok(())),
        ("exp", json!(999_940), Err(Refused::Expired)),
        ("exp", json!(0), Err(Refused::Expired)),
        ("exp", json!(-1e300), Err(Refused::Expired)),
        ("exp", json!("1000600"), Err(Refused::NoEnd)),
        ("exp", json!(null), Err(Refused::NoEnd)),
        ("nbf", json!(1_000_060), Ok(())),
        ("nbf", json!(1_000_061), Err(Refused::NotYet)),
        ("nbf", json!("0"), Err(Refused::NotYet)),
        ("iat", json!(2_000_000), Ok(())),
        ("jti", json!("once"), Ok(())),
        ("context", json!(null), Err(Refused::NoContext)),
        ("context", json!([]), Err(Refused::NoContext)),
        ("context", json!("pro"), Err(Refused::NoContext)),
    ] {
        assert_eq!(with(member, value.clone()), want, "{member} {value}");
    }
}

#[test]
fn the_subject_is_the_targeting_key_unless_the_context_has_one() {
    let claims = |more: Json| {
        let mut claims = json!({ "aud": "production", "exp": 1_000_600 });
        claims
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        context(&claims)
    };
    for (more, want) in [
        (json!({ "sub": "u" }), Ok(json!({ "targetingKey": "u" }))),
        (
            json!({ "sub": "u", "context": { "plan": "pro" } }),
            Ok(json!({ "plan": "pro", "targetingKey": "u" })),
        ),
        (
            json!({ "sub": "u", "context": { "targetingKey": "v" } }),
            Ok(json!({ "targetingKey": "v" })),
        ),
        (json!({ "sub": 7 }), Err(Refused::NoContext)),
        (json!({ "context": {} }), Ok(json!({}))),
    ] {
        assert_eq!(claims(more), want);
    }
}
