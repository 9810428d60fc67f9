use serde_json::{Value as Json, json};
use vexil_core::build::{Builder, FlagSpec, Graph, Operand, Test};
use vexil_core::{Expose, Flag, Program};

use super::*;
use crate::answer::LiveState;
use crate::made::{SPEC, add, serve};
use crate::trust::Trust;

/// `beta` is on for so many users and `dach` in Germany.
fn members(count: usize) -> Program {
    let mut builder = Builder::new("production", 1, 0);
    let names: Vec<String> = (0..count)
        .map(|number| format!("member-{number}"))
        .collect();
    let user = builder.attribute("user", false);
    let members = names.iter().map(|name| Operand::Text(name)).collect();
    add(
        &mut builder,
        "beta",
        Expose::Program,
        Test::OneOf(user, members),
    );
    let country = builder.attribute("country", false);
    let germany = Test::OneOf(country, vec![Operand::Text("DE")]);
    add(&mut builder, "dach", Expose::Program, germany);
    builder.finish().unwrap()
}

fn snapshot<'a>(program: &'a Program, live: &'a LiveState, now: i64) -> Snapshot<'a> {
    Snapshot {
        program,
        live,
        version: 1,
        now,
        trust: Trust::Caller,
        facts: None,
        is_expired: false,
    }
}

fn context(json: Json) -> Map<String, Json> {
    let Json::Object(context) = json else {
        panic!("no object")
    };
    context
}

/// What is sent of `whole` to a client that says `said` at `now`.
fn sent(whole: &Program, said: Json, now: i64) -> Program {
    sent_to(Visibility::Exposed, whole, said, now)
}

fn sent_to(visibility: Visibility, whole: &Program, said: Json, now: i64) -> Program {
    let live = LiveState::default();
    let response = program(&snapshot(whole, &live, now), visibility, &context(said)).unwrap();
    let Body::Bytes(bytes) = response.body else {
        panic!("no bytes")
    };
    let (length, rest) = bytes.split_first_chunk::<4>().unwrap();
    Program::from_bytes(rest[..u32::from_le_bytes(*length) as usize].to_vec()).unwrap()
}

/// Of each flag: whether it is here as its answer, and what it asks about.
#[track_caller]
fn check_sent(count: usize, said: Json, want: [(&str, bool, &[&str]); 2]) {
    let sent = sent(&members(count), said, 0);
    for (key, is_decided, asks) in want {
        let flag: Flag<'_> = sent.flag(key).unwrap();
        let asked: Vec<&str> = flag.asks().map(|attribute| attribute.name).collect();
        assert_eq!(
            (flag.is_decided(), asked.as_slice()),
            (is_decided, asks),
            "{key}"
        );
    }
    let has_members = sent.as_bytes().windows(7).any(|text| text == b"member-");
    assert_eq!(has_members, !want[0].1, "members");
}

#[test]
fn an_attribute_is_folded_in_where_that_keeps_a_long_list_here() {
    let open: (&str, bool, &[&str]) = ("dach", false, &[]);
    let whole = json!({ "user": "member-7", "country": "DE" });
    check_sent(256, whole.clone(), [("beta", false, &[]), open]);
    check_sent(257, whole, [("beta", true, &["user"]), open]);
    // What the context lacks is missing, and a list does not leave for want of it.
    check_sent(257, json!({}), [("beta", true, &["user"]), open]);
}

#[test]
fn who_may_see_all_gets_the_program_as_it_is() {
    for whole in [members(300), times()] {
        let said = json!({ "user": "member-7" });
        assert_eq!(sent_to(Visibility::All, &whole, said, 1_500), whole);
    }
}

/// `night` is on from 1000 to 2000, and so are `quiet`, of which browsers get the answer, and from 500 on `hidden`.
fn times() -> Program {
    let mut builder = Builder::new("production", 1, 0);
    for (key, expose, from) in [
        ("night", Expose::Program, 1_000),
        ("quiet", Expose::Values, 1_000),
        ("hidden", Expose::Server, 500),
    ] {
        let (from, until) = (Some(from), Some(2_000));
        add(&mut builder, key, expose, Test::Time { from, until });
    }
    builder.finish().unwrap()
}

