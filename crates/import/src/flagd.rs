//! Flag files of flagd.
//!
//! Source: the flag definition reference of flagd (`docs/reference/flag-definitions.md` and
//! `docs/reference/custom-operations` in open-feature/flagd), and jsonlogic.com.
//!
//! A flag is written as ruleset JSON first and decoded after: what this may produce is exactly what a
//! person may write.

use serde_json::{Map, Value, json};
use vexil_ruleset::{Path, decode};

use self::evaluators::Evaluators;
use crate::Imported;
use crate::note::{Effect, Note};

mod condition;
mod evaluators;
mod targeting;

/// Reads a flagd flag file: an object with `flags` and, perhaps, `$evaluators`.
///
/// Each note is about one place. What holds everywhere has none: an attribute that is a list passes a
/// test when any element does, where flagd compares the list as a whole.
///
/// # Errors
///
/// The text is not JSON, or is no object with an object of `flags`.
pub fn flagd(json: &str) -> Result<Imported, Vec<Note>> {
    let fault = |path: Path, reason: String| vec![Note::left_out(path, reason)];
    let file: Value = serde_json::from_str(json)
        .map_err(|error| fault(Path::default(), format!("this is not JSON: {error}")))?;
    let at = Path::default().join("flags");
    let flags = file
        .get("flags")
        .and_then(Value::as_object)
        .ok_or_else(|| fault(at, "expected an object of flags by key".into()))?;
    let mut import = Import {
        evaluators: Evaluators::of(&file),
        notes: Vec::new(),
    };
    let mut kept = Map::new();
    for (key, flag) in flags {
        if let Some(written) = import.keep_flag(key, flag) {
            kept.insert(key.clone(), written);
        }
    }
    import.note_the_rest(&file);
    let ruleset = decode(&whole(&kept)).map_err(|issues| {
        let notes = issues.into_iter();
        let note = |issue: vexil_ruleset::Issue| Note::left_out(Path::default(), issue.to_string());
        notes.map(note).collect::<Vec<_>>()
    })?;
    Ok(Imported {
        ruleset,
        notes: import.notes,
    })
}

/// The members of a file and of a flag that become something.
const FILE_MEMBERS: [&str; 3] = ["$schema", "$evaluators", "flags"];
const FLAG_MEMBERS: [&str; 4] = ["state", "variants", "defaultVariant", "targeting"];

struct Import<'f> {
    evaluators: Evaluators<'f>,
    notes: Vec<Note>,
}

impl Import<'_> {
    fn note(&mut self, path: Path, reason: impl Into<String>) {
        self.notes.push(Note {
            path,
            to: None,
            effect: Effect::Answers,
            reason: reason.into(),
        });
    }

    fn note_the_rest(&mut self, file: &Value) {
        let unused: Vec<_> = self.evaluators.unused().collect();
        for name in unused {
            let path = Path::default().join("$evaluators").join(name);
            self.note(path, "left out: no targeting refers to it");
        }
        let members = file.as_object().into_iter().flat_map(Map::keys);
        for name in members.filter(|name| !FILE_MEMBERS.contains(&name.as_str())) {
            self.note(
                Path::default().join(name),
                "left out: a ruleset has no place for it",
            );
        }
    }

    /// The flag as a ruleset has it; `None`, and a note, where it cannot be said there.
    fn keep_flag(&mut self, key: &str, flag: &Value) -> Option<Value> {
        let path = Path::default().join("flags").join(key);
        let notes_before = self.notes.len();
        let written = match self.write_flag(flag, &path) {
            Ok(written) => written,
            Err(note) => {
                self.notes.push(note);
                return None;
            }
        };
        // Alone in a ruleset: what is wrong with one flag costs no other.
        let alone = Map::from_iter([(key.to_owned(), written.clone())]);
        let Err(issues) = decode(&whole(&alone)) else {
            return Some(written);
        };
        // Notes on the flag's parts would say that the others were kept.
        self.notes.truncate(notes_before);
        for issue in issues {
            self.note(path.clone(), format!("the flag is left out: {issue}"));
        }
        None
    }

    fn write_flag(&mut self, flag: &Value, path: &Path) -> Result<Value, Note> {
        let left_out =
            |path: Path, why: &str| Note::left_out(path, format!("the flag is left out: {why}"));
        let step = |name: &str| path.clone().join(name);
        let members = flag
            .as_object()
            .ok_or_else(|| left_out(path.clone(), "expected an object"))?;
        let is_enabled = match members.get("state").and_then(Value::as_str) {
            Some("ENABLED") => true,
            Some("DISABLED") => false,
            _ => return Err(left_out(step("state"), "expected `ENABLED` or `DISABLED`")),
        };
        let variants = members
            .get("variants")
            .and_then(Value::as_object)
            .ok_or_else(|| left_out(step("variants"), "expected an object of values by name"))?;
        let kind = kind_of(variants).ok_or_else(|| {
            left_out(
                step("variants"),
                "its values are not all booleans, all strings, all numbers or all objects",
            )
        })?;
        let default = members
            .get("defaultVariant")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty())
            .ok_or_else(|| {
                left_out(
                    step("defaultVariant"),
                    "without one, flagd leaves the answer to the caller",
                )
            })?;
        if !is_enabled {
            let reason = format!(
                "while disabled it serves `{default}`; flagd leaves the answer to the caller"
            );
            self.note(step("state"), reason);
        }
        for name in members
            .keys()
            .filter(|name| !FLAG_MEMBERS.contains(&name.as_str()))
        {
            self.note(step(name), "left out: a flag has no place for it");
        }
        let expression = self
            .evaluators
            .expand(members.get("targeting").unwrap_or(&Value::Null));
        let targeting = self.targeting(&expression, variants, default, &step("targeting"));
        Ok(json!({
            "type": kind,
            "variants": variants,
            "enabled": is_enabled,
            "offVariant": default,
            "rules": targeting.rules,
            "default": targeting.default,
        }))
    }
}

/// flagd reads OpenFeature's evaluation contexts, as we do.
pub(crate) fn context(context: &Value) -> Result<Map<String, Value>, String> {
    let members = context.as_object().cloned();
    members.ok_or_else(|| format!("expected an object, found `{context}`"))
}

fn whole(flags: &Map<String, Value>) -> String {
    json!({ "flags": flags }).to_string()
}

/// The type that all values share.
fn kind_of(variants: &Map<String, Value>) -> Option<&'static str> {
    let mut kinds = variants.values().map(|value| match value {
        Value::Bool(_) => Some("boolean"),
        Value::String(_) => Some("string"),
        Value::Number(_) => Some("number"),
        Value::Object(_) => Some("object"),
        Value::Null | Value::Array(_) => None,
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
