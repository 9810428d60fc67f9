//! Contexts: some of the attributes, some of them of a surprising type.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::condition::{TEXTS, instant};
use super::{UNITS, object, text};

const VERSIONS: &[&str] = &[
    "1.2.3",
    "1.2.4-rc.1",
    "2.0.0-0",
    "2.0.0",
    "0.2.3",
    "1.3.0",
    "1.2",
    "3.10.0-rc.10",
];
const ADDRESSES: &[&str] = &[
    "10.0.0.1",
    "10.200.0.1",
    "11.0.0.1",
    "192.0.2.7",
    "192.0.2.6",
    "192.0.2.07",
    "256.1.1.1",
    "::1",
    "::",
    "::10.1.2.3",
    "::ffff:10.1.2.3",
    "::ffff:c000:207",
    "0:0:0:0:0:FFFF:10.200.0.1",
    "2001:db8::1",
    "2001:DB8:0:0::0001",
    "2001:db9::",
    "fe80::1",
    "fe80::1%eth0",
    "[::1]",
];
/// Instants as attributes alone may have them, and texts that are none.
const TIMES: &[&str] = &[
    "2027-01-15 08:00:00Z",
    "2027-02-29T00:00:00Z",
    "2027-01-15T08:00Z",
    "2027-01-15T08:00:00",
    "2027-01-15T08:00:00.Z",
    "2027-01-15T08:00:61Z",
    "1800000000000",
];

/// A context, an object.
pub fn context() -> BoxedStrategy<Value> {
    let deep =
        (option::of(value()), option::of(words())).prop_map(|(a, b)| object([("a", a), ("b", b)]));
    let members = (
        option::weighted(
            0.9,
            prop_oneof![4 => text(UNITS), 4 => unit(), 1 => value()],
        ),
        (option::of(value()), option::of(value())),
        option::weighted(0.7, mostly(number())),
        option::of(mostly(text(VERSIONS))),
        option::weighted(0.8, mostly(words())),
        option::of(mostly(time())),
        option::of(mostly(text(ADDRESSES))),
        option::of(prop_oneof![3 => deep, 1 => value()]),
        option::of(vec(value(), 0..3).prop_map(Value::from)),
        option::weighted(0.2, value()),
    );
    members
        .prop_map(
            |(key, (a, b), n, version, text, at, ip, deep, list, other)| {
                object([
                    ("targetingKey", key),
                    ("a", a),
                    ("b", b),
                    ("n", n),
                    ("version", version),
                    ("text", text),
                    ("at", at),
                    ("ip", ip),
                    ("deep", deep),
                    ("list", list),
                    ("__proto__", other.clone()),
                    ("größe", other),
                ])
            },
        )
        .boxed()
}

/// Such a value, several of them, or something else.
fn mostly(typical: impl Strategy<Value = Value> + Clone + 'static) -> impl Strategy<Value = Value> {
    let several = vec(prop_oneof![3 => typical.clone(), 1 => scalar()], 0..4);
    prop_oneof![6 => typical, 2 => several.prop_map(Value::from), 1 => value()]
}

/// Texts of the characters that fold in their own ways.
fn words() -> impl Strategy<Value = Value> + Clone {
    vec(character(), 0..8).prop_map(|characters| characters.concat().into())
}

fn time() -> impl Strategy<Value = Value> + Clone {
    let number = prop_oneof![
        Just(1_799_999_999_999.5),
        Just(1_800_000_000_000.5),
        Just(-0.0),
        Just(1e300)
    ];
    let others = prop_oneof![text(TIMES), number.prop_map(Value::from)].boxed();
    prop_oneof![3 => instant().boxed(), 1 => others]
}

/// One character, as text: those whose folding is special, of every length in bytes, and some that patterns name.
pub(super) fn character() -> impl Strategy<Value = &'static str> + Clone {
    let frequent = select(vec!["b", "k", "K", "\u{212a}", "s", "ſ"]);
    let any = select(vec![
        "a", "k", "K", "\u{212a}", "s", "S", "ſ", "ß", "ẞ", "σ", "ς", "Σ", "i", "I", "İ", "ı", "é",
        "É", "Ꭰ", "ꭰ", "ǅ", "ǆ", "å", "\u{212b}", "日", "🎉", "𐐀", "𐐨", "1", "٣", " ", "\n", "_",
        "-", "\u{fffd}",
    ]);
    prop_oneof![frequent, any]
}

/// Any value of an attribute.
pub fn value() -> impl Strategy<Value = Value> + Clone {
    let element = prop_oneof![
        6 => scalar(),
        1 => text(VERSIONS),
        1 => Just(Value::Null),
        1 => Just(json!(["x"])),
    ];
    prop_oneof![
        6 => scalar(),
        1 => text(VERSIONS),
        1 => text(ADDRESSES),
        1 => Just(Value::Null),
        1 => Just(json!({ "a": "x" })),
        2 => vec(element, 0..4).prop_map(Value::from),
    ]
}

pub(super) fn unit() -> impl Strategy<Value = Value> + Clone {
    (0..60_u32).prop_map(|number| format!("u{number}").into())
}

pub(super) fn number() -> impl Strategy<Value = Value> + Clone {
    let number = select(vec![
        0.0,
        -0.0,
        1.0,
        42.0,
        -2.5,
        9_007_199_254_740_991.0,
        9_007_199_254_740_992.0,
    ]);
    number.prop_map(Value::from)
}

pub(super) fn scalar() -> impl Strategy<Value = Value> + Clone {
    prop_oneof![
        4 => text(TEXTS),
        1 => unit(),
        2 => number(),
        1 => any::<bool>().prop_map(Value::from),
    ]
}
