//! Conditions: every key of the language, with operands that some contexts meet and others do not.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::NOW;

use super::context::{character, number, scalar, unit};
use super::{VARIANTS, text};

/// The attributes that are tested.
pub const ATTRIBUTES: &[&str] = &[
    "a",
    "b",
    "n",
    "version",
    "text",
    "at",
    "ip",
    "targetingKey",
    "/deep/a",
    "/deep/b",
    "/list/0",
    "__proto__",
    "größe",
];
pub(super) const TEXTS: &[&str] = &["", "x", "y", "xy", "xyx", "é", "日本", "1", "42"];
const RANGES: &[&str] = &[
    "^1.2",
    "^1.2.3",
    "~1.2.3",
    "1.x",
    ">=1.2 <2 || 3.x",
    ">2.0.0-rc.1",
    "<=1.2",
    "*",
    "=2.0.0",
    "^0.2.3",
    "<2.0.0",
];
const NETWORKS: &[&str] = &[
    "10.0.0.0/8",
    "10.128.0.0/9",
    "0.0.0.0/0",
    "192.0.2.7",
    "192.0.2.6/31",
    "::/0",
    "::/96",
    "::1",
    "2001:db8::/32",
    "2001:db8::1/128",
    "fe80::/10",
    "::ffff:10.0.0.0/104",
    "::ffff:0:0/96",
    "::ffff:192.0.2.7",
];
/// Around [`NOW`], which is 2027-01-15T08:00:00Z, and at the ends of what can be written.
const INSTANTS: &[&str] = &[
    "2027-01-15T08:00:00Z",
    "2027-01-15T09:00:00.000+01:00",
    "2027-01-15t02:30:00.001-05:30",
    "2027-01-15T07:59:59.999Z",
    "2027-01-15T07:59:60Z",
    "2027-01-15T08:00:00.0009z",
    "2027-01-16T08:00:00Z",
    "2027-01-14T08:00:00Z",
    "1970-01-01T00:00:00Z",
    "1969-12-31T23:59:59.9999Z",
    "0000-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999-23:59",
];
/// Milliseconds from [`NOW`] of the bounds of `time`, in order.
pub const STEPS: &[i64] = &[
    -1_800_000_000_000,
    -86_400_000,
    -1_000,
    -1,
    0,
    1,
    2,
    1_000,
    86_400_000,
    4_000_000_000_000,
];

/// A condition for flag `number`, which may ask for flags before it and for any segment.
pub(in crate::laws) fn condition(number: usize, depth: u32) -> BoxedStrategy<Value> {
    let segments = (0..3_usize).prop_map(|segment| json!({ "segment": format!("s{segment}") }));
    let leaf = prop_oneof![7 => attribute_test(), 1 => segments, 1 => time()];
    let leaf = if number == 0 {
        leaf.boxed()
    } else {
        prop_oneof![8 => leaf, 1 => prerequisite(number)].boxed()
    };
    nested(leaf, depth)
}

pub(super) fn segment_condition(number: usize) -> BoxedStrategy<Value> {
    let leaf = prop_oneof![6 => attribute_test(), 1 => time()];
    if number == 0 {
        return nested(leaf.boxed(), 2);
    }
    let earlier = (0..number).prop_map(|segment| json!({ "segment": format!("s{segment}") }));
    nested(prop_oneof![5 => leaf, 1 => earlier].boxed(), 2)
}

fn nested(leaf: BoxedStrategy<Value>, depth: u32) -> BoxedStrategy<Value> {
    leaf.prop_recursive(depth, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(|all| json!({ "all": all })),
            vec(inner.clone(), 1..4).prop_map(|any| json!({ "any": any })),
            inner.prop_map(|not| json!({ "not": not })),
        ]
    })
    .boxed()
}

pub(super) fn prerequisite(number: usize) -> impl Strategy<Value = Value> {
    (0..number, vec(select(VARIANTS), 1..3)).prop_map(|(flag, mut variants)| {
        variants.dedup();
        json!({ "flag": format!("f{flag}"), "variant": variants })
    })
}

/// One test of one attribute: mostly of one that is often of the type it asks for.
pub fn attribute_test() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => on(&["a", "b", "/deep/a", "/list/0"], plain_test()),
        2 => on(&["n"], number_test()),
        4 => on(&["text", "text", "text", "/deep/b"], text_test()),
        1 => on(&["version"], text(RANGES).prop_map(|range| json!({ "semver": range }))),
        2 => on(&["at"], instant_test()),
        2 => on(&["ip"], vec(select(NETWORKS), 1..4).prop_map(|networks| json!({ "cidr": networks }))),
        1 => on(ATTRIBUTES, prop_oneof![plain_test(), text_test(), instant_test()]),
    ]
}

fn on(
    attributes: &'static [&'static str],
    test: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Value> {
    (select(attributes), test).prop_map(|(attribute, mut test)| {
        test["attr"] = attribute.into();
        test
    })
}

fn number_test() -> impl Strategy<Value = Value> {
    (select(vec!["lt", "lte", "gt", "gte", "is"]), number())
        .prop_map(|(key, number)| json!({ key: number }))
}

