//! That the schema and the decoder agree: on every field, and on what each can be.

use serde_json::{Value, json};

use super::super::{condition, flag, release, segment, serve};
use super::schema;
use crate::{Code, decode};

/// A ruleset with every field of the language in it.
const EVERYTHING: &str = include_str!("tests/everything.json");

/// Every object of the decoder, and where the schema has it.
fn objects() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("", super::super::FIELDS.to_vec()),
        ("/$defs/flag", flag::FIELDS.to_vec()),
        ("/$defs/rule", flag::RULE_FIELDS.to_vec()),
        ("/$defs/serve/anyOf/2", serve::RELEASE_FIELDS.to_vec()),
        ("/$defs/split", serve::SPLIT_FIELDS.to_vec()),
        ("/$defs/segment", segment::FIELDS.to_vec()),
        ("/$defs/test", segment::TEST_FIELDS.to_vec()),
        ("/$defs/release", release::FIELDS.to_vec()),
        ("/$defs/stage", release::STAGE_FIELDS.to_vec()),
        ("/$defs/metric", release::METRIC_FIELDS.to_vec()),
        ("/$defs/team", release::TEAM_FIELDS.to_vec()),
        ("/$defs/interval", condition::INTERVAL_FIELDS.to_vec()),
        (
            "/$defs/prerequisite",
            condition::PREREQUISITE_FIELDS.to_vec(),
        ),
    ]
}

#[test]
fn every_field_that_the_decoder_knows_is_described() {
    let schema = schema();
    let described = |properties: &Value, names: &[&str], place: &str| {
        let properties = properties.as_object().expect("properties");
        let found: Vec<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(found, names, "{place}");
        for (name, property) in properties {
            let refers = property["$ref"].as_str().unwrap_or_default();
            let definition = schema
                .pointer(refers.trim_start_matches('#'))
                .expect("a definition");
            let about = property
                .get("description")
                .or_else(|| definition.get("description"));
            assert!(
                about
                    .and_then(Value::as_str)
                    .is_some_and(|about| about.len() > 3),
                "{place} {name}"
            );
        }
    };
    for (place, names) in objects() {
        let object = schema.pointer(place).expect(place);
        described(&object["properties"], &names, place);
    }
    let forms = schema["$defs"]["condition"]["anyOf"]
        .as_array()
        .expect("forms");
    let heads = condition::CONDITIONS
        .iter()
        .filter(|head| !["attr", "flag"].contains(head));
    let joined = heads.map(|head| vec![*head]);
    let tests = condition::TESTS.iter().map(|test| {
        let case = condition::CASE_TESTS.contains(test).then_some("ignoreCase");
        ["attr", test].into_iter().chain(case).collect()
    });
    let named: Vec<Vec<&str>> = joined.chain(tests).collect();
    let inline: Vec<&Value> = forms
        .iter()
        .filter(|form| form.get("$ref").is_none())
        .collect();
    assert_eq!(inline.len(), named.len());
    for (form, names) in inline.into_iter().zip(named) {
        described(&form["properties"], &names, &names.join(" "));
        assert!(
            form["description"]
                .as_str()
                .is_some_and(|about| about.len() > 3),
            "{names:?}"
        );
    }
}

#[test]
fn every_field_is_in_the_ruleset_that_has_them_all() {
    let everything: Value = serde_json::from_str(EVERYTHING).expect("it is JSON");
    let used = names(&everything);
    let conditions = [condition::CONDITIONS, condition::TESTS, &["ignoreCase"]].concat();
    let objects = objects().into_iter().flat_map(|(_, names)| names);
    for name in objects.chain(conditions) {
        assert!(used.contains(&name), "{name}");
    }
}

fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => {
            let here = members.keys().map(String::as_str);
            here.chain(members.values().flat_map(names)).collect()
        }
        Value::Array(items) => items.iter().flat_map(names).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Law: what has no issues is valid, and what has an issue of shape is not, for every change of one value.
#[test]
fn the_schema_refuses_what_has_another_shape_and_nothing_that_is_right() {
    let validator = jsonschema::draft202012::new(&schema()).expect("a schema");
    let everything: Value = serde_json::from_str(EVERYTHING).expect("it is JSON");
    let (mut right, mut wrong) = (0, 0);
    for changed in changes(&everything) {
        let is_valid = validator.is_valid(&changed);
        match decode(&changed.to_string()) {
            Ok(_) => {
                right += 1;
                let errors: Vec<String> = validator
                    .iter_errors(&changed)
                    .map(|it| it.to_string())
                    .collect();
                assert!(is_valid, "{errors:?}\n{changed:#}");
            }
            Err(issues) => {
                if let Some(issue) = issues.iter().find(|issue| is_of_shape(&issue.code)) {
                    wrong += 1;
                    assert!(!is_valid, "{issue}\n{changed:#}");
                }
            }
        }
    }
    assert!(right > 100 && wrong > 1_000, "{right} right, {wrong} wrong");
}

fn is_of_shape(code: &Code) -> bool {
    matches!(
        code,
        Code::UnknownKey(_)
            | Code::MissingKey(_)
            | Code::WrongType { .. }
            | Code::BadKey(_)
            | Code::UnknownWord { .. }
            | Code::ValueType { .. }
            | Code::OneTest { .. }
            | Code::EmptyList
            | Code::EmptyText
            | Code::NullOperand
            | Code::BadAttribute(_)
            | Code::PairLength(_)
            | Code::MissingRest
            | Code::BadDuration(_)
            | Code::BadPercent(_)
            | Code::BadExposure(_)
            | Code::BadWeight(_)
    )
}

/// `value` itself, and with each value in it replaced, left out, or given another member or item.
fn changes(value: &Value) -> Vec<Value> {
    let mut pointers = Vec::new();
    collect_pointers(value, &mut String::new(), &mut pointers);
    let mut changes = vec![value.clone()];
    for pointer in pointers {
        let mut change = |change: &dyn Fn(&mut Value)| {
            let mut other = value.clone();
            if let Some(place) = other.pointer_mut(&pointer) {
                change(place);
                changes.push(other);
            }
        };
        let others = [
            json!(null),
            json!(true),
            json!(-1),
            json!(0),
            json!(1),
            json!(1e3),
            json!(""),
            json!("on"),
            json!("a b"),
            json!("/a~2"),
            json!("1h"),
            json!([]),
            json!(["on"]),
            json!([1]),
            json!([["on", 1]]),
            json!({}),
        ];
        for other in others {
            change(&|place| *place = other.clone());
        }
        change(&|place| match place {
            Value::Object(members) => drop(members.insert("unknown".to_owned(), json!("on"))),
            Value::Array(items) => items.push(json!("on")),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        });
        let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
        let mut other = value.clone();
        match other.pointer_mut(parent) {
            Some(Value::Object(members)) if !pointer.is_empty() => {
                let name = name.replace("~1", "/").replace("~0", "~");
                members.shift_remove(&name);
                changes.push(other);
            }
            Some(Value::Array(items)) => {
                items.remove(name.parse().expect("a number"));
                changes.push(other);
            }
            _ => {}
        }
    }
    changes
}

fn collect_pointers(value: &Value, at: &mut String, pointers: &mut Vec<String>) {
    pointers.push(at.clone());
    let steps: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.replace('~', "~0").replace('/', "~1"), member))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (index.to_string(), item))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for (step, value) in steps {
        let length = at.len();
        at.push('/');
        at.push_str(&step);
        collect_pointers(value, at, pointers);
        at.truncate(length);
    }
}
