//! Targeting conditions, as conditions of the ruleset.
//!
//! Source: as for [`super::constant`]. What JavaScript's operators make of values of another type is written out; what
//! cannot be is in the notes.

use std::fmt;

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::{Import, constant};

/// A condition, or where and why there is none.
pub(super) type Conclusion = Result<Condition, (Path, String)>;

/// How deep conditions may stand in each other.
const DEPTH: usize = 24;

/// What a condition of `GrowthBook` became.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    /// It holds for everybody.
    Always,
    /// It holds for nobody.
    Never,
    /// A condition of the ruleset.
    When(Value),
}

impl Condition {
    pub(super) fn of(is_met: bool) -> Condition {
        if is_met {
            Condition::Always
        } else {
            Condition::Never
        }
    }

    pub(super) fn all(conditions: impl IntoIterator<Item = Condition>) -> Condition {
        let mut kept = Vec::new();
        for condition in conditions {
            match condition {
                Condition::Always => {}
                Condition::Never => return Condition::Never,
                Condition::When(Value::Object(mut members)) if members.contains_key("all") => {
                    if let Some(Value::Array(inner)) = members.remove("all") {
                        kept.extend(inner);
                    }
                }
                Condition::When(when) => kept.push(when),
            }
        }
        Condition::of_many(kept, "all").unwrap_or(Condition::Always)
    }

    pub(super) fn any(conditions: impl IntoIterator<Item = Condition>) -> Condition {
        let mut kept = Vec::new();
        for condition in conditions {
            match condition {
                Condition::Never => {}
                Condition::Always => return Condition::Always,
                Condition::When(Value::Object(mut members)) if members.contains_key("any") => {
                    if let Some(Value::Array(inner)) = members.remove("any") {
                        kept.extend(inner);
                    }
                }
                Condition::When(when) => kept.push(when),
            }
        }
        Condition::of_many(kept, "any").unwrap_or(Condition::Never)
    }

    fn of_many(mut kept: Vec<Value>, word: &str) -> Option<Condition> {
        let mut distinct = Vec::new();
        for one in kept.drain(..) {
            if !distinct.contains(&one) {
                distinct.push(one);
            }
        }
        match distinct.len() {
            0 => None,
            1 => distinct.pop().map(Condition::When),
            _ => Some(Condition::When(json!({ word: distinct }))),
        }
    }

    pub(super) fn not(self) -> Condition {
        match self {
            Condition::Always => Condition::Never,
            Condition::Never => Condition::Always,
            Condition::When(when) => Condition::When(match (when.get("not"), when.get("exists")) {
                (Some(negated), _) => negated.clone(),
                (None, Some(Value::Bool(exists))) => {
                    let attribute = when.get("attr").cloned().unwrap_or_default();
                    json!({ "attr": attribute, "exists": !exists })
                }
                _ => json!({ "not": when }),
            }),
        }
    }
}

/// The way to an attribute: the members that lead to it from the top of a context.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Steps(Vec<String>);

impl Steps {
    /// What `GrowthBook` calls `path` here: a step for each part between dots.
    pub(super) fn below(&self, path: &str) -> Steps {
        let steps = path.split('.').map(str::to_owned);
        Steps(self.0.iter().cloned().chain(steps).collect())
    }

    /// A member of the top of a context, whatever dots it has.
    pub(super) fn top(name: &str) -> Steps {
        Steps(vec![name.to_owned()])
    }

    /// A member, whatever dots it has.
    pub(super) fn member(&self, name: &str) -> Steps {
        let mut steps = self.0.clone();
        steps.push(name.to_owned());
        Steps(steps)
    }

    pub(super) fn item(&self, index: usize) -> Steps {
        self.member(&index.to_string())
    }

    /// A step that JavaScript finds in lists, texts and objects that do not have it as JSON.
    fn inherited(&self) -> Option<&String> {
        let is_known = |step: &&String| {
            [
                "length",
                "constructor",
                "toString",
                "valueOf",
                "hasOwnProperty",
                "__proto__",
            ]
            .contains(&step.as_str())
        };
        self.0.iter().find(is_known)
    }
}

