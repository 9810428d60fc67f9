//! `JsonLogic` that is true or false, as conditions.

use serde_json::Value;
use vexil_ruleset::Path;

use super::operand::{Operand, number_of};
use super::reader::Reader;
use super::targeting::operation;
use super::test::{Order, is_equal, is_same, is_truthy};
use super::truth::Truth;
use super::{time, version};

/// The most values of a condition that is written both as it is and negated.
const WRITTEN_TWICE: usize = 1_000;

/// A condition, or where and why there is none.
pub(super) type Condition = Result<Truth, (Path, String)>;

impl Reader<'_> {
    /// Whether flagd takes `expression` for true. Notes what may hold for other contexts than it does in flagd, and what
    /// always comes to the same.
    pub(super) fn condition(&mut self, expression: &Value, path: &Path) -> Condition {
        let Some((operator, operands)) = operation(expression) else {
            return Ok(match expression {
                Value::Object(members) if !members.is_empty() => {
                    return Err((path.clone(), format!("`{expression}` is not a condition")));
                }
                literal => self.settled(is_truthy(literal), path),
            });
        };
        let inside = path.clone().join(operator);
        let truth = match (operator, operands) {
            ("and", _) if operands.is_empty() => Truth::Never,
            ("and", _) => Truth::and(self.conditions(operands, &inside)?),
            ("or", _) => Truth::or(self.conditions(operands, &inside)?),
            ("!", []) => Truth::Always,
            ("!!", []) => Truth::Never,
            ("!", [negated, ..]) => self.condition(negated, &inside)?.not(),
            ("!!", [condition, ..]) => self.condition(condition, &inside)?,
            ("if" | "?:", branches) => self.choice(branches, 0, &inside)?,
            ("missing", names) => self
                .missing(names, &inside)
                .map_err(|reason| (inside.clone(), reason))?,
            _ => self
                .test(operator, operands, &inside)
                .map_err(|reason| (inside.clone(), reason))?,
        };
        match truth {
            Truth::Always => Ok(self.settled(true, &inside)),
            Truth::Never => Ok(self.settled(false, &inside)),
            Truth::When(_) => Ok(truth),
        }
    }

    fn settled(&mut self, truth: bool, path: &Path) -> Truth {
        self.note_dropped(
            path.clone(),
            format!("this is {truth} in every context, and not written out"),
        );
        Truth::of(truth)
    }

    fn conditions(
        &mut self,
        operands: &[Value],
        path: &Path,
    ) -> Result<Vec<Truth>, (Path, String)> {
        let operands = operands.iter().enumerate();
        operands
            .map(|(index, operand)| self.condition(operand, &path.clone().join(&index.to_string())))
            .collect()
    }

    /// An `if` whose results are true or false, from the branch at `index` on.
    fn choice(&mut self, branches: &[Value], index: usize, path: &Path) -> Condition {
        let step = |index: usize| path.clone().join(&index.to_string());
        let second = index.saturating_add(1);
        match branches.get(index..).unwrap_or_default() {
            [] => Ok(Truth::Never),
            [otherwise] => self.condition(otherwise, &step(index)),
            [test, result, ..] => {
                let test_at = step(index);
                let test = self.condition(test, &test_at)?;
                if test.size() > WRITTEN_TWICE {
                    return Err((
                        test_at,
                        "it is too intricate to be written twice".to_owned(),
                    ));
                }
                let result = self.condition(result, &step(second))?;
                let otherwise = self.choice(branches, second.saturating_add(1), path)?;
                Ok(Truth::or(vec![
                    Truth::and(vec![test.clone(), result]),
                    Truth::and(vec![test.not(), otherwise]),
                ]))
            }
        }
    }

    /// Whether one of `names` is missing.
    fn missing(&mut self, names: &[Value], path: &Path) -> Result<Truth, String> {
        let mut missing = Vec::new();
        for name in names {
            let variable = serde_json::json!({ "var": name });
            match Operand::of(&variable, self.flag_key)? {
                Operand::Attribute(attribute) => missing.push(attribute.exists(false)),
                _ => missing.push(Truth::Never),
            }
        }
        self.note(
            path.clone(),
            "an attribute that is null counts as missing; in flagd it does not",
        );
        Ok(Truth::or(missing))
    }

    /// Operands against each other.
    fn test(&mut self, operator: &str, operands: &[Value], path: &Path) -> Result<Truth, String> {
        match (operator, operands) {
            ("==" | "===" | "!=" | "!==" | "<" | "<=" | ">" | ">=", [_, _, ..]) => {
                let mut pairs = Vec::new();
                for pair in operands.windows(2) {
                    if let [left, right] = pair {
                        pairs.push(self.pair(operator, left, right, path)?);
                    }
                }
                Ok(Truth::and(pairs))
            }
            ("in", [needle, haystack]) => self.membership(needle, haystack, path),
            ("starts_with" | "ends_with", [text, part]) => {
                let text = Operand::of(text, self.flag_key)?;
                let part = Operand::of(part, self.flag_key)?;
                beginning_or_end(operator, &text, &part)
            }
            ("sem_ver", [version, comparison, bound]) => {
                self.version(version, comparison, bound, path)
            }
            // flagd compares nothing unless it is given what it expects.
            ("starts_with" | "ends_with" | "sem_ver", _) => Ok(Truth::Never),
            ("var" | "cat", _) => {
                let expression = serde_json::json!({ operator: operands });
                match Operand::of(&expression, self.flag_key)? {
                    Operand::Literal(literal) => Ok(Truth::of(is_truthy(&literal))),
                    Operand::Timestamp => Ok(Truth::Always),
                    Operand::Attribute(attribute) => {
                        self.note(
                            path.clone(),
                            "a list with false, 0 or an empty text in it does not hold and an empty one or an empty \
                             object does; in flagd it is the other way about",
                        );
                        Ok(attribute.is_truthy())
                    }
                    Operand::Joined { before, after, .. }
                        if !(before.is_empty() && after.is_empty()) =>
                    {
                        Ok(Truth::Always)
                    }
                    Operand::Joined { attribute, .. } => {
                        let is_empty = attribute.is(&"".into());
                        Ok(Truth::or(vec![attribute.exists(false), is_empty]).not())
                    }
                }
            }
            _ => Err(format!("no condition says what `{operator}` says here")),
        }
    }

    /// A comparison of two.
    fn pair(
        &mut self,
        operator: &str,
        left: &Value,
        right: &Value,
        path: &Path,
    ) -> Result<Truth, String> {
        let left = Operand::of(left, self.flag_key)?;
        let right = Operand::of(right, self.flag_key)?;
        let Some(order) = Order::of(operator) else {
            let is_strict = operator.len() == 3;
            let truth = self.equality(is_strict, left, right, path)?;
            return Ok(if operator.starts_with('!') {
                truth.not()
            } else {
                truth
            });
        };
        let (operand, order, bound) = match (left, right) {
            (Operand::Literal(left), Operand::Literal(right)) => {
                let holds = order.holds(&left, &right);
                return holds
                    .map(Truth::of)
                    .ok_or_else(|| format!("`{left}` and `{right}` have no order"));
            }
            (operand, Operand::Literal(bound)) => (operand, order, bound),
            (Operand::Literal(bound), operand) => (operand, order.mirrored(), bound),
            _ => return Err("no condition compares two attributes".to_owned()),
        };
        match operand {
            Operand::Timestamp => time::is_ordered(order, &bound),
            Operand::Attribute(attribute) => {
                let kinds = if bound.is_string() {
                    "compares numbers only; flagd compares texts with a text, and makes numbers of true and false"
                } else {
                    "compares numbers only; flagd makes numbers of text, true and false"
                };
                self.note(path.clone(), kinds);
                attribute.is_ordered(order, &bound)
            }
            Operand::Joined { .. } | Operand::Literal(_) => None,
        }
        .ok_or_else(|| "no condition orders anything but numbers".to_owned())
    }

    fn equality(
        &mut self,
        is_strict: bool,
        left: Operand,
        right: Operand,
        path: &Path,
    ) -> Result<Truth, String> {
        let (operand, literal) = match (left, right) {
            (Operand::Literal(left), Operand::Literal(right)) if is_strict => {
                return Ok(Truth::of(is_same(&left, &right)));
            }
            (Operand::Literal(left), Operand::Literal(right)) => {
                let holds = is_equal(&left, &right);
                return holds
                    .map(Truth::of)
                    .ok_or_else(|| "flagd compares no lists".to_owned());
            }
            (operand, Operand::Literal(literal)) | (Operand::Literal(literal), operand) => {
                (operand, literal)
            }
            _ => return Err("no condition compares two attributes".to_owned()),
        };
        match operand {
            Operand::Timestamp => time::is(&literal),
            Operand::Joined {
                before,
                attribute,
                after,
            } => {
                let Value::String(text) = &literal else {
                    return Err("`cat` is compared with something other than a text".to_owned());
                };
                let middle = middle(text, &before, &after);
                return Ok(middle.map_or(Truth::Never, |middle| attribute.reads(middle)));
            }
            Operand::Attribute(attribute) if is_strict => return Ok(attribute.is(&literal)),
            Operand::Attribute(attribute) => {
                if let Some(reason) = conversion(&literal) {
                    self.note(path.clone(), reason);
                }
                attribute.equals(&literal)
            }
            Operand::Literal(_) => None,
        }
        .ok_or_else(|| format!("`{literal}` is not text, a number, true or false"))
    }

    fn version(
        &mut self,
        version: &Value,
        comparison: &Value,
        bound: &Value,
        path: &Path,
    ) -> Result<Truth, String> {
        let comparison = Operand::of(comparison, self.flag_key)?;
        let bound = Operand::of(bound, self.flag_key)?;
        let (Operand::Literal(comparison), Operand::Literal(bound)) = (comparison, bound) else {
            return Err("no condition compares with a version of the context".to_owned());
        };
        let Operand::Attribute(attribute) = Operand::of(version, self.flag_key)? else {
            return Err(
                "no condition compares the version of anything but an attribute".to_owned(),
            );
        };
        if !attribute.otherwise.is_null() {
            return Err("a version that is there without the attribute".to_owned());
        }
        let comparison = comparison.as_str().unwrap_or_default();
        // flagd compares nothing with what is no version.
        let Some(range) = version::range(comparison, &bound) else {
            return Ok(Truth::Never);
        };
        self.note(
            path.clone(),
            "matches full versions only; flagd reads `v1.2` as `1.2.0`",
        );
        Ok(attribute.is_version_in(&range))
    }
}

