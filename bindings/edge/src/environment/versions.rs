//! What an environment was, and what changed from one version to another.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use vexil_core::Program;
use vexil_release::State;
use vexil_ruleset::diff;
use worker::{Response, Result};

use super::change::{NO_RULESET, empty_program};
use super::database::{Row, count};
use super::page::{self, Page};
use super::store::Store;
use crate::reply;

/// After every version: JavaScript, which hands it to the database, knows no larger whole number for certain.
const NEWEST: u64 = (1 << 53) - 1;

/// Live state at some version.
#[derive(Debug, Default)]
pub(super) struct Past {
    killed: Vec<String>,
    releases: BTreeMap<String, State>,
}

impl Store {
    /// The number of the program of a version; `None` where there is no such version. Version 0 has program 0.
    pub(super) fn program_of(&self, version: u64) -> Result<Option<u64>> {
        if version == 0 {
            return Ok(Some(0));
        }
        let select = "SELECT program FROM versions WHERE number = ?";
        let rows = self.database.run(select, vec![count(version)])?;
        Ok(rows.first().and_then(|row| row.count(0)))
    }

    fn versions(&self, before: u64, limit: u64) -> Result<Vec<Row>> {
        let select = "SELECT v.number, v.program, v.live, v.changed, a.author, a.token, a.action, a.subject, a.reason,
                a.number
            FROM versions v LEFT JOIN audit a ON a.version = v.number
            WHERE v.number < ? ORDER BY v.number DESC LIMIT ?";
        self.database.run(select, vec![count(before), count(limit)])
    }

    /// The live state of a version: what was done last to each flag and each release up to then.
    fn past(&self, version: u64) -> Result<Past> {
        let last = |condition: &str| {
            let select = format!(
                "SELECT subject, action, json_extract(detail, '$.state'), max(number) FROM audit
                WHERE version <= ? AND {condition} GROUP BY subject ORDER BY subject"
            );
            self.database.run(&select, vec![count(version)])
        };
        let flags = last("action IN ('kill', 'restore')")?.into_iter();
        let killed = flags.filter_map(|mut row| {
            let flag = row.text(0)?;
            (row.text(1)? == "kill").then_some(flag)
        });
        let mut releases = BTreeMap::new();
        for mut row in last("json_extract(detail, '$.state') IS NOT NULL")? {
            let (name, state) = (row.text(0), row.text(2));
            if let (Some(name), Some(state)) = (name, state) {
                releases.insert(name, serde_json::from_str(&state)?);
            }
        }
        Ok(Past {
            killed: killed.collect(),
            releases,
        })
    }

    /// The program of that number; program 0 has no flags.
    pub(super) fn decoded(&self, program: u64) -> Result<Program> {
        let bytes = match self.program(program)? {
            Some(bytes) => bytes,
            None => empty_program(&self.environment)?,
        };
        Program::from_bytes(bytes).map_err(|error| error.message().into())
    }
}

/// `GET /admin/v1/versions?before=&limit=`: newest first.
pub(super) fn list(store: &Store, query: &str) -> Result<Response> {
    let page = match Page::read(query, "before") {
        Ok(page) => page,
        Err(detail) => return reply::plain_problem(400, &detail),
    };
    let rows = store.versions(page.from.unwrap_or(NEWEST), page.limit)?;
    let next = page.next(rows.len(), rows.last().and_then(|row| row.count(0)));
    let versions: Vec<Json> = rows.into_iter().map(|row| version(row).into()).collect();
    reply::json(200, &json!({ "versions": versions, "next": next }))
}

/// `GET /admin/v1/versions/{version}`, with the live state that it had.
pub(super) fn one(store: &Store, segment: &str) -> Result<Response> {
    let Some(number) = parse(segment) else {
        return unknown(segment);
    };
    let found = store.versions(number.saturating_add(1), 1)?.pop();
    match found.filter(|row| row.count(0) == Some(number)) {
        Some(row) => {
            let mut body = version(row);
            let past = store.past(number)?;
            body.insert("killed".to_owned(), past.killed.into());
            let releases = past.releases.iter();
            let releases = releases.map(|(name, state)| (name.clone(), progress(state)));
            body.insert("releases".to_owned(), Json::Object(releases.collect()));
            reply::json(200, &Json::Object(body))
        }
        None => unknown(segment),
    }
}

/// `GET /admin/v1/versions/{version}/ruleset`: as it was written.
pub(super) fn ruleset(store: &Store, segment: &str) -> Result<Response> {
    let program = match parse(segment) {
        Some(number) => store.program_of(number)?,
        None => None,
    };
    let Some(program) = program else {
        return unknown(segment);
    };
    let text = store.ruleset(program)?;
    let builder = reply::builder(200)?.with_header("content-type", "application/json")?;
    Ok(builder.fixed(text.unwrap_or_else(|| NO_RULESET.to_vec())))
}

