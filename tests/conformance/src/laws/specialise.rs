//! Law 3: what is left of a program answers as the whole, and nothing else is left.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use vexil_core::{
    Arm, Attribute, Context, Evaluation, Expose, Flag, Known, Program, ProgramError, Recipient,
    Value, evaluate, specialise,
};

use super::{Holds, Scene, State};
use crate::answer::Native;
use crate::context::{look_up, resolve, value};
use crate::vector::NOW;

/// The instants at which answers are compared: around those that generated rulesets name.
const TIMES: [i64; 5] = [0, NOW - 1, NOW, NOW + 1, 4_500_000_000_000];

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
///
/// # Errors
/// Where it does not hold.
pub fn what_is_left(scene: &Scene, native: &Native) -> Holds {
    let Some((context, before)) = scene.first() else {
        return Ok(0);
    };
    let mut cases = 0;
    for recipient in [Recipient::Server, Recipient::Browser] {
        let left = Left::of(scene, native, context, before, recipient)?;
        for flag in native.program.flags() {
            cases += left.answers_as_the_whole(flag, before)?;
        }
        left.is_final(before)?;
    }
    Ok(cases)
}

/// A program, and what is left of it for a recipient in a state.
struct Left<'s> {
    scene: &'s Scene,
    program: &'s Program,
    context: &'s Json,
    recipient: Recipient,
    folded: BTreeSet<String>,
    residual: Program,
}

impl<'s> Left<'s> {
    fn of(
        scene: &'s Scene,
        native: &'s Native,
        context: &'s Json,
        before: &State,
        recipient: Recipient,
    ) -> Result<Left<'s>, TestCaseError> {
        let Native { program, .. } = native;
        let known = known(program, context, &scene.folds);
        let residual = specialise(
            program,
            &before.live(program),
            &known,
            recipient,
            before.now,
        )
        .map_err(refused)?;
        Ok(Left {
            scene,
            program,
            context,
            recipient,
            folded: folded(program, &scene.folds, recipient),
            residual: Program::from_bytes(residual.as_bytes().to_vec()).map_err(refused)?,
        })
    }

    fn answers_as_the_whole(&self, flag: Flag<'_>, before: &State) -> Holds {
        let is_hidden = self.recipient == Recipient::Browser && flag.expose() == Expose::Server;
        let ruleset = &self.scene.ruleset;
        let Some(left) = self.residual.flag(flag.key()) else {
            prop_assert!(is_hidden, "{} is gone from {}", flag.key(), ruleset);
            return Ok(0);
        };
        prop_assert!(!is_hidden, "{} is there of {}", flag.key(), ruleset);
        let whole_context = resolve(self.program, self.context);
        let rest = rest(&self.residual, self.context, &self.folded);
        let is_answer = self.recipient == Recipient::Browser && left.is_decided();
        let later = self.scene.states.iter().skip(1).filter(|_| !is_answer);
        let mut cases = 0;
        for state in [before].into_iter().chain(later) {
            let own = [state.now];
            let others = if is_answer { &[][..] } else { &TIMES };
            let (whole_live, left_live) = (state.live(self.program), state.live(&self.residual));
            for now in own.iter().chain(others) {
                let about = || {
                    format!(
                        "{} of {ruleset} for {} with {:?} known, {before:?}, {state:?} at {now}",
                        flag.key(),
                        self.context,
                        self.folded
                    )
                };
                let at = |now| {
                    let want = evaluate(self.program, &whole_live, flag, &whole_context, now);
                    (want, evaluate(&self.residual, &left_live, left, &rest, now))
                };
                let (want, got) = at(*now);
                prop_assert_eq!(said(left, got), said(flag, want), "{}", about());
                // What is left tests less, and may name a later instant: until then it is right as well.
                let until = got.next_change.unwrap_or(i64::MAX);
                prop_assert!(until > *now, "{}", about());
                let (want, got) = at(until - 1);
                prop_assert_eq!(
                    said(left, got),
                    said(flag, want),
                    "until {}: {}",
                    until,
                    about()
                );
                cases += 2;
            }
        }
        Ok(cases)
    }

    /// Nothing private is named, and nothing is left to fold.
    fn is_final(&self, before: &State) -> Result<(), TestCaseError> {
        let ruleset = &self.scene.ruleset;
        let mut named = self.residual.attributes();
        prop_assert!(
            self.recipient == Recipient::Server || named.all(|attribute| !attribute.is_private),
            "{}",
            ruleset
        );
        let context = resolve(&self.residual, self.context);
        let is_folded = |attribute: Attribute<'_>| self.folded.contains(attribute.name);
        let known = Known::new(&self.residual, context, is_folded);
        let live = before.live(&self.residual);
        let again = specialise(&self.residual, &live, &known, self.recipient, before.now)
            .map_err(refused)?;
        prop_assert_eq!(
            again.as_bytes(),
            self.residual.as_bytes(),
            "again, {:?}, of {}",
            self.recipient,
            self.scene.to_json()
        );
        Ok(())
    }
}

fn refused(error: ProgramError) -> TestCaseError {
    TestCaseError::fail(error.message())
}

/// Law 3: `specialise(p, nothing) == p`.
///
/// # Errors
/// Where it is not.
pub fn nothing_known(scene: &Scene, native: &Native) -> Holds {
    let Native { program, .. } = native;
    for state in &scene.states {
        let nothing = Known::nothing(program);
        let live = state.live(program);
        let same = specialise(program, &live, &nothing, Recipient::Server, 0).map_err(refused)?;
        prop_assert_eq!(same.as_bytes(), program.as_bytes(), "{}", scene.ruleset);
    }
    Ok(scene.states.len())
}

/// Law 3: no private literal, and nothing of a flag the caller may not see, survives in the bytes.
/// Nothing is tried where the ruleset is no longer valid with canaries in it.
///
/// # Errors
/// Where something does.
pub fn nothing_hidden(scene: &Scene, _: &Native) -> Holds {
    let marked = marked(&scene.ruleset);
    let (Ok(Native { program, .. }), false) = (
        Native::compile(&marked.to_string()),
        scene.to_json().to_string().contains(CANARY),
    ) else {
        return Ok(0);
    };
    for (context, state) in scene.asked() {
        let known = known(&program, context, &scene.folds);
        let live = state.live(&program);
        let residual =
            specialise(&program, &live, &known, Recipient::Browser, state.now).map_err(refused)?;
        let mut windows = residual.as_bytes().windows(CANARY.len());
        let is_found = windows.any(|window| window == CANARY.as_bytes());
        prop_assert!(!is_found, "a canary in what is left of {}", marked);
    }
    Ok(scene.contexts.len())
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
            for (name, value) in flag["variants"].as_object_mut().into_iter().flatten() {
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
