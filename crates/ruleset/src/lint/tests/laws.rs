//! That what is found is so: programs are asked, in many contexts, with flags killed and releases started.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "a test that overflows fails"
)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};
use vexil_core::{Context, Evaluation, Live, Program, Progress, Reason, Value, evaluate};

use crate::generate::{Choices, ruleset};
use crate::key::FlagKey;
use crate::lint::{Finding, Lint, lint};
use crate::{Ruleset, compile, decode, encode};

const RULESETS: u32 = 1_200;
const SITUATIONS: u64 = 100;
/// Before, between and after the instants that rulesets name.
const NOWS: &[i64] = &[
    i64::MIN,
    -62_167_305_540_001,
    -1,
    0,
    500,
    1_000_000_000_000,
    1_709_280_000_000,
    8_640_000_000_000_001,
];
/// How keys of flags begin that are added to ask for a condition.
const PROBE: &str = "probe-";

/// Whether something is so in a situation.
type IsSo = Box<dyn Fn(&Answers) -> bool>;

/// Law: what lint says of a rule, a flag, a variant or a condition holds in every evaluation.
#[test]
fn what_is_found_is_so() {
    let found: RefCell<BTreeMap<Lint, usize>> = RefCell::default();
    let config = Config {
        cases: RULESETS,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let choices = prop::collection::vec(any::<u32>(), 0..600);
    let run = TestRunner::new_with_rng(config, rng).run(&choices, |choices| {
        let written = encode(&ruleset(&mut Choices::new(&choices)));
        let mut json: Json = serde_json::from_str(&written).expect("what is encoded is JSON");
        remove_allows(&mut json);
        let ruleset = decode(&json.to_string()).expect("it was encoded from a ruleset");
        let findings = lint(&ruleset);
        for finding in &findings {
            *found.borrow_mut().entry(finding.lint).or_default() += 1;
        }
        let mut probed = json.clone();
        let claims: Vec<_> = findings
            .iter()
            .filter_map(|finding| Some((finding, claim(&json, finding, &mut probed)?)))
            .collect();
        in_every_situation(&probed, &claims)
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    let found = found.into_inner();
    let checked = [
        Lint::UnreachableRule,
        Lint::AlwaysTrue,
        Lint::NeverTrue,
        Lint::RedundantCondition,
        Lint::MootCondition,
        Lint::ConstantFlag,
        Lint::UnmetRequirement,
        Lint::UnusedVariant,
    ];
    for lint in checked {
        assert!(found.get(&lint) >= Some(&10), "{}: {found:?}", lint.name());
    }
}

/// What a finding says of every situation, asked with the help of flags that are added to `probed`.
///
/// `None` where it is about what is written: the tables hold it.
fn claim(json: &Json, finding: &Finding, probed: &mut Json) -> Option<IsSo> {
    let path = finding.path.as_str();
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    let flag = steps.get(1).copied().unwrap_or_default().to_owned();
    Some(match finding.lint {
        Lint::UnreachableRule => {
            let rule = steps[3].parse().ok();
            Box::new(move |answers| answers.of(&flag).rule != rule)
        }
        Lint::UnmetRequirement => Box::new(move |answers| {
            let reason = answers.of(&flag).reason;
            matches!(reason, Reason::PrerequisiteFailed | Reason::Disabled)
        }),
        Lint::ConstantFlag => {
            let first = RefCell::new(None);
            Box::new(move |answers| {
                if answers.is_killed(&flag) {
                    return true;
                }
                let variant = answers.of(&flag).variant;
                variant == *first.borrow_mut().get_or_insert(variant)
            })
        }
        Lint::UnusedVariant => {
            let variants = json["flags"][&flag]["variants"].as_object()?;
            let names: BTreeSet<&String> = variants.keys().collect();
            let number = names.iter().position(|name| *name == steps[3]);
            Box::new(move |answers| number != Some(answers.of(&flag).variant as usize))
        }
        Lint::AlwaysTrue | Lint::NeverTrue => {
            let expected = finding.lint == Lint::AlwaysTrue;
            let condition = match steps.as_slice() {
                ["segments", name] => json!({ "segment": name }),
                _ => json.pointer(path)?.clone(),
            };
            let probe = probe(probed, &condition);
            Box::new(move |answers| answers.holds(&probe) == expected)
        }
        Lint::RedundantCondition => {
            let (parts_path, index) = path.rsplit_once('/')?;
            let (_, join) = parts_path.rsplit_once('/')?;
            let parts = json.pointer(parts_path)?.as_array()?;
            let mut left = parts.clone();
            left.remove(index.parse().ok()?);
            let whole = probe(probed, &json!({ join: parts }));
            let left = probe(probed, &json!({ join: left }));
            Box::new(move |answers| answers.holds(&whole) == answers.holds(&left))
        }
        Lint::MootCondition if steps[0] == "flags" => {
            let mut other = constant_at(json, finding);
            let other = renamed(other["flags"][&flag].take(), &flag, probed);
            Box::new(move |answers| {
                let [one, other] = [&flag, &other].map(|key| Evaluation {
                    next_change: None,
                    ..answers.of(key)
                });
                answers.is_killed(&flag) || one == other
            })
        }
        Lint::MootCondition => {
            let (stage, _) = path.split_once("/audience")?;
            let audience = |json: &Json| Some(json.pointer(stage)?["audience"].clone());
            let whole = probe(probed, &audience(json)?);
            let other = probe(probed, &audience(&constant_at(json, finding))?);
            Box::new(move |answers| answers.holds(&whole) == answers.holds(&other))
        }
        _ => return None,
    })
}

/// With a condition that always or never holds instead of the one that a finding says comes out so.
fn constant_at(json: &Json, finding: &Finding) -> Json {
    let join = match finding.message.rsplit_once(", ") {
        Some((_, "it holds")) => "any",
        Some((_, "it does not hold")) => "all",
        _ => panic!("{finding}"),
    };
    let is = |exists: bool| json!({ "attr": "unheard of", "exists": exists });
    let mut json = json.clone();
    let part = json.pointer_mut(finding.path.as_str());
    *part.expect("it is in the ruleset") = json!({ join: [is(true), is(false)] });
    json
}

/// Adds a flag that divides its units as the flag `key` does.
fn renamed(mut flag: Json, key: &str, json: &mut Json) -> String {
    let rules = flag.get_mut("rules").and_then(Json::as_array_mut);
    let serves = rules.into_iter().flatten().map(|rule| &mut rule["serve"]);
    let mut salt = |serve: &mut Json| {
        if serve.get("split").is_some() && serve.get("salt").is_none() {
            serve["salt"] = key.into();
        }
    };
    serves.for_each(&mut salt);
    salt(&mut flag["default"]);
    let flags = json["flags"].as_object_mut().expect("flags");
    let key = format!("{PROBE}{}", flags.len());
    flags.insert(key.clone(), flag);
    key
}

/// Adds a flag that says whether a condition holds.
fn probe(json: &mut Json, condition: &Json) -> String {
    let ruleset = json.as_object_mut().expect("a ruleset");
    let flags = ruleset.entry("flags").or_insert_with(|| json!({}));
    let flags = flags.as_object_mut().expect("flags");
    let key = format!("{PROBE}{}", flags.len());
    let flag = json!({
        "type": "boolean",
        "variants": { "off": false, "on": true },
        "offVariant": "off",
        "rules": [{ "when": condition, "serve": "on" }],
        "default": "off"
    });
    flags.insert(key.clone(), flag);
    key
}

fn in_every_situation(json: &Json, claims: &[(&Finding, IsSo)]) -> Result<(), TestCaseError> {
    let ruleset = decode(&json.to_string()).expect("a ruleset");
    let program = compile(&ruleset, "test", 1, 0).expect("a small ruleset");
    let literals = literals(json);
    for seed in 0..SITUATIONS {
        let answers = Answers::new(&program, &ruleset, &literals, &mut Random(seed));
        for (finding, is_so) in claims {
            prop_assert!(
                is_so(&answers),
                "{} {}\n{:#}",
                finding.lint.name(),
                finding,
                json
            );
        }
    }
    Ok(())
}

fn remove_allows(json: &mut Json) {
    let sections = ["flags", "segments", "releases"];
    json.as_object_mut().expect("a ruleset").remove("allow");
    for section in sections {
        let members = json.get_mut(section).and_then(Json::as_object_mut);
        for member in members.into_iter().flat_map(|it| it.values_mut()) {
            member.as_object_mut().expect("an object").remove("allow");
            let rules = member.get_mut("rules").and_then(Json::as_array_mut);
            for rule in rules.into_iter().flatten() {
                rule.as_object_mut().expect("a rule").remove("allow");
            }
        }
    }
}

/// Every text and number in a ruleset: what its conditions compare with is among them.
fn literals(json: &Json) -> Vec<Value<'_>> {
    match json {
        Json::Null | Json::Bool(_) => Vec::new(),
        Json::Number(number) => vec![Value::Number(number.as_f64().expect("a double"))],
        Json::String(text) => vec![Value::Text(text)],
        Json::Array(items) => items.iter().flat_map(literals).collect(),
        Json::Object(members) => members.values().flat_map(literals).collect(),
    }
}

/// The generator `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) % end as u64) as usize
    }

    fn value<'v>(&mut self, literals: &[Value<'v>], depth: usize) -> Value<'v> {
        match self.below(16) {
            0 => Value::Missing,
            1 => Value::Null,
            2 => Value::Bool(self.below(2) == 1),
            3 => Value::Object,
            4 => Value::Text(["", "a", "0.0.0-0", "2.1.0", "3.0.0-rc.1"][self.below(5)]),
            5 => Value::Number([0.0, -1.0, 0.5, f64::MAX, f64::MIN][self.below(5)]),
            6..=8 if depth == 0 => Value::List(
                (0..self.below(4))
                    .map(|_| self.value(literals, 1))
                    .collect(),
            ),
            _ if literals.is_empty() => Value::Missing,
            _ => match literals[self.below(literals.len())].clone() {
                Value::Number(number) => Value::Number(match self.below(4) {
                    0 => number.next_up(),
                    1 => number.next_down(),
                    _ => number,
                }),
                other => other,
            },
        }
    }
}

