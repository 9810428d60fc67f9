//! What an expression comes to, as far as it is known before there is a context.

use serde_json::Value;
use vexil_ruleset::Path;

use super::targeting::operation;

/// What a comparison compares.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// The same in every context.
    Literal(Value),
    /// What a context says.
    Attribute(Attribute),
    /// The same, with texts around it: what `cat` writes.
    Joined {
        before: String,
        attribute: Attribute,
        after: String,
    },
    /// The time, in whole seconds since 1970.
    Timestamp,
}

/// What `{"var": …}` reads.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attribute {
    /// As conditions name it.
    pub(super) name: String,
    /// What it is where a context does not have it, or has null.
    pub(super) otherwise: Value,
}

impl Operand {
    /// Reads literals, lists of literals, `var` and `cat`.
    ///
    /// # Errors
    /// Why nothing of the ruleset language says what `expression` does.
    pub(super) fn of(expression: &Value, flag_key: &str) -> Result<Operand, String> {
        match (expression, operation(expression)) {
            (_, Some(("var", operands))) => variable(operands, flag_key),
            (_, Some(("cat", operands))) => joined(operands, flag_key),
            (_, Some((operator, _))) => Err(format!("no condition says what `{operator}` yields")),
            (Value::Array(items), None) => {
                let items = items.iter().map(|item| match Operand::of(item, flag_key)? {
                    Operand::Literal(item) => Ok(item),
                    _ => Err("no condition has a list of attributes".to_owned()),
                });
                Ok(Operand::Literal(items.collect::<Result<_, _>>()?))
            }
            (Value::Object(_), None) => Err(format!("`{expression}` is not an operation")),
            _ => Ok(Operand::Literal(expression.clone())),
        }
    }
}

fn variable(operands: &[Value], flag_key: &str) -> Result<Operand, String> {
    let (name, otherwise) = match operands {
        [name] => (name, Value::Null),
        [name, otherwise] => match Operand::of(otherwise, flag_key)? {
            Operand::Literal(otherwise) => (name, otherwise),
            _ => return Err(format!("what is there without {name} is no literal")),
        },
        _ => return Err("`var` reads one attribute".to_owned()),
    };
    let name = match name {
        Value::String(name) => name.clone(),
        Value::Number(index) => index.to_string(),
        _ => return Err(format!("`{name}` is not the name of an attribute")),
    };
    match name.as_str() {
        "$flagd.flagKey" => return Ok(Operand::Literal(flag_key.into())),
        "$flagd.timestamp" => return Ok(Operand::Timestamp),
        _ => {}
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_attribute = !name.is_empty() && name.split('.').next() != Some("$flagd");
    // `..` leaves an iterator, `\` escapes a dot, and texts and lists have a length of their own.
    if !is_attribute || name.starts_with("../") || name.contains('\\') || last == "length" {
        return Err(format!("`{name}` is not an attribute of the context"));
    }
    let name = if name.contains('.') || name.starts_with('/') {
        let steps = name.split('.').fold(Path::default(), Path::join);
        steps.to_string()
    } else {
        name
    };
    Ok(Operand::Attribute(Attribute { name, otherwise }))
}

fn joined(operands: &[Value], flag_key: &str) -> Result<Operand, String> {
    let (mut before, mut found, mut after) = (String::new(), None, String::new());
    for operand in operands {
        match (Operand::of(operand, flag_key)?, &found) {
            (Operand::Literal(Value::Array(_) | Value::Object(_)), _) => {
                return Err("`cat` joins texts and numbers only".to_owned());
            }
            (Operand::Literal(literal), None) => before.push_str(&text_of(&literal)),
            (Operand::Literal(literal), Some(_)) => after.push_str(&text_of(&literal)),
            (Operand::Attribute(attribute), None) => found = Some(attribute),
            (Operand::Joined { .. } | Operand::Attribute(_) | Operand::Timestamp, _) => {
                return Err("`cat` joins more than one attribute to literals".to_owned());
            }
        }
    }
    Ok(match found {
        None => Operand::Literal(before.into()),
        Some(attribute) => Operand::Joined {
            before,
            attribute,
            after,
        },
    })
}

/// What JavaScript writes for a scalar within a text; nothing for null.
pub(super) fn text_of(scalar: &Value) -> String {
    match scalar {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(number) => number.to_string(),
            None => number.to_string(),
        },
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What JavaScript takes a scalar for where it needs a number; `None` where that is not a number.
pub(super) fn number_of(scalar: &Value) -> Option<f64> {
    match scalar {
        Value::Null => Some(0.0),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let text = text.trim();
            if text.is_empty() {
                return Some(0.0);
            }
            if let Some(digits) = text.strip_prefix("0x").or(text.strip_prefix("0X")) {
                let number = u32::from_str_radix(digits, 16).ok();
                return number.map(f64::from);
            }
            let is_plain = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
            text.bytes()
                .all(is_plain)
                .then(|| text.parse().ok())
                .flatten()
        }
        Value::Array(_) | Value::Object(_) => None,
    }
}
