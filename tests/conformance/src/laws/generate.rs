//! Rulesets, contexts and live states by chance: small pools, so that what is asked for is often there.

mod condition;
mod context;
mod release;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub use condition::{ATTRIBUTES, STEPS, attribute_test};
pub(super) use condition::{condition, instant, pattern};
pub use context::{context, value};
pub use release::state;

use super::Scene;

const VARIANTS: &[&str] = &["v0", "v1", "v2"];
/// The hash recipes of other vendors.
pub const RECIPES: &[&str] = &[
    "launchdarkly-sha1",
    "unleash-murmur3",
    "unleash-murmur3-variant",
    "growthbook-fnv1a-v1",
    "growthbook-fnv1a-v2",
    "flagd-murmur3-v1",
    "flagd-murmur3-v2",
    "eppo-md5",
    "flipt-crc32",
    "flipt-crc32-threshold",
    "unleash-murmur3-weights",
];
/// The flags of [`ruleset`].
pub const FLAGS: &[&str] = &["f0", "f1", "f2", "f3"];
/// The members of [`context`].
const MEMBERS: &[&str] = &[
    "a",
    "b",
    "n",
    "version",
    "text",
    "at",
    "ip",
    "targetingKey",
    "deep",
    "list",
    "__proto__",
    "größe",
];
const UNITS: &[&str] = &["u0", "u1", "u2", "u3", "42", "é"];

/// A scene of a valid ruleset, with so many contexts and states, and changes up to so many.
pub fn scene(contexts: usize, states: usize, changes: usize) -> impl Strategy<Value = Scene> {
    let names = prop_oneof![
        12 => select(MEMBERS).boxed(),
        1 => select(vec!["unheard of", ""]).boxed()
    ];
    let change = (names.prop_map(str::to_owned), option::of(value()));
    let parts = (
        ruleset(),
        vec(context(), contexts),
        vec(state(), states),
        vec(any::<bool>(), 16),
        vec(change, changes.min(1)..=changes),
    );
    parts.prop_map(|(ruleset, contexts, states, folds, changes)| Scene {
        ruleset,
        contexts,
        states,
        folds,
        changes,
    })
}

/// A valid ruleset: flags `f0`…, segments `s0`…, releases `r0`…, each leading only to lower numbers of its kind.
pub fn ruleset() -> BoxedStrategy<Value> {
    let segments: Vec<_> = (0..3).map(|number| segment(number).boxed()).collect();
    let releases: Vec<_> = (0..3).map(|_| release::release().boxed()).collect();
    let flags: Vec<_> = (0..FLAGS.len())
        .map(|number| flag(number).boxed())
        .collect();
    let private = vec(select(ATTRIBUTES), 0..2);
    (segments, releases, flags, private).prop_map(|(segments, releases, flags, private)| {
        json!({
            "segments": named("s", segments), "releases": named("r", releases), "flags": named("f", flags),
            "private": private,
        })
    })
    .boxed()
}

fn flag(number: usize) -> impl Strategy<Value = Value> {
    let target = vec(select(UNITS), 0..2);
    let requires = if number == 0 {
        Just(None).boxed()
    } else {
        option::weighted(0.3, condition::prerequisite(number)).boxed()
    };
    let when = condition::condition(number, 3);
    let rule = (when, serve(number), any::<bool>()).prop_map(|(when, serve, has_name)| {
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
        serve(number),
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
    let when = option::weighted(0.8, condition::segment_condition(number));
    let members = prop_oneof![3 => vec(select(UNITS).prop_map(Value::from), 1..3), 1 => vec(context::unit(), 9..30)];
    let except = option::weighted(0.7, vec(select(UNITS), 1..3));
    (option::weighted(0.8, members), except, when).prop_map(|(members, except, when)| {
        object([
            ("members", members.map(Value::from)),
            ("except", except.map(Value::from)),
            ("when", when),
        ])
    })
}

/// The first flag serves no release, since audiences of releases may need it.
pub(super) fn serve(number: usize) -> BoxedStrategy<Value> {
    let plain = prop_oneof![2 => text(VARIANTS), 1 => split()];
    if number == 0 {
        return plain.boxed();
    }
    let release = (0..3_usize).prop_map(|number| json!({ "release": format!("r{number}") }));
    prop_oneof![2 => plain, 1 => release].boxed()
}

fn split() -> impl Strategy<Value = Value> {
    let weight = prop_oneof![
        Just(0.0),
        Just(0.1),
        Just(0.3),
        Just(33.333_33),
        (1..100_u32).prop_map(f64::from)
    ];
    let weights =
        vec(weight, 3).prop_filter("some weight", |weights| weights.iter().sum::<f64>() > 0.0);
    let exposure = option::of((
        prop_oneof![Just(0.0), Just(0.1), Just(0.3), Just(0.7), Just(1.0)],
        select(VARIANTS),
    ));
    let parts = (
        weights,
        option::of(select(ATTRIBUTES)),
        option::of(text(&["x", "y", "é", "日本", "42"])),
        option::weighted(0.4, text(RECIPES)),
        exposure,
    );
    parts.prop_map(|(weights, by, salt, hash, exposure)| {
        let parts: Vec<Value> = VARIANTS
            .iter()
            .zip(weights)
            .map(|(variant, weight)| json!([variant, weight]))
            .collect();
        let (exposure, rest) = exposure.unzip();
        object([
            ("split", Some(Value::from(parts))),
            ("by", by.map(Value::from)),
            ("salt", salt),
            ("hash", hash),
            ("exposure", exposure.map(Value::from)),
            ("rest", rest.map(Value::from)),
        ])
    })
}

fn text(pool: &'static [&'static str]) -> impl Strategy<Value = Value> + Clone {
    select(pool).prop_map(Value::from)
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn named(prefix: &str, values: Vec<Value>) -> Value {
    let named = values
        .into_iter()
        .enumerate()
        .map(|(number, value)| (format!("{prefix}{number}"), value));
    Value::Object(named.collect())
}
