//! From JSON text to a ruleset, or to everything that is wrong with it.

mod condition;
mod cycles;
mod fields;
mod flag;
mod names;
mod operand;
mod reader;
mod release;
mod run;
mod scalar;
mod schema;
mod segment;
mod serve;

use std::collections::BTreeSet;

use vexil_core::limits::{ATTRIBUTES, AUTOMATA_BYTES, AUTOMATA_WORK, FLAGS, RULESET_BYTES};

use crate::issue::{Code, Issue};
use crate::json::Node;
use crate::key::{FlagKey, MetricName, ReleaseName, SegmentName, TeamName};
use crate::model::Ruleset;
use crate::path::Path;
use reader::Reader;
use run::Run;
pub use schema::schema;

/// What a ruleset can have.
const FIELDS: &[&str] = &[
    "$schema", "flags", "segments", "releases", "metrics", "teams", "private", "tests", "allow",
];

/// Reads a ruleset.
///
/// What comes back is right in every respect, and [`crate::compile`] takes it.
///
/// ```
/// let ruleset = vexil_ruleset::decode(r#"{
///     "flags": {
///         "banner": {
///             "type": "string",
///             "variants": { "none": "", "sale": "Everything must go" },
///             "offVariant": "none",
///             "rules": [{ "when": { "attr": "country", "in": ["DE", "AT"] }, "serve": "sale" }],
///             "default": "none"
///         }
///     }
/// }"#)?;
/// assert_eq!(ruleset.flags()["banner"].rules.len(), 1);
/// # Ok::<(), Vec<vexil_ruleset::Issue>>(())
/// ```
///
/// # Errors
/// All issues: those of shape (unknown, missing and duplicate keys, wrong types), of reference (a variant, flag,
/// segment, release or team that is not there), of meaning (cycles, weights, ranges of versions) and of size.
/// Of more than a thousand the rest is counted. Only a text that is no JSON has a single one.
pub fn decode(json: &str) -> Result<Ruleset, Vec<Issue>> {
    let alone = |code| {
        let path = Path::default();
        vec![Issue { path, code }]
    };
    if json.len() > RULESET_BYTES {
        return Err(alone(Code::Limit {
            what: "bytes",
            most: RULESET_BYTES,
            found: json.len(),
        }));
    }
    let root: Node = serde_json::from_str(json).map_err(|error| alone(syntax(&error)))?;
    let run = Run::new(&root);
    let reader = Reader::root(&root, &run);
    reader.report_duplicates();
    let ruleset = ruleset(&reader);
    cycles::check(&run);
    for (what, most, found) in [
        ("attributes", ATTRIBUTES, run.attribute_count()),
        ("bytes of automata", AUTOMATA_BYTES, run.automata_bytes()),
        (
            "bytes on the way to automata",
            AUTOMATA_WORK,
            run.automata_work(),
        ),
    ] {
        if found > most {
            reader.report(Code::Limit { what, most, found });
        }
    }
    let issues = run.into_issues();
    // INVARIANT: a part that cannot be read reports an issue, so without issues there is a ruleset.
    ruleset.filter(|_| issues.is_empty()).ok_or(issues)
}

fn ruleset(reader: &Reader<'_, '_>) -> Option<Ruleset> {
    let fields = reader.fields(FIELDS)?;
    let schema = fields.optional("$schema", scalar::owned_text);
    let flags = fields.optional("flags", |it| {
        it.limit("flags", FLAGS);
        it.map(FlagKey::new, flag::flag)
    });
    let segments = fields.optional("segments", |it| it.map(SegmentName::new, segment::segment));
    let releases = fields.optional("releases", |it| it.map(ReleaseName::new, release::release));
    let metrics = fields.optional("metrics", |it| it.map(MetricName::new, release::metric));
    let teams = fields.optional("teams", |it| it.map(TeamName::new, release::team));
    let private = fields.optional("private", |it| it.list(condition::attribute_name));
    let tests = fields.optional("tests", |it| it.list(segment::test));
    let allow = fields.optional("allow", scalar::lints);
    Some(Ruleset {
        schema: schema?,
        flags: flags?.unwrap_or_default(),
        segments: segments?.unwrap_or_default(),
        releases: releases?.unwrap_or_default(),
        metrics: metrics?.unwrap_or_default(),
        teams: teams?.unwrap_or_default(),
        private: private?.into_iter().flatten().collect::<BTreeSet<_>>(),
        tests: tests?.unwrap_or_default(),
        allow: allow?.unwrap_or_default(),
    })
}

fn syntax(error: &serde_json::Error) -> Code {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let place = format!(" at line {line} column {column}");
    let message = text.strip_suffix(&place).unwrap_or(&text).to_lowercase();
    Code::Syntax {
        message,
        line,
        column,
    }
}

#[cfg(test)]
mod tests;
