//! Answers as bytes that can be compared: JSON without spaces, keys sorted, numbers as JavaScript writes them.
//!
//! Source: RFC 8785, JSON Canonicalization Scheme.

use std::fmt::Write;

use serde_json::Value;

/// `value` in its canonical form. Members that are `null` at the top of an answer must be left out by the caller.
#[must_use]
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
        Value::Number(number) => {
            out.push_str(ryu_js::Buffer::new().format(number.as_f64().unwrap_or(f64::NAN)));
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            write_list('[', items, out, write);
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            write_list('{', members, out, |(key, value), out| {
                write_text(key, out);
                out.push(':');
                write(value, out);
            });
            out.push('}');
        }
    }
}

fn write_list<T>(
    open: char,
    items: impl IntoIterator<Item = T>,
    out: &mut String,
    write: impl Fn(T, &mut String),
) {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\u{8}' => out.push_str("\\b"),
            '\u{9}' => out.push_str("\\t"),
            '\u{a}' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\u{d}' => out.push_str("\\r"),
            // Writing to a string cannot fail.
            control @ ..'\u{20}' => drop(write!(out, "\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}
