//! What OFREP's bulk answer and that to `/v1/values` are made of.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use vexil_core::{Evaluation, Flag, Program, Reason, evaluate};
use vexil_ofrep::{Body, Conditions, Entries, LiveState, Response, Snapshot, Trust, Visibility};

use super::{Holds, Scene, State};
use crate::answer::{Native, progress};
use crate::context::resolve;

/// An answer is the same bytes, whatever was written before it: those that `evaluate` comes to, flag by flag. Two answers
/// are the same bytes exactly where their entity tags are the same, whoever made them.
///
/// # Errors
/// Where it does not hold.
pub fn what_was_written_before(scene: &Scene, native: &Native) -> Holds {
    let program = &native.program;
    let mut entries = Entries::default();
    let mut tags = BTreeMap::new();
    let mut bodies = BTreeMap::new();
    let mut cases = 0;
    for (context, state) in scene.asked() {
        let live = LiveState {
            number: 1,
            killed: state.killed.clone(),
            started: progress(program, &state.started)
                .map(|(name, progress)| (name.to_owned(), progress))
                .collect(),
        };
        for (visibility, is_expired) in [
            (Visibility::All, false),
            (Visibility::All, true),
            (Visibility::Exposed, false),
            (Visibility::Exposed, true),
        ] {
            let snapshot = Snapshot {
                program,
                live: &live,
                version: 1,
                now: state.now,
                trust: Trust::Caller,
                facts: None,
                is_expired,
            };
            let answers = answers(program, state, context, visibility, is_expired);
            let values = |entries: &mut Entries| {
                let context = context.as_object().expect("an object");
                vexil_ofrep::values(&snapshot, visibility, context, entries)
            };
            let asked = json!({ "context": context }).to_string();
            let bulk = |entries: &mut Entries| {
                let conditions = Conditions::default();
                vexil_ofrep::bulk(&snapshot, visibility, asked.as_bytes(), conditions, entries)
            };
            for (got, alone, want) in [
                (
                    values(&mut entries),
                    values(&mut Entries::default()),
                    values_text(&answers, is_expired),
                ),
                (
                    bulk(&mut entries),
                    bulk(&mut Entries::default()),
                    bulk_text(&answers, is_expired),
                ),
            ] {
                let message = format!("{state:?} context {context} of {}", scene.ruleset);
                prop_assert_eq!(&got, &alone, "{}", message);
                let (tag, body) = parts(got);
                prop_assert_eq!(&body, &want, "{}", message);
                prop_assert_eq!(tags.entry(body.clone()).or_insert(tag.clone()), &tag);
                prop_assert_eq!(bodies.entry(tag).or_insert(body.clone()), &body);
                cases += 1;
            }
        }
    }
    Ok(cases)
}

fn parts(response: Response) -> (String, String) {
    let Body::Json(body) = response.body else {
        return Default::default();
    };
    (response.etag.unwrap_or_default(), body)
}

/// The flags that are shown, by key, and what each serves.
fn answers<'p>(
    program: &'p Program,
    state: &State,
    context: &Value,
    visibility: Visibility,
    is_expired: bool,
) -> BTreeMap<&'p str, (Flag<'p>, Evaluation)> {
    let live = state.live(program);
    let context = resolve(program, context);
    let shown = program.flags().filter(|flag| visibility.shows(*flag));
    let answer = |flag: Flag<'p>| {
        let evaluation = match flag.failsafe() {
            Some(variant) if is_expired => Evaluation {
                variant,
                reason: Reason::Default,
                rule: None,
                is_missing_unit: false,
                chosen_by: None,
                next_change: None,
            },
            _ => evaluate(program, &live, flag, &context, state.now),
        };
        (flag.key(), (flag, evaluation))
    };
    shown.map(answer).collect()
}

fn values_text(answers: &BTreeMap<&str, (Flag<'_>, Evaluation)>, is_expired: bool) -> String {
    let mut text = "{\"flags\":{".to_owned();
    for (place, (key, (flag, evaluation))) in answers.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        let choice = choice(*flag, *evaluation);
        let reason = evaluation.reason.name();
        let _ = write!(
            text,
            "{comma}{}:{{{choice},\"reason\":\"{reason}\"",
            json!(key)
        );
        for (name, value) in explanation(*flag, *evaluation) {
            let _ = write!(text, ",\"{name}\":{value}");
        }
        if let Some(failsafe) = flag.failsafe().and_then(|variant| flag.variant(variant)) {
            let _ = write!(text, ",\"failsafe\":{}", failsafe.value);
        }
        text.push('}');
    }
    let evaluations = answers.values().map(|(_, evaluation)| evaluation);
    let next_change = evaluations
        .filter_map(|evaluation| evaluation.next_change)
        .min();
    let stale = if is_expired { ",\"stale\":true" } else { "" };
    let _ = write!(text, "}},\"nextChange\":{}{stale}}}", json!(next_change));
    text
}

fn bulk_text(answers: &BTreeMap<&str, (Flag<'_>, Evaluation)>, is_expired: bool) -> String {
    let flags = answers.iter().map(|(key, (flag, evaluation))| {
        let mut metadata = Map::new();
        let reason = match evaluation.reason {
            Reason::PrerequisiteFailed => {
                metadata.insert("prerequisiteFailed".to_owned(), true.into());
                Reason::Default
            }
            other => other,
        };
        if is_expired {
            metadata.insert("stale".to_owned(), true.into());
        }
        metadata.extend(explanation(*flag, *evaluation));
        let metadata = if metadata.is_empty() {
            String::new()
        } else {
            format!(",\"metadata\":{}", Value::Object(metadata))
        };
        format!(
            "{{\"key\":{},{},\"reason\":\"{}\"{metadata}}}",
            json!(key),
            choice(*flag, *evaluation),
            reason.name()
        )
    });
    format!("{{\"flags\":[{}]}}", flags.collect::<Vec<_>>().join(","))
}

fn choice(flag: Flag<'_>, evaluation: Evaluation) -> String {
    let variant = flag.variant(evaluation.variant).expect("a variant");
    format!(
        "\"value\":{},\"variant\":{}",
        variant.value,
        json!(variant.name)
    )
}

fn explanation(flag: Flag<'_>, evaluation: Evaluation) -> Map<String, Value> {
    let mut members = Map::new();
    if let Some(rule) = evaluation.rule {
        let name = flag
            .rule_name(rule)
            .map_or_else(|| rule.to_string(), str::to_owned);
        members.insert("rule".to_owned(), name.into());
    }
    if let Some(chosen_by) = evaluation.chosen_by {
        members.insert("stage".to_owned(), flag.stage(chosen_by).into());
        if let Some(arm) = chosen_by.arm {
            members.insert("arm".to_owned(), arm.name().into());
        }
    }
    if evaluation.is_missing_unit {
        members.insert("missingUnit".to_owned(), true.into());
    }
    members
}
