//! The language as a JSON Schema, made of the tables by which it is read.
//!
//! Source: JSON Schema, draft 2020-12.

mod condition;
mod parts;
mod release;
mod serve;

use serde_json::{Map, Value, json};

use super::{flag, segment};
use crate::lint::Lint;
use condition::{condition, condition_definition, interval, prerequisite};
use parts::{
    attribute, boolean, described, key, list, map, non_empty_text, one_of, refer, said, text,
};
use release::{metric, release, stage, team};
use serve::{serve, split};

/// The JSON Schema (draft 2020-12) of rulesets, with descriptions for editors.
///
/// Every ruleset without issues is valid. What is valid may have issues: a schema cannot say that a name must be
/// there, or that no segment needs itself.
///
/// ```
/// let schema = vexil_ruleset::schema();
/// let about = &schema["$defs"]["flag"]["properties"]["offVariant"]["description"];
/// assert_eq!(about, "The variant served while the flag is disabled or killed, or a prerequisite is not met.");
/// ```
#[must_use]
pub fn schema() -> Value {
    let whole = object(
        "Feature flags, and all they refer to.",
        super::FIELDS,
        &[],
        ruleset_field,
    );
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Vexil ruleset"
    });
    let definitions = json!({ "$defs": Value::Object(definitions()) });
    [head, whole, definitions]
        .into_iter()
        .filter_map(|part| match part {
            Value::Object(members) => Some(members),
            _ => None,
        })
        .flatten()
        .collect()
}

/// What other parts refer to, by the names they use.
fn definitions() -> Map<String, Value> {
    let definitions = [
        ("flag", flag()),
        ("rule", rule()),
        ("serve", serve()),
        ("split", split()),
        ("segment", segment()),
        ("release", release()),
        ("stage", stage()),
        ("metric", metric()),
        ("team", team()),
        ("test", test()),
        ("condition", condition_definition()),
        ("interval", interval()),
        ("prerequisite", prerequisite()),
        ("key", parts::key_definition()),
        ("attribute", parts::attribute_definition()),
        ("allow", allow()),
    ];
    definitions
        .into_iter()
        .map(|(name, definition)| (name.to_owned(), definition))
        .collect()
}

/// An object of fields that the decoder knows. `field` says what each is; a test finds those it does not know.
fn object(
    about: &str,
    fields: &[&str],
    required: &[&str],
    field: impl Fn(&str) -> Option<Value>,
) -> Value {
    let properties = fields
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), field(name)?)));
    let mut object = Map::new();
    object.insert("description".to_owned(), about.into());
    object.insert("type".to_owned(), "object".into());
    object.insert("properties".to_owned(), Value::Object(properties.collect()));
    if !required.is_empty() {
        object.insert("required".to_owned(), required.into());
    }
    object.insert("additionalProperties".to_owned(), false.into());
    Value::Object(object)
}

fn ruleset_field(name: &str) -> Option<Value> {
    Some(match name {
        "$schema" => said("Where this schema is, for editors.", text()),
        "flags" => said("What programs can ask for, by key.", map(refer("flag"))),
        "segments" => said(
            "Conditions with names, for rules to share.",
            map(refer("segment")),
        ),
        "releases" => said(
            "Staged moves from one variant to another, by name.",
            map(refer("release")),
        ),
        "metrics" => said("What is measured, by name.", map(refer("metric"))),
        "teams" => said(
            "Who owns flags and releases, by name. While there are none, any owner can be named.",
            map(refer("team")),
        ),
        "private" => said(
            "Attributes that never reach a browser, nor anything derived from what they are compared with.",
            list(attribute()),
        ),
        "tests" => said(
            "What flags come to in certain contexts; `vexil test` checks it.",
            list(refer("test")),
        ),
        "allow" => refer("allow"),
        _ => return None,
    })
}

