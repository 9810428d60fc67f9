//! The flags that an Unleash server gives to its SDKs.
//!
//! Sources: the client features API and its delta form (docs.getunleash.io, "Client API" and "Activation strategies");
//! where SDKs disagree, Unleash's engine for all of them, Yggdrasil (`unleash-yggdrasil` on crates.io).
//!
//! Unleash asks one feature two questions, `isEnabled` and `getVariant`. One flag answers both. A feature without
//! variants is a boolean flag with the variants `on` and `off`. One with variants, its own or its strategies', has each
//! under its name, and besides
//!
//! - `disabled`: the feature is off; `isEnabled` is whether any other is served,
//! - `enabled`: it is on and has no variant for this context; `getVariant` says `disabled` then, `isEnabled` is true.
//!
//! Its values are the payloads: numbers or objects where all are, and otherwise their texts. Where there is no payload
//! at all, a variant's value is its name.
//!
//! It takes a second flag where only a part of the callers passes a strategy and something comes after it, another
//! strategy or a choice among variants: `NAME.rollout-1` is on for those callers.

mod condition;
mod constraint;
mod context;
mod feature;
mod file;
mod operand;
mod parent;
mod strategy;
mod variants;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use vexil_ruleset::Path;

use self::condition::Holds;
use self::file::File;
use self::variants::Variants;
use crate::Imported;
use crate::draft::{Draft, Room};
use crate::note::Note;

pub(crate) use context::context;

/// Reads what the client features API gives, `{"features": […], "segments": […]}`, or the delta API, `{"events": […]}`.
///
/// # Errors
///
/// The text is not JSON, or has neither a list of `features` nor one of `events`.
pub fn unleash(json: &str) -> Result<Imported, Vec<Note>> {
    let fault = |path: Path, reason: String| vec![Note::left_out(path, reason)];
    let file: Value = serde_json::from_str(json)
        .map_err(|error| fault(Path::default(), format!("this is not JSON: {error}")))?;
    let mut import = Import::default();
    let File { features, segments } = file::read(&file, &mut import.draft).ok_or_else(|| {
        let reason = "expected a list of features, or of events of the delta API";
        fault(Path::default().join("features"), reason.into())
    })?;
    for (id, (path, segment)) in &segments {
        let holds = import.segment(*id, segment, path);
        import.segments.insert(*id, holds);
    }
    for (name, (path, feature)) in &features {
        import.plan(name, feature, path);
    }
    for (name, (path, _)) in &features {
        import.keep_feature(name, path);
    }
    import.note_what_holds_everywhere();
    import.draft.finish()
}

/// What Unleash's engine cannot read, and why: the flag that it is in is always off.
type Fault = (Path, String);

/// A feature of the file, read but for its strategies.
struct Plan<'f> {
    /// Of the flag that it becomes.
    key: String,
    members: &'f Map<String, Value>,
    variants: Variants,
    parents: &'f [Value],
}

#[derive(Default)]
struct Import<'f> {
    draft: Draft,
    /// By id: when it holds.
    segments: BTreeMap<i64, Result<Holds, Fault>>,
    /// By name.
    plans: BTreeMap<&'f str, Plan<'f>>,
    everywhere: BTreeSet<Everywhere>,
    /// Members that no answer depends on: what has them and which, how often, and where first.
    unused: BTreeMap<(&'static str, String), (usize, Path)>,
}

/// What is different wherever something occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Everywhere {
    Chance,
    Case,
    Mapped,
    Time,
}

impl Everywhere {
    fn reason(self) -> &'static str {
        match self {
            Everywhere::Chance => {
                "a context without the id that a rollout or a choice of variants goes by is answered by chance in Unleash: \
                 here it is not in the rollout and gets the heaviest variant; an id that is empty counts as none"
            }
            Everywhere::Case => {
                "what ignores case folds single characters; Unleash makes lower case of whole texts, which differs for a few \
                 letters beyond ASCII"
            }
            Everywhere::Mapped => {
                "an IPv4 address written as one of IPv6, such as `::ffff:10.0.0.1`, is in networks of IPv4; in Unleash it is \
                 not"
            }
            Everywhere::Time => {
                "a date of the context is one of RFC 3339 in full, to the millisecond; Unleash also reads looser forms"
            }
        }
    }
}

impl Import<'_> {
    fn note_what_holds_everywhere(&mut self) {
        for difference in std::mem::take(&mut self.everywhere) {
            self.draft.note(Path::default(), None, difference.reason());
        }
        for ((thing, member), (count, path)) in std::mem::take(&mut self.unused) {
            let many = if count == 1 { "" } else { "s" };
            self.draft.note_dropped(
                path,
                format!("`{member}` of {count} {thing}{many} is left out: no answer depends on it"),
            );
        }
    }

    /// Notes the members of a thing that are none of `known` and say something.
    fn note_unused(
        &mut self,
        thing: &'static str,
        members: &Map<String, Value>,
        known: &[&str],
        path: &Path,
    ) {
        for (name, value) in members {
            let says_nothing = match value {
                Value::Null | Value::Bool(false) => true,
                Value::Array(items) => items.is_empty(),
                Value::String(text) => text.is_empty(),
                Value::Object(members) => members.is_empty(),
                Value::Bool(true) | Value::Number(_) => false,
            };
            if !says_nothing && !known.contains(&name.as_str()) {
                let at = path.clone().join(name);
                let entry = self.unused.entry((thing, name.clone()));
                let (count, _) = entry.or_insert((0, at));
                *count = count.saturating_add(1);
            }
        }
    }

    /// A segment as one of the ruleset.
    fn segment(&mut self, id: i64, segment: &Value, path: &Path) -> Result<Holds, Fault> {
        let members = segment.as_object().cloned().unwrap_or_default();
        self.note_unused("segment", &members, &["id", "name", "constraints"], path);
        let constraints = members.get("constraints").and_then(Value::as_array);
        let constraints = constraints.map(Vec::as_slice).unwrap_or_default();
        let holds = self.constraints(constraints, &path.clone().join("constraints"))?;
        let Holds::If(when) = holds else {
            let always = if holds == Holds::Always {
                "every"
            } else {
                "no"
            };
            let reason =
                format!("{always} context is in this segment: flags that use it say so themselves");
            self.draft.note_dropped(path.clone(), reason);
            return Ok(holds);
        };
        let key = format!("segment-{id}");
        let mut written = Map::from_iter([("when".to_owned(), when)]);
        if let Some(name) = members.get("name").filter(|name| name.is_string()) {
            written.insert("description".to_owned(), name.clone());
        }
        self.draft
            .keep(Room::Segments, key.clone(), path.clone(), written.into());
        Ok(Holds::If(serde_json::json!({ "segment": key })))
    }
}

/// The members of a list, or none.
fn list<'v>(members: &'v Map<String, Value>, name: &str) -> &'v [Value] {
    let list = members.get(name).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}

/// A scalar as Unleash has it: a text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a case reads better without a borrow"
)]
mod tests;
