//! `LaunchDarkly`'s flags, segments and contexts by chance.
//!
//! Kept out: an empty key, which SDKs refuse; what `LaunchDarkly`'s own SDKs read differently: times with a space, finer
//! than a millisecond or beyond 2^53 ms, and what `\w` and `\d` find beyond ASCII; a prerequisite that has prerequisites
//! and is wanted at its off variation, which the evaluator in Rust forgets to take out of its chain.

#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "members of objects made here are set and read by name, and its numbers are small"
)]

mod literal;

use serde_json::{Map, Value, json};

use super::{Chance, Maker, Question};

use literal::{ATTRIBUTES, KINDS, attribute, context, literal};

pub(super) const MAKER: Maker = Maker {
    name: "launchdarkly",
    make,
};

const FLAGS: usize = 5;
const SEGMENTS: usize = 4;
const CONTEXTS: usize = 20;

fn make(chance: &mut Chance) -> Question {
    let mut made = Vec::new();
    for number in 0..FLAGS {
        made.push(flag(chance, number, &made));
    }
    let flags: Map<String, Value> = made
        .into_iter()
        .map(|flag| (text(&flag, "key"), flag))
        .collect();
    let segments: Map<String, Value> = (0..SEGMENTS)
        .map(|number| (format!("s{number}"), segment(chance, number)))
        .collect();
    let contexts = (0..CONTEXTS).map(|_| context(chance)).collect();
    let keys = flags
        .keys()
        .map(|key| (key.clone(), format!("/flags/{key}")))
        .collect();
    let file = json!({ "flags": flags, "segments": segments });
    Question {
        file,
        flags: keys,
        contexts,
    }
}

