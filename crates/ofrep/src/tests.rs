use vexil_core::build::{Arm, Builder, FlagSpec, Graph, Leaf, Operand, Split, Test};
use vexil_core::{Expose, FlagType, Live, Program, Reason, Seed};

use super::*;

const NOW: i64 = 1_700_000_000_000;

/// A leaf that serves `variant`.
fn serve(variant: u32, reason: Reason, rule: Option<u32>) -> Leaf<'static> {
    Leaf::Serve {
        variant,
        reason,
        rule,
        is_missing_unit: false,
        chosen_by: None,
    }
}

/// `hidden` is for servers, `price` sends values, `checkout` its rules, and `half` splits.
fn program() -> Program {
    let mut builder = Builder::new("production", 7, NOW);
    let spec = FlagSpec {
        key: "hidden",
        kind: FlagType::Boolean,
        expose: Expose::Server,
        is_enabled: true,
        track: false,
        variants: &[("on", "true"), ("off", "false")],
        off_variant: 1,
        failsafe: None,
        rules: &[],
    };
    let mut constant = Graph::default();
    let first = constant.leaf(serve(0, Reason::Static, None));
    builder.flag(spec, &constant, first);

    let price = FlagSpec {
        key: "price",
        kind: FlagType::Number,
        expose: Expose::Values,
        variants: &[("high", "1.50"), ("low", "1e2")],
        ..spec
    };
    builder.flag(price, &constant, first);

    let country = builder.attribute("country", false);
    let mut graph = Graph::default();
    let off = graph.leaf(serve(1, Reason::Default, None));
    let unnamed = graph.leaf(serve(0, Reason::TargetingMatch, Some(1)));
    let named = graph.leaf(serve(0, Reason::TargetingMatch, Some(0)));
    let austria = Test::OneOf(country, vec![Operand::Text("AT")]);
    let austria = graph.test(austria, unnamed, off);
    let germany = Test::OneOf(country, vec![Operand::Text("DE")]);
    let entry = graph.test(germany, named, austria);
    let checkout = FlagSpec {
        key: "checkout",
        expose: Expose::Program,
        rules: &[Some("dach \"new\""), None],
        ..spec
    };
    builder.flag(checkout, &graph, entry);

    let by = builder.attribute("targetingKey", false);
    let mut graph = Graph::default();
    let otherwise = graph.leaf(Leaf::Serve {
        variant: 1,
        reason: Reason::Default,
        rule: None,
        is_missing_unit: true,
        chosen_by: None,
    });
    let arms = vec![Arm {
        variant: 0,
        end: 1 << 32,
        boundary: 1 << 32,
    }];
    let split = Split {
        seed: Seed::of("half"),
        recipe: None,
        by,
        arms,
        rest: 1,
    };
    let entry = graph.leaf(Leaf::Split {
        split,
        rule: None,
        otherwise,
    });
    let half = FlagSpec {
        key: "half",
        expose: Expose::Program,
        ..spec
    };
    builder.flag(half, &graph, entry);
    builder.finish().unwrap()
}

