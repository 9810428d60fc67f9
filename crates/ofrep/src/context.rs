//! An evaluation context as clients send it, resolved for a program.

use serde_json::{Map, Value as Json};
use vexil_core::{Context, Program, Value};

/// Resolves `attributes` into the slots of `program`.
///
/// A name that begins with `/` is a JSON Pointer into the whole context, any other a member of it.
pub fn resolve<'a>(program: &Program, attributes: &'a Map<String, Json>) -> Context<'a> {
    Context::resolve(program, |name| {
        look_up(attributes, name).map_or(Value::Missing, value_of)
    })
}

/// RFC 6901 from the second token on is `serde_json`'s; the first names a member of `attributes`.
fn look_up<'a>(attributes: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    let Some(pointer) = name.strip_prefix('/') else {
        return attributes.get(name);
    };
    let (first, rest) = pointer
        .split_once('/')
        .map_or((pointer, None), |(first, rest)| (first, Some(rest)));
    let member = attributes.get(&first.replace("~1", "/").replace("~0", "~"))?;
    match rest {
        None => Some(member),
        Some(rest) => member.pointer(&format!("/{rest}")),
    }
}

fn value_of(json: &Json) -> Value<'_> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => number.as_f64().map_or(Value::Null, Value::Number),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.iter().map(element_of).collect()),
        Json::Object(_) => Value::Object,
    }
}

/// Lists do not nest: what is no scalar within one holds no test.
fn element_of(json: &Json) -> Value<'_> {
    match json {
        Json::Array(_) => Value::Object,
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => {
            value_of(json)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(context: &str, name: &str, want: &Value<'_>) {
        let Json::Object(attributes) = serde_json::from_str(context).unwrap() else {
            panic!("not an object")
        };
        assert_eq!(
            look_up(&attributes, name).map_or(Value::Missing, value_of),
            *want
        );
    }

    #[test]
    fn a_plain_name_is_a_member_even_with_a_dot_in_it() {
        check(r#"{"a.b": 1, "a": {"b": 2}}"#, "a.b", &Value::Number(1.0));
        check(r#"{"country": "DE"}"#, "country", &Value::Text("DE"));
        check(r#"{"country": "DE"}"#, "plan", &Value::Missing);
    }

    #[test]
    fn a_pointer_walks_objects_and_arrays_and_unescapes_every_token() {
        check(
            r#"{"app": {"version": "2.1.0"}}"#,
            "/app/version",
            &Value::Text("2.1.0"),
        );
        check(r#"{"app": [true, false]}"#, "/app/1", &Value::Bool(false));
        check(r#"{"a/b": {"c~d": null}}"#, "/a~1b/c~0d", &Value::Null);
        check(r#"{"~1": 1}"#, "/~01", &Value::Number(1.0));
        check(r#"{"": {"": 1}}"#, "//", &Value::Number(1.0));
        check(r#"{"": 7}"#, "/", &Value::Number(7.0));
        check(r#"{"app": "2"}"#, "/app/version", &Value::Missing);
        check(r#"{"app": [true]}"#, "/app/01", &Value::Missing);
    }

    #[test]
    fn arrays_are_lists_of_scalars_and_objects_only_exist() {
        let list = Value::List(vec![
            Value::Text("a"),
            Value::Object,
            Value::Object,
            Value::Null,
        ]);
        check(r#"{"roles": ["a", ["b"], {"c": 1}, null]}"#, "roles", &list);
        check(r#"{"app": {}}"#, "app", &Value::Object);
    }

    #[test]
    fn numbers_are_f64_whatever_their_notation() {
        check(
            r#"{"n": 9007199254740993}"#,
            "n",
            &Value::Number(9_007_199_254_740_992.0),
        );
        check(r#"{"n": -0}"#, "n", &Value::Number(-0.0));
        check(r#"{"n": 1e2}"#, "n", &Value::Number(100.0));
    }
}
