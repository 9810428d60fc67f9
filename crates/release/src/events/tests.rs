use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOW: i64 = 1_700_000_000_000;
const DAY: i64 = 86_400_000;

fn batch(body: Json) -> Result<Batch, Fault> {
    Envelope::open(body)?.batch()
}

fn of(events: &Json) -> Batch {
    batch(json!({ "batch": "b-1", "sent": NOW, "events": events })).expect("it is a batch")
}

/// Knows `checkout` with `on` and `off`, whose release has the stage `10 %`.
fn tally(batch: &Batch, now: i64) -> Tally {
    batch.tally(now, |exposed| {
        let is_there =
            exposed.flag == "checkout" && ["on", "off"].contains(&exposed.variant.as_str());
        match exposed.stage.as_deref() {
            _ if !is_there => Known::Nothing,
            Some("10 %") => Known::Stage,
            Some(_) | None => Known::Variant,
        }
    })
}

#[track_caller]
fn check_fault(member: &str, value: Json, path: &str, detail: &str) {
    let mut body = json!({ "batch": "b-1", "sent": NOW, "events": [] });
    body[member] = value;
    let fault = batch(body).expect_err("it is no batch");
    assert_eq!(fault.path, path);
    assert!(fault.detail.contains(detail), "{}", fault.detail);
}

#[test]
fn a_fault_says_where_and_what_was_expected() {
    for no_id in [
        json!(null),
        json!(7),
        json!(""),
        json!("a b"),
        json!("é"),
        json!("a".repeat(65)),
    ] {
        check_fault("batch", no_id, "/batch", "1 to 64");
    }
    for no_instant in [
        json!(null),
        json!("1"),
        json!([]),
        json!(8_640_000_000_000_001_i64),
        json!(-9e15),
    ] {
        check_fault("sent", no_instant, "/sent", "ms since 1970");
    }
    for no_number in [json!(-1), json!(0.5), json!("1"), json!({})] {
        check_fault("dropped", no_number, "/dropped", "whole number");
    }
    check_fault("units", json!([]), "/units", "an object");
    check_fault(
        "units",
        json!({ "targetingKey": 7 }),
        "/units/targetingKey",
        "a string",
    );
    check_fault(
        "units",
        json!({ "anonymousId": {} }),
        "/units/anonymousId",
        "a string",
    );
    for no_list in [json!(null), json!({}), json!("[]")] {
        check_fault("events", no_list, "/events", "a list");
    }
    check_fault("key", json!(7), "/key", "a string");
    for no_object in [json!(null), json!([]), json!("x"), json!(1)] {
        assert_eq!(batch(no_object).expect_err("it is no object").path, "");
    }
}

#[test]
fn a_batch_has_a_thousand_events_at_most() {
    let body = |count| json!({ "batch": "b", "sent": 0, "events": vec![json!(0); count] });
    assert!(batch(body(EVENTS)).is_ok());
    let fault = batch(body(EVENTS + 1)).expect_err("it is too much");
    assert_eq!((fault.path, fault.is_excess), ("/events", true));
    let fault = batch(json!({})).expect_err("it is no batch");
    assert!(!fault.is_excess);
}

#[test]
fn what_is_not_said_is_not_there() {
    let least = of(&json!([]));
    assert_eq!(
        (&least.targeting_key, &least.anonymous_id, least.dropped),
        (&None, &None, 0)
    );
    assert_eq!(least.unit(), "b-1");
    let nulls = json!({ "key": null, "batch": "b-1", "sent": NOW, "dropped": null, "units": null, "events": [], "more": 1 });
    assert_eq!(batch(nulls), Ok(least));
    let key = Envelope::open(json!({ "key": "browser-1" })).map(|envelope| envelope.key);
    assert_eq!(key, Ok(Some("browser-1".to_owned())));
}

