//! Clauses as conditions.
//!
//! Source: `LaunchDarkly`'s server-side evaluation: a clause about an attribute that a context lacks does not hold,
//! negated or not; of a list some element has to match some value.

use serde_json::{Map, Value, json};
use vexil_ruleset::{Instant, Path, Pattern, PatternError};

use super::Import;
use super::attribute::{Attribute, locate, steps};
use super::source::items;
use super::version::{Order, Version};

/// What a clause, or all clauses of a rule, came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Truth {
    /// It holds for no context.
    Never,
    /// It holds for all contexts.
    Always,
    /// It holds where this does.
    When(Value),
}

/// Why there is no condition.
#[derive(Debug)]
pub(super) enum Fault {
    /// `LaunchDarkly` takes the flag for malformed when it comes to this.
    Malformed(Path, String),
    /// No condition says it.
    Unsayable(Path, String),
}

impl Truth {
    /// As a condition.
    pub(super) fn condition(self) -> Value {
        let always = || json!({ "any": [{ "attr": "kind", "exists": true }, { "attr": "kind", "exists": false }] });
        match self {
            Truth::Never => json!({ "not": always() }),
            Truth::Always => always(),
            Truth::When(condition) => condition,
        }
    }

    pub(super) fn not(self) -> Truth {
        match self {
            Truth::Never => Truth::Always,
            Truth::Always => Truth::Never,
            Truth::When(condition) => Truth::When(json!({ "not": condition })),
        }
    }

    /// All of them.
    pub(super) fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
        let mut conditions = Vec::new();
        for truth in truths {
            match truth {
                Truth::Never => return Truth::Never,
                Truth::Always => {}
                Truth::When(condition) => conditions.push(condition),
            }
        }
        match (conditions.pop(), conditions.is_empty()) {
            (None, _) => Truth::Always,
            (Some(only), true) => Truth::When(only),
            (Some(last), false) => {
                conditions.push(last);
                Truth::When(json!({ "all": conditions }))
            }
        }
    }

    /// One of them.
    pub(super) fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
        let mut conditions = Vec::new();
        for truth in truths {
            match truth {
                Truth::Never => {}
                Truth::Always => return Truth::Always,
                Truth::When(condition) => conditions.push(condition),
            }
        }
        match (conditions.pop(), conditions.is_empty()) {
            (None, _) => Truth::Never,
            (Some(only), true) => Truth::When(only),
            (Some(last), false) => {
                conditions.push(last);
                Truth::When(json!({ "any": conditions }))
            }
        }
    }
}

const CLAUSE_MEMBERS: [&str; 6] = ["contextKind", "attribute", "op", "values", "negate", "_id"];