/// What all flags come to in one situation.
struct Answers {
    by_flag: BTreeMap<String, (Evaluation, bool)>,
}

impl Answers {
    fn new(
        program: &Program,
        ruleset: &Ruleset,
        literals: &[Value<'_>],
        random: &mut Random,
    ) -> Answers {
        let keys = ruleset.flags().keys().map(FlagKey::as_str);
        let killed: Vec<&str> = keys
            .clone()
            .filter(|key| !key.starts_with(PROBE) && random.below(6) == 0)
            .collect();
        let releases = ruleset.releases().keys();
        let started: Vec<(&str, Progress)> = releases
            .filter_map(|name| {
                let exposure = [0.0, 0.1, 0.5, 1.0][random.below(4)];
                let stage = random.below(3) as u32;
                let is_started = random.below(4) > 0;
                is_started.then_some((name.as_str(), Progress { stage, exposure }))
            })
            .collect();
        let live = Live::new(program, 1, killed.iter().copied(), started, []);
        let now = NOWS[random.below(NOWS.len())];
        let context = Context::resolve(program, |_| random.value(literals, 0));
        let answer = |key: &str| {
            let flag = program.flag(key).expect("it was compiled");
            let answer = evaluate(program, &live, flag, &context, now);
            (key.to_owned(), (answer, killed.contains(&key)))
        };
        Answers {
            by_flag: keys.map(answer).collect(),
        }
    }

    fn of(&self, flag: &str) -> Evaluation {
        self.by_flag[flag].0
    }

    fn is_killed(&self, flag: &str) -> bool {
        self.by_flag[flag].1
    }

    fn holds(&self, probe: &str) -> bool {
        self.of(probe).rule.is_some()
    }
}
