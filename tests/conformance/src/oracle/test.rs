//! The tests of one attribute.

use serde_json::Value;

use super::{instant, items, network, one_or_more, range, text};

/// Whether one value, which is no array, passes one test.
pub(super) fn passes(test: &Value, value: &Value) -> bool {
    let number = |key: &str, holds: fn(f64, f64) -> bool| match (value, test.get(key)) {
        (Value::Number(left), Some(Value::Number(right))) => holds(float(left), float(right)),
        _ => false,
    };
    let any_of = |key: &str, holds: fn(&str, &str) -> bool| {
        let operands = one_or_more(&test[key]).iter().filter_map(Value::as_str);
        value.as_str().is_some_and(|value| {
            operands.into_iter().any(|operand| {
                if test["ignoreCase"] == true {
                    holds(&text::folded(value), &text::folded(operand))
                } else {
                    holds(value, operand)
                }
            })
        })
    };
    let time = |key: &str, holds: fn(f64, f64) -> bool| match (
        instant::of(value),
        test.get(key).and_then(instant::of),
    ) {
        (Some(left), Some(right)) => holds(left, right),
        _ => false,
    };
    test.get("is").is_some_and(|operand| equal(operand, value))
        || items(&test["in"])
            .iter()
            .any(|operand| equal(operand, value))
        || any_of("startsWith", |text, part| text.starts_with(part))
        || any_of("endsWith", |text, part| text.ends_with(part))
        || any_of("contains", |text, part| text.contains(part))
        || any_of("matches", text::matches)
        || any_of("semver", range::takes)
        || any_of("cidr", network::contains)
        || number("lt", |one, other| one < other)
        || number("lte", |one, other| one <= other)
        || number("gt", |one, other| one > other)
        || number("gte", |one, other| one >= other)
        || time("before", |one, other| one < other)
        || time("after", |one, other| one > other)
}

/// Equal and of the same JSON type; numbers are doubles.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => float(one).total_cmp(&float(other)).is_eq(),
        (one, other) => one == other,
    }
}

/// The double nearest to a number, and 0 for -0.
pub(super) fn float(number: &serde_json::Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN) + 0.0
}
