//! Experiments, and the functions of which they are made, as flags that the functions decide.

use serde_json::{Map, Value, json};
use vexil_core::Recipe;
use vexil_import::Vendor;

use super::{check, forced};
use crate::Subject;
use crate::suite::Outcome;

/// So many units are asked where ranges are compared.
const UNITS: u32 = 2_000;
/// So many are tried to find one that falls somewhere.
const TRIED: u32 = 1_000_000;
/// Places of the second version of the hash.
const PLACES: f64 = 10_000.0;

/// `[name, context, experiment, value, isInExperiment, isHashUsed]`.
pub(super) fn run(case: &[Value]) -> Option<Outcome> {
    let [_, context, experiment, value, is_in, ..] = case else {
        return None;
    };
    let (context, experiment) = (context.as_object()?, experiment.as_object()?);
    if let Some(decision) = forced(context) {
        return Some(Outcome::Unsupported(decision));
    }
    let on_pages = ["url", "urlPatterns", "groups", "include"];
    if on_pages.iter().any(|name| experiment.contains_key(*name)) {
        return Some(Outcome::Unsupported("pages"));
    }
    let key = experiment.get("key")?.as_str()?;
    let variations = experiment.get("variations")?.as_array()?;
    // Served to those that are not in the experiment: of their type, and none of them.
    let outside = match variations.first()? {
        Value::Number(_) => json!(-1),
        Value::String(_) => json!("outside"),
        Value::Bool(bool) => json!(!bool),
        _ => json!({ "outside": true }),
    };
    let none = json!({});
    let mut features = context
        .get("features")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let rules: Vec<Value> = rule(experiment).into_iter().collect();
    let feature = json!({ "defaultValue": outside, "rules": rules });
    features.insert(key.into(), feature);
    let file = json!({
        "features": features,
        "savedGroups": context.get("savedGroups").unwrap_or(&none),
    });
    let attributes = context.get("attributes").unwrap_or(&none);
    let want = if is_in.as_bool()? { value } else { &outside };
    Some(check(&file, key, attributes, want))
}

/// The rule that an experiment is, if it is one at all: what is a draft or not active is in no file of features.
fn rule(experiment: &Map<String, Value>) -> Option<Value> {
    let mut rule = experiment.clone();
    let is_active = rule.remove("active") != Some(json!(false));
    let status = rule.remove("status");
    let is_running = status.is_none_or(|it| it == "running");
    // One variation for all who would be in any.
    if let Some(force) = rule.remove("force") {
        let variations = rule.get("variations")?.as_array()?.clone();
        let forced = variations
            .get(usize::try_from(force.as_u64()?).ok()?)?
            .clone();
        rule.insert("variations".into(), json!(vec![forced; variations.len()]));
    }
    (is_active && is_running).then_some(Value::Object(rule))
}

/// `[seed, value, version, hash]`: the value is in the range of that one place.
pub(super) fn hash(case: &[Value]) -> Option<Outcome> {
    let [seed, value, version, hash] = case else {
        return None;
    };
    let (mut seed, mut unit) = (seed.as_str()?.to_owned(), super::text(value));
    let mut range = json!([0, 1]);
    if let Some(hash) = hash.as_f64() {
        range = json!([hash, hash + 0.000_01]);
    }
    if seed.is_empty() {
        // The hash is one of both texts together, and a seed that is empty counts as none: it takes a character over.
        let taken = if version == 2 {
            Some(unit.remove(0))
        } else {
            unit.pop()
        };
        seed.extend(taken);
        if unit.is_empty() {
            return Some(Outcome::Unsupported("empty-seeds"));
        }
    }
    let rule = json!({ "force": true, "range": range, "hashVersion": version, "seed": seed });
    let file = json!({ "features": { "f": { "defaultValue": false, "rules": [rule] } } });
    let want = json!(!hash.is_null());
    Some(check(&file, "f", &json!({ "id": unit }), &want))
}

