//! The laws are worth what the generators reach: each construct of the language, and each kind of answer.

mod constructs;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use vexil_conformance::{Case, NOW, oracle};

use self::constructs::{count_condition, count_flag, count_release};
use crate::config;
use vexil_conformance::laws::generate;

/// How often each was seen.
#[derive(Default)]
struct Seen(BTreeMap<String, usize>);

impl Seen {
    fn count(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    /// Every one of `wanted` was seen, and not just by a rare chance.
    fn expect(&self, wanted: &[&str]) {
        let rare = wanted
            .iter()
            .filter(|what| self.0.get(**what).is_none_or(|count| *count < 10));
        assert_eq!(
            rare.collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "{:#?}",
            self.0
        );
    }

    fn print(&self, what: &str) {
        println!("{what}:");
        for (what, count) in &self.0 {
            println!("  {count:>6} {what}");
        }
    }
}

const CONSTRUCTS: &[&str] = &[
    "all",
    "any",
    "not",
    "segment",
    "flag",
    "time: from",
    "time: until",
    "time: from, until",
    "time: text",
    "is",
    "in",
    "exists",
    "startsWith",
    "endsWith",
    "contains",
    "lt",
    "lte",
    "gt",
    "gte",
    "semver",
    "matches",
    "before",
    "after",
    "cidr",
    "startsWith, ignoreCase",
    "endsWith, ignoreCase",
    "contains, ignoreCase",
    "ignoreCase: false",
    "startsWith: list",
    "endsWith: list",
    "contains: list",
    "before: text",
    "before: number",
    "after: text",
    "after: number",
    "cidr: IPv4",
    "cidr: IPv6",
    "cidr: mapped",
    "cidr: one address",
    "attribute: pointer",
    "attribute: outside ASCII",
    "targets",
    "requires",
    "disabled",
    "server",
    "values",
    "program",
    "rule: named",
    "serve: variant",
    "serve: split",
    "serve: release",
    "split: by",
    "split: salt",
    "split: exposure",
    "split: ours",
    "segment: members",
    "segment: many members",
    "in: many",
    "segment: except",
    "segment: when",
    "release: by",
    "stage: plain",
    "stage: percent",
    "stage: audience",
    "stage: audience, percent",
    "audience: flag",
    "audience: segment",
    "audience: time",
];

fn samples<S: Strategy>(count: u32, strategy: &S) -> Vec<S::Value> {
    let mut runner = TestRunner::new(config(count));
    let sample = |_| strategy.new_tree(&mut runner).expect("a value").current();
    (0..count).map(sample).collect()
}

#[test]
fn every_construct_of_the_language_is_generated() {
    let mut seen = Seen::default();
    for ruleset in samples(300, &generate::ruleset()) {
        for (_, flag) in ruleset["flags"].as_object().expect("flags") {
            count_flag(flag, &mut seen);
        }
        for (_, segment) in ruleset["segments"].as_object().expect("segments") {
            for key in ["members", "except", "when"] {
                if segment.get(key).is_some() {
                    seen.count(format!("segment: {key}"));
                }
            }
            if segment["members"]
                .as_array()
                .is_some_and(|members| members.len() > 8)
            {
                seen.count("segment: many members");
            }
            if let Some(when) = segment.get("when") {
                count_condition(when, &mut seen);
            }
        }
        for (_, release) in ruleset["releases"].as_object().expect("releases") {
            count_release(release, &mut seen);
        }
    }
    seen.expect(CONSTRUCTS);
    let recipes: Vec<String> = generate::RECIPES
        .iter()
        .map(|hash| format!("split: {hash}"))
        .collect();
    seen.expect(&recipes.iter().map(String::as_str).collect::<Vec<_>>());
    seen.print("constructs");
}

#[test]
fn every_test_is_met_and_missed() {
    let mut seen = Seen::default();
    let cases = (generate::attribute_test(), generate::context());
    let state = (generate::state()).boxed();
    let now = samples(1, &state)[0].now;
    for (test, context) in samples(16_000, &cases) {
        let ruleset = json!({ "flags": { "f": {
            "variants": { "met": "met", "missed": "missed" }, "offVariant": "missed", "default": "missed",
            "rules": [{ "when": test, "serve": "met" }],
        } } });
        let case = Case {
            name: String::new(),
            flag: "f".to_owned(),
            killed: Vec::new(),
            started: Vec::new(),
            now,
            context,
            expect: Value::Null,
        };
        let answer = oracle::answer(&ruleset, &case);
        let keys = test.as_object().expect("a test").iter();
        let keys =
            keys.filter(|(key, operand)| key.as_str() != "attr" && **operand != json!(false));
        let mut keys: Vec<&str> = keys.map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        if keys.is_empty() {
            keys.push("exists");
        }
        seen.count(format!(
            "{} {}",
            keys.join("+"),
            answer["variant"].as_str().expect("a variant")
        ));
    }
    let tests = [
        "is",
        "in",
        "exists",
        "startsWith",
        "endsWith",
        "contains",
        "ignoreCase+startsWith",
        "endsWith+ignoreCase",
        "contains+ignoreCase",
        "matches",
        "lt",
        "lte",
        "gt",
        "gte",
        "semver",
        "before",
        "after",
        "cidr",
    ];
    for outcome in ["met", "missed"] {
        let wanted: Vec<String> = tests
            .iter()
            .map(|test| format!("{test} {outcome}"))
            .collect();
        seen.expect(&wanted.iter().map(String::as_str).collect::<Vec<_>>());
    }
    seen.print("tests of an attribute");
}

#[test]
fn every_kind_of_answer_is_given() {
    let mut seen = Seen::default();
    let cases = (generate::ruleset(), generate::context(), generate::state());
    for (ruleset, context, state) in samples(1_500, &cases) {
        for flag in generate::FLAGS {
            let (answer, next_change) = oracle::evaluate(&ruleset, &state.case(flag, &context));
            seen.count(answer["reason"].as_str().expect("a reason"));
            for key in ["rule", "stage", "missingUnit"] {
                if answer.get(key).is_some() {
                    seen.count(key);
                }
            }
            if let Some(stage) = answer.get("stage") {
                seen.count(format!("stage {}", stage.as_str().expect("a name")));
                seen.count(format!("arm {}", answer["arm"].as_str().unwrap_or("none")));
            }
            seen.count(match next_change {
                None => "never changes",
                Some(at) if at < NOW + 10 => "changes soon",
                Some(_) => "changes later",
            });
        }
    }
    seen.expect(&[
        "DISABLED",
        "PREREQUISITE_FAILED",
        "TARGETING_MATCH",
        "SPLIT",
        "DEFAULT",
        "STATIC",
        "rule",
        "stage",
        "missingUnit",
        "stage p0",
        "stage p1",
        "stage p2",
        "stage p3",
        "arm treated",
        "arm control",
        "arm none",
        "never changes",
        "changes soon",
        "changes later",
    ]);
    seen.print("answers");
}
