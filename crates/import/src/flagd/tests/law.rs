//! Law 9 over generated files.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::super::{Fractional, flagd};

/// A condition; each of its literals is the text `mark`, so that it can be found again.
fn any_condition() -> impl Strategy<Value = Value> {
    let attribute = prop_oneof![
        Just("country"),
        Just("app.version"),
        Just(""),
        Just("$flagd.flagKey")
    ];
    let leaf = (attribute, 0..11_u8).prop_map(|(name, kind)| {
        let var = json!({ "var": name });
        match kind {
            0 => json!({ "==": [var, "mark"] }),
            1 => json!({ "!==": ["mark", var] }),
            2 => json!({ "in": [var, ["mark", "other"]] }),
            3 => json!({ "in": ["mark", var] }),
            4 => json!({ "starts_with": [var, "mark"] }),
            5 => json!({ "cat": ["mark", var] }),
            6 => json!({ ">": [var, "mark"] }),
            7 => json!({ "sem_ver": [var, "^", "mark"] }),
            8 => json!({ "==": [{ "cat": [var, "x"] }, "mark"] }),
            9 => json!({ "===": [{ "var": ["country", "mark"] }, "mark"] }),
            _ => json!("mark"),
        }
    });
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|all| json!({ "and": all })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|any| json!({ "or": any })),
            inner.prop_map(|negated| json!({ "!": negated })),
        ]
    })
}

/// Targeting that yields variants, some of which the flag lacks.
fn any_targeting() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => (0..5_u8).prop_map(|variant| json!(format!("v{variant}"))),
        1 => Just(Value::Null),
        1 => any_condition(),
        1 => Just(json!({ "fractional": [["v0", 1], ["v1", 1]] })),
        1 => Just(json!({ "fractional": [{ "cat": ["mark", { "var": "email" }] }, ["v0", 1], ["v1", 1]] })),
        1 => (any_condition(), 0..5_u8).prop_map(|(condition, variant)| json!({ "fractional": [
            [{ "if": [condition, "v0", "v1"] }, 1], [format!("v{variant}"), 1],
        ] })),
    ];
    leaf.prop_recursive(3, 12, 5, |inner| {
        let pairs = prop::collection::vec((any_condition(), inner.clone()), 1..3);
        (pairs, prop::option::of(inner)).prop_map(|(pairs, otherwise)| {
            let pairs = pairs
                .into_iter()
                .flat_map(|(condition, result)| [condition, result]);
            json!({ "if": pairs.chain(otherwise).collect::<Vec<_>>() })
        })
    })
}

fn any_flag() -> impl Strategy<Value = Value> {
    let value = prop_oneof![8 => Just(json!("text")), 1 => Just(json!(1)), 1 => Just(json!([]))];
    let variants = prop::collection::vec(value, 0..5);
    let state = prop_oneof![8 => Just("ENABLED"), 2 => Just("DISABLED"), 1 => Just("?")];
    (variants, state, 0..5_u8, any_targeting()).prop_map(|(variants, state, default, targeting)| {
        let variants: serde_json::Map<_, _> =
            variants.into_iter().enumerate().map(|(index, value)| (format!("v{index}"), value)).collect();
        json!({ "state": state, "variants": variants, "defaultVariant": format!("v{default}"), "targeting": targeting })
    })
}

/// Gives each `mark` a number of its own and returns them with the steps that lead to them.
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

/// Whether a note at `note` accounts for what was at `lost`: above it, or elsewhere in a rule that
/// was left out as a whole, which is a condition of an `if` with all that depends on it.
fn accounts_for(note: &str, lost: &str) -> bool {
    let is_within = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if is_within(lost, note) {
        return true;
    }
    let steps: Vec<&str> = lost.split('/').collect();
    (1..=steps.len()).any(|length| {
        let prefix = &steps[..length];
        match prefix {
            [before @ .., "if", index] => {
                let condition = index.parse::<usize>().expect("an index") & !1;
                is_within(note, &format!("{}/if/{condition}", before.join("/")))
            }
            // Targeting that is a condition itself.
            [.., "targeting"] | [_] => is_within(note, &prefix.join("/")) && !note.contains("/if/"),
            _ => false,
        }
    })
}

proptest! {
    // Law 9: every rule, variant, target and segment of an imported file is in the ruleset or in a note.
    #[test]
    fn nothing_is_lost_in_silence(flags in prop::collection::vec(any_flag(), 0..3)) {
        let mut flags: Value =
            flags.into_iter().enumerate().map(|(index, flag)| (format!("f{index}"), flag)).collect::<serde_json::Map<_, _>>().into();
        let mut marks = Vec::new();
        number_marks(&mut flags, "/flags", &mut marks);
        let imported = flagd(&json!({ "flags": flags }).to_string(), Fractional::V2).expect("it is a flagd file");
        let written = encode(&imported.ruleset);
        let ruleset: Value = serde_json::from_str(&written).expect("a ruleset is JSON");
        let notes: BTreeSet<_> = imported.notes.iter().map(|note| note.path.as_str()).collect();

        for (key, flag) in flags.as_object().into_iter().flatten() {
            let Some(kept) = ruleset.pointer(&format!("/flags/{key}")) else {
                prop_assert!(notes.iter().any(|note| note.starts_with(&format!("/flags/{key}"))), "{}", key);
                continue;
            };
            for (name, value) in flag["variants"].as_object().into_iter().flatten() {
                prop_assert_eq!(kept["variants"].get(name), Some(value));
            }
            for (mark, path) in marks.iter().filter(|(_, path)| path.starts_with(&format!("/flags/{key}/"))) {
                let is_noted = notes.iter().any(|note| accounts_for(note, path));
                prop_assert!(written.contains(mark.as_str()) || is_noted, "{} of {} in {:?}", mark, path, notes);
            }
        }
    }
}
