//! Segments, and who is in one.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::attribute::{Attribute, key_of, locate, steps};
use super::clause::{Fault, Truth};
use super::source::{Source, items};
use super::{Import, MOST_DEEP};
use crate::draft::Room;

/// What became of a segment.
#[derive(Clone, Debug)]
pub(super) enum Became {
    /// It is being read: whoever comes to it again is in a cycle.
    Open,
    /// It is in the ruleset, and whether exactly as it was.
    Segment { is_exact: bool },
    /// `LaunchDarkly` takes every flag for malformed that comes to it.
    Malformed,
}

const MEMBERS: [&str; 15] = [
    "key",
    "included",
    "excluded",
    "includedContexts",
    "excludedContexts",
    "rules",
    "salt",
    "unbounded",
    "unboundedContextKind",
    "generation",
    "version",
    "deleted",
    "name",
    "description",
    "tags",
];
const RULE_MEMBERS: [&str; 7] = [
    "id",
    "_id",
    "clauses",
    "weight",
    "bucketBy",
    "rolloutContextKind",
    "description",
];

impl Import<'_> {
    /// That a context is in one of the segments that `values` name.
    pub(super) fn segments_of(
        &mut self,
        values: &[(Path, &Value)],
        path: &Path,
    ) -> Result<Truth, Fault> {
        let mut truths = Vec::new();
        for (at, value) in values {
            let Some(name) = value.as_str().filter(|name| self.has_segment(name)) else {
                self.note_dropped(
                    at.clone(),
                    format!("there is no segment `{value}`: nobody is in it, as in LaunchDarkly"),
                );
                continue;
            };
            match self.segment(name) {
                Became::Open | Became::Malformed => {
                    let reason = format!(
                        "the segment `{name}` leads back to itself, is malformed, or is more than {MOST_DEEP} deep"
                    );
                    return Err(Fault::Malformed(path.clone(), reason));
                }
                Became::Segment { is_exact } => {
                    if !is_exact {
                        self.note(
                            at.clone(),
                            format!(
                                "others may be in the segment `{name}` now: its own notes say why"
                            ),
                        );
                    }
                    let key = self.key(Room::Segments, name);
                    truths.push(Truth::When(json!({ "segment": key })));
                }
            }
        }
        Ok(Truth::any(truths))
    }

    /// Reads the segment, once.
    pub(super) fn segment(&mut self, name: &str) -> Became {
        if let Some(known) = self.segments.get(name) {
            return known.clone();
        }
        let Some(source) = self.file.segments.get(name).cloned() else {
            return Became::Malformed;
        };
        if self.depth >= MOST_DEEP {
            return Became::Malformed;
        }
        self.depth = self.depth.saturating_add(1);
        self.segments.insert(name.to_owned(), Became::Open);
        let outer = self.begin();
        let key = self.key(Room::Segments, name);
        let written = self.write_segment(&source, &key);
        self.depth = self.depth.saturating_sub(1);
        let scratch = self.end(outer);
        let became = match written {
            Ok(written) => {
                let is_exact = scratch.is_exact;
                self.keep(scratch, Room::Segments, &source, (key, written));
                Became::Segment { is_exact }
            }
            Err(Fault::Malformed(at, reason) | Fault::Unsayable(at, reason)) => {
                self.leave_out(
                    &source,
                    &at,
                    &format!("the segment is left out, and all that refers to it: {reason}"),
                );
                Became::Malformed
            }
        };
        self.segments.insert(name.to_owned(), became.clone());
        became
    }

    fn write_segment(&mut self, source: &Source<'_>, key: &str) -> Result<Value, Fault> {
        if !source.is_of_rest() {
            self.note_unknown(source.names(), &MEMBERS, &source.path);
        }
        if source.is("unbounded") {
            let at = source.path.clone().join("unbounded");
            self.note(
                at,
                "who is in a big segment is not in the file: only its rules are kept",
            );
        }
        let included = self.members(source, "included", "includedContexts");
        let mut excluded = self.members(source, "excluded", "excludedContexts");
        excluded.users.retain(|user| !included.users.contains(user));
        let rules = self.segment_rules(source, key)?;
        let mut written = json!({ "members": included.users });
        // Who is excluded by one kind may be included by another, so only users alone are told by `except`.
        let is_simple = included.others.is_empty() && excluded.others.is_empty();
        if !is_simple && rules == Truth::Never {
            for name in ["excluded", "excludedContexts"] {
                if !source.items(name).is_empty() {
                    let at = source.path.clone().join(name);
                    self.note_dropped(
                        at,
                        "left out: no rule includes anybody who could be excluded",
                    );
                }
            }
        }
        let when = if is_simple {
            set(&mut written, "except", json!(excluded.users));
            rules
        } else {
            let in_users = |users: Vec<String>| match users.as_slice() {
                [] => Truth::Never,
                _ => Truth::When(json!({ "attr": "targetingKey", "in": users })),
            };
            let out = excluded
                .others
                .into_iter()
                .chain([in_users(excluded.users)]);
            let is_out = Truth::any(out);
            Truth::any(
                included
                    .others
                    .into_iter()
                    .chain([Truth::all([is_out.not(), rules])]),
            )
        };
        if when == Truth::Always && !is_simple {
            let at = source.path.clone().join("includedContexts");
            self.note_dropped(at, "left out: everybody is in the segment");
        }
        if when != Truth::Never {
            set(&mut written, "when", when.condition());
        }
        if let Some(description) = source.text("description").filter(|it| !it.is_empty()) {
            set(&mut written, "description", description.into());
        }
        Ok(written)
    }

    /// That one of the rules holds.
    fn segment_rules(&mut self, source: &Source<'_>, key: &str) -> Result<Truth, Fault> {
        let mut kept = Vec::new();
        for (index, (path, rule)) in source.items("rules").into_iter().enumerate() {
            match self.segment_rule(source, rule, &path, (key, index)) {
                Ok(Truth::Always) => {
                    for (number, (other, _)) in source.items("rules").into_iter().enumerate() {
                        if number != index {
                            self.note_dropped(other, "left out: another rule holds for everybody");
                        }
                    }
                    return Ok(Truth::Always);
                }
                Ok(Truth::Never) => self.note_dropped(path, "left out: the rule holds for nobody"),
                Ok(truth) => kept.push(truth),
                Err(Fault::Unsayable(at, reason)) => {
                    self.note(path, format!("the rule is left out: {at}: {reason}"));
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(Truth::any(kept))
    }

    fn members(&mut self, source: &Source<'_>, users: &str, contexts: &str) -> Listed {
        let mut listed = Listed::default();
        for (path, user) in source.items(users) {
            self.push_text(&mut listed.users, user, &path);
        }
        for (path, target) in source.items(contexts) {
            let kind = target.get("contextKind").and_then(Value::as_str);
            let values = target
                .get("values")
                .map(|it| items(it, &path.clone().join("values")));
            let mut keys = Vec::new();
            for (at, key) in values.unwrap_or_default() {
                self.push_text(&mut keys, key, &at);
            }
            match kind.filter(|kind| !kind.is_empty()).unwrap_or("user") {
                "user" => listed.users.append(&mut keys),
                _ if keys.is_empty() => {}
                kind => listed
                    .others
                    .push(Truth::When(json!({ "attr": key_of(kind), "in": keys }))),
            }
        }
        listed.users.dedup();
        listed
    }

    fn segment_rule(
        &mut self,
        source: &Source<'_>,
        rule: &Value,
        path: &Path,
        place: (&str, usize),
    ) -> Result<Truth, Fault> {
        let names = rule
            .as_object()
            .into_iter()
            .flat_map(|it| it.keys().map(String::as_str));
        self.note_unknown(names, &RULE_MEMBERS, path);
        let clauses = rule
            .get("clauses")
            .map(|it| items(it, &path.clone().join("clauses")))
            .unwrap_or_default();
        let truth = self.clauses(&clauses)?;
        let weight = rule
            .get("weight")
            .and_then(Value::as_f64)
            .filter(|weight| *weight >= 0.0);
        match weight {
            Some(weight) if truth != Truth::Never => {
                let part = self.part(source, rule, path, place, weight)?;
                Ok(Truth::all([truth, part]))
            }
            _ => Ok(truth),
        }
    }

    /// That a context is in the first `weight` of 100,000 parts: a flag of its own says so.
    fn part(
        &mut self,
        source: &Source<'_>,
        rule: &Value,
        path: &Path,
        (segment, index): (&str, usize),
        weight: f64,
    ) -> Result<Truth, Fault> {
        let kind = rule
            .get("rolloutContextKind")
            .and_then(Value::as_str)
            .filter(|it| !it.is_empty());
        let by = rule
            .get("bucketBy")
            .and_then(Value::as_str)
            .unwrap_or("key");
        let at = path.clone().join("bucketBy");
        let steps =
            steps(by, kind.is_none()).map_err(|reason| Fault::Malformed(at.clone(), reason))?;
        if weight == 0.0 {
            return Ok(Truth::Never);
        }
        if weight >= 100_000.0 {
            return Ok(Truth::Always);
        }
        let (by, guards) = match locate(kind.unwrap_or("user"), &steps) {
            // Whoever has no unit is in the first part.
            Attribute::Nowhere => return Ok(Truth::Always),
            Attribute::Kind => {
                return Err(Fault::Unsayable(
                    at,
                    "no split is by the kind of a context".into(),
                ));
            }
            Attribute::At { name, guards } => (name, guards),
        };
        self.note_empty_unit(&by, at);
        let flag = self.free_key(&format!("{segment}.rule-{index}"));
        let salt = format!(
            "{}.{}",
            source.text("key").unwrap_or(source.key),
            source.text("salt").unwrap_or_default()
        );
        let weight = self.weight(weight, path);
        let split = json!({
            "split": [["in", weight], ["out", rest_of(weight)]],
            "by": by, "salt": salt, "hash": "launchdarkly-sha1",
        });
        let mut written = json!({
            "description": format!("Who is in the percentage of a rule of the segment `{segment}`"),
            "type": "boolean", "variants": { "in": true, "out": false }, "offVariant": "in", "default": split,
        });
        if !guards.is_empty() {
            set(
                &mut written,
                "rules",
                json!([{ "when": { "not": { "all": guards } }, "serve": "in" }]),
            );
        }
        let reason = format!("a flag of its own, `{flag}`, says who is in the percentage");
        self.note_dropped(path.clone().join("weight"), reason);
        self.scratch
            .parts
            .push((flag.clone(), path.clone(), written));
        Ok(Truth::When(json!({ "flag": flag, "variant": ["in"] })))
    }

    fn push_text(&mut self, to: &mut Vec<String>, value: &Value, path: &Path) {
        match value {
            Value::String(text) => to.push(text.clone()),
            other => self.note_dropped(path.clone(), format!("`{other}` is no key: nobody has it")),
        }
    }
}

/// Keys of users, and conditions of contexts of other kinds.
#[derive(Default)]
struct Listed {
    users: Vec<String>,
    others: Vec<Truth>,
}

/// What is left of 100,000, as exact as five decimal places.
pub(super) fn rest_of(weight: f64) -> f64 {
    let parts = 100_000.0 * 100_000.0 - (weight * 100_000.0).round();
    parts.max(0.0) / 100_000.0
}

pub(super) fn set(written: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = written {
        members.insert(name.to_owned(), value);
    }
}
