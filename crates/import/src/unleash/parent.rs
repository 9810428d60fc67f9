//! Dependencies: flags that must be on, or off, for another to be on.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use super::{Fault, Import, list, text_of};

/// What a feature asks of others.
#[derive(Default)]
pub(super) struct Parents {
    /// Those that must be on, as the `requires` of a flag.
    pub(super) requires: Vec<Value>,
    /// Where one holds, the feature is off: it asks for a parent that is not on.
    pub(super) unless: Vec<Value>,
}

impl Import<'_> {
    pub(super) fn parents(&mut self, parents: &[Value], path: &Path) -> Result<Parents, Fault> {
        let mut asked = Parents::default();
        for (index, parent) in parents.iter().enumerate() {
            let at = path.clone().join(&index.to_string());
            let nothing = Map::new();
            let members = parent.as_object().unwrap_or(&nothing);
            self.note_unused(
                "dependency",
                members,
                &["feature", "enabled", "variants"],
                &at,
            );
            let name = members
                .get("feature")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let plan = self.plans.get(name);
            let plan = plan.ok_or_else(|| {
                (
                    at.clone(),
                    format!("there is no feature `{name}` to depend on"),
                )
            })?;
            if !plan.parents.is_empty() {
                let reason =
                    format!("`{name}` depends on others itself, which Unleash does not follow");
                return Err((at, reason));
            }
            let variants: Vec<String> = list(members, "variants")
                .iter()
                .filter_map(text_of)
                .collect();
            let key = &plan.key;
            if members.get("enabled") == Some(&Value::Bool(false)) {
                asked
                    .unless
                    .push(json!({ "flag": key, "variant": plan.variants.all_on() }));
                if !variants.is_empty() {
                    let reason = "left out: a parent that is off has no variant";
                    self.draft.note(at.join("variants"), None, reason);
                }
                continue;
            }
            let served: Vec<&str> = if variants.is_empty() {
                plan.variants.all_on()
            } else {
                variants
                    .iter()
                    .flat_map(|name| plan.variants.named(name))
                    .collect()
            };
            if served.is_empty() {
                return Err((at, format!("`{name}` has none of these variants")));
            }
            asked
                .requires
                .push(json!({ "flag": key, "variant": served }));
        }
        Ok(asked)
    }
}
