//! What the value of another feature has to be first.

use serde_json::{Value, json};

use super::condition::Condition;
use super::feature::{Known, Writing};
use super::rule::{Fault, Rule};
use super::{Import, constant, javascript};

impl Import<'_> {
    /// Reads the prerequisites; whether nothing is left to be served by the rule itself.
    pub(super) fn prerequisites(
        &mut self,
        rule: &mut Rule<'_>,
        flag: &mut Writing,
    ) -> Result<bool, Fault> {
        let path = rule.at("parentConditions");
        let asked = match rule.some("parentConditions") {
            None => return Ok(false),
            Some(asked) => asked
                .as_array()
                .ok_or((path.clone(), "expected a list".to_owned()))?,
        };
        for (index, asked) in asked.iter().enumerate() {
            let at = path.clone().join(&index.to_string());
            let fault = |why: String| (at.clone(), why);
            let id = asked.get("id").map(javascript::text).unwrap_or_default();
            if self.is_in_circle(&id) || self.leads_to(&id, &flag.id) {
                self.note(&at, "the prerequisites lead back to themselves: from here on the feature has no value");
                self.dropped(
                    rule.path,
                    "left out but for a prerequisite that is never met",
                );
                let name = flag.variants.name(&Value::Null);
                let when = Condition::all(rule.when.clone());
                flag.push(None, when, json!(name));
                return Ok(true);
            }
            let held = self
                .prerequisite(&id, asked.get("condition"))
                .map_err(fault)?;
            let other = self.at.clone().join(&id);
            self.note_of(&other, &at, "the other feature");
            self.dropped(
                &at.clone().join("condition"),
                "is now the variants that it holds for",
            );
            let is_gate = asked.get("gate").is_some_and(javascript::is_truthy);
            if !is_gate {
                rule.when.push(held);
                continue;
            }
            let is_first = flag.has_only_gates && rule.when.is_empty();
            match held {
                Condition::Always => {}
                Condition::When(required) if is_first && required.get("flag").is_some() => {
                    flag.variants.name(&Value::Null);
                    flag.requires.push(required);
                }
                held => {
                    let name = flag.variants.name(&Value::Null);
                    let blocked = rule.when.iter().cloned().chain([held.not()]);
                    flag.push(None, Condition::all(blocked), json!(name));
                    if flag.is_done {
                        self.dropped(
                            rule.path,
                            "left out but for a prerequisite that is never met",
                        );
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Whether the value of a feature matches.
    fn prerequisite(&mut self, id: &str, condition: Option<&Value>) -> Result<Condition, String> {
        let always = json!({});
        let condition = condition
            .filter(|it| javascript::is_truthy(it))
            .unwrap_or(&always);
        let groups = self.groups;
        let is_met = |value: &Value| constant::holds(condition, &json!({ "value": value }), groups);
        match self.feature(id) {
            Known::LeftOut => Err(format!("`{id}` is left out")),
            Known::NoValue => is_met(&Value::Null).map(Condition::of),
            Known::Flag(key, outcomes) => {
                let mut names = Vec::new();
                for (name, value) in &outcomes {
                    if is_met(value)? {
                        names.push(name);
                    }
                }
                Ok(match names.len() {
                    0 => Condition::Never,
                    all if all == outcomes.len() => Condition::Always,
                    _ => Condition::When(json!({ "flag": key, "variant": names })),
                })
            }
        }
    }
}
