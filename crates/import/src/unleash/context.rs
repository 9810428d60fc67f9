//! Unleash's contexts, as evaluation contexts.

use serde_json::{Map, Number, Value};
use vexil_ruleset::Path;

use super::text_of;

/// The fields of a context that are no properties.
pub(super) const FIELDS: [&str; 6] = [
    "userId",
    "sessionId",
    "environment",
    "appName",
    "currentTime",
    "remoteAddress",
];

/// Where numbers are, besides the texts that they are.
const NUMBERS: &str = "numbers";
/// What callers say instead of the name of the machine they run on.
pub(super) const HOSTNAME: &str = "applicationHostname";

/// The evaluation context in which imported flags answer as Unleash does in `context`.
///
/// | Unleash | here |
/// |---|---|
/// | `userId` | `targetingKey` |
/// | `sessionId`, `environment`, `appName`, `currentTime`, `remoteAddress` | the attribute of that name |
/// | `properties.NAME`, and any other text beside the fields | the attribute `NAME` |
///
/// All values are texts in Unleash: numbers, true and false become theirs, and what is none of them is not there. A text
/// that is a number is one in the object `numbers` as well, under its name here: that is what `NUM_…` compares. Callers
/// that write contexts for imported flags give a number as a number, and need no `numbers`.
///
/// A property called `targetingKey`, `numbers` or `applicationHostname` is `property:` and its name.
///
/// # Errors
///
/// `context` is no object.
pub(crate) fn context(context: &Value) -> Result<Map<String, Value>, String> {
    let members = context
        .as_object()
        .ok_or_else(|| format!("expected an object, found `{context}`"))?;
    let mut properties: Map<String, Value> = Map::new();
    let nested = members.get("properties").and_then(Value::as_object);
    for (name, value) in nested.into_iter().flatten() {
        if let Some(text) = text_of(value) {
            properties.insert(name.clone(), text.into());
        }
    }
    let mut written = Map::new();
    for field in FIELDS {
        // A field that is there hides a property of its name, even where it is null.
        let given = members.get(field).or_else(|| properties.get(field));
        if let Some(text) = given.and_then(text_of) {
            written.insert(name_here(field), text.into());
        }
    }
    let others = members
        .iter()
        .filter(|(name, value)| *name != "properties" && value.is_string());
    for (name, value) in others {
        properties.insert(name.clone(), value.clone());
    }
    properties.retain(|name, _| !FIELDS.contains(&name.as_str()));
    for (name, value) in properties {
        written.insert(name_here(&name), value);
    }
    let numbers: Map<String, Value> = written
        .iter()
        .filter_map(|(name, text)| Some((name.clone(), number(text.as_str()?)?.into())))
        .collect();
    if !numbers.is_empty() {
        written.insert(NUMBERS.to_owned(), numbers.into());
    }
    Ok(written)
}

/// The number that `text` is; what JSON cannot say is the largest there.
fn number(text: &str) -> Option<Number> {
    let number: f64 = text.parse().ok()?;
    Number::from_f64(number.clamp(f64::MIN, f64::MAX))
}

/// What an attribute of Unleash's is called here.
fn name_here(name: &str) -> String {
    match name {
        "userId" => "targetingKey".to_owned(),
        "targetingKey" | NUMBERS | HOSTNAME => format!("property:{name}"),
        _ if name.starts_with("property:") => format!("property:{name}"),
        _ => name.to_owned(),
    }
}

/// The attribute of that name in Unleash, as conditions name it.
pub(super) fn attribute(name: &str) -> String {
    let name = name_here(name);
    if name.is_empty() || name.starts_with('/') {
        return Path::default().join(&name).to_string();
    }
    name
}

/// The same, where it is as a number.
pub(super) fn number_attribute(name: &str) -> String {
    Path::default()
        .join(NUMBERS)
        .join(&name_here(name))
        .to_string()
}
