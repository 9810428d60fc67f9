//! Flag files of flagd.
//!
//! Source: the flag definition reference of flagd (`docs/reference/flag-definitions.md` and
//! `docs/reference/custom-operations` in open-feature/flagd), and jsonlogic.com. Where flagd's own evaluator, in Go, and
//! `@openfeature/flagd-core` differ, a note says which this follows.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use self::evaluators::Evaluators;
pub use self::fractional::Fractional;
use self::reader::Reader;
use self::targeting::Variants;
use crate::Imported;
use crate::draft::{Draft, Room, callers_default, key_for};
use crate::note::{Effect, Note};

mod condition;
mod evaluators;
mod fractional;
mod membership;
mod operand;
mod outcome;
mod reader;
mod shares;
mod targeting;
mod test;
mod time;
mod truth;
mod version;

/// Reads a flagd flag file: an object with `flags`, by key or in a list, and, perhaps, `$evaluators`.
///
/// Which flagd placed the units of its fractions, no file says: [`Fractional`] does.
///
/// # Errors
///
/// The text is not JSON, or has no flags.
pub fn flagd(json: &str, fractional: Fractional) -> Result<Imported, Vec<Note>> {
    let fault = |path: Path, reason: String| vec![Note::left_out(path, reason)];
    let file: Value = serde_json::from_str(json)
        .map_err(|error| fault(Path::default(), format!("this is not JSON: {error}")))?;
    let at = Path::default().join("flags");
    let flags: Vec<(Path, Option<&str>, &Value)> = match file.get("flags") {
        Some(Value::Object(flags)) => flags
            .iter()
            .map(|(key, flag)| (at.clone().join(key), Some(key.as_str()), flag))
            .collect(),
        Some(Value::Array(flags)) => flags
            .iter()
            .enumerate()
            .map(|(index, flag)| {
                let key = flag.get("key").and_then(Value::as_str);
                (at.clone().join(&index.to_string()), key, flag)
            })
            .collect(),
        _ => return Err(fault(at, "expected flags by key, or a list of them".into())),
    };
    let mut import = Import {
        evaluators: Evaluators::of(&file),
        draft: Draft::default(),
        fractional,
    };
    if flags
        .iter()
        .any(|(_, _, flag)| flag.get("targeting").is_some())
    {
        import.draft.note(
            Path::default(),
            None,
            "an attribute that is a list passes a test where one of its elements does; in flagd only `in` looks into lists",
        );
    }
    for (path, key, flag) in flags {
        if let Err(note) = import.keep_flag(key, flag, &path) {
            import.draft.note(note.path, None, note.reason);
        }
    }
    import.note_the_rest(&file);
    import.draft.finish()
}

/// The members of a file and of a flag that become something; `$schema` is for editors.
const FILE_MEMBERS: [&str; 3] = ["$schema", "$evaluators", "flags"];
const FLAG_MEMBERS: [&str; 5] = ["key", "state", "variants", "defaultVariant", "targeting"];

struct Import<'f> {
    evaluators: Evaluators<'f>,
    draft: Draft,
    fractional: Fractional,
}

