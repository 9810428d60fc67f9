//! Whom a fault strikes, and when.

use super::{FaultSpec, Live};
use crate::build::{Builder, Graph, Leaf, Operand, Test};
use crate::{Context, Program, Seed, Value, fault};

/// With a segment of everyone in Germany.
fn program() -> Program {
    let mut builder = Builder::new("test", 1, 0);
    let country = builder.attribute("country", false);
    let mut graph = Graph::default();
    let (yes, no) = (
        graph.leaf(Leaf::Holds(true)),
        graph.leaf(Leaf::Holds(false)),
    );
    let entry = graph.test(Test::OneOf(country, [Operand::Text("DE")].into()), yes, no);
    builder.segment("germany", &graph, entry);
    builder.finish().unwrap()
}

const PAYMENTS: FaultSpec<'static> = FaultSpec {
    name: "payments",
    segment: None,
    share: 1.0,
    error_rate: 0.5,
    latency_ms: 800,
    until: 2_000,
};

/// Error rate and latency of the fault as it strikes `user-1` of `country` at `now`, after live state has been to bytes and back.
fn struck(spec: FaultSpec<'_>, name: &str, country: &'static str, now: i64) -> Option<(f64, u32)> {
    let program = program();
    let live = Live::new(&program, 1, [], [], [spec]);
    let live = Live::from_bytes(&live.to_bytes()).unwrap();
    let context = Context::resolve(&program, |_| Value::Text(country));
    fault(&program, &live, name, "user-1", &context, now)
        .map(|fault| (fault.error_rate, fault.latency_ms))
}

#[track_caller]
fn check(spec: FaultSpec<'_>, country: &'static str, now: i64, want: bool) {
    assert_eq!(struck(spec, "payments", country, now).is_some(), want);
}

#[test]
fn a_fault_says_what_to_do_to_whoever_asks_for_it() {
    assert_eq!(struck(PAYMENTS, "payments", "FR", 0), Some((0.5, 800)));
    assert_eq!(struck(PAYMENTS, "search", "FR", 0), None);
}

#[test]
fn a_fault_strikes_until_it_ends() {
    check(PAYMENTS, "DE", -1, true);
    check(PAYMENTS, "DE", 1_999, true);
    check(PAYMENTS, "DE", 2_000, false);
}

#[test]
fn a_fault_strikes_its_segment_alone() {
    let spec = FaultSpec {
        segment: Some("germany"),
        ..PAYMENTS
    };
    check(spec, "DE", 0, true);
    check(spec, "FR", 0, false);
    let segment = Some("unknown");
    check(FaultSpec { segment, ..spec }, "DE", 0, false);
}

#[test]
fn a_fault_strikes_the_units_that_fall_into_its_share() {
    let position = f64::from(Seed::of("payments").place("user-1").get());
    let own = position / 4_294_967_296.0;
    for (share, want) in [
        (0.0, false),
        (own - 0.01, false),
        (own, false),
        (own + 0.01, true),
        (1.0, true),
    ] {
        check(FaultSpec { share, ..PAYMENTS }, "DE", 0, want);
    }
}
