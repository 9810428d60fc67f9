//! Rulesets and contexts by chance: small pools, so that what is asked for is often there.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

const ATTRIBUTES: &[&str] = &[
    "a",
    "b",
    "version",
    "targetingKey",
    "/deep/a",
    "/deep/b",
    "/list/0",
    "__proto__",
];
const TEXTS: &[&str] = &["", "x", "y", "xy", "xyx", "é", "日本", "1", "42"];
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
const VARIANTS: &[&str] = &["v0", "v1", "v2"];
const UNITS: &[&str] = &["u0", "u1", "u2", "u3", "42", "é"];

/// A valid ruleset: flags `f0`…, segments `s0`…, each leading only to lower numbers of its kind.
pub(crate) fn ruleset() -> impl Strategy<Value = Value> {
    let segments = (0..3_usize)
        .map(|number| segment(number).boxed())
        .collect::<Vec<_>>();
    let flags = (0..4_usize)
        .map(|number| flag(number).boxed())
        .collect::<Vec<_>>();
    let private = vec(select(ATTRIBUTES), 0..2);
    (segments, flags, private).prop_map(|(segments, flags, private)| {
        json!({ "segments": named("s", segments), "flags": named("f", flags), "private": private })
    })
}

/// A context that has some of the attributes, some of them of a surprising type.
pub(crate) fn context() -> impl Strategy<Value = Value> {
    let members = (
        option::of(prop_oneof![4 => text(UNITS), 1 => value()]),
        option::of(value()),
        option::of(value()),
        option::of(prop_oneof![4 => text(VERSIONS), 1 => value()]),
        option::of(
            prop_oneof![3 => (option::of(value()), option::of(value())).prop_map(|(a, b)| object([("a", a), ("b", b)])), 1 => value()],
        ),
        option::of(vec(value(), 0..3).prop_map(Value::from)),
    );
    members.prop_map(|(key, a, b, version, deep, list)| {
        object([
            ("targetingKey", key),
            ("a", a),
            ("b", b),
            ("version", version),
            ("deep", deep),
            ("list", list),
        ])
    })
}

/// The keys of the flags that are killed.
pub(crate) fn killed() -> impl Strategy<Value = Vec<String>> {
    vec(0..4_usize, 0..2)
        .prop_map(|numbers| numbers.iter().map(|number| format!("f{number}")).collect())
}

fn flag(number: usize) -> impl Strategy<Value = Value> {
    let target = vec(select(UNITS), 0..2);
    let requires = if number == 0 {
        Just(None).boxed()
    } else {
        option::weighted(0.3, prerequisite(number)).boxed()
    };
    let rule =
        (condition(number, 3), serve(), any::<bool>()).prop_map(|(when, serve, has_name)| {
            object([
                ("name", has_name.then(|| json!("named"))),
                ("when", Some(when)),
                ("serve", Some(serve)),
            ])
        });
    let parts = (
        prop::bool::weighted(0.9),
        select(vec!["server", "values", "program", "program"]),
        select(VARIANTS),
        option::weighted(0.3, (select(VARIANTS), target)),
        requires,
        vec(rule, 0..4),
        serve(),
    );
    parts.prop_map(|(enabled, expose, off, targets, requires, rules, default)| {
        let mut flag = json!({
            "type": "number", "variants": { "v0": 0, "v1": 1, "v2": 2 },
            "enabled": enabled, "expose": expose, "offVariant": off, "rules": rules, "default": default,
        });
        if let Some((variant, units)) = targets.filter(|(_, units)| !units.is_empty()) {
            let mut units = units;
            units.dedup();
            flag["targets"] = json!({ variant: units });
        }
        if let Some(requires) = requires {
            flag["requires"] = requires;
        }
        flag
    })
}

fn segment(number: usize) -> impl Strategy<Value = Value> {
    (select(UNITS), select(UNITS), segment_condition(number)).prop_map(|(member, except, when)| {
        object([
            ("members", Some(json!([member]))),
            ("except", (member != except).then(|| json!([except]))),
            ("when", Some(when)),
        ])
    })
}

