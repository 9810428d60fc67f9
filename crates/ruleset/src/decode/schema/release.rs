//! Releases, metrics and teams.

use serde_json::{Value, json};

use super::super::release::{FIELDS, METRIC_FIELDS, METRIC_KINDS, STAGE_FIELDS, TEAM_FIELDS};
use super::condition::condition;
use super::object;
use super::parts::{attribute, described, key, non_empty_text, one_of, refer, said, some_list};

pub(super) fn release() -> Value {
    let about = "A staged move from one variant to another.";
    object(about, FIELDS, &["from", "to", "stages"], |name| {
        Some(match name {
            "description" => described(),
            "owner" => said("The team that is told when it goes wrong.", key()),
            "from" => said("The variant that it moves from.", key()),
            "to" => said("The variant that it moves to; another one.", key()),
            "by" => said(
                "The attribute that is the unit. Default: `targetingKey`.",
                attribute(),
            ),
            "stages" => said("Its steps, in order.", some_list(refer("stage"))),
            "allow" => refer("allow"),
            _ => return None,
        })
    })
}

pub(super) fn stage() -> Value {
    object("One step of a release.", STAGE_FIELDS, &["name"], |name| {
        Some(match name {
            "name" => said(
                "What people call it; no two stages of a release have one name.",
                non_empty_text(),
            ),
            "audience" => said(
                "For whom it is, from this stage on. Default: for all.",
                condition(),
            ),
            "percent" => said(
                "The part of the units that it exposes, 0 to 100. Default: all of an audience; without one, as before.",
                json!({ "type": "number", "minimum": 0, "maximum": 100 }),
            ),
            "hold" => said(
                "How long it stays before the next: digits and one of `s`, `m`, `h`, `d`, `w`, such as `4h`.",
                json!({ "type": "string", "pattern": "^[0-9]{1,9}[smhdw]$" }),
            ),
            _ => return None,
        })
    })
}

pub(super) fn metric() -> Value {
    object(
        "Something that is measured.",
        METRIC_FIELDS,
        &["kind"],
        |name| {
            Some(match name {
                "description" => described(),
                "kind" => said(
                    "How it is counted; `failure`: the first failure of each unit.",
                    one_of(METRIC_KINDS),
                ),
                _ => return None,
            })
        },
    )
}

pub(super) fn team() -> Value {
    object(
        "People who own flags and releases.",
        TEAM_FIELDS,
        &[],
        |name| match name {
            "description" => Some(described()),
            _ => None,
        },
    )
}