#[test]
fn a_user_goes_before_a_browser() {
    for (units, want) in [
        (json!({ "targetingKey": "u", "anonymousId": "a" }), "u"),
        (json!({ "anonymousId": "a" }), "a"),
        (json!({ "targetingKey": null }), "b"),
    ] {
        let batch = batch(json!({ "batch": "b", "sent": 0, "units": units, "events": [] }));
        assert_eq!(batch.expect("it is a batch").unit(), want);
    }
}

#[test]
fn no_claim_of_what_was_dropped_makes_a_sum_overflow() {
    let body = json!({ "batch": "b", "sent": 0, "dropped": u64::MAX, "events": [] });
    let batch = batch(body).expect("it is a batch");
    assert_eq!(tally(&batch, NOW).counts.dropped, 1_000_000);
}

/// `event` with each of `members` set to each of the values, and the reason that this gives.
#[track_caller]
fn check_reason(event: &Json, member: &str, values: &[Json], reason: Reason) {
    for value in values {
        let mut event = event.clone();
        event[member] = value.clone();
        let refused = tally(&of(&json!([event])), NOW).refused;
        assert_eq!(refused, [Refusal { index: 0, reason }], "{event}");
    }
}

#[test]
fn one_bad_event_is_refused_alone() {
    let exposed = json!({ "flag": "checkout", "variant": "on", "version": 7, "at": NOW });
    let texts = [json!(7), json!([]), json!({}), json!(true)];
    check_reason(&exposed, "flag", &texts, Reason::Flag);
    check_reason(&exposed, "flag", &[json!(null)], Reason::Flag);
    check_reason(&exposed, "variant", &texts, Reason::Variant);
    check_reason(&exposed, "variant", &[json!(null)], Reason::Variant);
    check_reason(&exposed, "stage", &texts, Reason::Stage);
    check_reason(&exposed, "arm", &texts, Reason::Arm);
    check_reason(&exposed, "arm", &[json!("Treated"), json!("")], Reason::Arm);
    let no_instants = [json!(null), json!("1"), json!([1]), json!(1e300)];
    check_reason(&exposed, "at", &no_instants, Reason::At);
    let no_versions = [
        json!(null),
        json!(-1),
        json!(0.5),
        json!("7"),
        json!(u64::MAX),
    ];
    check_reason(&exposed, "version", &no_versions, Reason::Version);
    check_reason(&exposed, "metric", &[json!("m")], Reason::Kind);
    check_reason(
        &exposed,
        "flag",
        &[json!("other"), json!(""), json!("CHECKOUT")],
        Reason::Unknown,
    );
    check_reason(
        &exposed,
        "variant",
        &[json!("other"), json!("")],
        Reason::Unknown,
    );

    let measured = json!({ "metric": "checkout-ms", "value": 812, "at": NOW });
    let odd = ["", "a b", "é", "release:x", "a/b", "a\"b", "a\nb"].map(Json::from);
    check_reason(&measured, "metric", &odd, Reason::Metric);
    check_reason(
        &measured,
        "metric",
        &[json!(null), json!(7), json!("m".repeat(129))],
        Reason::Metric,
    );
    let no_values = [
        json!("812"),
        json!([]),
        json!(true),
        json!(1e300),
        json!(-9_007_199_254_740_994_i64),
    ];
    check_reason(&measured, "value", &no_values, Reason::Value);
    check_reason(&measured, "at", &no_instants, Reason::At);

    for kindless in [
        json!(null),
        json!(7),
        json!("checkout"),
        json!([]),
        json!({}),
        json!({ "at": NOW }),
    ] {
        let refused = tally(&of(&json!([exposed, kindless, measured])), NOW);
        let kind = Refusal {
            index: 1,
            reason: Reason::Kind,
        };
        assert_eq!(
            (refused.accepted, refused.refused, refused.counts.refused),
            (2, vec![kind], 1)
        );
    }
}

