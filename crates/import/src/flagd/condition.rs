//! `JsonLogic` that is true or false, as conditions.

use serde_json::{Number, Value, json};
use vexil_ruleset::Path;

use super::Import;
use super::targeting::operation;

/// A condition in the ruleset language, or where and why there is none.
type Condition = Result<Value, (Path, String)>;

impl Import<'_> {
    /// `expression` as a condition. Notes what may hold for other contexts than it does in flagd.
    pub(super) fn condition(&mut self, expression: &Value, path: &Path) -> Condition {
        let Some((operator, operands)) = operation(expression) else {
            return Err((path.clone(), format!("`{expression}` is not a condition")));
        };
        let inside = path.clone().join(operator);
        match (operator, operands) {
            ("and", [_, ..]) => Ok(json!({ "all": self.conditions(operands, &inside)? })),
            ("or", [_, ..]) => Ok(json!({ "any": self.conditions(operands, &inside)? })),
            ("!", [negated]) => Ok(json!({ "not": self.condition(negated, &inside)? })),
            ("!!", [condition]) => self.condition(condition, &inside),
            _ => self
                .test(operator, operands, &inside)
                .map_err(|reason| (inside, reason)),
        }
    }

    fn conditions(
        &mut self,
        operands: &[Value],
        path: &Path,
    ) -> Result<Vec<Value>, (Path, String)> {
        let operands = operands.iter().enumerate();
        operands
            .map(|(index, operand)| self.condition(operand, &path.clone().join(&index.to_string())))
            .collect()
    }

    /// One attribute against literals.
    fn test(&mut self, operator: &str, operands: &[Value], path: &Path) -> Result<Value, String> {
        match (operator, operands) {
            ("===", [left, right]) => equality(left, right).map(|(test, _)| test),
            ("!==", [left, right]) => equality(left, right).map(|(test, _)| json!({ "not": test })),
            ("==", [left, right]) => self.loose_equality(left, right, path),
            ("!=", [left, right]) => Ok(json!({ "not": self.loose_equality(left, right, path)? })),
            ("<" | "<=" | ">" | ">=", _) => {
                let test = order(operator, operands)?;
                self.note(
                    path.clone(),
                    "compares numbers only; flagd makes numbers of text, true, false and null",
                );
                Ok(test)
            }
            ("in", [needle, haystack]) => self.membership(needle, haystack, path),
            ("starts_with", [text, Value::String(prefix)]) => {
                Ok(json!({ "attr": attribute(text)?, "startsWith": prefix }))
            }
            ("ends_with", [text, Value::String(suffix)]) => {
                Ok(json!({ "attr": attribute(text)?, "endsWith": suffix }))
            }
            ("sem_ver", [version, Value::String(comparison), Value::String(bound)]) => {
                let range = range(comparison, bound).ok_or_else(|| {
                    format!("`{comparison} {bound}` does not compare with a full version")
                })?;
                let test = json!({ "attr": attribute(version)?, "semver": range });
                self.note(
                    path.clone(),
                    "matches full versions only; flagd reads `v1.2` as `1.2.0`",
                );
                Ok(test)
            }
            ("var", _) => {
                let attribute = attribute(&json!({ "var": operands }))?;
                self.note(
                    path.clone(),
                    "a list holds when one of its elements does; flagd takes any that is not empty",
                );
                let is_empty = json!({ "attr": attribute, "in": [false, 0, ""] });
                Ok(json!({ "all": [{ "attr": attribute, "exists": true }, { "not": is_empty }] }))
            }
            _ => Err(format!("no condition says what `{operator}` says here")),
        }
    }

    fn loose_equality(
        &mut self,
        left: &Value,
        right: &Value,
        path: &Path,
    ) -> Result<Value, String> {
        let (test, literal) = equality(left, right)?;
        if is_converted(literal) {
            self.note(
                path.clone(),
                format!("only `{literal}` itself is equal; flagd converts types first"),
            );
        }
        Ok(test)
    }

    /// An attribute in a list of values, or a value in an attribute that is a list or a text.
    fn membership(
        &mut self,
        needle: &Value,
        haystack: &Value,
        path: &Path,
    ) -> Result<Value, String> {
        match (needle, haystack) {
            (_, Value::Array(values)) if values.iter().all(is_scalar) => {
                Ok(json!({ "attr": attribute(needle)?, "in": values }))
            }
            (Value::String(element), _) => {
                let test = json!({ "attr": attribute(haystack)?, "contains": element });
                self.note(path.clone(), "an element of a list only has to contain the text; in flagd it has to equal it");
                Ok(test)
            }
            (Value::Bool(_) | Value::Number(_), _) => {
                Ok(json!({ "attr": attribute(haystack)?, "is": needle }))
            }
            _ => Err("`in` looks for something other than one value".into()),
        }
    }
}

