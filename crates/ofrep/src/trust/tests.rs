use serde_json::json;
use vexil_core::build::{Builder, Operand, Test};
use vexil_core::{Expose, private_readers};

use super::*;
use crate::made::add;
use crate::{Body, Conditions, Entries, LiveState, Question, Visibility, bulk, single};

/// `staff` reads something private, `beta` needs `staff`, `dach` reads nothing private.
fn program() -> Program {
    let mut builder = Builder::new("production", 1, 0);
    let email = builder.attribute("email", true);
    for part in ["/account/ltv", "/a~1b/0/c", "/roles/1", "/plain"] {
        builder.attribute(part, true);
    }
    let country = builder.attribute("country", false);
    let staff = add(
        &mut builder,
        "staff",
        Expose::Program,
        Test::OneOf(email, vec![Operand::Text("a@staff")]),
    );
    add(
        &mut builder,
        "beta",
        Expose::Program,
        Test::Flag(staff, [0].into()),
    );
    add(
        &mut builder,
        "dach",
        Expose::Program,
        Test::OneOf(country, vec![Operand::Text("DE")]),
    );
    builder.finish().unwrap()
}

fn object(json: Json) -> Map<String, Json> {
    let Json::Object(members) = json else {
        panic!("no object")
    };
    members
}

/// What one caller gets: all flags that it sees with their values, by each of the calls.
#[track_caller]
fn check_seen(trust: Trust<'_>, context: &Json, want: &[(&str, bool)]) {
    let (program, live) = (program(), LiveState::default());
    let snapshot = Snapshot {
        program: &program,
        live: &live,
        version: 1,
        now: 0,
        trust,
        facts: None,
        is_expired: false,
    };
    let body = json!({ "context": context }).to_string();
    let Body::Json(all) = bulk(
        &snapshot,
        Visibility::Exposed,
        body.as_bytes(),
        Conditions::default(),
        &mut Entries::default(),
    )
    .body
    else {
        panic!("no JSON")
    };
    let all: Json = serde_json::from_str(&all).unwrap();
    let flags = all["flags"].as_array().unwrap();
    let seen: Vec<(&str, bool)> = flags
        .iter()
        .map(|flag| (flag["key"].as_str().unwrap(), flag["value"] == json!(true)))
        .collect();
    assert_eq!(seen, want);

    for key in ["beta", "dach", "staff"] {
        let status = single(&snapshot, Visibility::Exposed, key, body.as_bytes()).status;
        let is_seen = want.iter().any(|(seen, _)| *seen == key);
        assert_eq!(status, if is_seen { 200 } else { 404 }, "{key}");
    }

    let question = Question::parse(body.as_bytes()).unwrap();
    let Body::Bytes(frame) = crate::program(&snapshot, Visibility::Exposed, &question.context)
        .unwrap()
        .body
    else {
        panic!("no bytes")
    };
    let (length, rest) = frame.split_first_chunk::<4>().unwrap();
    let length = u32::from_le_bytes(*length) as usize;
    let sent = Program::from_bytes(rest[..length].to_vec());
    let mut keys: Vec<String> = sent
        .unwrap()
        .flags()
        .map(|flag| flag.key().to_owned())
        .collect();
    keys.sort();
    let wanted: Vec<&str> = want.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys, wanted);
}

#[test]
fn unsigned_contexts_see_flags_that_lead_to_nothing_private() {
    let withheld = private_readers(&program());
    let trust = Trust::Unsigned {
        withheld: &withheld,
    };
    let said = json!({ "email": "a@staff", "country": "DE" });
    check_seen(trust, &said, &[("dach", true)]);
    check_seen(
        Trust::Caller,
        &said,
        &[("beta", true), ("dach", true), ("staff", true)],
    );
}

#[test]
fn what_is_signed_decides_and_what_is_private_and_unsigned_does_not() {
    let signed = object(json!({ "email": "a@staff" }));
    let all = |staff, dach| [("beta", staff), ("dach", dach), ("staff", staff)];
    for (signed, said, want) in [
        (&signed, json!({}), all(true, false)),
        (&signed, json!({ "country": "DE" }), all(true, true)),
        (&signed, json!({ "email": "b@elsewhere" }), all(true, false)),
        (
            &Map::new(),
            json!({ "email": "a@staff" }),
            all(false, false),
        ),
        (
            &object(json!({ "country": "AT" })),
            json!({ "country": "DE" }),
            all(false, false),
        ),
    ] {
        check_seen(Trust::Signed(signed), &said, &want);
    }
}

#[test]
fn what_is_private_is_dropped_where_it_is_and_nothing_beside_it() {
    for (said, want) in [
        (json!({ "email": 1, "emails": 2 }), json!({ "emails": 2 })),
        (
            json!({ "account": { "ltv": 1, "plan": 2 } }),
            json!({ "account": { "plan": 2 } }),
        ),
        (json!({ "account": "text" }), json!({ "account": "text" })),
        (
            json!({ "a/b": [{ "c": 1, "d": 2 }, 3] }),
            json!({ "a/b": [{ "d": 2 }, 3] }),
        ),
        (
            json!({ "roles": ["a", "b", "c"] }),
            json!({ "roles": ["a", null, "c"] }),
        ),
        (json!({ "roles": ["a"] }), json!({ "roles": ["a"] })),
        (json!({ "plain": { "x": 1 } }), json!({})),
    ] {
        let mut context = object(said);
        drop_private(&program(), &mut context);
        assert_eq!(Json::Object(context), want);
    }
}
