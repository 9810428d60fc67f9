//! JSON for people: what fits on a line is on one.

use serde_json::Value;

/// How many characters a line has at most, unless a single name or value has more.
const WIDTH: usize = 100;
/// Objects less deep than this have a line for each member, whatever fits.
const SPREAD: usize = 2;

/// The value, indented by two spaces, without a line break at the end.
pub(crate) fn laid_out(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, 0, &mut text);
    text
}

/// Writes a value behind what its line has already, `before` characters with the comma that may follow.
fn write(value: &Value, depth: usize, before: usize, text: &mut String) {
    let is_spread = depth < SPREAD && value.as_object().is_some_and(|it| !it.is_empty());
    if !is_spread && let Some(line) = on_one_line(value, WIDTH.saturating_sub(before)) {
        text.push_str(&line);
        return;
    }
    let inner = depth.saturating_add(1);
    let indent = "  ".repeat(inner);
    match value {
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                begin(index, &indent, text);
                write(item, inner, indent.len().saturating_add(1), text);
            }
            end(depth, ']', text);
        }
        Value::Object(members) => {
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                begin(index, &indent, text);
                let name = Value::from(name.as_str()).to_string();
                text.push_str(&name);
                text.push_str(": ");
                let before = indent.len().saturating_add(name.chars().count());
                write(member, inner, before.saturating_add(3), text);
            }
            end(depth, '}', text);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
    }
}

fn begin(index: usize, indent: &str, text: &mut String) {
    text.push_str(if index > 0 { ",\n" } else { "\n" });
    text.push_str(indent);
}

fn end(depth: usize, bracket: char, text: &mut String) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(bracket);
}

/// `{ "a": [1, 2], "b": {} }`; `None` where that takes more than `most` characters.
fn on_one_line(value: &Value, most: usize) -> Option<String> {
    let mut line = Line {
        text: String::new(),
        left: most,
    };
    line.value(value)?;
    Some(line.text)
}

/// What a line has, and how many characters it has room for.
struct Line {
    text: String,
    left: usize,
}

impl Line {
    fn value(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Array(items) => {
                self.push("[")?;
                for (index, item) in items.iter().enumerate() {
                    self.push(if index > 0 { ", " } else { "" })?;
                    self.value(item)?;
                }
                self.push("]")
            }
            Value::Object(members) if members.is_empty() => self.push("{}"),
            Value::Object(members) => {
                self.push("{ ")?;
                for (index, (name, member)) in members.iter().enumerate() {
                    self.push(if index > 0 { ", " } else { "" })?;
                    self.push(&Value::from(name.as_str()).to_string())?;
                    self.push(": ")?;
                    self.value(member)?;
                }
                self.push(" }")
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.push(&value.to_string())
            }
        }
    }

    fn push(&mut self, text: &str) -> Option<()> {
        self.left = self.left.checked_sub(text.chars().count())?;
        self.text.push_str(text);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{WIDTH, laid_out};

    #[track_caller]
    fn check(json: &str, want: &str) {
        let value: Value = serde_json::from_str(json).unwrap();
        let found = laid_out(&value);
        assert_eq!(found, want);
        assert_eq!(serde_json::from_str::<Value>(&found).unwrap(), value);
    }

    #[test]
    fn what_fits_is_on_one_line_below_the_second_level() {
        check("{}", "{}");
        check(
            r#"{"a":{"b":{"c":[[1,"x"],{}]},"d":{}},"e":[1,{"f":null}]}"#,
            "{\n  \"a\": {\n    \"b\": { \"c\": [[1, \"x\"], {}] },\n    \"d\": {}\n  },\n  \"e\": [1, { \"f\": null }]\n}",
        );
    }

    #[test]
    fn a_line_is_full_with_its_comma() {
        let json = |length: usize| format!(r#"{{"a":["{}"],"b":1}}"#, "é".repeat(length));
        // Two for the indent, five for the name and colon, four for brackets and quotes, one for the comma.
        let most = WIDTH - 12;
        let text = "é".repeat(most);
        check(
            &json(most),
            &format!("{{\n  \"a\": [\"{text}\"],\n  \"b\": 1\n}}"),
        );
        let text = "é".repeat(most + 1);
        let broken = format!("{{\n  \"a\": [\n    \"{text}\"\n  ],\n  \"b\": 1\n}}");
        check(&json(most + 1), &broken);
    }
}