/// `[attribute, literal]` in either order, and the literal.
fn equality<'f>(left: &'f Value, right: &'f Value) -> Result<(Value, &'f Value), String> {
    let (attribute, literal) = match (attribute(left), attribute(right)) {
        (Ok(attribute), Err(_)) => (attribute, right),
        (Err(_), Ok(attribute)) => (attribute, left),
        (Ok(_), Ok(_)) => return Err("no condition compares two attributes".into()),
        (Err(reason), Err(_)) => return Err(reason),
    };
    if literal.is_null() {
        return Ok((json!({ "attr": attribute, "exists": false }), literal));
    }
    if !is_scalar(literal) {
        return Err(format!("`{literal}` is not text, a number, true or false"));
    }
    Ok((json!({ "attr": attribute, "is": literal }), literal))
}

/// `[attribute, number]`, `[number, attribute]`, or `[number, attribute, number]` for between.
fn order(operator: &str, operands: &[Value]) -> Result<Value, String> {
    let (test, mirrored) = match operator {
        "<" => ("lt", "gt"),
        "<=" => ("lte", "gte"),
        ">" => ("gt", "lt"),
        _ => ("gte", "lte"),
    };
    let bound = |operand: &Value, test: &str, number: &Number| {
        attribute(operand).map(|attribute| json!({ "attr": attribute, test: number }))
    };
    match operands {
        [operand, Value::Number(high)] => bound(operand, test, high),
        [Value::Number(low), operand] => bound(operand, mirrored, low),
        [Value::Number(low), operand, Value::Number(high)] => {
            Ok(json!({ "all": [bound(operand, mirrored, low)?, bound(operand, test, high)?] }))
        }
        _ => Err(format!(
            "`{operator}` compares something other than one attribute and numbers"
        )),
    }
}

/// What `{"var": …}` reads, as conditions name it. A dot in a `JsonLogic` name steps into an object.
fn attribute(operand: &Value) -> Result<String, String> {
    let Some(("var", [Value::String(name), otherwise @ ..])) = operation(operand) else {
        return Err(format!("`{operand}` is not an attribute"));
    };
    if otherwise.iter().any(|value| !value.is_null()) {
        return Err(format!(
            "`{name}` has a value of its own for contexts without it"
        ));
    }
    if name.is_empty() || name.starts_with("$flagd") {
        return Err(format!("`{name}` is not an attribute of the context"));
    }
    if !name.contains('.') && !name.starts_with('/') {
        return Ok(name.clone());
    }
    Ok(name
        .split('.')
        .fold(Path::default(), Path::join)
        .to_string())
}

/// The npm range that holds for the same versions. In flagd, `^` and `~` compare the first number,
/// or the first two, and nothing else; `-0` is the lowest of all pre-releases.
fn range(comparison: &str, bound: &str) -> Option<String> {
    let mut numbers = bound
        .split(['-', '+'])
        .next()?
        .splitn(3, '.')
        .map(str::parse::<u64>);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    numbers.next()?.ok()?;
    match comparison {
        "=" | "<" | "<=" | ">" | ">=" => Some(format!("{comparison}{bound}")),
        "!=" => Some(format!("<{bound} || >{bound}")),
        "^" => Some(format!(">={major}.0.0-0 <{}.0.0-0", major.checked_add(1)?)),
        "~" => Some(format!(
            ">={major}.{minor}.0-0 <{major}.{}.0-0",
            minor.checked_add(1)?
        )),
        _ => None,
    }
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Array(_) | Value::Object(_))
}

/// Whether JavaScript's `==` finds values of other types equal to `literal`.
fn is_converted(literal: &Value) -> bool {
    match literal {
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.trim().is_empty() || text.trim().parse::<f64>().is_ok(),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}
