//! `LaunchDarkly`'s contexts as evaluation contexts.
//!
//! Source: `LaunchDarkly`'s context schema (`{"kind": …, "key": …}`, `{"kind": "multi", …}`), and that of users before it.

use serde_json::{Map, Value, json};

/// The member that has the contexts of all kinds but `user`, by kind.
pub(super) const KINDS: &str = "kinds";
/// The member that has what would stand where something else does.
pub(super) const META: &str = "_meta";

/// What `LaunchDarkly` says of a context itself: no attribute of anybody's own is called so.
const RESERVED: [&str; 5] = ["kind", "key", "name", "anonymous", META];
/// The attributes of a user without a kind that do not stand in `custom`.
const OF_USERS: [&str; 6] = ["firstName", "lastName", "avatar", "email", "country", "ip"];

/// Whether a user's own attribute of that name stands in [`META`], because its place is taken.
pub(super) fn moved(name: &str) -> bool {
    name == "targetingKey" || name == KINDS
}

/// The evaluation context in which imported flags answer as `LaunchDarkly` does in `context`.
///
/// | of `LaunchDarkly` | here |
/// |---|---|
/// | the key of the `user` | `targetingKey` |
/// | its other attributes, `name` and `anonymous` among them | at the top, by name |
/// | one called `targetingKey` or `kinds` | in `_meta` |
/// | a context of another kind, its key among its attributes | in `kinds`, by kind: `/kinds/organization/key` |
/// | the kinds there are | the list `kind` |
///
/// A user without a kind is one of the kind `user`; its `custom` attributes are as all others. Lists within lists, and
/// objects within them, pass no test and become null. A key that is empty, which only such a user can have, is no unit
/// of a rollout.
///
/// # Errors
///
/// `LaunchDarkly` refuses the context.
pub(crate) fn context(context: &Value) -> Result<Map<String, Value>, String> {
    let members = object(context)?;
    let mut out = Map::new();
    match members.get("kind") {
        None => {
            out.insert("kind".into(), json!(["user"]));
            put_user(legacy(members)?, &mut out);
        }
        Some(Value::String(kind)) if kind == "multi" => {
            let kinds = members.iter().filter(|(kind, _)| *kind != "kind");
            if kinds.clone().next().is_none() {
                return Err("a multi-kind context has no kind".into());
            }
            let names: Vec<Value> = kinds
                .clone()
                .map(|(kind, _)| kind.as_str().into())
                .collect();
            out.insert("kind".into(), names.into());
            for (kind, context) in kinds {
                put(kind, object(context)?, &mut out)?;
            }
        }
        Some(Value::String(kind)) => {
            out.insert("kind".into(), json!([kind]));
            put(kind, members, &mut out)?;
        }
        Some(other) => return Err(format!("`{other}` is no kind of contexts")),
    }
    Ok(out)
}

fn object(value: &Value) -> Result<&Map<String, Value>, String> {
    let members = value.as_object();
    members.ok_or_else(|| format!("expected an object, found `{value}`"))
}

fn put(
    kind: &str,
    members: &Map<String, Value>,
    out: &mut Map<String, Value>,
) -> Result<(), String> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if kind.is_empty() || ["kind", "multi"].contains(&kind) || !kind.bytes().all(is_fine) {
        return Err(format!("`{kind}` is no kind of contexts"));
    }
    let mut attributes = builtin(members)?;
    if attributes.get("key").and_then(Value::as_str) == Some("") {
        return Err(format!("the key of the {kind} is empty"));
    }
    let own = members
        .iter()
        .filter(|(name, _)| !RESERVED.contains(&name.as_str()));
    attributes.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    if kind == "user" {
        put_user(attributes, out);
    } else {
        let attributes = attributes
            .into_iter()
            .filter_map(|(name, value)| Some((name, kept(value)?)));
        let attributes: Map<_, _> = attributes.collect();
        let kinds = out.entry(KINDS).or_insert_with(|| Map::new().into());
        if let Value::Object(kinds) = kinds {
            kinds.insert(kind.to_owned(), attributes.into());
        }
    }
    Ok(())
}

/// Key, name and whether it is anonymous.
fn builtin(members: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let mut out = Map::new();
    match members.get("key") {
        Some(key @ Value::String(_)) => out.insert("key".into(), key.clone()),
        other => {
            return Err(format!(
                "expected a key that is text, found `{}`",
                shown(other)
            ));
        }
    };
    match members.get("name") {
        None | Some(Value::Null) => None,
        Some(name @ Value::String(_)) => out.insert("name".into(), name.clone()),
        other => {
            return Err(format!(
                "expected a name that is text, found `{}`",
                shown(other)
            ));
        }
    };
    let anonymous = match members.get("anonymous") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(is_anonymous)) => *is_anonymous,
        other => {
            return Err(format!(
                "expected `anonymous` to be true or false, found `{}`",
                shown(other)
            ));
        }
    };
    out.insert("anonymous".into(), anonymous.into());
    Ok(out)
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Value::to_string)
}

