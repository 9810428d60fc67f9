//! Law 9 over generated files.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{import, written};

const OPERATORS: [&str; 13] = [
    "in",
    "startsWith",
    "contains",
    "matches",
    "lessThan",
    "before",
    "after",
    "semVerEqual",
    "semVerLessThan",
    "segmentMatch",
    "isLike",
    "in",
    "in",
];

/// Each of the literals is the text `mark`, so that it can be found again.
fn any_clause() -> impl Strategy<Value = Value> {
    let attribute = prop::sample::select(vec!["country", "/a/b", "key", "kind", "/key/x", "/a~x"]);
    let kind = prop::option::of(prop::sample::select(vec!["user", "org"]));
    let value = prop_oneof![8 => Just(json!("mark")), 1 => Just(json!(["mark"])), 1 => Just(json!({ "a": "mark" }))];
    let values = prop::collection::vec(value, 0..3);
    (attribute, kind, prop::sample::select(OPERATORS.to_vec()), values, any::<bool>()).prop_map(
        |(attribute, kind, op, values, negate)| {
            json!({ "attribute": attribute, "contextKind": kind, "op": op, "values": values, "negate": negate })
        },
    )
}

fn any_served() -> impl Strategy<Value = Value> {
    let arm = (0..3_u8, 0..60_000_u32)
        .prop_map(|(variation, weight)| json!({ "variation": variation, "weight": weight }));
    prop_oneof![
        8 => (0..3_u8).prop_map(|variation| json!({ "variation": variation })),
        4 => (prop::collection::vec(arm, 0..4), prop::sample::select(vec!["key", "mark", "kind"]))
            .prop_map(|(arms, by)| json!({ "rollout": { "variations": arms, "bucketBy": by } })),
        1 => Just(json!({})),
    ]
}

fn any_rule() -> impl Strategy<Value = Value> {
    (prop::collection::vec(any_clause(), 0..3), any_served()).prop_map(|(clauses, served)| {
        let mut rule = served;
        rule["clauses"] = clauses.into();
        rule["id"] = "mark".into();
        rule
    })
}

fn any_targets() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["user", "org", "user"]);
    let values = prop::collection::vec(Just("mark"), 0..3);
    let target = (kind, values, 0..3_u8).prop_map(|(kind, values, variation)| {
        json!({ "contextKind": kind, "values": values, "variation": variation })
    });
    prop::collection::vec(target, 0..3).prop_map(Value::from)
}

fn any_flag() -> impl Strategy<Value = Value> {
    let prerequisite = (0..5_u8, 0..3_u8)
        .prop_map(|(key, variation)| json!({ "key": format!("f{key}"), "variation": variation }));
    let variations = prop::sample::select(vec![
        json!(["a", "b"]),
        json!([true, false]),
        json!([1, 1, { "a": 1 }]),
        json!([]),
    ]);
    let rules = prop::collection::vec(any_rule(), 0..3);
    let prerequisites = prop::collection::vec(prerequisite, 0..2);
    let serving = (
        any_served(),
        prop::option::of(0..3_u8),
        prop::bool::weighted(0.8),
    );
    (
        variations,
        rules,
        any_targets(),
        any_targets(),
        prerequisites,
        serving,
    )
        .prop_map(
            |(
                variations,
                rules,
                targets,
                context_targets,
                prerequisites,
                (fallthrough, off, on),
            )| {
                json!({
                    "on": on, "variations": variations, "rules": rules, "targets": targets,
                    "contextTargets": context_targets, "prerequisites": prerequisites,
                    "fallthrough": fallthrough, "offVariation": off, "mark": "mark",
                })
            },
        )
}

fn any_segment() -> impl Strategy<Value = Value> {
    let rule = (
        prop::collection::vec(any_clause(), 0..3),
        prop::option::of(0..100_001_u32),
    )
        .prop_map(|(clauses, weight)| json!({ "clauses": clauses, "weight": weight }));
    let keys = || prop::collection::vec(Just("mark"), 0..2);
    (keys(), keys(), any_targets(), prop::collection::vec(rule, 0..3)).prop_map(|(included, excluded, contexts, rules)| {
        json!({ "included": included, "excluded": excluded, "includedContexts": contexts, "rules": rules })
    })
}

/// Gives each `mark` a number of its own and returns them with their places.
fn number_marks(value: &mut Value, path: &str, marks: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text == "mark" => {
            *text = format!("mark-{}-", marks.len());
            marks.push((text.clone(), path.to_owned()));
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                number_marks(item, &format!("{path}/{index}"), marks);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                number_marks(member, &format!("{path}/{name}"), marks);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a note is about what holds `lost`, or about a part of the rollout that it is in: one that serves the same to
/// all is by nothing.
fn accounts_for(note: &str, lost: &str) -> bool {
    let rest = lost.strip_prefix(note);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) || lost.ends_with("/bucketBy")
}

proptest! {
    // Law 9: every rule, variant, target and segment of an imported file is in the ruleset or in a note.
    #[test]
    fn nothing_is_lost_in_silence(
        flags in prop::collection::vec(any_flag(), 0..4),
        segments in prop::collection::vec(any_segment(), 0..3),
    ) {
        let named = |name: &str, things: Vec<Value>| -> Value {
            things.into_iter().enumerate().map(|(index, it)| (format!("{name}{index}"), it)).collect::<serde_json::Map<_, _>>().into()
        };
        let mut file = json!({ "flags": named("f", flags), "segments": named("s", segments) });
        let mut marks = Vec::new();
        number_marks(&mut file, "", &mut marks);
        let imported = import(&file);
        let ruleset = written(&imported);
        let text = ruleset.to_string();
        let notes: Vec<_> = imported.notes.iter().map(|note| note.path.as_str()).filter(|path| !path.is_empty()).collect();
        for (mark, path) in marks {
            let is_noted = notes.iter().any(|note| accounts_for(note, &path));
            prop_assert!(text.contains(&mark) || is_noted, "{} of {} in {:?}", mark, path, notes);
        }
        for room in ["flags", "segments"] {
            for key in file[room].as_object().into_iter().flat_map(|it| it.keys()) {
                let is_kept = ruleset.pointer(&format!("/{room}/{key}")).is_some();
                prop_assert!(is_kept || notes.contains(&format!("/{room}/{key}").as_str()), "{}", key);
            }
        }
    }
}
