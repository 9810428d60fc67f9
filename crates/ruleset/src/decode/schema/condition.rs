//! Conditions: one form for each thing that can be asked.

use serde_json::{Value, json};

use super::super::condition::{
    CASE_TESTS, CONDITIONS, INTERVAL_FIELDS, PREREQUISITE_FIELDS, TESTS,
};
use super::object;
use super::parts::{attribute, boolean, key, non_empty_text, number, refer, said, some_list, text};

pub(super) fn condition() -> Value {
    refer("condition")
}

pub(super) fn condition_definition() -> Value {
    let joined = CONDITIONS
        .iter()
        .filter(|head| !matches!(**head, "attr" | "flag"));
    let joined = joined.map(|head| object(about(head), &[head], &[head], condition_field));
    let tests = TESTS.iter().map(|test| {
        let case: &[&str] = if CASE_TESTS.contains(test) {
            &["ignoreCase"]
        } else {
            &[]
        };
        let fields = [&["attr", test], case].concat();
        object(about(test), &fields, &["attr", test], condition_field)
    });
    let forms: Vec<Value> = joined.chain([refer("prerequisite")]).chain(tests).collect();
    said(
        "A question about a context that is true or false. An attribute that is a list passes a test where one of its items does; one that is missing, or of another type, passes none.",
        json!({ "type": "object", "anyOf": forms }),
    )
}

/// What holds where a condition has this field. Empty for one that is not known.
fn about(name: &str) -> &'static str {
    match name {
        "all" => "All of these hold.",
        "any" => "One of these holds.",
        "not" => "This does not hold.",
        "segment" => "The context is in this segment.",
        "time" => "The time is within an interval.",
        "is" => "Equal to this, and of the same type.",
        "in" => "Equal to one of these, and of the same type.",
        "exists" => "The attribute is there and not null, or with `false` is not.",
        "startsWith" => "A string that begins with this, or with one of these.",
        "endsWith" => "A string that ends with this, or with one of these.",
        "contains" => "A string that contains this, or one of these.",
        "matches" => {
            "A string in which this regular expression matches somewhere: the syntax of the Rust crate `regex`, with ASCII classes."
        }
        "lt" => "A number below this.",
        "lte" => "A number not above this.",
        "gt" => "A number above this.",
        "gte" => "A number not below this.",
        "before" => "A time before this one.",
        "after" => "A time after this one.",
        "semver" => {
            "A version (SemVer 2.0.0) in this range, which is written as npm does: `^2.1`, `>=1.2 <2 || 3.x`."
        }
        "cidr" => "An IP address in one of these networks.",
        _ => "",
    }
}

fn condition_field(name: &str) -> Option<Value> {
    let value = match name {
        "all" | "any" => some_list(condition()),
        "not" => condition(),
        "segment" => key(),
        "time" => refer("interval"),
        "attr" => return Some(attribute()),
        "ignoreCase" => {
            let about = "Whether upper and lower case count as one, by Unicode simple case folding. Default: false.";
            return Some(said(about, boolean()));
        }
        "is" => scalar(),
        "in" => some_list(scalar()),
        "exists" => boolean(),
        "startsWith" | "endsWith" | "contains" => {
            json!({ "anyOf": [text(), some_list(text())] })
        }
        "matches" | "semver" => text(),
        "lt" | "lte" | "gt" | "gte" => number(),
        "before" | "after" => instant(),
        "cidr" => some_list(said(
            "A network such as `10.0.0.0/8` or `2001:db8::/32`, or one address.",
            non_empty_text(),
        )),
        _ => return None,
    };
    Some(said(about(name), value))
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn instant() -> Value {
    said(
        "RFC 3339, such as `2026-11-23T09:00:00Z`, or whole milliseconds since 1970.",
        json!({ "type": ["string", "integer"] }),
    )
}

pub(super) fn interval() -> Value {
    let about = "From one instant until before another; one end may be left open.";
    let mut interval = object(about, INTERVAL_FIELDS, &[], |name| {
        let about = match name {
            "from" => "The first instant of it",
            "until" => "The first instant after it",
            _ => return None,
        };
        let written = "RFC 3339, or whole milliseconds since 1970";
        Some(said(&format!("{about}: {written}."), instant()))
    });
    if let Value::Object(members) = &mut interval {
        members.insert("minProperties".to_owned(), 1.into());
    }
    interval
}

pub(super) fn prerequisite() -> Value {
    let about = "Another flag is on and serves one of some variants.";
    object(about, PREREQUISITE_FIELDS, PREREQUISITE_FIELDS, |name| {
        Some(match name {
            "flag" => said("The other flag.", key()),
            "variant" => said("The variants of which it must serve one.", some_list(key())),
            _ => return None,
        })
    })
}