#[test]
fn events_that_count_the_same_are_one_count() {
    let exposed = |variant: &str, at: i64| json!({ "flag": "checkout", "variant": variant, "version": 7, "at": at });
    let staged = |arm: &str| json!({ "flag": "checkout", "variant": "on", "version": 7, "at": NOW - 3, "stage": "10 %", "arm": arm });
    let measured = |value: Json| json!({ "metric": "ms", "value": value, "at": NOW - 4 });
    let batch = of(&json!([
        exposed("on", NOW - 2),
        exposed("off", NOW),
        exposed("on", NOW - 1),
        staged("control"),
        staged("treated"),
        measured(json!(800)),
        measured(json!(null)),
        measured(json!(-12.5)),
    ]));
    let found = tally(&batch, NOW);
    let count = |variant: &str, stage: Option<&str>, arm, count, last| ExposureCount {
        flag: "checkout".to_owned(),
        variant: variant.to_owned(),
        stage: stage.map(str::to_owned),
        arm,
        count,
        last,
    };
    let want = Counts {
        exposures: vec![
            count("off", None, None, 1, NOW),
            count("on", None, None, 2, NOW - 1),
            count("on", Some("10 %"), Some(Arm::Treated), 1, NOW - 3),
            count("on", Some("10 %"), Some(Arm::Control), 1, NOW - 3),
        ],
        metrics: vec![MetricCount {
            metric: "ms".to_owned(),
            count: 3,
            values: 2,
            sum: 787.5,
            last: NOW - 4,
        }],
        ..Counts::default()
    };
    assert_eq!((found.accepted, found.counts), (8, want));
}

#[test]
fn a_stage_that_no_release_of_the_flag_has_counts_as_none_and_nobody_hears() {
    let event = |stage: &str| json!({ "flag": "checkout", "variant": "on", "version": 7, "at": NOW, "stage": stage, "arm": "control" });
    let found = tally(&of(&json!([event("heron")])), NOW);
    assert_eq!((found.accepted, &found.refused[..]), (1, &[][..]));
    let count = &found.counts.exposures[0];
    assert_eq!((&count.stage, count.arm), (&None, None));
    let found = tally(&of(&json!([event("10 %")])), NOW);
    let count = &found.counts.exposures[0];
    assert_eq!(
        (count.stage.as_deref(), count.arm),
        (Some("10 %"), Some(Arm::Control))
    );
}

#[test]
fn it_is_said_from_which_version_on_something_may_be_known() {
    let event = |flag: &str, version: u64| json!({ "flag": flag, "variant": "on", "version": version, "at": NOW });
    for (events, want) in [
        (json!([event("checkout", 9)]), 0),
        (
            json!([event("newest", 8), event("new", 7), event("checkout", 9)]),
            8,
        ),
    ] {
        assert_eq!(tally(&of(&events), NOW).unknown_since, want);
    }
}

/// An event at `at` of a batch that was sent at `sent`, both by the client's clock.
#[track_caller]
fn check_instant(at: &Json, sent: &Json, want: i64) {
    let events = json!([{ "metric": "m", "at": at }]);
    let batch = batch(json!({ "batch": "b", "sent": sent, "events": events }));
    let found = tally(&batch.expect("it is a batch"), NOW);
    assert_eq!(found.counts.metrics[0].last, want, "{at} {sent}");
}

#[test]
fn a_clock_that_is_off_is_put_right_and_no_event_is_of_the_future_or_long_gone() {
    check_instant(&json!(NOW - 5), &json!(NOW), NOW - 5);
    check_instant(&json!(1_699_999_999_994.25), &json!(NOW), NOW - 6);
    // A clock an hour slow, and one that began in 1970.
    check_instant(&json!(NOW - 3_600_005), &json!(NOW - 3_600_000), NOW - 5);
    check_instant(&json!(1_000), &json!(1_005), NOW - 5);
    check_instant(&json!(NOW + DAY - 5), &json!(NOW + DAY), NOW - 5);
    check_instant(&json!(NOW + 1), &json!(NOW), NOW);
    check_instant(
        &json!(8_640_000_000_000_000_i64),
        &json!(-8_640_000_000_000_000_i64),
        NOW,
    );
    check_instant(&json!(NOW - DAY), &json!(NOW), NOW - DAY);
    check_instant(&json!(NOW - DAY - 1), &json!(NOW), NOW - DAY);
    check_instant(
        &json!(-8_640_000_000_000_000_i64),
        &json!(8_640_000_000_000_000_i64),
        NOW - DAY,
    );
}

