//! What a scalar of YAML is.
//!
//! Source: YAML 1.2.2, chapter 10.3.2, tag resolution of the core schema.

use saphyr_parser::{ScalarStyle, Tag};
use serde_json::{Number, Value};

/// The value of a scalar. What is quoted, or is like nothing else, is a text.
///
/// # Errors
/// What is wrong with it: a tag that it cannot have, or a number that JSON has no word for.
pub(super) fn value(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    match tag {
        None if style == ScalarStyle::Plain => plain(text),
        None => Ok(Value::from(text)),
        Some(tag) if !tag.is_yaml_core_schema() => match (tag.handle.as_str(), &*tag.suffix) {
            // The non-specific tag: a text, whatever it is like.
            ("", "!") | ("!", "") => Ok(Value::from(text)),
            _ => Err(unknown(tag)),
        },
        Some(tag) => {
            let value = plain(text)?;
            match (tag.suffix.as_str(), &value) {
                ("str", _) => Ok(Value::from(text)),
                ("null", Value::Null) | ("bool", Value::Bool(_)) | ("float", Value::Number(_)) => {
                    Ok(value)
                }
                ("int", Value::Number(number)) if !number.is_f64() => Ok(value),
                ("null" | "bool" | "float" | "int", _) => {
                    Err(format!("`{text}` is not what `!!{}` says", tag.suffix))
                }
                _ => Err(unknown(tag)),
            }
        }
    }
}

/// Nothing, where a list or an object can have this tag.
///
/// # Errors
/// Where it cannot.
pub(super) fn collection(tag: Option<&Tag>, own: &str) -> Result<(), String> {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == own) => Err(unknown(tag)),
        _ => Ok(()),
    }
}

fn unknown(tag: &Tag) -> String {
    format!("the tag `{}{}` means nothing here", tag.handle, tag.suffix)
}

fn plain(text: &str) -> Result<Value, String> {
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        other => match number(other) {
            Some(number) => number.map(Value::Number).ok_or_else(|| {
                format!("`{other}` is no number of JSON, expected one that is finite")
            })?,
            None => Value::from(other),
        },
    })
}

/// The number that a plain text is; `None` where it is none, and none inside where it is not finite.
#[expect(
    clippy::option_option,
    reason = "being no number is one thing, being none of JSON another"
)]
fn number(text: &str) -> Option<Option<Number>> {
    let digits = |text: &str, radix| {
        let is_all = !text.is_empty() && text.chars().all(|it| it.is_digit(radix));
        is_all.then(|| {
            let exact = u64::from_str_radix(text, radix).ok().map(Number::from);
            let digit = |value: f64, it: char| {
                value * f64::from(radix) + f64::from(it.to_digit(radix).unwrap_or_default())
            };
            exact.or_else(|| Number::from_f64(text.chars().fold(0.0, digit)))
        })
    };
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, 8);
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return digits(hexadecimal, 16);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(None),
        ".nan" | ".NaN" | ".NAN" if unsigned == text => return Some(None),
        _ => {}
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_digits = |text: &str| text.chars().all(|it| it.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !(whole.is_empty() && fraction.is_empty());
    let is_exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && is_digits(exponent)
    });
    if !(has_digits && is_digits(whole) && is_digits(fraction) && is_exponent) {
        return None;
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if is_digits(unsigned)
        && let Ok(exact) = text.parse::<i64>()
    {
        return Some(Some(Number::from(exact)));
    }
    Some(text.parse().ok().and_then(Number::from_f64))
}
