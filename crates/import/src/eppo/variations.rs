//! Variations, as variants.

use serde_json::{Map, Value};
use vexil_ruleset::Path;

use super::Fault;
use crate::draft::{callers_default, key_for};

/// The variations of a flag.
pub(super) struct Variations {
    kind: &'static str,
    variants: Map<String, Value>,
    callers_default: String,
    faults: Vec<Fault>,
}

impl Variations {
    /// Reads `variationType` and `variations` of a flag.
    pub(super) fn of(flag: &Map<String, Value>, path: &Path) -> Result<Variations, Fault> {
        let step = |name: &str| path.clone().join(name);
        let wanted = flag
            .get("variationType")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let kind = match wanted {
            "BOOLEAN" => "boolean",
            "STRING" => "string",
            "INTEGER" | "NUMERIC" => "number",
            "JSON" => "object",
            _ => {
                let why = "expected `BOOLEAN`, `STRING`, `INTEGER`, `NUMERIC` or `JSON`";
                return Err((step("variationType"), why.to_owned()));
            }
        };
        let all = flag
            .get("variations")
            .and_then(Value::as_object)
            .ok_or_else(|| {
                (
                    step("variations"),
                    "expected an object of variations by key".to_owned(),
                )
            })?;
        let mut variations = Variations {
            kind,
            variants: Map::new(),
            callers_default: String::new(),
            faults: Vec::new(),
        };
        for (key, variation) in all {
            let at = step("variations").join(key);
            let name = key_for(key);
            match value(variation.get("value").unwrap_or(&Value::Null), wanted) {
                Some(value) => {
                    if name != *key {
                        let why = format!("`{key}` cannot be the name of a variant: it is called `{name}`");
                        variations.faults.push((at, why));
                    }
                    variations.variants.insert(name, value);
                }
                None => variations.faults.push((
                    at,
                    format!("its value is none of type `{wanted}`: the caller's default is the answer, as in Eppo"),
                )),
            }
        }
        variations.callers_default = callers_default(&variations.variants);
        variations
            .variants
            .insert(variations.callers_default.clone(), Value::Null);
        Ok(variations)
    }

    /// The flag's type.
    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }

    /// Values by name, that of the caller's default among them.
    pub(super) fn variants(&self) -> &Map<String, Value> {
        &self.variants
    }

    /// The name of the variant that leaves the answer to the caller.
    pub(super) fn callers_default(&self) -> &str {
        &self.callers_default
    }

    /// The name of the variant that a variation became; without a value of the flag's type it is the caller's default.
    pub(super) fn named(&self, key: &str) -> &str {
        let name = self.variants.get_key_value(&key_for(key));
        name.map_or(&self.callers_default, |(name, _)| name)
    }

    /// What is odd about variations, though no answer differs for it.
    pub(super) fn faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }
}

/// The value that assignments of `wanted` have for `value`, if any.
fn value(value: &Value, wanted: &str) -> Option<Value> {
    let number = value.as_f64();
    match wanted {
        "BOOLEAN" => value.is_boolean().then(|| value.clone()),
        "STRING" => value.is_string().then(|| value.clone()),
        "INTEGER" => number.filter(|it| it.fract() == 0.0).map(|_| value.clone()),
        "NUMERIC" => number.map(|_| value.clone()),
        _ => {
            let value: Value = serde_json::from_str(value.as_str()?).ok()?;
            (value.is_object() || value.is_array()).then_some(value)
        }
    }
}