fn with<T>(killed: &[&str], use_it: impl FnOnce(&Snapshot<'_>) -> T) -> T {
    let killed = killed.iter().map(|key| (*key).to_owned()).collect();
    let live = LiveState {
        number: 2,
        killed,
        started: Vec::new(),
    };
    use_it(&Snapshot {
        program: &program(),
        live: &live,
        version: 9,
        now: NOW,
        trust: Trust::Caller,
        facts: None,
        is_expired: false,
    })
}

fn text(response: &Response) -> &str {
    match &response.body {
        Body::Json(text) => text,
        Body::Empty | Body::Bytes(_) => panic!("{response:?}"),
    }
}

#[track_caller]
fn check_single(visibility: Visibility, key: &str, body: &str, status: u16, want: &str) {
    let response = with(&[], |snapshot| {
        single(snapshot, visibility, key, body.as_bytes())
    });
    assert_eq!((response.status, text(&response)), (status, want));
}

#[test]
fn one_flag_is_answered_as_the_protocol_says() {
    check_single(
        Visibility::Exposed,
        "checkout",
        r#"{"context":{"country":"DE"}}"#,
        200,
        r#"{"key":"checkout","value":true,"variant":"on","reason":"TARGETING_MATCH","metadata":{"version":9,"rule":"dach \"new\""}}"#,
    );
    check_single(
        Visibility::Exposed,
        "checkout",
        r#"{"context":{"country":"AT"}}"#,
        200,
        r#"{"key":"checkout","value":true,"variant":"on","reason":"TARGETING_MATCH","metadata":{"version":9,"rule":"1"}}"#,
    );
    check_single(
        Visibility::Exposed,
        "half",
        "",
        200,
        r#"{"key":"half","value":false,"variant":"off","reason":"DEFAULT","metadata":{"version":9,"missingUnit":true}}"#,
    );
}

#[test]
fn a_value_keeps_the_bytes_it_has_in_the_program() {
    check_single(
        Visibility::Exposed,
        "price",
        "{}",
        200,
        r#"{"key":"price","value":1.50,"variant":"high","reason":"STATIC","metadata":{"version":9}}"#,
    );
}

#[test]
fn a_failed_prerequisite_is_named_beside_a_reason_that_every_client_knows() {
    let mut builder = Builder::new("production", 7, NOW);
    let mut graph = Graph::default();
    let entry = graph.leaf(serve(1, Reason::PrerequisiteFailed, None));
    let spec = FlagSpec {
        key: "dependent",
        kind: FlagType::Boolean,
        expose: Expose::Program,
        is_enabled: true,
        track: false,
        variants: &[("on", "true"), ("off", "false")],
        off_variant: 1,
        failsafe: None,
        rules: &[],
    };
    builder.flag(spec, &graph, entry);
    let (program, live) = (builder.finish().unwrap(), LiveState::default());
    let snapshot = Snapshot {
        program: &program,
        live: &live,
        version: 9,
        now: NOW,
        trust: Trust::Caller,
        facts: None,
        is_expired: false,
    };
    let response = single(&snapshot, Visibility::All, "dependent", b"{}");
    let want = r#"{"key":"dependent","value":false,"variant":"off","reason":"DEFAULT","metadata":{"version":9,"prerequisiteFailed":true}}"#;
    assert_eq!(text(&response), want);
    let context = Question::default().context;
    let response = values(
        &snapshot,
        Visibility::All,
        &context,
        &mut Entries::default(),
    );
    assert!(text(&response).contains(r#""reason":"PREREQUISITE_FAILED""#));
}

#[test]
fn what_cannot_be_answered_has_openfeatures_code() {
    let not_found =
        r#"{"key":"none","errorCode":"FLAG_NOT_FOUND","errorDetails":"no flag `none`"}"#;
    check_single(Visibility::All, "none", "{}", 404, not_found);
    let invalid = r#"{"key":"half","errorCode":"INVALID_CONTEXT","errorDetails":"`context` is not an object"}"#;
    check_single(Visibility::All, "half", r#"{"context":1}"#, 400, invalid);
    let parse =
        r#"{"key":"half","errorCode":"PARSE_ERROR","errorDetails":"expected a JSON object"}"#;
    check_single(Visibility::All, "half", "[]", 400, parse);
}

#[test]
fn a_browser_cannot_tell_a_hidden_flag_from_none() {
    let hidden = with(&[], |snapshot| {
        single(snapshot, Visibility::Exposed, "hidden", b"{}")
    });
    let none = with(&[], |snapshot| {
        single(snapshot, Visibility::Exposed, "absent", b"{}")
    });
    assert_eq!(hidden.status, 404);
    assert_eq!(
        text(&hidden).replace("hidden", "absent"),
        text(&none).to_owned()
    );
    let body = r#"{"key":"hidden","value":true,"variant":"on","reason":"STATIC","metadata":{"version":9}}"#;
    check_single(Visibility::All, "hidden", "{}", 200, body);
}

#[test]
fn bulk_answers_the_visible_flags_by_key_and_names_the_stream() {
    let conditions = Conditions {
        if_none_match: None,
        stream: Some("/v1/stream?key=b"),
    };
    let response = with(&["price"], |snapshot| {
        bulk(
            snapshot,
            Visibility::Exposed,
            br#"{"context":{"targetingKey":"u"}}"#,
            conditions,
            &mut Entries::default(),
        )
    });
    let want = concat!(
        r#"{"flags":[{"key":"checkout","value":false,"variant":"off","reason":"DEFAULT"},"#,
        r#"{"key":"half","value":true,"variant":"on","reason":"SPLIT"},"#,
        r#"{"key":"price","value":1e2,"variant":"low","reason":"DISABLED"}],"#,
        r#""eventStreams":[{"type":"sse","endpoint":{"requestUri":"/v1/stream?key=b"},"inactivityDelaySec":120}]}"#,
    );
    assert_eq!((response.status, text(&response)), (200, want));
    let all = with(&[], |snapshot| {
        bulk(
            snapshot,
            Visibility::All,
            b"{}",
            Conditions::default(),
            &mut Entries::default(),
        )
    });
    assert!(text(&all).contains("hidden") && !text(&all).contains("eventStreams"));
}

#[test]
fn a_change_that_does_not_touch_the_answers_is_not_sent_again() {
    let ask = |killed: &[&str], context: &str, if_none_match: Option<&str>| {
        with(killed, |snapshot| {
            let conditions = Conditions {
                if_none_match,
                stream: None,
            };
            bulk(
                snapshot,
                Visibility::Exposed,
                context.as_bytes(),
                conditions,
                &mut Entries::default(),
            )
        })
    };
    let etag = ask(&[], "{}", None).etag.unwrap();
    assert_eq!(ask(&[], "{}", Some(&etag)).status, 304);
    assert_eq!(ask(&["hidden"], "{}", Some(&etag)).status, 304);
    assert_eq!(
        ask(&[], r#"{"context":{"country":"FR"}}"#, Some(&etag)).status,
        304
    );
    assert_eq!(ask(&["price"], "{}", Some(&etag)).status, 200);
    assert_eq!(
        ask(&[], r#"{"context":{"country":"DE"}}"#, Some(&etag)).status,
        200
    );
}

#[test]
fn values_are_the_same_answers_by_key() {
    let question = Question::parse(br#"{"context":{"country":"AT"}}"#).unwrap();
    let response = with(&["price"], |snapshot| {
        values(
            snapshot,
            Visibility::Exposed,
            &question.context,
            &mut Entries::default(),
        )
    });
    let want = concat!(
        r#"{"flags":{"checkout":{"value":true,"variant":"on","reason":"TARGETING_MATCH","rule":"1"},"#,
        r#""half":{"value":false,"variant":"off","reason":"DEFAULT","missingUnit":true},"#,
        r#""price":{"value":1e2,"variant":"low","reason":"DISABLED"}},"nextChange":null}"#,
    );
    assert_eq!((response.status, text(&response)), (200, want));
}

fn frame(question: &Question, killed: &[&str]) -> (Option<String>, Vec<u8>, Live) {
    let response = with(killed, |snapshot| {
        let whole = super::program(snapshot, Visibility::Exposed, &question.context).unwrap();
        if question.etag == whole.etag {
            whole.without_program()
        } else {
            whole
        }
    });
    let Body::Bytes(bytes) = response.body else {
        panic!("no bytes")
    };
    let (length, rest) = bytes.split_first_chunk::<4>().unwrap();
    let (program, live) = rest.split_at(u32::from_le_bytes(*length) as usize);
    (
        response.etag,
        program.to_vec(),
        Live::from_bytes(live).unwrap(),
    )
}

#[test]
fn a_program_comes_without_hidden_flags_and_only_once() {
    let (etag, bytes, live) = frame(&Question::default(), &["price"]);
    assert!(!bytes.windows(6).any(|window| window == b"hidden"));
    let sent = Program::from_bytes(bytes).unwrap();
    assert_eq!(etag, Some(format!("\"{:016x}\"", sent.checksum())));
    assert_eq!((sent.number(), live.number()), (7, 2));
    let mut keys: Vec<&str> = sent.flags().map(|flag| flag.key()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["checkout", "half", "price"]);

    let known = Question {
        etag,
        ..Question::default()
    };
    let (_, again, live) = frame(&known, &["checkout"]);
    assert!(again.is_empty());
    let resolved = vexil_core::Context::resolve(&sent, |_| vexil_core::Value::Missing);
    let reason =
        |key| vexil_core::evaluate(&sent, &live, sent.flag(key).unwrap(), &resolved, NOW).reason;
    assert_eq!(reason("checkout"), Reason::Disabled);
    assert_eq!(reason("price"), Reason::Static);
}