#[test]
fn counts_add_up_in_any_order_and_come_through_json_unchanged() {
    let exposed =
        |variant: &str| json!({ "flag": "checkout", "variant": variant, "version": 7, "at": NOW });
    let first = tally(
        &of(&json!([exposed("on"), { "metric": "ms", "value": 1.5, "at": NOW - 7 }, 7])),
        NOW,
    );
    let second = tally(
        &of(&json!([exposed("on"), exposed("off"), { "metric": "ms", "at": NOW }])),
        NOW,
    );
    let mut sum = first.counts.clone();
    sum.add(second.counts.clone());
    let mut other = second.counts;
    other.add(first.counts);
    assert_eq!(sum, other);
    assert_eq!(
        sum.exposures
            .iter()
            .map(|count| count.count)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(
        (
            sum.metrics[0].count,
            sum.metrics[0].sum,
            sum.metrics[0].last
        ),
        (2, 1.5, NOW)
    );
    assert_eq!(sum.refused, 1);
    let json = sum.to_json();
    assert_eq!(Counts::from_json(&json), sum);
    assert_eq!(
        json["exposures"][0],
        json!({ "flag": "checkout", "variant": "off", "count": 1, "last": NOW })
    );
    for nothing in [
        json!(null),
        json!([]),
        json!({ "exposures": [7, { "flag": "f" }], "metrics": {}, "dropped": -1 }),
    ] {
        assert_eq!(Counts::from_json(&nothing), Counts::default());
    }
}

/// Any value of a member: of the right type, of a wrong one, at the edge of what is allowed.
fn any_value() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        prop::sample::select(vec![NOW - DAY, NOW, NOW + DAY]).prop_map(Json::from),
        prop::sample::select(vec!["checkout", "on", "10 %", "treated", "ms", ""])
            .prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        Just(json!([{}])),
    ]
}

fn any_event() -> impl Strategy<Value = Json> {
    let names = [
        "flag", "variant", "version", "stage", "arm", "at", "metric", "value",
    ];
    let members = prop::collection::vec((prop::sample::select(names.to_vec()), any_value()), 0..9);
    let exposed = json!({ "flag": "checkout", "variant": "on", "version": 1, "at": NOW });
    let base = prop::sample::select(vec![
        json!({}),
        exposed,
        json!({ "metric": "ms", "at": NOW }),
    ]);
    (base, members).prop_map(|(mut event, members)| {
        for (name, value) in members {
            event[name] = value;
        }
        event
    })
}

proptest! {
    #[test]
    fn every_event_is_counted_once_or_refused_once(
        events in prop::collection::vec(any_event(), 0..40),
        sent in any::<i64>(),
        now in any::<i64>(),
    ) {
        let count = events.len() as u64;
        let sent = sent.clamp(-8_640_000_000_000_000, 8_640_000_000_000_000);
        let batch = batch(json!({ "batch": "b", "sent": sent, "events": events })).expect("it is a batch");
        let found = tally(&batch, now);
        prop_assert_eq!(found.accepted.saturating_add(found.refused.len() as u64), count);
        let exposures = found.counts.exposures.iter().map(|it| (it.count, it.last));
        let metrics = found.counts.metrics.iter().map(|it| (it.count, it.last));
        let all: Vec<(u64, i64)> = exposures.chain(metrics).collect();
        prop_assert_eq!(all.iter().map(|(count, _)| count).sum::<u64>(), found.accepted);
        prop_assert!(all.iter().all(|(_, last)| (now.saturating_sub(DAY)..=now).contains(last)));
        prop_assert!(found.counts.metrics.iter().all(|it| it.sum.is_finite() && it.values <= it.count));
        prop_assert_eq!(Counts::from_json(&found.counts.to_json()), found.counts);
    }
}
