//! What `GrowthBook`'s conditions say about a value that is known: a variant of a flag, or nothing at all.
//!
//! Source: "Targeting conditions" in `GrowthBook`'s guide to building an SDK, and its published cases.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::javascript;
use super::order::Side;
use super::pattern::{NoPattern, pattern};
use super::saved;
use super::version::Version;

/// Whether something holds; or why that cannot be said.
type Verdict = Result<bool, String>;

/// Lists and conditions by their id.
pub(super) type Groups = Map<String, Value>;

/// Whether `condition` holds for `object`.
pub(super) fn holds(condition: &Value, object: &Value, groups: &Groups) -> Verdict {
    let members = condition.as_object().ok_or("a condition is an object")?;
    for (name, operand) in members {
        let is_met = match name.as_str() {
            "$or" => any(operand, object, groups)?,
            "$nor" => !any(operand, object, groups)?,
            "$and" => {
                let mut is_met = true;
                for condition in list(operand)? {
                    is_met = is_met && holds(condition, object, groups)?;
                }
                is_met
            }
            "$not" => !holds(operand, object, groups)?,
            "$savedGroup" => return Err("a saved group asks for attributes".into()),
            path => value_holds(operand, at(object, path), groups)?,
        };
        if !is_met {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether `condition`, a literal or operators, holds for `value`.
pub(super) fn value_holds(condition: &Value, value: &Value, groups: &Groups) -> Verdict {
    if let Some(operators) = operators(condition) {
        for (operator, operand) in operators {
            if !operator_holds(operator, operand, value, groups)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    Ok(match condition {
        Value::String(literal) => javascript::text(value) == *literal,
        #[expect(clippy::float_cmp, reason = "`===` means exactly equal")]
        Value::Number(_) => javascript::number(value) == javascript::number(condition),
        Value::Bool(literal) => !value.is_null() && javascript::is_truthy(value) == *literal,
        Value::Null => value.is_null(),
        Value::Array(_) | Value::Object(_) => javascript::has_same_json(value, condition),
    })
}

/// Whether `value` has that to the operand of `operator`.
pub(super) fn operator_holds(
    operator: &str,
    operand: &Value,
    value: &Value,
    groups: &Groups,
) -> Verdict {
    if let Some((side, is_version)) = side(operator) {
        let ordering = if is_version {
            Some(Version::of(value).compare(&Version::of(operand)))
        } else {
            javascript::compare(value, operand)
        };
        return Ok(side.holds(ordering));
    }
    let versions = || Version::of(value).compare(&Version::of(operand));
    let items = operand.as_array();
    Ok(match operator {
        "$eq" => javascript::is_same(value, operand),
        "$ne" => !javascript::is_same(value, operand),
        "$veq" => versions() == Ordering::Equal,
        "$vne" => versions() != Ordering::Equal,
        "$exists" => javascript::is_truthy(operand) != value.is_null(),
        "$in" => items.is_some_and(|items| is_in(value, items, false)),
        "$nin" => items.is_some_and(|items| !is_in(value, items, false)),
        "$ini" => items.is_some_and(|items| is_in(value, items, true)),
        "$nini" => items.is_some_and(|items| !is_in(value, items, true)),
        "$inGroup" | "$notInGroup" => saved::values(operand, groups)
            .is_some_and(|values| is_in(value, values, false) == (operator == "$inGroup")),
        "$not" => !value_holds(operand, value, groups)?,
        "$size" => match value {
            Value::Array(items) => value_holds(operand, &json!(items.len()), groups)?,
            _ => false,
        },
        "$elemMatch" => {
            let mut is_met = false;
            for item in value.as_array().into_iter().flatten() {
                let has = |item| match operators(operand) {
                    Some(_) => value_holds(operand, item, groups),
                    None => holds(operand, item, groups),
                };
                is_met = is_met || !item.is_null() && has(item)?;
            }
            is_met
        }
        "$all" | "$alli" => return all(operand, value, operator == "$alli", groups),
        "$regex" | "$regexi" => {
            let expression = operand.as_str().ok_or("a regular expression is a text")?;
            match pattern(expression, operator == "$regexi") {
                Ok(pattern) => pattern.matches(&javascript::text(value)),
                Err(NoPattern::Invalid) => false,
                Err(NoPattern::Unsupported(why)) => return Err(why),
            }
        }
        "$type" => operand.as_str() == Some(type_of(value)),
        _ => false,
    })
}

fn all(operand: &Value, value: &Value, ignores_case: bool, groups: &Groups) -> Verdict {
    let (Value::Array(wanted), Value::Array(items)) = (operand, value) else {
        return Ok(false);
    };
    for wanted in wanted {
        let mut is_there = false;
        for item in items {
            is_there = is_there
                || match wanted.as_str().filter(|_| ignores_case) {
                    Some(wanted) => javascript::text(item).to_lowercase() == wanted.to_lowercase(),
                    None => value_holds(wanted, item, groups)?,
                };
        }
        if !is_there {
            return Ok(false);
        }
    }
    Ok(true)
}

fn any(operand: &Value, object: &Value, groups: &Groups) -> Verdict {
    let conditions = list(operand)?;
    let mut is_met = conditions.is_empty();
    for condition in conditions {
        is_met = is_met || holds(condition, object, groups)?;
    }
    Ok(is_met)
}

/// The members of an object that has operators and nothing else.
pub(super) fn operators(condition: &Value) -> Option<&Map<String, Value>> {
    let members = condition.as_object()?;
    let is_operator = |name: &String| name.starts_with('$');
    (!members.is_empty() && members.keys().all(is_operator)).then_some(members)
}

/// The side that an operator asks for, and whether it is one of versions.
pub(super) fn side(operator: &str) -> Option<(Side, bool)> {
    let name = operator.strip_prefix('$')?;
    let is_version = name.starts_with('v');
    let (ordering, or_equal) = match name.strip_prefix('v').unwrap_or(name) {
        "lt" => (Ordering::Less, false),
        "lte" => (Ordering::Less, true),
        "gt" => (Ordering::Greater, false),
        "gte" => (Ordering::Greater, true),
        _ => return None,
    };
    Some((Side { ordering, or_equal }, is_version))
}

pub(super) fn list(operand: &Value) -> Result<&Vec<Value>, String> {
    operand
        .as_array()
        .ok_or_else(|| format!("`{operand}` is no list of conditions"))
}

fn is_in(value: &Value, items: &[Value], ignores_case: bool) -> bool {
    let is_same = |one: &Value, other: &Value| match (one, other) {
        (Value::String(one), Value::String(other)) if ignores_case => {
            one.to_lowercase() == other.to_lowercase()
        }
        _ => javascript::is_same(one, other),
    };
    let has = |value: &Value| items.iter().any(|item| is_same(item, value));
    match value {
        Value::Array(values) => values.iter().any(has),
        other => has(other),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What is there, a step for each part between dots; null where nothing is.
fn at<'v>(object: &'v Value, path: &str) -> &'v Value {
    let step = |value: &'v Value, name: &str| match value {
        Value::Object(members) => members.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    };
    let found = path.split('.').try_fold(object, step);
    found.unwrap_or(&Value::Null)
}