impl Import<'_> {
    /// All of `clauses`, which are tried in order: what follows one that never holds does not matter.
    pub(super) fn clauses(&mut self, clauses: &[(Path, &Value)]) -> Result<Truth, Fault> {
        let mut truths = Vec::new();
        for (path, clause) in clauses {
            let truth = self.clause(clause, path)?;
            let is_never = truth == Truth::Never;
            truths.push(truth);
            if is_never {
                break;
            }
        }
        Ok(Truth::all(truths))
    }

    fn clause(&mut self, clause: &Value, path: &Path) -> Result<Truth, Fault> {
        let nothing = Map::new();
        let members = clause.as_object().unwrap_or(&nothing);
        self.note_unknown(members.keys().map(String::as_str), &CLAUSE_MEMBERS, path);
        let text = |name: &str| clause.get(name).and_then(Value::as_str);
        let values = clause
            .get("values")
            .map(|it| items(it, &path.clone().join("values")))
            .unwrap_or_default();
        let is_negated = clause.get("negate") == Some(&Value::Bool(true));
        let negate = |truth: Truth| if is_negated { truth.not() } else { truth };
        let op = text("op").unwrap_or_default();
        if op == "segmentMatch" {
            return Ok(negate(self.segments_of(&values, path)?));
        }
        let kind = text("contextKind").filter(|kind| !kind.is_empty());
        let at = path.clone().join("attribute");
        let steps = steps(text("attribute").unwrap_or_default(), kind.is_none())
            .map_err(|reason| Fault::Malformed(at, reason))?;
        match locate(kind.unwrap_or("user"), &steps) {
            Attribute::Nowhere => Ok(Truth::Never),
            Attribute::Kind => Ok(negate(self.test("kind", op, &values, path)?)),
            Attribute::At { name, guards } => {
                let passes = self.test(&name, op, &values, path)?;
                let guards = guards.into_iter().map(Truth::When);
                Ok(if is_negated {
                    let exists = Truth::When(json!({ "attr": name, "exists": true }));
                    Truth::all([exists].into_iter().chain(guards).chain([passes.not()]))
                } else {
                    Truth::all(guards.chain([passes]))
                })
            }
        }
    }

    /// Whether `attribute` matches one of `values`.
    fn test(
        &mut self,
        attribute: &str,
        op: &str,
        values: &[(Path, &Value)],
        path: &Path,
    ) -> Result<Truth, Fault> {
        let test =
            |name: &str, operand: Value| Truth::When(json!({ "attr": attribute, name: operand }));
        let many = |name: &str, operands: Vec<Value>| {
            if operands.is_empty() {
                Truth::Never
            } else {
                test(name, operands.into())
            }
        };
        let each = |name: &str, operands: Vec<Value>| {
            Truth::any(operands.into_iter().map(|operand| test(name, operand)))
        };
        match op {
            "in" => Ok(many("in", self.scalars(values))),
            "startsWith" | "endsWith" | "contains" => {
                Ok(many(op, self.sound(values, "text", Value::is_string)))
            }
            "matches" => Ok(each("matches", self.patterns(values)?)),
            "lessThan" => Ok(each("lt", self.sound(values, "a number", Value::is_number))),
            "lessThanOrEqual" => Ok(each(
                "lte",
                self.sound(values, "a number", Value::is_number),
            )),
            "greaterThan" => Ok(each("gt", self.sound(values, "a number", Value::is_number))),
            "greaterThanOrEqual" => Ok(each(
                "gte",
                self.sound(values, "a number", Value::is_number),
            )),
            "before" | "after" => Ok(each(op, self.instants(values))),
            "semVerEqual" => self.versions(attribute, values, Order::Equal),
            "semVerLessThan" => self.versions(attribute, values, Order::Below),
            "semVerGreaterThan" => self.versions(attribute, values, Order::Above),
            _ => {
                self.note_dropped(
                    path.clone(),
                    format!("`{op}` is no operator: it matches nothing, as in LaunchDarkly"),
                );
                Ok(Truth::Never)
            }
        }
    }

    /// The values that are `wanted`; no attribute matches another.
    fn sound(
        &mut self,
        values: &[(Path, &Value)],
        what: &str,
        is_wanted: fn(&Value) -> bool,
    ) -> Vec<Value> {
        let mut sound = Vec::new();
        for (path, value) in values {
            if is_wanted(value) {
                sound.push((*value).clone());
            } else {
                self.note_moot(path, value, what);
            }
        }
        sound
    }

    fn note_moot(&mut self, path: &Path, value: &Value, what: &str) {
        self.note_dropped(
            path.clone(),
            format!("`{value}` is not {what}: nothing matches it, as in LaunchDarkly"),
        );
    }

    fn scalars(&mut self, values: &[(Path, &Value)]) -> Vec<Value> {
        let mut scalars = Vec::new();
        for (path, value) in values {
            if value.is_string() || value.is_number() || value.is_boolean() {
                scalars.push((*value).clone());
            } else {
                let reason = format!(
                    "`{value}` is left out: attributes are compared with text, numbers, true and false only"
                );
                self.note(path.clone(), reason);
            }
        }
        scalars
    }

    fn patterns(&mut self, values: &[(Path, &Value)]) -> Result<Vec<Value>, Fault> {
        let mut patterns = Vec::new();
        for (path, value) in values {
            let Some(text) = value.as_str() else {
                self.note_moot(path, value, "text");
                continue;
            };
            match Pattern::parse(text) {
                Ok(_) => patterns.push((*value).clone()),
                Err(PatternError::Syntax { .. })
                    if !text.contains(r"\p") && !text.contains(r"\P") =>
                {
                    let reason = format!(
                        "`{text}` is no regular expression here and matches nothing; it may match in some of LaunchDarkly's SDKs"
                    );
                    self.note(path.clone(), reason);
                }
                Err(error) => {
                    return Err(Fault::Unsayable(
                        path.clone(),
                        format!("`{text}` is no pattern here: {error}"),
                    ));
                }
            }
        }
        Ok(patterns)
    }

    /// Times as text or as milliseconds, of which the fraction is cut off.
    fn instants(&mut self, values: &[(Path, &Value)]) -> Vec<Value> {
        let mut instants = Vec::new();
        for (path, value) in values {
            let ms = value
                .as_f64()
                .map(f64::trunc)
                .filter(|ms| Instant::from_ms(*ms).is_some());
            match (value.as_str(), ms) {
                (Some(text), _) if Instant::parse(text).is_some() => instants.push(text.into()),
                (None, Some(ms)) => instants.push(json!(ms)),
                _ => self.note_moot(path, value, "a time"),
            }
        }
        self.has_times |= !instants.is_empty();
        instants
    }

    fn versions(
        &mut self,
        attribute: &str,
        values: &[(Path, &Value)],
        order: Order,
    ) -> Result<Truth, Fault> {
        let mut tests = Vec::new();
        for (path, value) in values {
            let Some(version) = value.as_str().and_then(Version::parse) else {
                self.note_moot(path, value, "a version");
                continue;
            };
            let reason = || format!("no range says what compares with `{value}`");
            let said = version
                .tests(attribute, order)
                .ok_or_else(|| Fault::Unsayable(path.clone(), reason()))?;
            tests.extend(said.into_iter().map(Truth::When));
        }
        Ok(Truth::any(tests))
    }
}
