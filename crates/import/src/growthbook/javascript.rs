//! What JavaScript makes of JSON values: `GrowthBook`'s conditions compare as its operators do.
//!
//! Source: ECMA-262, Type Conversion (section 7.1) and Testing and Comparison Operations (section 7.2).

use std::cmp::Ordering;

use serde_json::Value;

/// `String(value)`.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(_) => number_text(number(value)),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items = items.iter().map(|item| match item {
                Value::Null => String::new(),
                other => text(other),
            });
            items.collect::<Vec<_>>().join(",")
        }
        Value::Object(_) => "[object Object]".to_owned(),
    }
}

/// `Number(value)`.
pub(super) fn number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Bool(bool) => f64::from(u8::from(*bool)),
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::String(text) => text_number(text),
        Value::Array(_) => text_number(&text(value)),
        Value::Object(_) => f64::NAN,
    }
}

/// `Boolean(value)`.
pub(super) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(bool) => *bool,
        Value::Number(_) => number(value) != 0.0,
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// `left === right`; values that come from two places are never the same list or object.
pub(super) fn is_same(left: &Value, right: &Value) -> bool {
    is_scalar(left) && has_same_json(left, right) || left.is_null() && right.is_null()
}

/// `JSON.stringify(left) === JSON.stringify(right)`.
pub(super) fn has_same_json(left: &Value, right: &Value) -> bool {
    match (left, right) {
        #[expect(clippy::float_cmp, reason = "`===` means exactly equal")]
        (Value::Number(_), Value::Number(_)) => number(left) == number(right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| has_same_json(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let mut pairs = left.iter().zip(right);
            left.len() == right.len()
                && pairs
                    .all(|((left, one), (right, other))| left == right && has_same_json(one, other))
        }
        _ => left == right,
    }
}

/// What `<` and its kin go by; `None` where all of them are false.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    let is_text = |value: &Value| !matches!(value, Value::Null | Value::Bool(_) | Value::Number(_));
    if is_text(left) && is_text(right) {
        return Some(compare_texts(&text(left), &text(right)));
    }
    number(left).partial_cmp(&number(right))
}

/// By UTF-16 code units.
pub(super) fn compare_texts(left: &str, right: &str) -> Ordering {
    left.encode_utf16().cmp(right.encode_utf16())
}

/// Whether the value is text, a number, true or false.
pub(super) fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_))
}

fn number_text(number: f64) -> String {
    let size = number.abs();
    if number == 0.0 {
        return "0".to_owned();
    }
    // Rust writes the same digits, and no exponent unless it is asked to.
    if (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    if size < 1.0 {
        text
    } else {
        text.replace('e', "e+")
    }
}

fn text_number(text: &str) -> f64 {
    let text = text.trim_matches(|it: char| it.is_whitespace() || it == '\u{feff}');
    if text.is_empty() {
        return 0.0;
    }
    let radix = |digits: &str, radix| {
        let digits = digits
            .chars()
            .map(|digit| digit.to_digit(radix).map(f64::from));
        digits.fold(None, |sum: Option<f64>, digit| {
            Some(sum.unwrap_or_default() * f64::from(radix) + digit.unwrap_or(f64::NAN))
        })
    };
    for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = text.to_ascii_lowercase().strip_prefix(prefix) {
            return radix(digits, base).unwrap_or(f64::NAN);
        }
    }
    match text {
        "Infinity" | "+Infinity" => return f64::INFINITY,
        "-Infinity" => return f64::NEG_INFINITY,
        _ => {}
    }
    let is_decimal = text
        .chars()
        .all(|it| it.is_ascii_digit() || "+-.eE".contains(it));
    text.parse().ok().filter(|_| is_decimal).unwrap_or(f64::NAN)
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a case reads better without a borrow"
)]
mod tests {
    use serde_json::{Value, json};

    use super::{compare, number, text};

    #[track_caller]
    fn check(value: Value, as_text: &str, as_number: f64) {
        assert_eq!(text(&value), as_text);
        assert!(number(&value).total_cmp(&as_number).is_eq(), "{value}");
    }

    #[test]
    fn values_become_text_and_numbers_as_in_javascript() {
        check(json!(null), "null", 0.0);
        check(json!(true), "true", 1.0);
        check(json!(5.0), "5", 5.0);
        check(json!(1.5e-7), "1.5e-7", 1.5e-7);
        check(json!(1e21), "1e+21", 1e21);
        check(json!(123_456_789.25), "123456789.25", 123_456_789.25);
        check(json!(" 0x1F "), " 0x1F ", 31.0);
        check(json!("0x"), "0x", f64::NAN);
        check(json!(".5e1"), ".5e1", 5.0);
        check(json!("inf"), "inf", f64::NAN);
        check(json!(["5"]), "5", 5.0);
        check(json!([1, null, ["a"]]), "1,,a", f64::NAN);
        check(json!({}), "[object Object]", f64::NAN);
    }

    #[test]
    fn two_texts_compare_as_texts_and_all_else_as_numbers() {
        use std::cmp::Ordering::{Greater, Less};
        assert_eq!(compare(&json!("10"), &json!("9")), Some(Less));
        assert_eq!(compare(&json!("10"), &json!(9)), Some(Greater));
        assert_eq!(compare(&json!(null), &json!(-1)), Some(Greater));
        assert_eq!(compare(&json!("a"), &json!(1)), None);
    }
}
