//! Law 9 over generated files.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use vexil_ruleset::encode;

use super::super::growthbook;

/// A condition of which each literal is the text `mark`, so that it can be found again.
fn any_condition() -> impl Strategy<Value = Value> {
    let literal = prop_oneof![4 => Just(json!("mark")), 1 => Just(json!(5)), 1 => Just(json!(["mark", "mark"]))];
    let operator = prop::sample::select(vec![
        "",
        "$eq",
        "$ne",
        "$gt",
        "$lte",
        "$in",
        "$nin",
        "$ini",
        "$all",
        "$alli",
        "$size",
        "$type",
        "$regex",
        "$vgte",
        "$veq",
        "$exists",
        "$not",
        "$elemMatch",
        "$inGroup",
        "$odd",
    ]);
    let name = prop::sample::select(vec!["country", "a.b", "tags", ""]);
    let leaf = (name, operator, literal).prop_map(|(name, operator, literal)| {
        if operator.is_empty() {
            json!({ name: literal })
        } else {
            json!({ name: { operator: literal } })
        }
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let group = prop::sample::select(vec!["$and", "$or", "$nor"]);
        prop_oneof![
            (group, prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(group, all)| json!({ group: all })),
            inner.prop_map(|negated| json!({ "$not": negated })),
        ]
    })
}

fn any_rule() -> impl Strategy<Value = Value> {
    let member = prop_oneof![
        3 => any_condition().prop_map(|it| ("condition", it)),
        2 => Just(("force", json!("mark"))),
        2 => Just(("variations", json!(["mark", "mark"]))),
        1 => Just(("force", json!(null))),
        1 => Just(("coverage", json!(0.5))),
        1 => Just(("coverage", json!(0))),
        1 => Just(("seed", json!("mark"))),
        1 => Just(("key", json!("mark"))),
        1 => Just(("hashAttribute", json!("mark"))),
        1 => Just(("fallbackAttribute", json!("mark"))),
        1 => Just(("hashVersion", json!(3))),
        1 => Just(("meta", json!([{ "name": "mark" }]))),
        1 => Just(("namespace", json!(["mark", 0, 0.5]))),
        1 => Just(("filters", json!([{ "seed": "mark", "ranges": [[0, 0.5]] }]))),
        1 => Just(("ranges", json!([[0, 0.3], [0.3, 0.9]]))),
        1 => Just(("weights", json!("mark"))),
        1 => any_condition().prop_map(|it| ("parentConditions", json!([{ "id": "f0", "condition": it, "gate": true }]))),
        1 => any_condition().prop_map(|it| ("parentConditions", json!([{ "id": "f1", "condition": it }]))),
        1 => Just(("id", json!("mark"))),
        1 => Just(("odd", json!("mark"))),
    ];
    prop::collection::vec(member, 0..7).prop_map(|members| {
        members
            .into_iter()
            .map(|(name, it)| (name.to_owned(), it))
            .collect()
    })
}

fn any_feature() -> impl Strategy<Value = Value> {
    let default = prop_oneof![4 => Just(json!("mark")), 1 => Just(json!(null)), 1 => Just(json!(1)), 1 => Just(json!([]))];
    (default, prop::collection::vec(any_rule(), 0..4)).prop_map(
        |(default, rules)| json!({ "defaultValue": default, "rules": rules, "project": "mark" }),
    )
}

/// Gives each `mark` a number of its own and returns them with the steps that lead to them.
fn number_marks(value: &mut Value, path: &str, marks: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text == "mark" => {
            *text = format!("mark{}x", marks.len());
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

/// Whether `written` has `mark` as a text, or as a pattern says it: in any case, character by character.
fn has(written: &str, mark: &str) -> bool {
    let in_any_case = |it: char| {
        if it.is_ascii_alphabetic() {
            format!("[{it}{}]", it.to_ascii_uppercase())
        } else {
            it.to_string()
        }
    };
    let pattern: String = mark.chars().map(in_any_case).collect();
    written.contains(mark) || written.contains(&pattern)
}

proptest! {
    // Law 9: every rule, value, condition and seed of an imported file is in the ruleset or in a note.
    #[test]
    fn nothing_is_lost_in_silence(features in prop::collection::vec(any_feature(), 0..3)) {
        let features = features.into_iter().enumerate().map(|(index, feature)| (format!("f{index}"), feature));
        let mut file = json!({ "features": features.collect::<Map<_, _>>(), "savedGroups": { "g": ["mark"] }, "dateUpdated": "mark" });
        let mut marks = Vec::new();
        number_marks(&mut file, "", &mut marks);
        let imported = growthbook(&file.to_string()).expect("it is a file of features");
        let written = encode(&imported.ruleset);
        let notes: BTreeSet<_> = imported.notes.iter().map(|note| note.path.as_str()).filter(|it| !it.is_empty()).collect();
        for (mark, path) in &marks {
            let is_above = |note: &&str| path.strip_prefix(*note).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            prop_assert!(has(&written, mark) || notes.iter().any(is_above), "{} of {} in {:?}\n{}\n{}", mark, path, notes, file, written);
        }
    }
}