impl fmt::Display for Steps {
    /// As conditions name it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [name] if !name.is_empty() && !name.starts_with('/') => formatter.write_str(name),
            steps => {
                let path = steps
                    .iter()
                    .fold(Path::default(), |path, step| path.join(step));
                formatter.write_str(path.as_str())
            }
        }
    }
}

impl Import<'_> {
    /// `condition` on what is `around`: the whole context, or an element of a list.
    pub(super) fn condition(
        &mut self,
        condition: &Value,
        around: &Steps,
        path: &Path,
    ) -> Conclusion {
        if path.as_str().matches('/').count() > DEPTH.saturating_mul(2) {
            return Err((
                path.clone(),
                "conditions stand too deep in each other".into(),
            ));
        }
        let members = condition
            .as_object()
            .ok_or_else(|| (path.clone(), format!("`{condition}` is not a condition")))?;
        let mut all = Vec::new();
        for (name, operand) in members {
            let inside = path.clone().join(name);
            all.push(match name.as_str() {
                "$or" => self.any_of(operand, around, &inside)?,
                "$nor" => self.any_of(operand, around, &inside)?.not(),
                "$and" => Condition::all(self.each(operand, around, &inside)?),
                "$not" => self.condition(operand, around, &inside)?.not(),
                "$savedGroup" => {
                    let found = self.saved_group(operand, around, &inside)?;
                    let id = operand.get("id").and_then(Value::as_str).unwrap_or_default();
                    let group = Path::default().join("savedGroups").join(id);
                    self.note_of(&group, &inside, "the saved group");
                    found
                }
                attribute => {
                    let attribute = around.below(attribute);
                    if let Some(step) = attribute.inherited() {
                        let why = format!("JavaScript finds `{step}` in values that do not have it: only a member of that name counts here");
                        self.note(&inside, why);
                    }
                    self.value(operand, &attribute, &inside)?
                }
            });
        }
        let found = Condition::all(all);
        if !members.is_empty() {
            self.note_constant(&found, path);
        }
        Ok(found)
    }

    /// Says of a condition that is the same for everybody that nothing is left of it.
    fn note_constant(&mut self, found: &Condition, path: &Path) {
        match found {
            Condition::Always => {
                self.dropped(path, "left out: it holds for everybody, there and here");
            }
            Condition::Never => {
                self.dropped(path, "left out: it holds for nobody, there and here");
            }
            Condition::When(_) => {}
        }
    }

    fn any_of(&mut self, operand: &Value, around: &Steps, path: &Path) -> Conclusion {
        let conditions = self.each(operand, around, path)?;
        // None of none is enough, as GrowthBook reads it.
        let found = if conditions.is_empty() {
            Condition::Always
        } else {
            Condition::any(conditions)
        };
        self.note_constant(&found, path);
        Ok(found)
    }

    fn each(
        &mut self,
        operand: &Value,
        around: &Steps,
        path: &Path,
    ) -> Result<Vec<Condition>, (Path, String)> {
        let conditions = constant::list(operand).map_err(|why| (path.clone(), why))?;
        let conditions = conditions.iter().enumerate();
        conditions
            .map(|(at, it)| self.condition(it, around, &path.clone().join(&at.to_string())))
            .collect()
    }

    /// `condition`, a literal or operators, on one attribute.
    pub(super) fn value(
        &mut self,
        condition: &Value,
        attribute: &Steps,
        path: &Path,
    ) -> Conclusion {
        let Some(operators) = constant::operators(condition) else {
            return Ok(self.literal(condition, attribute, path));
        };
        let mut all = Vec::new();
        for (operator, operand) in operators {
            let inside = path.clone().join(operator);
            let found = self.operator(operator, operand, attribute, &inside)?;
            self.note_constant(&found, &inside);
            all.push(found);
        }
        let found = Condition::all(all);
        self.note_constant(&found, path);
        Ok(found)
    }
}
