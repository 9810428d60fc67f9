//! JSON text without spaces, as JavaScript writes it.
//!
//! Source: ECMA-262, `JSON.stringify` and `Number::toString`.

use std::fmt::Write;

use serde_json::Value;

/// What `JSON.stringify(JSON.parse(text))` gives for the text of `value`, with members in the order they were written.
///
/// Numbers are doubles: `1.0` is `1`, `1e21` is `1e+21`, and of integers beyond 2^53 the nearest double is kept.
pub(crate) fn compact(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

/// A string as JSON.
pub(crate) fn quoted(string: &str) -> String {
    let mut text = String::new();
    write_string(string, &mut text);
    text
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => {
            let double = number.as_f64().unwrap_or_default();
            text.push_str(ryu_js::Buffer::new().format(double));
        }
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_string(name, text);
                text.push(':');
                write_value(member, text);
            }
            text.push('}');
        }
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            // Writing to a string cannot fail.
            control if control < ' ' => drop(write!(text, "\\u{:04x}", u32::from(control))),
            other => text.push(other),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::compact;

    /// The expected texts were printed by Node 20.
    #[track_caller]
    fn check(json: &str, want: &str) {
        assert_eq!(compact(&serde_json::from_str(json).unwrap()), want);
    }

    #[test]
    fn numbers_are_doubles_as_javascript_prints_them() {
        check("1.0", "1");
        check("-0", "0");
        check("-0.0", "0");
        check("1e21", "1e+21");
        check("123456789012345680000", "123456789012345680000");
        check("0.000001", "0.000001");
        check("0.0000001", "1e-7");
        check("9007199254740993", "9007199254740992");
        check("18446744073709551615", "18446744073709552000");
        check("5e-324", "5e-324");
        check("1.7976931348623157e308", "1.7976931348623157e+308");
        check("0.1000000000000000055511151231257827", "0.1");
    }

    #[test]
    fn strings_escape_only_what_they_must() {
        check(
            r#""\u0001\u001f\b\f\n\r\t\"\\\/""#,
            r#""\u0001\u001f\b\f\n\r\t\"\\/""#,
        );
        check(r#""\u007f\u2028é🎉""#, "\"\u{7f}\u{2028}é🎉\"");
    }

    #[test]
    fn members_keep_the_order_they_were_written_in() {
        check(
            r#" { "b" : [ 1 , null , { } ] , "a" : true } "#,
            r#"{"b":[1,null,{}],"a":true}"#,
        );
    }
}
