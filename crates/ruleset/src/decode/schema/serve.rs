//! What is served: a variant, a split, a release.

use serde_json::{Value, json};

use super::super::serve::{RECIPES, RELEASE_FIELDS, SPLIT_FIELDS};
use super::object;
use super::parts::{attribute, key, one_of, refer, said, some_list, text};

pub(super) fn serve() -> Value {
    let about = "What a release is at.";
    let release = object(about, RELEASE_FIELDS, RELEASE_FIELDS, |name| match name {
        "release" => Some(said("The name of a release.", key())),
        _ => None,
    });
    let variant = said("One variant, for everybody.", key());
    said(
        "What is served: the name of a variant, a split, or a release.",
        json!({ "anyOf": [variant, refer("split"), release] }),
    )
}

pub(super) fn split() -> Value {
    let about = "Each variant to a part of the units.";
    let mut split = object(about, SPLIT_FIELDS, &["split"], split_field);
    if let Value::Object(members) = &mut split {
        let is_partial = json!({
            "properties": { "exposure": { "exclusiveMaximum": 1 } }, "required": ["exposure"]
        });
        members.insert("if".to_owned(), is_partial);
        members.insert("then".to_owned(), json!({ "required": ["rest"] }));
    }
    split
}

fn split_field(name: &str) -> Option<Value> {
    let weight = said(
        "How much of the units, compared with the others: 0 or more, with at most five decimal places.",
        json!({ "type": "number", "minimum": 0 }),
    );
    let arm = json!({
        "type": "array", "prefixItems": [said("A variant.", key()), weight], "items": false, "minItems": 2
    });
    Some(match name {
        "split" => said(
            "Pairs of a variant and its weight; their order decides who gets which.",
            some_list(arm),
        ),
        "by" => said(
            "The attribute that is the unit. Default: `targetingKey`.",
            attribute(),
        ),
        "salt" => said(
            "What separates it from other splits; empty only with a `hash`. Default: the key of the flag.",
            text(),
        ),
        "hash" => said(
            "How another vendor places units, to keep an imported assignment. Default: as Vexil does.",
            one_of(RECIPES),
        ),
        "exposure" => said(
            "The part of each arm that is served, 0 to 1; growing it changes the variant of nobody who has one. Default: 1.",
            json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        ),
        "rest" => said(
            "The variant for those outside an `exposure` below 1.",
            key(),
        ),
        _ => return None,
    })
}
