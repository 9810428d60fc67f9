//! Law 3: what is left of a program answers as the whole, and nothing else is left.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value as Json, json};
use vexil_conformance::{Native, look_up, resolve, value};
use vexil_core::{
    Arm, Attribute, Context, Evaluation, Expose, Flag, Known, Live, Program, Progress, Recipient,
    Value, evaluate, specialise,
};

use crate::{compiled, config, generate};

/// The instants at which answers are compared: around those that generated rulesets name.
const TIMES: [i64; 4] = [0, 1_600_000_000_000, 1_800_000_000_000, 4_500_000_000_000];

/// A live state: what is killed, and which releases are how far.
#[derive(Clone, Debug)]
struct Moved {
    killed: Vec<String>,
    stage: Index,
    exposure: f64,
    is_started: bool,
}

impl Moved {
    fn of(&self, program: &Program) -> Live {
        let killed = self.killed.iter().map(String::as_str);
        let started: Vec<(&str, Progress)> = program
            .releases()
            .filter(|_| self.is_started)
            .map(|release| {
                let stage = self.stage.index(release.stage_count() as usize) as u32;
                let exposure = self.exposure;
                (release.name(), Progress { stage, exposure })
            })
            .collect();
        Live::new(program, 1, killed, started, [])
    }
}

fn moved() -> impl Strategy<Value = Moved> {
    let exposure = prop_oneof![Just(0.0), Just(0.3), Just(0.7), Just(1.0)];
    (generate::killed(), any::<Index>(), exposure, any::<bool>()).prop_map(
        |(killed, stage, exposure, is_started)| Moved {
            killed,
            stage,
            exposure,
            is_started,
        },
    )
}

/// Which attributes are known, by chance.
fn folds() -> impl Strategy<Value = Vec<bool>> {
    prop::collection::vec(any::<bool>(), 16)
}

/// Folds the attributes that `mask` picks by their place.
fn known<'c>(program: &Program, context: &'c Json, mask: &[bool]) -> Known<'c> {
    let mut places = mask.iter().copied().cycle();
    Known::new(program, resolve(program, context), |_| {
        places.next().unwrap_or_default()
    })
}

fn folded(program: &Program, mask: &[bool], recipient: Recipient) -> BTreeSet<String> {
    let mut places = mask.iter().copied().cycle();
    let is_folded = |attribute: &Attribute<'_>| {
        let is_known = places.next().unwrap_or_default();
        is_known || attribute.is_private && recipient == Recipient::Browser
    };
    program
        .attributes()
        .filter(is_folded)
        .map(|attribute| attribute.name.to_owned())
        .collect()
}

/// The rest of `context`: whatever was folded in is said wrongly, for it must not be read again.
fn rest<'c>(program: &Program, context: &'c Json, folded: &BTreeSet<String>) -> Context<'c> {
    let whole: Vec<(String, Value<'c>)> = program
        .attributes()
        .map(|attribute| {
            let name = attribute.name.to_owned();
            let value = if folded.contains(&name) {
                Value::Text("said wrongly")
            } else {
                value(look_up(context, &name))
            };
            (name, value)
        })
        .collect();
    Context::resolve(program, |name| {
        whole
            .iter()
            .find(|(known, _)| known == name)
            .map_or(Value::Missing, |(_, value)| value.clone())
    })
}

/// All that an answer says, by names: numbers are those of one program.
fn said(flag: Flag<'_>, answer: Evaluation) -> Json {
    let variant = flag.variant(answer.variant).expect("a variant of the flag");
    let rule = answer.rule.map(|rule| {
        let name = flag.rule_name(rule);
        name.map_or_else(|| rule.to_string(), str::to_owned)
    });
    json!({
        "variant": variant.name, "value": variant.value, "reason": answer.reason.name(), "rule": rule,
        "missingUnit": answer.is_missing_unit, "nextChange": answer.next_change,
        "stage": answer.chosen_by.map(|chosen| flag.stage(chosen)),
        "arm": answer.chosen_by.and_then(|chosen| chosen.arm).map(Arm::name),
    })
}