fn flag() -> Value {
    let required = ["type", "variants", "offVariant", "default"];
    let mut flag = object(
        "A question that programs ask.",
        flag::FIELDS,
        &required,
        flag_field,
    );
    let of_type = |name: &str, value: &Value| {
        json!({
            "if": { "properties": { "type": { "const": name } }, "required": ["type"] },
            "then": { "properties": { "variants": { "additionalProperties": { "type": value } } } }
        })
    };
    let values = ["boolean", "string", "number"].map(|name| of_type(name, &json!([name, "null"])));
    let object_values = of_type("object", &json!(["object", "array", "null"]));
    let all: Vec<Value> = values.into_iter().chain([object_values]).collect();
    if let Value::Object(members) = &mut flag {
        members.insert("allOf".to_owned(), all.into());
    }
    flag
}

fn flag_field(name: &str) -> Option<Value> {
    Some(match name {
        "description" => described(),
        "owner" => said("The team that is told when it breaks.", key()),
        "tags" => said("Words to find it by.", list(non_empty_text())),
        "type" => said("What kind of value its variants have.", one_of(flag::TYPES)),
        "variants" => said(
            "The answers that it can give: values of its type, by name. `null` leaves the answer to the caller's default.",
            json!({ "type": "object", "propertyNames": key(), "minProperties": 1 }),
        ),
        "enabled" => said(
            "Whether its rules are used. While it is false, everyone gets `offVariant`. Default: true.",
            boolean(),
        ),
        "offVariant" => said(
            "The variant served while the flag is disabled or killed, or a prerequisite is not met.",
            key(),
        ),
        "failsafe" => said(
            "The variant served once the ruleset has not been confirmed for longer than the maximum age.",
            key(),
        ),
        "expose" => said(
            "What browsers may receive: nothing (`server`, the default), its answers (`values`), or its rules (`program`).",
            one_of(flag::EXPOSES),
        ),
        "track" => said(
            "Whether exposures are recorded. Default: only while a release uses the flag.",
            boolean(),
        ),
        "targets" => said(
            "Targeting keys that get a variant before any rule is tried, by variant.",
            map(list(text())),
        ),
        "requires" => said(
            "Other flags that must be on and serve certain variants: one, or a list of which all must.",
            json!({ "anyOf": [refer("prerequisite"), list(refer("prerequisite"))] }),
        ),
        "rules" => said(
            "Tried in order; the first whose condition holds serves.",
            list(refer("rule")),
        ),
        "default" => said("Served where no rule holds.", refer("serve")),
        "allow" => refer("allow"),
        _ => return None,
    })
}

fn rule() -> Value {
    let about = "Serves something where a condition holds.";
    object(about, flag::RULE_FIELDS, &["when", "serve"], |name| {
        Some(match name {
            "name" => said("What answers call it.", non_empty_text()),
            "when" => said("For whom.", condition()),
            "serve" => said("What.", refer("serve")),
            "allow" => refer("allow"),
            _ => return None,
        })
    })
}

fn segment() -> Value {
    let about = "A condition with a name, and with members of its own.";
    object(about, segment::FIELDS, &[], |name| {
        Some(match name {
            "description" => described(),
            "members" => said("Targeting keys that are in it.", list(text())),
            "except" => said(
                "Targeting keys that are not in it, whatever else holds.",
                list(text()),
            ),
            "when" => said("Who else is in it.", condition()),
            "allow" => refer("allow"),
            _ => return None,
        })
    })
}

fn test() -> Value {
    let about = "What its author expects in one context.";
    object(about, segment::TEST_FIELDS, segment::TEST_FIELDS, |name| {
        Some(match name {
            "context" => said("The evaluation context.", json!({ "type": "object" })),
            "expect" => said(
                "The variants that flags come to in it, by flag.",
                map(key()),
            ),
            _ => return None,
        })
    })
}

fn allow() -> Value {
    said(
        "What may be odd here: warnings of `vexil validate`, by code.",
        list(one_of(Lint::NAMES)),
    )
}

#[cfg(test)]
mod tests;