/// `GET /admin/v1/diff?from=&to=`: what can answer differently; to the newest version unless it says.
pub(super) fn compare(store: &Store, query: &str) -> Result<Response> {
    let numbers =
        page::number(query, "from").and_then(|from| Ok((from, page::number(query, "to")?)));
    let (from, to) = match numbers {
        Ok((Some(from), to)) => (from, to),
        Ok((None, _)) => return reply::plain_problem(400, "say which version, in `from`"),
        Err(detail) => return reply::plain_problem(400, &detail),
    };
    let to = match to {
        Some(to) => to,
        None => store.head()?.version,
    };
    let (Some(was), Some(is)) = (store.program_of(from)?, store.program_of(to)?) else {
        let is_from_missing = store.program_of(from)?.is_none();
        return unknown(&if is_from_missing { from } else { to }.to_string());
    };
    let (old, new) = (store.decoded(was)?, store.decoded(is)?);
    let body = json!({
        "from": from,
        "to": to,
        "flags": differences(&old, &new),
        "live": store.past(from)?.difference(&store.past(to)?),
    });
    reply::json(200, &body)
}

/// What is different about the flags of two programs, as `vexil diff --json` has it, but for what it counts.
pub(super) fn differences(old: &Program, new: &Program) -> Json {
    diff::json(&diff::diff(old, new), &BTreeMap::new())
}

impl Past {
    /// What operations changed from here to `other`.
    fn difference(&self, other: &Past) -> Json {
        let only = |these: &Past, those: &Past| -> Vec<String> {
            let flags = these.killed.iter();
            let flags = flags.filter(|flag| !those.killed.contains(flag));
            flags.cloned().collect()
        };
        let mut names: Vec<&String> = self.releases.keys().chain(other.releases.keys()).collect();
        names.sort();
        names.dedup();
        let moved = names.into_iter().filter_map(|name| {
            let (was, is) = (self.releases.get(name), other.releases.get(name));
            let of = |state: Option<&State>| state.map_or(Json::Null, progress);
            (was != is).then(|| (name.clone(), json!({ "from": of(was), "to": of(is) })))
        });
        json!({
            "killed": only(other, self),
            "restored": only(self, other),
            "releases": moved.collect::<Map<_, _>>(),
        })
    }
}

/// How far a release has come, in the words of the calls that move it.
fn progress(state: &State) -> Json {
    json!({
        "phase": state.phase.name(),
        "stage": state.stage,
        "since": state.since,
        "exposure": state.exposure.share(),
    })
}

fn version(mut row: Row) -> Map<String, Json> {
    let text = |row: &mut Row, column| row.text(column).map_or(Json::Null, Json::from);
    let number = |row: &Row, column| row.count(column).map_or(Json::Null, Json::from);
    let members = [
        ("number", number(&row, 0)),
        ("program", number(&row, 1)),
        ("live", number(&row, 2)),
        ("changed", number(&row, 3)),
        ("author", text(&mut row, 4)),
        ("token", text(&mut row, 5)),
        ("action", text(&mut row, 6)),
        ("subject", text(&mut row, 7)),
        ("reason", text(&mut row, 8)),
        ("line", number(&row, 9)),
    ];
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The number that a path names.
pub(super) fn parse(segment: &str) -> Option<u64> {
    let is_plain = segment.bytes().all(|byte| byte.is_ascii_digit());
    let number = segment.parse().ok().filter(|number| *number < 1 << 53);
    number.filter(|_| is_plain)
}

pub(super) fn unknown(version: &str) -> Result<Response> {
    reply::plain_problem(404, &format!("no version `{version}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(killed: &[&str], releases: &[(&str, u32)]) -> Past {
        let releases = releases.iter().map(|(name, stage)| {
            let state = State {
                stage: *stage,
                ..State::default()
            };
            ((*name).to_owned(), state)
        });
        Past {
            killed: killed.iter().map(|flag| (*flag).to_owned()).collect(),
            releases: releases.collect(),
        }
    }

    #[test]
    fn live_states_differ_by_what_was_done_between() {
        let old = past(&["a", "b"], &[("left", 0), ("moved", 0)]);
        let new = past(&["b", "c"], &[("moved", 1), ("started", 0)]);
        let at =
            |stage: u32| json!({ "phase": "draft", "stage": stage, "since": 0, "exposure": 0.0 });
        let want = json!({
            "killed": ["c"],
            "restored": ["a"],
            "releases": {
                "left": { "from": at(0), "to": null },
                "moved": { "from": at(0), "to": at(1) },
                "started": { "from": null, "to": at(0) },
            },
        });
        assert_eq!(old.difference(&new), want);
        let nothing = json!({ "killed": [], "restored": [], "releases": {} });
        assert_eq!(new.difference(&new), nothing);
    }

    #[test]
    fn a_path_names_a_version_by_its_digits() {
        for (segment, want) in [
            ("0", Some(0)),
            ("12", Some(12)),
            ("", None),
            ("+1", None),
            ("-1", None),
            ("1.0", None),
            ("9007199254740992", None),
        ] {
            assert_eq!(parse(segment), want, "{segment}");
        }
    }
}