/// The attributes of a user without a kind.
fn legacy(members: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let mut out = builtin(members)?;
    for name in OF_USERS {
        match members.get(name) {
            None | Some(Value::Null) => {}
            Some(text @ Value::String(_)) => {
                out.insert(name.into(), text.clone());
            }
            other => {
                return Err(format!(
                    "expected `{name}` to be text, found `{}`",
                    shown(other)
                ));
            }
        }
    }
    match members.get("custom") {
        None | Some(Value::Null) => {}
        Some(custom) => {
            let own = object(custom)?.iter();
            let own = own.filter(|(name, _)| !RESERVED.contains(&name.as_str()));
            out.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        }
    }
    Ok(out)
}

fn put_user(attributes: Map<String, Value>, out: &mut Map<String, Value>) {
    for (name, value) in attributes {
        let Some(value) = kept(value) else {
            continue;
        };
        if name == "key" {
            out.insert("targetingKey".into(), value);
        } else if moved(&name) {
            let meta = out.entry(META).or_insert_with(|| Map::new().into());
            if let Value::Object(meta) = meta {
                meta.insert(name, value);
            }
        } else {
            out.insert(name, value);
        }
    }
}

/// `None` where it is null, which is as if it were not there.
fn kept(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let scalar = |item: Value| match item {
                Value::Array(_) | Value::Object(_) => Value::Null,
                scalar => scalar,
            };
            Some(items.into_iter().map(scalar).collect())
        }
        Value::Object(members) => {
            let members = members.into_iter();
            Some(
                members
                    .filter_map(|(name, value)| Some((name, kept(value)?)))
                    .collect::<Map<_, _>>()
                    .into(),
            )
        }
        scalar => Some(scalar),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::context;

    #[track_caller]
    fn check(theirs: &Value, ours: &Value) {
        assert_eq!(
            context(theirs).map(Value::from).as_ref(),
            Ok(ours),
            "{theirs}"
        );
    }

    #[test]
    fn a_user_is_at_the_top() {
        check(
            &json!({ "kind": "user", "key": "u", "name": "N", "plan": { "a": [1, [2], { "b": 3 }, null] }, "gone": null }),
            &json!({ "kind": ["user"], "targetingKey": "u", "name": "N", "anonymous": false, "plan": { "a": [1, null, null, null] } }),
        );
        check(
            &json!({ "kind": "user", "key": "u", "anonymous": true, "targetingKey": "t", "kinds": 1, "_meta": { "privateAttributes": ["a"] } }),
            &json!({ "kind": ["user"], "targetingKey": "u", "anonymous": true, "_meta": { "targetingKey": "t", "kinds": 1 } }),
        );
    }

    #[test]
    fn other_kinds_are_by_kind() {
        check(
            &json!({ "kind": "org", "key": "o", "tier": "gold" }),
            &json!({ "kind": ["org"], "kinds": { "org": { "key": "o", "anonymous": false, "tier": "gold" } } }),
        );
        check(
            &json!({ "kind": "multi", "org": { "key": "o" }, "user": { "key": "u", "kind": "x" } }),
            &json!({ "kind": ["org", "user"], "kinds": { "org": { "key": "o", "anonymous": false } }, "targetingKey": "u", "anonymous": false }),
        );
    }

    #[test]
    fn a_user_of_before_has_custom_attributes() {
        check(
            &json!({ "key": "", "email": "a@b.c", "secondary": "s", "other": 1, "custom": { "plan": [1], "key": "k", "email": "d" } }),
            &json!({ "kind": ["user"], "targetingKey": "", "anonymous": false, "email": "d", "plan": [1] }),
        );
    }

    #[test]
    fn what_launchdarkly_refuses_is_an_error() {
        for refused in [
            json!(1),
            json!({}),
            json!({ "key": 1 }),
            json!({ "kind": null, "key": "u" }),
            json!({ "kind": "", "key": "u" }),
            json!({ "kind": "kind", "key": "u" }),
            json!({ "kind": "a b", "key": "u" }),
            json!({ "kind": "user", "key": "" }),
            json!({ "kind": "user", "key": "u", "name": 1 }),
            json!({ "kind": "user", "key": "u", "anonymous": "yes" }),
            json!({ "kind": "multi" }),
            json!({ "kind": "multi", "user": 1 }),
            json!({ "kind": "multi", "multi": { "key": "u" } }),
            json!({ "key": "u", "ip": 1 }),
        ] {
            assert!(context(&refused).is_err(), "{refused}");
        }
    }
}
