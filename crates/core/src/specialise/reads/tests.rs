use alloc::string::String;
use alloc::vec;
use core::slice::from_ref;

use super::*;
use crate::build::{Builder, FlagSpec, Graph, Leaf, NodeId, Operand, Test};
use crate::{Expose, FlagType, Reason, Value};

fn serve(variant: u32) -> Leaf<'static> {
    Leaf::Serve {
        variant,
        reason: Reason::Default,
        rule: None,
        is_missing_unit: false,
        chosen_by: None,
    }
}

/// `shown` reads `plan` and, through a segment, `country` and time; `hidden` reads `email`; nobody reads `city`.
fn program() -> Program {
    let mut builder = Builder::new("test", 1, 0);
    let [plan, country, email, _] =
        ["plan", "country", "email", "city"].map(|name| builder.attribute(name, false));
    let mut graph = Graph::default();
    let (yes, no) = (
        graph.leaf(Leaf::Holds(true)),
        graph.leaf(Leaf::Holds(false)),
    );
    let timed = graph.test(
        Test::Time {
            from: Some(1_000),
            until: Some(2_000),
        },
        yes,
        no,
    );
    let entry = graph.test(
        Test::OneOf(country, [Operand::Text("DE")].into()),
        timed,
        no,
    );
    let segment = builder.segment("here", &graph, entry);
    let mut flag = |key, expose, make: &dyn Fn(&mut Graph<'_>, NodeId, NodeId) -> NodeId| {
        let mut graph = Graph::default();
        let (on, off) = (graph.leaf(serve(0)), graph.leaf(serve(1)));
        let entry = make(&mut graph, on, off);
        let spec = FlagSpec {
            key,
            kind: FlagType::Boolean,
            expose,
            is_enabled: true,
            track: false,
            variants: &[("on", "true"), ("off", "false")],
            off_variant: 1,
            failsafe: None,
            rules: &[],
        };
        builder.flag(spec, &graph, entry);
    };
    flag("shown", Expose::Values, &|graph, on, off| {
        let inner = graph.test(Test::Segment(segment), on, off);
        graph.test(Test::OneOf(plan, [Operand::Text("pro")].into()), on, inner)
    });
    flag("hidden", Expose::Server, &|graph, on, off| {
        graph.test(Test::Exists(email), on, off)
    });
    builder.finish().unwrap()
}

fn key(members: &[(&str, Value<'static>)], now: i64) -> Vec<u8> {
    let program = program();
    let reads = Reads::of(&program, |flag| flag.expose() != Expose::Server);
    let find = |name: &str| members.iter().find(|(member, _)| *member == name);
    let context = Context::resolve(&program, |name| {
        find(name).map_or(Value::Missing, |(_, value)| value.clone())
    });
    reads.key(&context, now)
}

#[test]
fn what_shown_flags_read_is_in_the_key_and_nothing_else() {
    let program = program();
    let name = |slot| String::from(program.attribute(slot).name);
    let shown = Reads::of(&program, |flag| flag.expose() != Expose::Server);
    assert_eq!(
        shown.attributes().map(name).collect::<Vec<_>>(),
        ["plan", "country"]
    );
    let all = Reads::of(&program, |_| true);
    assert_eq!(
        all.attributes().map(name).collect::<Vec<_>>(),
        ["plan", "country", "email"]
    );

    let (free, pro) = (("plan", Value::Text("free")), ("plan", Value::Text("pro")));
    let elsewhere = [
        free.clone(),
        ("email", Value::Text("a@b")),
        ("city", Value::Null),
    ];
    assert_eq!(key(from_ref(&free), 0), key(&elsewhere, 0));
    assert_ne!(key(from_ref(&free), 0), key(&[pro], 0));
    assert_ne!(
        key(from_ref(&free), 0),
        key(&[free, ("country", Value::Null)], 0)
    );
}

#[test]
fn the_key_changes_at_the_instants_at_which_answers_may() {
    let keys = [999, 1_000, 1_999, 2_000].map(|now| key(&[], now));
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[1], keys[2]);
    assert_ne!(keys[2], keys[3]);
}

#[test]
fn values_that_differ_have_different_keys_however_they_are_written() {
    let list = |items: &[Value<'static>]| Value::List(items.to_vec());
    let (a, b) = (Value::Text("a"), Value::Text("b"));
    let values = vec![
        Value::Missing,
        Value::Null,
        Value::Bool(true),
        Value::Bool(false),
        Value::Number(1.0),
        Value::Text("1"),
        Value::Text(""),
        Value::Text("\u{5}\u{1}\0\0\0"),
        Value::Object,
        list(&[]),
        list(from_ref(&a)),
        list(&[a.clone(), b.clone()]),
        list(&[b.clone(), a.clone()]),
    ];
    for (place, one) in values.iter().enumerate() {
        for other in values.iter().skip(place + 1) {
            let key = |value: &Value<'static>| key(&[("plan", value.clone())], 0);
            assert_ne!(key(one), key(other), "{one:?} {other:?}");
        }
    }
    // Where one value ends and the next begins is in the key too.
    let split = |plan, country| {
        key(
            &[
                ("plan", Value::Text(plan)),
                ("country", Value::Text(country)),
            ],
            0,
        )
    };
    assert_ne!(split("ab", "c"), split("a", "bc"));
    let zero = |number| key(&[("plan", Value::Number(number))], 0);
    assert_eq!(zero(-0.0), zero(0.0));
}
