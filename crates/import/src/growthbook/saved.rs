//! Saved groups, as segments.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::condition::{Conclusion, Condition, Steps};
use super::constant::Groups;
use super::operator::among;
use super::{Import, javascript};
use crate::draft::Room;

/// What became of the saved groups.
#[derive(Default)]
pub(super) struct Saved {
    /// The segments: what was asked of which group, and the key.
    segments: Vec<((String, String), String)>,
    /// The groups whose conditions are being read.
    open: Vec<String>,
    /// The groups that something refers to.
    used: Vec<String>,
}

/// The values of the group that `id` names, for an operator on an attribute. An unknown group has none; `None` stands
/// for what is no list, which nobody is in and nobody is not in.
pub(super) fn values<'g>(id: &Value, groups: &'g Groups) -> Option<&'g [Value]> {
    match groups.get(&javascript::text(id)) {
        None => Some(&[]),
        Some(Value::Array(values)) => Some(values),
        Some(group) if group.get("type") == Some(&json!("list")) => group
            .get("values")
            .and_then(Value::as_array)
            .map(Vec::as_slice),
        Some(_) => None,
    }
}

impl Import<'_> {
    /// Whether an attribute is one of the values of a group.
    pub(super) fn in_group(&mut self, id: &Value, attribute: &Steps, is_in: bool) -> Condition {
        let id = javascript::text(id);
        self.saved.used.push(id.clone());
        let Some(values) = values(&json!(id), self.groups).map(<[Value]>::to_vec) else {
            return Condition::Never;
        };
        self.note_values(&id, &values);
        let members = among(&values, attribute);
        let found = self.segment(&id, &attribute.to_string(), members);
        if is_in { found } else { found.not() }
    }

    /// What `{"$savedGroup": {"id": …}}` says.
    pub(super) fn saved_group(
        &mut self,
        reference: &Value,
        around: &Steps,
        path: &Path,
    ) -> Conclusion {
        let Some(id) = reference.get("id").and_then(Value::as_str) else {
            return Ok(Condition::Never);
        };
        self.saved.used.push(id.to_owned());
        let text = |name: &str, of: &Value| match of.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(()),
        };
        let groups = self.groups;
        let (Ok(given), Some(group)) = (text("attributeKey", reference), groups.get(id)) else {
            return Ok(Condition::Never);
        };
        match group.get("type").and_then(Value::as_str) {
            Some("list") => {
                let own = text("attributeKey", group).unwrap_or_default();
                let values = group.get("values").and_then(Value::as_array);
                let (Some(attribute), Some(values)) = (given.or(own), values) else {
                    return Ok(Condition::Never);
                };
                let attribute = around.below(&attribute);
                self.note_values(id, values);
                let members = among(values, &attribute);
                Ok(self.segment(id, &attribute.to_string(), members))
            }
            Some("condition") => self.condition_group(id, group, around, path),
            _ => Ok(Condition::Never),
        }
    }

    fn note_values(&mut self, id: &str, values: &[Value]) {
        if values.iter().any(|it| it.is_array() || it.is_object()) {
            let why = "nothing is the same list or object, there and here: those among its values are left out";
            self.dropped(&group_path(id), why);
        }
    }

    fn condition_group(
        &mut self,
        id: &str,
        group: &Value,
        around: &Steps,
        path: &Path,
    ) -> Conclusion {
        let Some(condition) = group.get("condition").filter(|it| it.is_object()) else {
            return Ok(Condition::Never);
        };
        if self.saved.open.iter().any(|open| open == id) {
            self.note(
                path,
                "the saved group leads back to itself: from here on nobody is in it",
            );
            return Ok(Condition::Never);
        }
        self.saved.open.push(id.to_owned());
        let at = group_path(id).join("condition");
        let found = self.condition(condition, around, &at);
        self.saved.open.pop();
        let found = found.map_err(|(at, why)| (path.clone(), format!("{why} ({at})")))?;
        // Inside of others it may have been cut short, and then it is not what it is elsewhere.
        if self.saved.open.is_empty() {
            Ok(self.segment(id, &around.to_string(), found))
        } else {
            Ok(found)
        }
    }

    /// `found` as a segment: what is asked of a group of the same `scope` is the same segment.
    fn segment(&mut self, id: &str, scope: &str, found: Condition) -> Condition {
        let Condition::When(when) = found else {
            return found;
        };
        let asked = (id.to_owned(), scope.to_owned());
        if let Some((_, key)) = self.saved.segments.iter().find(|(it, _)| *it == asked) {
            return Condition::When(json!({ "segment": key }));
        }
        let from = group_path(id);
        let is_taken =
            |name: &str, saved: &Saved| saved.segments.iter().any(|(_, key)| key == name);
        let mut name = id.to_owned();
        while is_taken(&name, &self.saved) || (name != id && self.groups.contains_key(&name)) {
            name = format!("{name}.{}", scope.trim_start_matches('/').replace('/', "."));
        }
        let key = self.draft.key(Room::Segments, &name, &from);
        self.draft
            .keep(Room::Segments, key.clone(), from, json!({ "when": when }));
        self.saved.segments.push((asked, key.clone()));
        Condition::When(json!({ "segment": key }))
    }

    /// Says which groups are nowhere in the ruleset, and what is gone of the others.
    pub(super) fn note_groups(&mut self) {
        for (id, group) in self.groups {
            let path = group_path(id);
            let is_used = self.saved.used.contains(id);
            let is_kept = self.saved.segments.iter().any(|((of, _), _)| of == id);
            if !is_used {
                self.dropped(&path, "no flag refers to the saved group: it is left out");
                continue;
            }
            if !is_kept {
                self.dropped(
                    &path,
                    "nobody is in the saved group: no segment is made of it",
                );
                continue;
            }
            let known = ["type", "values", "condition"];
            let members = group.as_object().into_iter().flatten();
            for (name, _) in members.filter(|(name, _)| !known.contains(&name.as_str())) {
                let why =
                    "a segment has no place for it: what asks for the group names the attribute";
                self.dropped(&path.clone().join(name), why);
            }
        }
    }
}

fn group_path(id: &str) -> Path {
    Path::default().join("savedGroups").join(id)
}
