//! Variations as variants.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use vexil_ruleset::VariantName;

use super::clause::Fault;
use super::source::Source;

/// The variations of a flag.
pub(super) struct Variants {
    pub(super) kind: &'static str,
    /// By number.
    pub(super) names: Vec<String>,
    pub(super) values: Map<String, Value>,
}

/// The variations, with names for variants: their values where those can be names that differ.
pub(super) fn variants(source: &Source<'_>) -> Result<Variants, Fault> {
    let (at, listed) = source.get("variations").ok_or_else(|| {
        Fault::Malformed(
            source.path.clone().join("variations"),
            "it has no variations".into(),
        )
    })?;
    let value = |item| {
        if source.is_of_rest() {
            Value::get(item, "value").unwrap_or(&Value::Null)
        } else {
            item
        }
    };
    let listed: Vec<&Value> = listed.as_array().into_iter().flatten().map(value).collect();
    let kind_of = |value: &Value| match value {
        Value::Bool(_) => Some("boolean"),
        Value::String(_) => Some("string"),
        Value::Number(_) => Some("number"),
        Value::Object(_) | Value::Array(_) => Some("object"),
        Value::Null => None,
    };
    let Some(first) = listed.first() else {
        return Err(Fault::Malformed(at, "it has no variations".into()));
    };
    let kind = kind_of(first).filter(|kind| listed.iter().all(|it| kind_of(it) == Some(kind)));
    let Some(kind) = kind else {
        let reason = "its variations are of several types, of which a flag here has one";
        return Err(Fault::Unsayable(at, reason.into()));
    };
    let by_value = listed.iter().map(|value| match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::String(value) => VariantName::new(value).map(|name| name.to_string()),
        _ => None,
    });
    let by_value: Option<Vec<String>> = by_value.collect();
    let differ = |names: &Vec<String>| {
        let distinct: BTreeSet<_> = names.iter().collect();
        distinct.len() == names.len()
    };
    let by_number = || {
        (0..listed.len())
            .map(|number| format!("variation-{number}"))
            .collect()
    };
    let names = by_value.filter(differ).unwrap_or_else(by_number);
    let values = names
        .iter()
        .cloned()
        .zip(listed.into_iter().cloned())
        .collect();
    Ok(Variants {
        kind,
        names,
        values,
    })
}