#[track_caller]
fn check_values(visibility: Visibility, now: i64, want: &str) {
    let (program, live) = (times(), LiveState::default());
    let response = values(
        &snapshot(&program, &live, now),
        visibility,
        &Map::new(),
        &mut Entries::default(),
    );
    let Body::Json(body) = response.body else {
        panic!("no JSON")
    };
    assert!(body.ends_with(want), "{body}");
}

#[test]
fn values_name_the_instant_at_which_the_first_of_them_changes() {
    check_values(Visibility::Exposed, 0, r#","nextChange":1000}"#);
    check_values(Visibility::All, 0, r#","nextChange":500}"#);
    check_values(Visibility::Exposed, 1_000, r#","nextChange":2000}"#);
    check_values(Visibility::Exposed, 2_000, r#","nextChange":null}"#);
}

#[test]
fn an_answer_in_a_program_says_until_when_it_is_one() {
    for (now, want) in [(0, Some(1_000)), (1_000, Some(2_000)), (2_000, None)] {
        let sent = sent(&times(), json!({}), now);
        let until = |key| sent.flag(key).unwrap().until();
        assert_eq!((until("quiet"), until("night")), (want, None));
    }
}

#[test]
fn what_only_the_edge_knows_is_folded_in() {
    let mut builder = Builder::new("production", 1, 0);
    for (key, attribute) in [("local", "$edge/country"), ("own", "country")] {
        let slot = builder.attribute(attribute, false);
        let germany = Test::OneOf(slot, vec![Operand::Text("DE")]);
        add(&mut builder, key, Expose::Program, germany);
    }
    let whole = builder.finish().unwrap();
    let sent = sent(&whole, json!({ "$edge/country": "DE", "country": "DE" }), 0);
    let is_decided = |key| sent.flag(key).unwrap().is_decided();
    assert_eq!((is_decided("local"), is_decided("own")), (true, false));
}

#[test]
fn a_key_tells_apart_what_bodies_differ_in() {
    let (program, live) = (members(1), LiveState::default());
    let reads = Reads::of(&program, |flag| Visibility::Exposed.shows(flag));
    let key = |version, visibility, said: Json| {
        let snapshot = Snapshot {
            version,
            ..snapshot(&program, &live, 0)
        };
        values_key(&snapshot, &reads, visibility, &context(said))
    };
    let some = key(1, Visibility::Exposed, json!({ "country": "DE" }));
    let unread = key(
        1,
        Visibility::Exposed,
        json!({ "country": "DE", "plan": "pro" }),
    );
    assert_eq!(some, unread);
    for other in [
        key(2, Visibility::Exposed, json!({ "country": "DE" })),
        key(1, Visibility::All, json!({ "country": "DE" })),
        key(1, Visibility::Exposed, json!({ "country": "AT" })),
    ] {
        assert_ne!(some, other);
    }
}

#[test]
fn past_the_maximum_age_a_flag_serves_its_failsafe_and_answers_say_that_they_are_old() {
    let mut builder = Builder::new("production", 1, 0);
    for (key, failsafe) in [("safe", Some(1)), ("unsafe", None)] {
        let mut graph = Graph::default();
        let on = serve(&mut graph, 0);
        let spec = FlagSpec {
            key,
            failsafe,
            ..SPEC
        };
        builder.flag(spec, &graph, on);
    }
    let (program, live) = (builder.finish().unwrap(), LiveState::default());
    let body = |is_expired| {
        let snapshot = Snapshot {
            is_expired,
            ..snapshot(&program, &live, 0)
        };
        let entries = &mut Entries::default();
        let response = values(&snapshot, Visibility::Exposed, &Map::new(), entries);
        let Body::Json(body) = response.body else {
            panic!("no JSON")
        };
        body
    };
    let safe = |value: bool, variant| {
        format!(
            r#"{{"flags":{{"safe":{{"value":{value},"variant":"{variant}","reason":"DEFAULT","failsafe":false}},"unsafe":{{"value":true,"variant":"on","reason":"DEFAULT"}}}},"nextChange":null"#
        )
    };
    assert_eq!(body(false), format!("{}}}", safe(true, "on")));
    assert_eq!(
        body(true),
        format!(r#"{},"stale":true}}"#, safe(false, "off"))
    );
}