fn beginning_or_end(operator: &str, text: &Operand, part: &Operand) -> Result<Truth, String> {
    match (text, part) {
        (Operand::Attribute(attribute), Operand::Literal(Value::String(part))) => {
            Ok(attribute.begins_or_ends(operator, part))
        }
        (Operand::Literal(Value::String(text)), Operand::Literal(Value::String(part))) => {
            Ok(Truth::of(match operator {
                "starts_with" => text.starts_with(part),
                _ => text.ends_with(part),
            }))
        }
        // flagd compares texts, and nothing else.
        (Operand::Literal(other), _) | (_, Operand::Literal(other)) if !other.is_string() => {
            Ok(Truth::Never)
        }
        _ => Err(format!(
            "`{operator}` compares something other than an attribute with a text"
        )),
    }
}

/// What is between `before` and `after` in `text`.
pub(super) fn middle<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.strip_prefix(before)?.strip_suffix(after)
}

/// What `==` makes of other types for `literal` that no condition says.
fn conversion(literal: &Value) -> Option<String> {
    let nothing = "flagd's JavaScript evaluator takes a missing attribute, 0 and false for equal; flagd itself does not, \
                   nor does this";
    match literal {
        Value::Null => Some(nothing.to_owned()),
        Value::Bool(_) | Value::Number(_) => {
            let is_nothing = number_of(literal) == Some(0.0);
            let spelling = format!(
                "a text equals `{literal}` only as it is written here; in flagd ` 1.0` equals 1"
            );
            Some(if is_nothing {
                format!("{spelling}, and {nothing}")
            } else {
                spelling
            })
        }
        Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
