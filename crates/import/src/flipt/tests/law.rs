//! Law 9 over generated files.

use proptest::prelude::*;
use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::super::flipt;

/// Each of the literals is the text `mark`, so that it can be found again.
fn any_constraint() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec![
        "STRING_COMPARISON_TYPE",
        "STRING_COMPARISON_TYPE",
        "ENTITY_ID_COMPARISON_TYPE",
        "NUMBER_COMPARISON_TYPE",
        "BOOLEAN_COMPARISON_TYPE",
        "DATETIME_COMPARISON_TYPE",
        "mark",
    ]);
    let operator = prop::sample::select(vec![
        "eq",
        "neq",
        "prefix",
        "contains",
        "isoneof",
        "isnotoneof",
        "empty",
        "notempty",
        "present",
        "true",
        "lt",
        "like",
    ]);
    let value = prop::sample::select(vec!["mark", "mark", "[]", "[\"x\"]", "12", ""]);
    let property = prop::sample::select(vec!["mark", "/a", ""]);
    (kind, property, operator, value).prop_map(|(kind, property, operator, value)| {
        json!({ "type": kind, "property": property, "operator": operator, "value": value, "description": "mark" })
    })
}

fn any_segment() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["ALL_MATCH_TYPE", "ANY_MATCH_TYPE"]);
    (kind, prop::collection::vec(any_constraint(), 0..3)).prop_map(
        |(kind, constraints)| json!({ "match_type": kind, "constraints": constraints, "name": "mark", "mark": "mark" }),
    )
}

/// Some of the segments `s0` to `s2`; `s3` is not there.
fn any_segments() -> impl Strategy<Value = Value> {
    let key = || prop_oneof![12 => 0..3_u8, 1 => Just(3)].prop_map(|it| format!("s{it}"));
    let operator = prop::sample::select(vec!["AND_SEGMENT_OPERATOR", "OR_SEGMENT_OPERATOR"]);
    prop_oneof![
        key().prop_map(Value::from),
        (operator, prop::collection::vec(key(), 0..3))
            .prop_map(|(operator, keys)| json!({ "operator": operator, "keys": keys })),
    ]
}

fn any_variant_flag() -> impl Strategy<Value = Value> {
    let attachment = prop::sample::select(vec![json!({ "a": "mark" }), json!("mark"), Value::Null]);
    let variants = prop::collection::vec((attachment, any::<bool>()), 0..3).prop_map(|all| {
        let all = all.into_iter().enumerate();
        let variant = |(index, (attachment, default)): (usize, (Value, bool))| {
            json!({ "key": format!("v{index}"), "attachment": attachment, "default": default, "name": "mark" })
        };
        all.map(variant).collect::<Vec<_>>()
    });
    let distribution = (0..3_u8, 0..101_u32).prop_map(
        |(variant, rollout)| json!({ "variant": format!("v{variant}"), "rollout": rollout, "mark": "mark" }),
    );
    let rule = (any_segments(), prop::collection::vec(distribution, 0..3)).prop_map(
        |(segment, distributions)| json!({ "segment": segment, "distributions": distributions, "mark": "mark" }),
    );
    (variants, prop::collection::vec(rule, 0..4)).prop_map(
        |(variants, rules)| json!({ "type": "VARIANT_FLAG_TYPE", "variants": variants, "rules": rules }),
    )
}

fn any_boolean_flag() -> impl Strategy<Value = Value> {
    let segment = (any_segments(), any::<bool>()).prop_map(|(segments, value)| {
        let mut segment = match segments {
            Value::String(key) => json!({ "key": key }),
            segments => segments,
        };
        segment["value"] = value.into();
        json!({ "segment": segment, "description": "mark" })
    });
    let threshold = (0..101_u32, any::<bool>()).prop_map(
        |(percentage, value)| json!({ "threshold": { "percentage": percentage, "value": value, "mark": "mark" } }),
    );
    let rollout = prop_oneof![4 => segment, 4 => threshold, 1 => Just(json!({ "mark": "mark" }))];
    prop::collection::vec(rollout, 0..4)
        .prop_map(|rollouts| json!({ "type": "BOOLEAN_FLAG_TYPE", "rollouts": rollouts }))
}

fn any_flag() -> impl Strategy<Value = Value> {
    let odd = prop::sample::select(vec![
        json!({ "type": "mark" }),
        json!({ "variants": "mark" }),
    ]);
    let flag = prop_oneof![8 => any_variant_flag(), 8 => any_boolean_flag(), 1 => odd];
    (flag, any::<bool>()).prop_map(|(mut flag, is_enabled)| {
        flag["enabled"] = is_enabled.into();
        flag["description"] = "mark".into();
        flag
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

/// Whether a note is about what holds `lost`, or leaves the flag out for another part of it.
fn accounts_for((path, reason): (&str, &str), lost: &str) -> bool {
    let rest = lost.strip_prefix(path);
    let flag = |path: &str| path.split('/').take(3).collect::<Vec<_>>().join("/");
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        || (reason.starts_with("the flag is left out") && flag(path) == flag(lost))
}

/// A list whose elements are called `name`, and their numbers.
fn keyed(name: &str, things: Vec<Value>) -> Value {
    let keyed = |(index, mut thing): (usize, Value)| {
        thing["key"] = format!("{name}{index}").into();
        thing
    };
    things.into_iter().enumerate().map(keyed).collect()
}

proptest! {
    // Law 9: every rule, rollout, constraint and attachment of an imported file is in the ruleset or in a note.
    #[test]
    fn nothing_is_lost_in_silence(
        flags in prop::collection::vec(any_flag(), 0..4),
        segments in prop::collection::vec(any_segment(), 3),
    ) {
        let mut file = json!({ "flags": keyed("f", flags), "segments": keyed("s", segments), "mark": "mark" });
        let mut marks = Vec::new();
        number_marks(&mut file, "", &mut marks);
        let imported = flipt(&file.to_string()).expect("it is a features file");
        let written = encode(&imported.ruleset);
        let notes = || imported.notes.iter().filter(|note| note.path.as_str() != "");
        for (mark, path) in &marks {
            let is_noted = notes().any(|note| accounts_for((note.path.as_str(), &note.reason), path));
            prop_assert!(written.contains(mark.as_str()) || is_noted, "{} of {} in {:?}", mark, path, imported.notes);
        }
        for (index, flag) in file["flags"].as_array().into_iter().flatten().enumerate() {
            let ruleset: Value = serde_json::from_str(&written).expect("a ruleset is JSON");
            let is_kept = ruleset.pointer(&format!("/flags/f{index}")).is_some();
            let path = format!("/flags/{index}/");
            let is_noted = notes().any(|note| accounts_for((note.path.as_str(), &note.reason), &path));
            prop_assert!(is_kept || is_noted, "{}", flag);
        }
    }
}
