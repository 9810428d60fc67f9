//! Segments, and how rules and rollouts name them.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::{Fault, Import, key_of};
use crate::draft::Room;
use crate::holds::Holds;

const MEMBERS: [&str; 4] = ["key", "match_type", "matchType", "constraints"];

impl Import {
    /// Reads the segments of a features file.
    pub(super) fn read_segments(&mut self, segments: Option<&Value>) {
        let at = Path::default().join("segments");
        let segments = segments.and_then(Value::as_array);
        for (index, segment) in segments.into_iter().flatten().enumerate() {
            self.segment(segment, &at.clone().join(&index.to_string()));
        }
    }

    /// When one of the segments that `user`, a rule or a rollout's segment, names matches, or all of them.
    pub(super) fn matched(&mut self, user: &Value, path: &Path) -> Result<Holds, Fault> {
        // A rule of a features file has its segments in a member of its own.
        let named = user.get("segment").filter(|it| !it.is_null());
        let operator = |it: &Value| {
            let operator = it.get("operator").or_else(|| it.get("segmentOperator"));
            operator.and_then(Value::as_str) == Some("AND_SEGMENT_OPERATOR")
        };
        let is_all = operator(user) || named.is_some_and(operator);
        let holder = named.unwrap_or(user);
        let one = holder.as_str().or_else(|| key_of(holder));
        let many = holder
            .get("keys")
            .or_else(|| holder.get("segments"))
            .and_then(Value::as_array);
        let mut all = Vec::new();
        if let Some(key) = one {
            all.push(self.refer(key, path)?);
        }
        for (index, segment) in many.into_iter().flatten().enumerate() {
            let at = path.clone().join("segments").join(&index.to_string());
            all.push(match segment.as_str() {
                Some(key) => self.refer(key, path)?,
                None => self.segment(segment, &at),
            });
        }
        Ok(if is_all {
            Holds::all(all)
        } else {
            Holds::any(all)
        })
    }

    fn refer(&mut self, key: &str, path: &Path) -> Result<Holds, Fault> {
        let holds = self.segments.get(key).cloned();
        holds.ok_or_else(|| (path.clone(), format!("there is no segment `{key}`")))
    }

    /// Keeps a segment, once for each key, and says when it matches.
    fn segment(&mut self, segment: &Value, path: &Path) -> Holds {
        let Some(name) = key_of(segment) else {
            self.draft.note(
                path.clone(),
                None,
                "the segment is left out: expected an object with a `key`",
            );
            return Holds::Never;
        };
        if let Some(holds) = self.segments.get(name) {
            return holds.clone();
        }
        if let Some(members) = segment.as_object() {
            self.note_members(members, &MEMBERS, path);
        }
        let kind = segment
            .get("match_type")
            .or_else(|| segment.get("matchType"))
            .and_then(Value::as_str);
        let is_all = kind.is_some_and(|it| it.starts_with("ALL_"));
        let listed = segment.get("constraints").and_then(Value::as_array);
        let mut constraints = Vec::new();
        let mut is_known = true;
        for (index, constraint) in listed.into_iter().flatten().enumerate() {
            let at = path.clone().join("constraints").join(&index.to_string());
            match self.constraint(constraint, &at) {
                Some(holds) => constraints.push(holds),
                // Flipt tries constraints until it is decided, and a type that it does not know decides: no.
                None if is_all || !is_known => is_known = false,
                None => constraints.push(Holds::Never),
            }
        }
        let holds = if !is_known {
            Holds::Never
        } else if is_all || constraints.is_empty() {
            Holds::all(constraints)
        } else {
            Holds::any(constraints)
        };
        let holds = match holds {
            Holds::If(when) => {
                let key = self.draft.key(Room::Segments, name, path);
                let written = json!({ "when": when });
                self.draft
                    .keep(Room::Segments, key.clone(), path.clone(), written);
                Holds::If(json!({ "segment": key }))
            }
            Holds::Always => {
                self.draft.note_dropped(
                    path.clone(),
                    "it matches everybody: rules that name it have no condition",
                );
                Holds::Always
            }
            Holds::Never => {
                self.draft.note_dropped(
                    path.clone(),
                    "it matches nobody: rules that need it are left out",
                );
                Holds::Never
            }
        };
        self.segments.insert(name.to_owned(), holds.clone());
        holds
    }
}
