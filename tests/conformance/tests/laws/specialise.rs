//! Law 3: what is left of a program answers as the whole, and nothing else is left.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use vexil_conformance::{NOW, Native, live, look_up, resolve, value};
use vexil_core::{
    Arm, Attribute, Context, Evaluation, Expose, Flag, Known, Live, Program, Recipient, Value,
    evaluate, specialise,
};

use crate::generate::State;
use crate::{compiled, generate, law};

/// The instants at which answers are compared: around those that generated rulesets name.
const TIMES: [i64; 5] = [0, NOW - 1, NOW, NOW + 1, 4_500_000_000_000];

impl State {
    fn of(&self, program: &Program) -> Live {
        live(program, &self.case("", &json!({})))
    }
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

/// All that an answer says for now, by names: numbers are those of one program.
fn said(flag: Flag<'_>, answer: Evaluation) -> Json {
    let variant = flag.variant(answer.variant).expect("a variant of the flag");
    let rule = answer.rule.map(|rule| {
        let name = flag.rule_name(rule);
        name.map_or_else(|| rule.to_string(), str::to_owned)
    });
    json!({
        "variant": variant.name, "value": variant.value, "reason": answer.reason.name(), "rule": rule,
        "missingUnit": answer.is_missing_unit,
        "stage": answer.chosen_by.map(|chosen| flag.stage(chosen)),
        "arm": answer.chosen_by.and_then(|chosen| chosen.arm).map(Arm::name),
    })
}

/// Law 3: `evaluate(specialise(p, k), rest) == evaluate(p, k + rest)` for disjoint known and rest, at every time and in
/// every live state, for every flag that keeps its rules; for others, at the time and in the state in which they
/// were decided. What is left is idempotent and says nothing private.
#[test]
fn what_is_left_answers_as_the_whole() {
    let cases = (
        generate::ruleset(),
        generate::context(),
        folds(),
        generate::state(),
        generate::state(),
        0..TIMES.len(),
    );
    law(
        "law 3",
        300,
        &cases,
        |(ruleset, context, mask, before, after, time)| {
            let Native { program, .. } = compiled(&ruleset)?;
            let mut cases = 0;
            for recipient in [Recipient::Server, Recipient::Browser] {
                let known_now = known(&program, &context, &mask);
                let live = before.of(&program);
                let residual = specialise(&program, &live, &known_now, recipient, TIMES[time])
                    .expect("within every limit");
                let residual =
                    Program::from_bytes(residual.as_bytes().to_vec()).expect("its own bytes");
                let folded = folded(&program, &mask, recipient);
                let whole_context = resolve(&program, &context);
                let rest = rest(&residual, &context, &folded);
                for flag in program.flags() {
                    let is_hidden =
                        recipient == Recipient::Browser && flag.expose() == Expose::Server;
                    let Some(left) = residual.flag(flag.key()) else {
                        prop_assert!(is_hidden, "{} is gone from {}", flag.key(), ruleset);
                        continue;
                    };
                    prop_assert!(!is_hidden, "{} is there of {}", flag.key(), ruleset);
                    let is_answer = recipient == Recipient::Browser && left.is_decided();
                    let later = if is_answer { &[][..] } else { &TIMES[..] };
                    for (state, times) in [(&before, &TIMES[time..=time]), (&after, later)] {
                        let (whole_live, left_live) = (state.of(&program), state.of(&residual));
                        for now in times {
                            let about = format!(
                                "{} of {ruleset} for {context} with {folded:?} known, {state:?} at {now}",
                                flag.key()
                            );
                            let at = |now| {
                                let want =
                                    evaluate(&program, &whole_live, flag, &whole_context, now);
                                (want, evaluate(&residual, &left_live, left, &rest, now))
                            };
                            let (want, got) = at(*now);
                            prop_assert_eq!(said(left, got), said(flag, want), "{}", about);
                            // What is left tests less, and may name a later instant: until then it is right as well.
                            let until = got.next_change.unwrap_or(i64::MAX);
                            prop_assert!(until > *now, "{}", about);
                            let (want, got) = at(until - 1);
                            prop_assert_eq!(
                                said(left, got),
                                said(flag, want),
                                "until {}: {}",
                                until,
                                about
                            );
                            cases += 2;
                        }
                    }
                }
                let mut named = residual.attributes();
                prop_assert!(
                    recipient == Recipient::Server || named.all(|attribute| !attribute.is_private),
                    "{}",
                    ruleset
                );

                let nothing_more =
                    Known::new(&residual, resolve(&residual, &context), |attribute| {
                        folded.contains(attribute.name)
                    });
                let again = specialise(
                    &residual,
                    &before.of(&residual),
                    &nothing_more,
                    recipient,
                    TIMES[time],
                )
                .expect("within every limit");
                prop_assert_eq!(
                    again.as_bytes(),
                    residual.as_bytes(),
                    "again, {:?}, of {}",
                    recipient,
                    ruleset
                );
            }
            Ok(cases)
        },
    );
}

/// Law 3: `specialise(p, nothing) == p`.
#[test]
fn nothing_known_leaves_everything() {
    let cases = (generate::ruleset(), generate::state());
    law("law 3, nothing", 300, &cases, |(ruleset, state)| {
        let Native { program, .. } = compiled(&ruleset)?;
        let nothing = Known::nothing(&program);
        let same = specialise(
            &program,
            &state.of(&program),
            &nothing,
            Recipient::Server,
            0,
        )
        .expect("within every limit");
        prop_assert_eq!(same.as_bytes(), program.as_bytes(), "{}", ruleset);
        Ok(1)
    });
}

/// Law 3: no private literal, and nothing of a flag the caller may not see, survives in the bytes.
#[test]
fn nothing_hidden_is_left() {
    let cases = (
        generate::ruleset(),
        generate::context(),
        folds(),
        generate::state(),
    );
    law(
        "law 3, hidden",
        300,
        &cases,
        |(ruleset, context, mask, state)| {
            let marked = marked(&ruleset);
            let Native { program, .. } = compiled(&marked)?;
            let known = known(&program, &context, &mask);
            let residual = specialise(&program, &state.of(&program), &known, Recipient::Browser, 0)
                .expect("within every limit");
            let bytes = residual.as_bytes();
            let found = bytes
                .windows(CANARY.len())
                .any(|window| window == CANARY.as_bytes());
            prop_assert!(!found, "a canary in what is left of {}", marked);
            Ok(1)
        },
    );
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