fn serve() -> impl Strategy<Value = Value> {
    let weights = vec(
        prop_oneof![
            Just(0.0),
            Just(0.1),
            Just(0.3),
            Just(33.333_33),
            (1..100_u32).prop_map(f64::from)
        ],
        3,
    )
    .prop_filter("some weight", |weights| weights.iter().sum::<f64>() > 0.0);
    let exposure = option::of((
        prop_oneof![Just(0.0), Just(0.1), Just(0.3), Just(0.7), Just(1.0)],
        select(VARIANTS),
    ));
    let split = (
        weights,
        option::of(select(ATTRIBUTES)),
        option::of(select(TEXTS)),
        exposure,
    )
        .prop_map(|(weights, by, salt, exposure)| {
            let parts: Vec<Value> = VARIANTS
                .iter()
                .zip(weights)
                .map(|(variant, weight)| json!([variant, weight]))
                .collect();
            let (exposure, rest) = exposure.unzip();
            object([
                ("split", Some(Value::from(parts))),
                ("by", by.map(Value::from)),
                (
                    "salt",
                    salt.filter(|salt| !salt.is_empty()).map(Value::from),
                ),
                ("exposure", exposure.map(Value::from)),
                ("rest", rest.map(Value::from)),
            ])
        });
    prop_oneof![2 => text(VARIANTS), 1 => split]
}

/// A condition for flag `number`, which may ask for flags before it and for any segment.
fn condition(number: usize, depth: u32) -> BoxedStrategy<Value> {
    let segments = (0..3_usize).prop_map(|segment| json!({ "segment": format!("s{segment}") }));
    let leaf = prop_oneof![6 => attribute_test(), 1 => segments];
    let leaf = if number == 0 {
        leaf.boxed()
    } else {
        prop_oneof![6 => leaf, 1 => prerequisite(number)].boxed()
    };
    nested(leaf, depth)
}

fn segment_condition(number: usize) -> BoxedStrategy<Value> {
    if number == 0 {
        return nested(attribute_test().boxed(), 2);
    }
    let earlier = (0..number).prop_map(|segment| json!({ "segment": format!("s{segment}") }));
    nested(prop_oneof![4 => attribute_test(), 1 => earlier].boxed(), 2)
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

fn prerequisite(number: usize) -> impl Strategy<Value = Value> {
    (0..number, vec(select(VARIANTS), 1..3)).prop_map(|(flag, mut variants)| {
        variants.dedup();
        json!({ "flag": format!("f{flag}"), "variant": variants })
    })
}

fn attribute_test() -> impl Strategy<Value = Value> {
    let number = prop_oneof![Just(0.0), Just(1.0), Just(-2.5), Just(42.0)];
    let test = prop_oneof![
        scalar().prop_map(|operand| ("is", operand)),
        vec(scalar(), 1..6).prop_map(|operands| ("in", Value::from(operands))),
        any::<bool>().prop_map(|operand| ("exists", Value::from(operand))),
        (
            select(vec!["startsWith", "endsWith", "contains"]),
            text(TEXTS)
        ),
        (
            select(vec!["startsWith", "endsWith", "contains"]),
            vec(text(TEXTS), 1..3).prop_map(Value::from)
        ),
        (
            select(vec!["lt", "lte", "gt", "gte"]),
            number.prop_map(Value::from)
        ),
        text(RANGES).prop_map(|range| ("semver", range)),
    ];
    (select(ATTRIBUTES), test)
        .prop_map(|(attribute, (key, operand))| json!({ "attr": attribute, key: operand }))
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => scalar(),
        1 => text(VERSIONS),
        1 => Just(Value::Null),
        1 => Just(json!({ "a": "x" })),
        2 => vec(prop_oneof![6 => scalar(), 1 => text(VERSIONS), 1 => Just(Value::Null), 1 => Just(json!(["x"]))], 0..4).prop_map(Value::from),
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text(TEXTS),
        2 => select(vec![0.0, -0.0, 1.0, 42.0, -2.5, 9_007_199_254_740_991.0, 9_007_199_254_740_992.0]).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
    ]
}

fn text(pool: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(pool).prop_map(Value::from)
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn named(prefix: &str, values: Vec<Value>) -> Value {
    Value::Object(
        values
            .into_iter()
            .enumerate()
            .map(|(number, value)| (format!("{prefix}{number}"), value))
            .collect(),
    )
}
