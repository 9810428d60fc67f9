//! The cases of `GrowthBook`'s SDKs: `packages/sdk-js/test/cases.json` in growthbook/growthbook, a list for each function.

use serde_json::{Map, Value, json};
use vexil_import::Vendor;

use super::{Case, Folders, Outcome, Suite};
use crate::Subject;

mod experiment;

pub(super) const SUITE: Suite = Suite {
    name: "growthbook",
    run,
};

fn run(folders: &Folders<'_>) -> Result<Vec<Case>, String> {
    let Some(folder) = folders.data else {
        return Ok(Vec::new());
    };
    let path = folder.join("growthbook.json");
    let say = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|it| say(&it))?;
    let file: Value = serde_json::from_str(&text).map_err(|it| say(&it))?;
    let sections = file
        .as_object()
        .ok_or_else(|| say(&"expected lists of cases"))?;
    let mut cases = Vec::new();
    // What is no list says of which version they are.
    for (section, listed) in sections {
        for (index, case) in listed.as_array().into_iter().flatten().enumerate() {
            let label = case.get(0).filter(|it| it.is_string()).unwrap_or(case);
            cases.push(Case {
                name: format!("{section} {index} {label}"),
                outcome: one(section, case)
                    .unwrap_or_else(|| Outcome::Failed("the case has another shape".into())),
            });
        }
    }
    Ok(cases)
}

/// `None` where the case is not what its section has.
fn one(section: &str, case: &Value) -> Option<Outcome> {
    let list = case.as_array()?;
    match section {
        "evalCondition" => condition(list),
        "feature" => feature(list),
        "run" => experiment::run(list),
        "hash" => experiment::hash(list),
        "getBucketRange" => experiment::bucket_range(list),
        "chooseVariation" => experiment::choose(list),
        "inNamespace" => experiment::namespace(list),
        "getEqualWeights" => experiment::equal_weights(list),
        "stickyBucket" => Some(Outcome::Unsupported("sticky-buckets")),
        "getQueryStringOverride" => Some(Outcome::Unsupported("forced-by-the-sdk")),
        "urlRedirect" | "isURLTargeted" | "urlTargeting" => Some(Outcome::Unsupported("pages")),
        "decrypt" => Some(Outcome::Unsupported("encryption")),
        _ => Some(Outcome::Failed("no such section is known".into())),
    }
}

/// `[name, condition, attributes, expected, groups?]`, as a flag that the condition forces.
fn condition(case: &[Value]) -> Option<Outcome> {
    let [_, condition, attributes, expected, groups @ ..] = case else {
        return None;
    };
    let file = json!({
        "features": { "f": { "defaultValue": false, "rules": [{ "condition": condition, "force": true }] } },
        "savedGroups": groups.first().unwrap_or(&json!({})),
    });
    Some(check(&file, "f", attributes, expected))
}

/// `[name, context, key, result]`.
fn feature(case: &[Value]) -> Option<Outcome> {
    let [_, context, key, result] = case else {
        return None;
    };
    let context = context.as_object()?;
    if let Some(decision) = forced(context) {
        return Some(Outcome::Unsupported(decision));
    }
    let none = json!({});
    let member = |name: &str| context.get(name).unwrap_or(&none);
    let file = json!({
        "features": member("features"),
        "savedGroups": member("savedGroups"),
        "contextualBandits": member("contextualBandits"),
    });
    Some(check(
        &file,
        key.as_str()?,
        member("attributes"),
        result.get("value")?,
    ))
}

/// The decision about what a page or a tool forces in the SDK, where the context has that.
fn forced(context: &Map<String, Value>) -> Option<&'static str> {
    const FORCED: [&str; 7] = [
        "forcedVariations",
        "forcedFeatureValues",
        "forcedFeatures",
        "qaMode",
        "enabled",
        "overrides",
        "groups",
    ];
    let is_forced = FORCED.iter().any(|name| context.contains_key(*name));
    let has_query = context
        .get("url")
        .and_then(Value::as_str)
        .is_some_and(|it| it.contains('?'));
    (is_forced || has_query).then_some("forced-by-the-sdk")
}

/// What a flag comes to. No value, which `GrowthBook`'s SDKs replace by the caller's fallback, is null or no flag.
fn check(file: &Value, key: &str, attributes: &Value, want: &Value) -> Outcome {
    let subject = match Subject::new(Vendor::GrowthBook, &file.to_string()) {
        Ok(subject) => subject,
        Err(why) => return Outcome::Failed(why),
    };
    let found = match subject.answer(key, attributes) {
        Ok(found) => found.map_or(Value::Null, |it| it.value),
        Err(why) => return Outcome::Failed(why),
    };
    let note = subject.note_below(&format!("/features/{key}"));
    // Values of several types are members of objects, as a note says.
    let is_wrapped = note.is_some() && found == json!({ "value": want });
    if is_same(&found, want) || is_wrapped {
        return Outcome::Passed;
    }
    if let Some(note) = note {
        let decisions = [
            ("it is enough to have these members", "whole-objects"),
            ("no pattern says", "patterns"),
            ("a list without elements", "empty-lists"),
        ];
        let about = |(words, _): &(&str, _)| note.reason.contains(words);
        if let Some((_, decision)) = decisions.into_iter().find(about) {
            return Outcome::Unsupported(decision);
        }
        return Outcome::Failed(format!("{want} expected, {found} found: {note}"));
    }
    Outcome::Failed(format!("{want} expected, {found} found"))
}

/// Equal, whatever way numbers are written.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => one == other,
    }
}

/// A value as JavaScript writes it in a text.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
