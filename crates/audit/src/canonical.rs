//! One text for one value.
//!
//! Source: RFC 8785, JSON Canonicalization Scheme, for values without fractions.

use serde_json::{Map, Value};

/// The text of `value`: members sorted by name, nothing between the tokens.
///
/// What RFC 8785 says, for values of which every number is an integer within ±2^53.
#[must_use]
pub fn canonical(value: &Value) -> String {
    sorted(value).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
            let members = members.into_iter();
            let members: Map<String, Value> = members
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect();
            Value::Object(members)
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn members_are_sorted_at_every_depth_and_texts_escaped_as_rfc_8785_says() {
        for (text, want) in [
            (
                r#"{"b": 1, "a": [{"d": null, "c": true}]}"#,
                r#"{"a":[{"c":true,"d":null}],"b":1}"#,
            ),
            // Its example of sorting: by UTF-16, in which the emoji comes before the ligature.
            (
                r#"{"\u20ac":0,"\r":0,"\ufb33":0,"1":0,"\ud83d\ude00":0,"\u0080":0,"\u00f6":0}"#,
                "{\"\\r\":0,\"1\":0,\"\u{80}\":0,\"ö\":0,\"€\":0,\"😀\":0,\"\u{fb33}\":0}",
            ),
            (
                r#""\u000F\u0008\u000a\u003c\/\u007f\"\\""#,
                "\"\\u000f\\b\\n</\u{7f}\\\"\\\\\"",
            ),
        ] {
            let value = serde_json::from_str(text).expect("it is JSON");
            assert_eq!(canonical(&value), want);
        }
    }
}