fn text(value: &Value, name: &str) -> String {
    value
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A flag that may need those made before it, and rarely one after.
fn flag(chance: &mut Chance, number: usize, before: &[Value]) -> Value {
    let variations = chance
        .one(&[
            json!([true, false]),
            json!(["off", "a", "b", "c"]),
            json!([0, 1, 2.5]),
            json!([{ "a": 1 }, [], { "a": 1 }]),
        ])
        .clone();
    let count = variations.as_array().map_or(1, Vec::len);
    let rules: Vec<_> = (0..chance.below(4))
        .map(|it| rule(chance, it, count))
        .collect();
    let mut prerequisites = Vec::new();
    if chance.is(30) {
        for _ in 0..=chance.below(2) {
            prerequisites.extend(prerequisite(chance, before));
        }
    }
    let mut flag = json!({
        "key": format!("f{number}"),
        "version": 7,
        "on": chance.is(90),
        "offVariation": variation(chance, count),
        "variations": variations,
        "prerequisites": prerequisites,
        "targets": [],
        "contextTargets": [],
        "rules": rules,
        "fallthrough": serve(chance, count),
        "salt": format!("salt{}", chance.below(100)),
        "clientSideAvailability": { "usingMobileKey": chance.is(50), "usingEnvironmentId": chance.is(50) },
        "trackEvents": false,
    });
    targets(chance, count, &mut flag);
    if chance.is(3) {
        flag["offVariation"] = Value::Null;
    }
    flag
}

fn prerequisite(chance: &mut Chance, before: &[Value]) -> Option<Value> {
    if chance.is(5) {
        return Some(json!({ "key": "f9", "variation": 0 }));
    }
    if chance.is(2) {
        return Some(json!({ "key": "f4", "variation": 0 }));
    }
    if before.is_empty() {
        return None;
    }
    let needed = chance.one(before);
    let count = needed["variations"].as_array().map_or(1, Vec::len);
    let wanted = json!(chance.below(count));
    let has_own = needed["prerequisites"]
        .as_array()
        .is_some_and(|it| !it.is_empty());
    (!has_own || wanted != needed["offVariation"])
        .then(|| json!({ "key": needed["key"], "variation": wanted }))
}

fn variation(chance: &mut Chance, count: usize) -> Value {
    if chance.is(1) {
        return chance.one(&[json!(-1), json!(count)]).clone();
    }
    json!(chance.below(count))
}

fn targets(chance: &mut Chance, count: usize, flag: &mut Value) {
    let keys = |chance: &mut Chance| -> Vec<String> {
        (0..chance.below(4)).map(|_| literal::key(chance)).collect()
    };
    let mut users = Vec::new();
    let mut contexts = Vec::new();
    if chance.is(40) {
        for _ in 0..chance.below(3) {
            users.push(json!({ "variation": variation(chance, count), "values": keys(chance) }));
        }
    }
    if chance.is(25) {
        for _ in 0..chance.below(5) {
            let kind = *chance.one(&KINDS);
            let values = if kind == "user" && chance.is(80) {
                Vec::new()
            } else {
                keys(chance)
            };
            contexts.push(json!({ "contextKind": kind, "variation": variation(chance, count), "values": values }));
        }
    }
    flag["targets"] = users.into();
    flag["contextTargets"] = contexts.into();
}

fn rule(chance: &mut Chance, number: usize, count: usize) -> Value {
    let most = if chance.is(70) { 2 } else { 4 };
    let clauses: Vec<_> = (0..chance.below(most))
        .map(|_| clause(chance, SEGMENTS))
        .collect();
    let clauses = if clauses.is_empty() && chance.is(90) {
        vec![clause(chance, SEGMENTS)]
    } else {
        clauses
    };
    let mut rule = serve(chance, count);
    rule["id"] = format!("rule-{number}").into();
    rule["clauses"] = clauses.into();
    rule["trackEvents"] = false.into();
    rule
}

/// A variation or a rollout.
fn serve(chance: &mut Chance, count: usize) -> Value {
    if chance.is(60) {
        return json!({ "variation": variation(chance, count) });
    }
    if chance.is(1) {
        return json!({});
    }
    let mut left = 100_000;
    let parts = chance.below(4);
    let mut arms = Vec::new();
    for part in 0..=parts {
        let weight = match chance.below(10) {
            0 => 0,
            1 => 100_000,
            2 => chance.below(1_000),
            3 => chance.below(100_000),
            _ if part == parts => left,
            _ => chance.below(left + 1),
        };
        left = 100_000_usize.saturating_sub(100_000 - left + weight);
        let untracked = chance.is(20);
        arms.push(json!({ "variation": variation(chance, count), "weight": weight, "untracked": untracked }));
    }
    let mut rollout = json!({ "variations": arms });
    if chance.is(30) {
        rollout["kind"] = (*chance.one(&["rollout", "experiment"])).into();
    }
    if chance.is(30) {
        rollout["contextKind"] = (*chance.one(&KINDS)).into();
    }
    if chance.is(30) {
        rollout["bucketBy"] = attribute(chance).into();
    }
    if chance.is(30) {
        rollout["seed"] = json!(chance.below(1_000));
    }
    json!({ "rollout": rollout })
}

/// All operators, and what is none.
const ALL: [&str; 16] = [
    "in",
    "startsWith",
    "endsWith",
    "contains",
    "matches",
    "lessThan",
    "lessThanOrEqual",
    "greaterThan",
    "greaterThanOrEqual",
    "before",
    "after",
    "semVerEqual",
    "semVerLessThan",
    "semVerGreaterThan",
    "isLike",
    "in",
];

/// A clause that may name the first `segments` segments.
fn clause(chance: &mut Chance, segments: usize) -> Value {
    let values = |chance: &mut Chance, of: &str| -> Vec<Value> {
        let count = if chance.is(5) { 0 } else { chance.below(3) + 1 };
        (0..count).map(|_| literal(chance, of)).collect()
    };
    if segments > 0 && chance.is(20) {
        let names: Vec<_> = (0..=chance.below(2))
            .map(|_| format!("s{}", chance.below(segments + 1)))
            .collect();
        return json!({ "attribute": "", "op": "segmentMatch", "values": names, "negate": chance.is(30) });
    }
    let name = *chance.one(&ATTRIBUTES);
    let fitting: &[&str] = match name {
        "version" => &["semVerEqual", "semVerLessThan", "semVerGreaterThan"],
        "when" => &["before", "after"],
        "age" => &[
            "in",
            "lessThan",
            "lessThanOrEqual",
            "greaterThan",
            "greaterThanOrEqual",
        ],
        "anonymous" | "tags" => &["in"],
        _ => &["in", "in", "startsWith", "endsWith", "contains", "matches"],
    };
    let operators = if chance.is(90) { fitting } else { &ALL };
    let op = *chance.one(operators);
    let of = if op == "matches" && chance.is(90) {
        "pattern"
    } else {
        name
    };
    let mut clause = json!({ "attribute": name, "op": op, "values": values(chance, of), "negate": chance.is(30) });
    if chance.is(60) {
        clause["contextKind"] = (*chance.one(&KINDS)).into();
    }
    if chance.is(1) {
        clause["attribute"] = (*chance.one(&["", "/", "/a~b", "//"])).into();
    }
    clause
}

/// A segment that may name those before it, and rarely itself.
fn segment(chance: &mut Chance, number: usize) -> Value {
    let keys = |chance: &mut Chance| -> Vec<String> {
        (0..chance.below(3)).map(|_| literal::key(chance)).collect()
    };
    let contexts = |chance: &mut Chance| -> Vec<Value> {
        let count = if chance.is(30) { chance.below(3) } else { 0 };
        (0..count)
            .map(|_| json!({ "contextKind": *chance.one(&KINDS), "values": keys(chance) }))
            .collect()
    };
    let mut rules = Vec::new();
    for it in 0..chance.below(3) {
        let reach = if chance.is(2) { number + 1 } else { number };
        let clauses: Vec<_> = (0..=chance.below(2))
            .map(|_| clause(chance, reach))
            .collect();
        let mut rule = json!({ "id": format!("r{it}"), "clauses": clauses });
        if chance.is(30) {
            rule["weight"] = json!(*chance.one(&[0, 1_000, 30_000, 50_000, 99_999, 100_000]));
        }
        if chance.is(20) {
            rule["bucketBy"] = attribute(chance).into();
        }
        if chance.is(20) {
            rule["rolloutContextKind"] = (*chance.one(&KINDS)).into();
        }
        rules.push(rule);
    }
    json!({
        "key": format!("s{number}"),
        "version": 1,
        "included": keys(chance),
        "excluded": keys(chance),
        "includedContexts": contexts(chance),
        "excludedContexts": contexts(chance),
        "rules": rules,
        "salt": "pepper",
    })
}