impl Import<'_> {
    fn note_the_rest(&mut self, file: &Value) {
        for name in self.evaluators.unused() {
            let path = Path::default().join("$evaluators").join(name);
            self.draft
                .note_dropped(path, "left out: no targeting refers to it");
        }
        let members = file.as_object().into_iter().flat_map(Map::keys);
        for name in members.filter(|name| !FILE_MEMBERS.contains(&name.as_str())) {
            let path = Path::default().join(name);
            self.draft
                .note_dropped(path, "left out: a ruleset has no place for it");
        }
    }

    /// Writes the flag as a ruleset has it.
    ///
    /// # Errors
    /// Why it cannot be said there.
    fn keep_flag(&mut self, key: Option<&str>, flag: &Value, path: &Path) -> Result<(), Note> {
        let left_out =
            |path: Path, why: &str| Note::left_out(path, format!("the flag is left out: {why}"));
        let step = |name: &str| path.clone().join(name);
        let members = flag
            .as_object()
            .ok_or_else(|| left_out(path.clone(), "expected an object"))?;
        let key = key.ok_or_else(|| left_out(path.clone(), "it has no `key`"))?;
        let is_enabled = match members.get("state").and_then(Value::as_str) {
            Some("DISABLED") => false,
            Some("ENABLED") => true,
            _ => return Err(left_out(step("state"), "expected `ENABLED` or `DISABLED`")),
        };
        let values = members
            .get("variants")
            .and_then(Value::as_object)
            .ok_or_else(|| left_out(step("variants"), "expected an object of values by name"))?;
        let kind = kind_of(values).ok_or_else(|| {
            left_out(
                step("variants"),
                "its values are not all booleans, all strings, all numbers or all objects",
            )
        })?;
        let default = default_variant(members.get("defaultVariant"), values)
            .map_err(|why| left_out(step("defaultVariant"), &why))?;
        let new_key = self.draft.key(Room::Flags, key, path);
        let to = Path::default().join("flags").join(&new_key);
        let names = self.variant_names(values, &step("variants"), &to);
        let renamed = names
            .iter()
            .filter_map(|(old, new)| Some((new.as_str()?.to_owned(), values.get(old)?.clone())));
        let mut written_variants: Map<String, Value> = renamed.collect();
        let callers_default = callers_default(&written_variants);
        let default = default.and_then(|name| names.get(name)?.as_str());
        let default = default.unwrap_or(&callers_default);
        let off = if is_enabled {
            default
        } else {
            &callers_default
        };
        if off == callers_default {
            written_variants.insert(callers_default.clone(), Value::Null);
        }
        for member in members
            .keys()
            .filter(|name| !FLAG_MEMBERS.contains(&name.as_str()))
        {
            self.draft
                .note_dropped(step(member), "left out: a flag has no place for it");
        }
        let expression = self
            .evaluators
            .expand(members.get("targeting").unwrap_or(&Value::Null));
        let mut reader = Reader {
            flag_key: key,
            key: new_key.clone(),
            fractional: self.fractional,
            notes: Vec::new(),
        };
        let variants = Variants {
            all: &names,
            default,
            off,
        };
        let targeting = reader.targeting(&expression, &variants, &step("targeting"));
        for (path, effect, reason) in reader.notes {
            match effect {
                Effect::Answers => self.draft.note(path, Some(to.clone()), reason),
                Effect::None => self.draft.note_dropped(path, reason),
            }
        }
        let written = json!({
            "type": kind,
            "variants": written_variants,
            "enabled": is_enabled,
            "offVariant": off,
            "rules": targeting.rules,
            "default": targeting.default,
        });
        self.draft.keep(Room::Flags, new_key, path.clone(), written);
        Ok(())
    }

    /// The names that a ruleset can have for variants, by their own.
    fn variant_names(
        &mut self,
        values: &Map<String, Value>,
        path: &Path,
        to: &Path,
    ) -> Map<String, Value> {
        let mut names = Map::new();
        for name in values.keys() {
            let new = key_for(name);
            if new != *name {
                let to = to.clone().join("variants").join(&new);
                let reason =
                    format!("`{name}` cannot be the name of a variant: it is called `{new}`");
                self.draft.note_kept(path.clone().join(name), to, reason);
            }
            names.insert(name.clone(), new.into());
        }
        names
    }
}

/// The variant that is served where none is chosen; `None` where flagd leaves that to the caller.
fn default_variant<'f>(
    given: Option<&'f Value>,
    values: &Map<String, Value>,
) -> Result<Option<&'f str>, String> {
    match given {
        Some(Value::String(name)) if !name.is_empty() => {
            let is_there = values.contains_key(name);
            let fault = || format!("it has no variant `{name}`");
            is_there.then_some(Some(name.as_str())).ok_or_else(fault)
        }
        None | Some(Value::Null | Value::String(_)) => Ok(None),
        Some(other) => Err(format!("`{other}` is not the name of a variant")),
    }
}

/// A context of OpenFeature is the same here: `targetingKey`, and attributes by name beside it.
pub(crate) fn context(context: &Value) -> Result<Map<String, Value>, String> {
    let members = context.as_object().cloned();
    members.ok_or_else(|| format!("expected an object, found `{context}`"))
}

/// The type that all values share.
fn kind_of(variants: &Map<String, Value>) -> Option<&'static str> {
    let mut kinds = variants.values().map(|value| match value {
        Value::Bool(_) => Some("boolean"),
        Value::String(_) => Some("string"),
        Value::Number(_) => Some("number"),
        Value::Object(_) | Value::Array(_) => Some("object"),
        Value::Null => None,
    });
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a case reads better without a borrow"
)]
mod tests;
