//! At every limit of the language the engine answers as the plain evaluator; one past it, there is an issue.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

use std::iter;

use serde_json::{Map, Value, json};
use vexil_conformance::{Case, NOW, Native, Started, canonical, oracle};
use vexil_core::limits;

/// The ruleset of that size, asked for `flag`, and what is said of one that is larger by one.
#[track_caller]
fn check(limit: usize, ruleset: impl Fn(usize) -> Value, flag: &str, context: &Value, issue: &str) {
    let native = Native::compile(&ruleset(limit).to_string());
    let native = native.unwrap_or_else(|issues| {
        let issues: Vec<String> = issues.iter().map(ToString::to_string).collect();
        unreachable_issue(&issues.join("\n"))
    });
    let started = Started {
        release: "r".to_owned(),
        stage: format!("s{}", limit - 1),
        exposure: 0.5,
    };
    for context in [context, &json!({}), &json!({ "targetingKey": "u" })] {
        let case = Case {
            name: String::new(),
            flag: flag.to_owned(),
            killed: Vec::new(),
            started: vec![started.clone()],
            now: NOW,
            context: context.clone(),
            expect: Value::Null,
        };
        let answer = native.answer(&case).expect("an answer");
        assert_eq!(
            canonical::text(&answer),
            canonical::text(&oracle::answer(&native.ruleset, &case))
        );
    }
    let issues = Native::compile(&ruleset(limit + 1).to_string()).err();
    let issues: Vec<String> = issues
        .expect("issues")
        .iter()
        .map(|issue| format!("{}: {}", issue.code.name(), issue.code))
        .collect();
    assert_eq!(issues, [issue]);
}

#[expect(clippy::panic, reason = "it says what is wrong")]
fn unreachable_issue(issues: &str) -> ! {
    panic!("at the limit: {issues}")
}

/// A flag that is on where `when` holds.
fn flag(when: &Value) -> Value {
    json!({
        "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off", "default": "off",
        "rules": [{ "when": when, "serve": "on" }],
    })
}

fn many(count: usize, prefix: &str, value: impl Fn(usize) -> Value) -> Map<String, Value> {
    (0..count)
        .map(|number| (format!("{prefix}{number}"), value(number)))
        .collect()
}

#[test]
fn levels_of_conditions() {
    let nested = |levels: usize| {
        let leaf = json!({ "attr": "a", "is": 1 });
        let mut nots = iter::successors(Some(leaf), |inner| Some(json!({ "not": inner })));
        json!({ "flags": { "f": flag(&nots.nth(levels - 1).expect("a condition")) } })
    };
    check(
        limits::DEPTH,
        nested,
        "f",
        &json!({ "a": 1 }),
        "limit: 33 levels of conditions, expected at most 32",
    );
}

#[test]
fn segments_in_a_chain() {
    let chain = |length: usize| {
        let segments = many(length - 1, "s", |number| match number {
            0 => json!({ "when": { "attr": "a", "is": 1 } }),
            _ => json!({ "when": { "segment": format!("s{}", number - 1) } }),
        });
        json!({ "flags": { "f": flag(&json!({ "segment": format!("s{}", length - 2) })) }, "segments": segments })
    };
    check(
        limits::DEPTH,
        chain,
        "f",
        &json!({ "a": 1 }),
        "limit: 33 flags, segments and releases in a chain, expected at most 32",
    );
}

#[test]
fn prerequisites_in_a_chain() {
    let chain = |length: usize| {
        let flags = many(length, "f", |number| match number {
            0 => flag(&json!({ "attr": "a", "is": 1 })),
            _ => flag(&json!({ "flag": format!("f{}", number - 1), "variant": ["on"] })),
        });
        json!({ "flags": flags })
    };
    check(
        limits::DEPTH,
        chain,
        "f31",
        &json!({ "a": 1 }),
        "limit: 33 flags, segments and releases in a chain, expected at most 32",
    );
}

#[test]
fn rules_of_a_flag() {
    let rules = |count: usize| {
        let rule = |number| json!({ "when": { "attr": "a", "is": number }, "serve": "on" });
        let mut flag = flag(&json!({}));
        flag["rules"] = (0..count).map(rule).collect();
        json!({ "flags": { "f": flag } })
    };
    check(
        limits::RULES,
        rules,
        "f",
        &json!({ "a": 999 }),
        "limit: 1001 rules, expected at most 1000",
    );
}

#[test]
fn variants_of_a_flag() {
    let variants = |count: usize| {
        let variants = many(count, "v", Value::from);
        json!({ "flags": { "f": {
            "type": "number", "variants": variants, "offVariant": "v0", "default": "v0",
            "targets": { "v999": ["u"] },
        } } })
    };
    check(
        limits::VARIANTS,
        variants,
        "f",
        &json!({}),
        "limit: 1001 variants, expected at most 1000",
    );
}

#[test]
fn stages_of_a_release() {
    let stages = |count: usize| {
        let stage = |number| match number {
            0 => json!({ "name": "s0", "audience": { "attr": "a", "is": 1 } }),
            _ => json!({ "name": format!("s{number}"), "percent": 50 }),
        };
        json!({
            "flags": { "f": {
                "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off", "default": { "release": "r" },
            } },
            "releases": { "r": { "from": "off", "to": "on", "stages": (0..count).map(stage).collect::<Value>() } },
        })
    };
    check(
        limits::STAGES,
        stages,
        "f",
        &json!({ "a": 1, "targetingKey": "user-1" }),
        "limit: 101 stages, expected at most 100",
    );
}

#[test]
fn flags_of_a_ruleset() {
    let flags = |count: usize| {
        let plain = |_| json!({ "type": "boolean", "variants": { "on": true }, "offVariant": "on", "default": "on" });
        json!({ "flags": many(count, "f", plain) })
    };
    check(
        limits::FLAGS,
        flags,
        "f9999",
        &json!({}),
        "limit: 10001 flags, expected at most 10000",
    );
}

#[test]
fn attributes_of_a_ruleset() {
    let attributes = |count: usize| {
        // The targeting key is one of them in every ruleset.
        let chunks = (1..count).collect::<Vec<_>>();
        let flags = chunks.chunks(1_000).enumerate().map(|(number, chunk)| {
            let test = |attribute: &usize| json!({ "attr": format!("a{attribute}"), "is": 1 });
            let any = chunk.iter().map(test).collect::<Value>();
            (format!("f{number}"), flag(&json!({ "any": any })))
        });
        json!({ "flags": flags.collect::<Map<_, _>>() })
    };
    check(
        limits::ATTRIBUTES,
        attributes,
        "f9",
        &json!({ "a9999": 1 }),
        "limit: 10001 attributes, expected at most 10000",
    );
}

#[test]
fn operands_of_a_list() {
    let operands = |count: usize| {
        let operands = (0..count).map(Value::from).collect::<Value>();
        json!({ "flags": { "f": flag(&json!({ "attr": "a", "in": operands })) } })
    };
    check(
        limits::MEMBERS,
        operands,
        "f",
        &json!({ "a": 999_999 }),
        "limit: 1000001 items, expected at most 1000000",
    );
}

#[test]
fn characters_of_a_key() {
    let key = |characters: usize| json!({ "flags": { "k".repeat(characters): flag(&json!({ "attr": "a", "is": 1 })) } });
    let name = "k".repeat(129);
    check(
        limits::KEY_CHARACTERS,
        key,
        &"k".repeat(128),
        &json!({ "a": 1 }),
        &format!(
            "bad-key: `{name}` is no key, expected 1 to 128 of letters, digits, `.`, `_` and `-`"
        ),
    );
}