fn plain_test() -> impl Strategy<Value = Value> {
    prop_oneof![
        scalar().prop_map(|operand| json!({ "is": operand })),
        vec(scalar(), 1..6).prop_map(|operands| json!({ "in": operands })),
        // So many that they are found by their hash.
        vec(prop_oneof![3 => unit(), 1 => scalar()], 9..40)
            .prop_map(|operands| json!({ "in": operands })),
        any::<bool>().prop_map(|operand| json!({ "exists": operand })),
        number_test(),
    ]
}

fn text_test() -> impl Strategy<Value = Value> {
    let part = prop_oneof![
        1 => select(TEXTS).prop_map(str::to_owned),
        6 => character().prop_map(str::to_owned),
        2 => vec(character(), 2..4).prop_map(|characters| characters.concat()),
    ];
    let operand = prop_oneof![
        part.clone().prop_map(Value::from),
        vec(part, 1..4).prop_map(Value::from)
    ];
    let key = select(vec!["startsWith", "endsWith", "contains"]);
    let plain = (key, operand, option::weighted(0.6, any::<bool>())).prop_map(
        |(key, operand, ignores_case)| {
            let mut test = json!({ key: operand });
            if let Some(ignores_case) = ignores_case {
                test["ignoreCase"] = ignores_case.into();
            }
            test
        },
    );
    prop_oneof![3 => plain, 2 => pattern().prop_map(|pattern| json!({ "matches": pattern }))]
}

/// A pattern of the syntax of the `regex` crate, small enough for any automaton.
pub(in crate::laws) fn pattern() -> impl Strategy<Value = String> {
    let single = prop_oneof![
        4 => character().prop_map(escaped),
        2 => select(vec![".", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S"]).prop_map(str::to_owned),
        2 => select(vec![
            "[a-k]", "[^b]", r"[\d_]", r"[^\D]", r"[^\W]", r"[\w-]", r"[\W]", "[[:^word:]]", r"[a-z&&\w]", "[[:alpha:]]", "[[:^upper:]é]", "[α-ω]", "[a-z&&[^s]]", r"[\]\-]",
            r"\x{1F389}", r"\u00e9", r"\.", "(?s:.)", "(?i:k)", "(?i:[r-t])", "(?-i:S)", "(?i:ß)", "(?i:σ)",
        ])
        .prop_map(str::to_owned),
    ];
    let repeat = prop_oneof![
        4 => Just(""),
        2 => select(vec!["?", "*", "+", "{2}", "{0,2}", "{1,}", "??", "*?", "+?"]),
    ];
    let repeated = (single, repeat).prop_map(|(single, repeat)| format!("(?:{single}){repeat}"));
    let look = select(vec!["^", "$", r"\b", r"\B", r"\A", r"\z", r"\b{start}"]);
    let piece = prop_oneof![5 => repeated, 1 => look.prop_map(str::to_owned)];
    let branch = vec(piece, 0..4).prop_map(|pieces| pieces.concat());
    let alternatives = vec(branch, 1..3).prop_map(|branches| branches.join("|"));
    let prefix =
        prop_oneof![4 => Just(""), 2 => Just("(?i)"), 1 => Just("(?m)"), 1 => Just("(?is)")];
    (prefix, alternatives).prop_map(|(prefix, pattern)| format!("{prefix}{pattern}"))
}

fn escaped(character: &str) -> String {
    if character == "-" {
        r"\-".to_owned()
    } else {
        character.to_owned()
    }
}

fn instant_test() -> impl Strategy<Value = Value> {
    (select(vec!["before", "after"]), instant()).prop_map(|(key, instant)| json!({ key: instant }))
}

/// An instant in either form.
pub(in crate::laws) fn instant() -> impl Strategy<Value = Value> + Clone {
    let step = select(STEPS).prop_map(|step| json!(NOW + step));
    prop_oneof![2 => text(INSTANTS), 2 => step, 1 => select(vec![8_640_000_000_000_000_i64, -8_640_000_000_000_000]).prop_map(Value::from)]
}

/// At one of the instants that conditions name, or in between.
pub(super) fn now() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => select(STEPS).prop_map(|step| NOW + step),
        1 => (-200_000_000..200_000_000_i64).prop_map(|step| NOW + step),
        1 => select(vec![0, -1, -62_167_305_600_000, 253_402_300_799_999, 8_640_000_000_000_000]),
    ]
}

fn time() -> impl Strategy<Value = Value> {
    let bounds = (0..STEPS.len(), 0..STEPS.len(), 0..5_u8);
    bounds.prop_map(|(one, other, form)| {
        let (from, until) = (one.min(other), one.max(other));
        let at = |index: usize| NOW + STEPS[index];
        match form {
            0 => json!({ "time": { "from": at(from) } }),
            1 => json!({ "time": { "until": at(until) } }),
            2 => json!({ "time": { "from": "2027-01-15T08:00:00+00:00" } }),
            _ if from == until => json!({ "time": { "until": "2027-01-15T07:59:60Z" } }),
            _ => json!({ "time": { "from": at(from), "until": at(until) } }),
        }
    })
}