/// `[name, [variations, coverage, weights], ranges]`.
pub(super) fn bucket_range(case: &[Value]) -> Option<Outcome> {
    let [_, asked, ranges] = case else {
        return None;
    };
    let variations = asked.get(0)?.as_u64()?;
    let mut rule = json!({ "variations": (0..variations).collect::<Vec<_>>() });
    for (at, name) in [(1, "coverage"), (2, "weights")] {
        if let Some(member) = asked.get(at).filter(|it| !it.is_null()) {
            rule.as_object_mut()?.insert(name.into(), member.clone());
        }
    }
    divides(rule, &ranges_of(ranges)?)
}

/// `[variations, weights]`.
pub(super) fn equal_weights(case: &[Value]) -> Option<Outcome> {
    let [variations, weights] = case else {
        return None;
    };
    let variations = variations.as_i64()?.max(0);
    let mut end = 0.0;
    let mut range = |weight: &Value| {
        let start = end;
        end += weight.as_f64()?;
        Some((start, end))
    };
    let ranges: Option<Vec<_>> = weights.as_array()?.iter().map(&mut range).collect();
    // Nobody is in an experiment of fewer than two variations.
    let ranges = ranges.filter(|_| variations > 1).unwrap_or_default();
    divides(
        json!({ "variations": (0..variations).collect::<Vec<_>>() }),
        &ranges,
    )
}

/// `[name, place, ranges, variation]`, of which -1 is none.
pub(super) fn choose(case: &[Value]) -> Option<Outcome> {
    let [_, place, ranges, variation] = case else {
        return None;
    };
    let place = place.as_f64()?;
    let ranges = ranges.as_array()?;
    let unit = (0..TRIED)
        .map(|it| it.to_string())
        .find(|unit| (place_of(unit) - place).abs() < 0.000_01)?;
    let variations: Vec<_> = (0..ranges.len()).collect();
    let rule = json!({ "variations": variations, "ranges": ranges, "hashVersion": 2, "seed": "s" });
    Some(check(&file(&rule), "f", &json!({ "id": unit }), variation))
}

/// `[name, id, namespace, isIn]`.
pub(super) fn namespace(case: &[Value]) -> Option<Outcome> {
    let [_, id, namespace, is_in] = case else {
        return None;
    };
    let rule = json!({ "variations": [1, 1], "namespace": namespace });
    let want = if is_in.as_bool()? { 1 } else { -1 };
    Some(check(&file(&rule), "f", &json!({ "id": id }), &json!(want)))
}

/// A feature that is -1 outside of an experiment.
fn file(rule: &Value) -> Value {
    json!({ "features": { "f": { "defaultValue": -1, "rules": [rule] } } })
}

/// Each unit is in the variation in whose range it falls.
fn divides(mut rule: Value, ranges: &[(f64, f64)]) -> Option<Outcome> {
    let members = rule.as_object_mut()?;
    members.insert("hashVersion".into(), json!(2));
    members.insert("seed".into(), json!("s"));
    let subject = match Subject::new(Vendor::GrowthBook, &file(&rule).to_string()) {
        Ok(subject) => subject,
        Err(why) => return Some(Outcome::Failed(why)),
    };
    for unit in (0..UNITS).map(|it| it.to_string()) {
        let place = place_of(&unit);
        // The ranges of the cases are rounded.
        let is_edge =
            |(from, to): &(f64, f64)| [from, to].iter().any(|it| (*it - place).abs() < 0.000_01);
        if ranges.iter().any(is_edge) {
            continue;
        }
        let want = ranges
            .iter()
            .position(|(from, to)| place >= *from && place < *to);
        let want = want.map_or(json!(-1), |it| json!(it));
        let found = subject.answer("f", &json!({ "id": unit })).ok()??.value;
        if found != want {
            let why = format!("{want} expected at {place}, {found} found");
            return Some(Outcome::Failed(why));
        }
    }
    Some(Outcome::Passed)
}

/// Where a unit falls with the seed `s`, by the second version of the hash.
fn place_of(unit: &str) -> f64 {
    let position = Recipe::GrowthBookFnv1aV2.place(1, "s", unit);
    (f64::from(position.get()) / 4_294_967_296.0 * PLACES).round() / PLACES
}

fn ranges_of(ranges: &Value) -> Option<Vec<(f64, f64)>> {
    let range = |range: &Value| Some((range.get(0)?.as_f64()?, range.get(1)?.as_f64()?));
    ranges.as_array()?.iter().map(range).collect()
}