proptest! {
    #![proptest_config(config(300))]

    /// `evaluate(specialise(p, k), rest) == evaluate(p, k + rest)` for disjoint known and rest, at every time and in
    /// every live state, for every flag that keeps its rules; for others, at the time and in the state in which they
    /// were decided. What is left is idempotent and says nothing private.
    #[test]
    fn what_is_left_answers_as_the_whole(ruleset in generate::ruleset(), context in generate::context(), mask in folds(), before in moved(), after in moved(), time in 0..TIMES.len()) {
        let Native { program, .. } = compiled(&ruleset);
        for recipient in [Recipient::Server, Recipient::Browser] {
            let known_now = known(&program, &context, &mask);
            let live = before.of(&program);
            let residual = specialise(&program, &live, &known_now, recipient, TIMES[time]).expect("within every limit");
            let residual = Program::from_bytes(residual.as_bytes().to_vec()).expect("its own bytes");
            let folded = folded(&program, &mask, recipient);
            let whole_context = resolve(&program, &context);
            let rest = rest(&residual, &context, &folded);
            for flag in program.flags() {
                let is_hidden = recipient == Recipient::Browser && flag.expose() == Expose::Server;
                let Some(left) = residual.flag(flag.key()) else {
                    prop_assert!(is_hidden, "{} is gone from {}", flag.key(), ruleset);
                    continue;
                };
                prop_assert!(!is_hidden, "{} is there of {}", flag.key(), ruleset);
                let is_answer = recipient == Recipient::Browser && left.is_decided();
                for (state, times) in [(&before, &TIMES[time..=time]), (&after, if is_answer { &[][..] } else { &TIMES[..] })] {
                    for now in times {
                        let want = said(flag, evaluate(&program, &state.of(&program), flag, &whole_context, *now));
                        let got = said(left, evaluate(&residual, &state.of(&residual), left, &rest, *now));
                        prop_assert_eq!(got, want, "{} of {} for {} with {:?} known, {:?} at {}", flag.key(), ruleset, context, folded, state, now);
                    }
                }
            }
            let mut named = residual.attributes();
            prop_assert!(recipient == Recipient::Server || named.all(|attribute| !attribute.is_private), "{}", ruleset);

            let nothing_more = Known::new(&residual, resolve(&residual, &context), |attribute| folded.contains(attribute.name));
            let again = specialise(&residual, &before.of(&residual), &nothing_more, recipient, TIMES[time]).expect("within every limit");
            prop_assert_eq!(again.as_bytes(), residual.as_bytes(), "again, {:?}, of {}", recipient, ruleset);
        }
    }

    /// `specialise(p, nothing) == p`.
    #[test]
    fn nothing_known_leaves_everything(ruleset in generate::ruleset(), live in moved()) {
        let Native { program, .. } = compiled(&ruleset);
        let nothing = Known::nothing(&program);
        let same = specialise(&program, &live.of(&program), &nothing, Recipient::Server, 0).expect("within every limit");
        prop_assert_eq!(same.as_bytes(), program.as_bytes(), "{}", ruleset);
    }

    /// No private literal, and nothing of a flag the caller may not see, survives in the bytes.
    #[test]
    fn nothing_hidden_is_left(ruleset in generate::ruleset(), context in generate::context(), mask in folds(), live in moved()) {
        let marked = marked(&ruleset);
        let Native { program, .. } = compiled(&marked);
        let known = known(&program, &context, &mask);
        let residual = specialise(&program, &live.of(&program), &known, Recipient::Browser, 0).expect("within every limit");
        let bytes = residual.as_bytes();
        let found = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
        prop_assert!(!found, "a canary in what is left of {}", marked);
    }
}

/// What must never be seen by a browser.
const CANARY: &str = "canary-";

/// The ruleset with canaries in all that a browser may not see: values, rules and literals of server flags, names of
/// segments, literals that private attributes are compared with.
fn marked(ruleset: &Json) -> Json {
    let mut marked = ruleset.clone();
    for flag in marked["flags"].as_object_mut().into_iter().flatten() {
        let flag = flag.1;
        if flag["expose"] == "server" {
            flag["type"] = "string".into();
            let variants = flag["variants"].as_object_mut().expect("variants");
            for (name, value) in variants.iter_mut() {
                *value = format!("{CANARY}{name}").into();
            }
            for rule in flag["rules"].as_array_mut().into_iter().flatten() {
                rule["name"] = format!("{CANARY}rule").into();
            }
        }
    }
    marked["private"] = json!(["secret"]);
    for (_, segment) in marked["segments"].as_object_mut().into_iter().flatten() {
        let hidden = json!({ "attr": "secret", "startsWith": format!("{CANARY}literal") });
        let when = segment.get("when").cloned();
        let any = when.map_or_else(|| vec![hidden.clone()], |when| vec![hidden.clone(), when]);
        segment["when"] = json!({ "any": any });
    }
    renamed(&marked)
}

/// The ruleset with its segments called by canaries.
fn renamed(ruleset: &Json) -> Json {
    match ruleset {
        Json::Object(members) => Json::Object(
            members
                .iter()
                .map(|(name, value)| match (name.as_str(), value) {
                    ("segment", Json::String(segment)) => {
                        (name.clone(), format!("{CANARY}{segment}").into())
                    }
                    ("segments", Json::Object(segments)) => {
                        let renamed_segments: Map<String, Json> = segments
                            .iter()
                            .map(|(name, segment)| (format!("{CANARY}{name}"), renamed(segment)))
                            .collect();
                        (name.clone(), Json::Object(renamed_segments))
                    }
                    _ => (name.clone(), renamed(value)),
                })
                .collect(),
        ),
        Json::Array(items) => items.iter().map(renamed).collect(),
        single => single.clone(),
    }
}
