//! Law 9 over generated files.

use proptest::prelude::*;
use serde_json::{Value, json};
use vexil_ruleset::encode;

use super::super::unleash;

/// A constraint; each of its literals is the text `mark`, so that it can be found again.
fn any_constraint() -> impl Strategy<Value = Value> {
    let operators = [
        "IN",
        "NOT_IN",
        "STR_CONTAINS",
        "NUM_GT",
        "DATE_AFTER",
        "SEMVER_EQ",
        "REGEX",
        "IN_CIDR",
        "ODD",
    ];
    (prop::sample::select(operators.to_vec()), any::<bool>()).prop_map(|(operator, inverted)| {
        json!({ "contextName": "a", "operator": operator, "values": ["mark"], "value": "mark", "inverted": inverted })
    })
}

fn any_variants() -> impl Strategy<Value = Value> {
    let variant = prop::option::of(Just("string")).prop_map(|payload| match payload {
        Some(kind) => {
            json!({ "name": "mark", "weight": 1, "payload": { "type": kind, "value": "mark" } })
        }
        None => json!({ "name": "mark", "weight": 1 }),
    });
    prop::collection::vec(variant, 0..3).prop_map(Value::from)
}

fn any_strategy() -> impl Strategy<Value = Value> {
    let kinds = [
        "default",
        "userWithId",
        "flexibleRollout",
        "gradualRolloutUserId",
        "applicationHostname",
        "own",
    ];
    let constraints = prop::collection::vec(any_constraint(), 0..2);
    let percent = prop::sample::select(&["0", "50", "100", "x", "150"][..]);
    (prop::sample::select(kinds.to_vec()), constraints, percent, any_variants()).prop_map(
        |(kind, constraints, percent, variants)| {
            let parameters = match kind {
                "userWithId" => json!({ "userIds": "mark" }),
                "flexibleRollout" => json!({ "rollout": percent, "groupId": "mark", "stickiness": "default" }),
                "gradualRolloutUserId" => json!({ "percentage": percent, "groupId": "mark" }),
                "applicationHostname" => json!({ "hostNames": "mark" }),
                _ => json!({ "own": "mark" }),
            };
            json!({ "name": kind, "constraints": constraints, "parameters": parameters, "variants": variants })
        },
    )
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

/// Whether a note at `note` accounts for what was at `lost`: above it; the whole feature is off for what is there; or it
/// counts members of that name, of which it stands at the first.
fn accounts_for(note: (&str, &str), lost: &str) -> bool {
    let (path, reason) = note;
    let is_within = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let feature = |path: &str| path.split('/').take(3).collect::<Vec<_>>().join("/");
    let member = |path: &str| {
        let mut steps = path
            .rsplit('/')
            .filter(|step| step.parse::<usize>().is_err());
        steps.next().unwrap_or_default().to_owned()
    };
    is_within(lost, path)
        || (reason.starts_with("the flag is off") && feature(path) == feature(lost))
        || (reason.contains("no answer depends on it") && member(path) == member(lost))
}

proptest! {
    // Law 9: every strategy, constraint, variant and parameter of an imported file is in the ruleset or in a note.
    #[test]
    fn nothing_is_lost_in_silence(strategies in prop::collection::vec((prop::collection::vec(any_strategy(), 0..4), any_variants()), 0..3)) {
        let features = strategies.into_iter().enumerate().map(|(index, (strategies, variants))| {
            json!({ "name": format!("f{index}"), "enabled": true, "strategies": strategies, "variants": variants })
        });
        let mut features: Value = features.collect::<Vec<_>>().into();
        let mut marks = Vec::new();
        number_marks(&mut features, "/features", &mut marks);
        let imported = unleash(&json!({ "features": features }).to_string()).expect("it is a file of Unleash's");
        let written = encode(&imported.ruleset);
        for (mark, path) in &marks {
            let mut notes = imported.notes.iter().map(|note| (note.path.as_str(), note.reason.as_str()));
            let is_noted = notes.any(|note| accounts_for(note, path));
            prop_assert!(written.contains(mark.as_str()) || is_noted, "{} of {} in {:?}", mark, path, imported.notes);
        }
    }
}
