//! Flipt's features files, and the snapshots that its server gives to evaluating clients.
//!
//! Source: Flipt's documentation (docs.flipt.io: concepts, "declarative format", "evaluation"), its file format
//! (`internal/ext` in flipt-io/flipt) and its evaluation (`flipt-evaluation` in flipt-io/flipt-client-sdks).
//!
//! A boolean flag serves a boolean, and `enabled` is what it serves where no rollout does. A flag of variants serves the
//! key of one; where Flipt finds none, its providers leave the answer to the caller, and a variant that is null does so
//! here. What variants have attached is a flag of its own: `KEY.attachment`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use vexil_ruleset::Path;

use crate::Imported;
use crate::draft::{Draft, Room};
use crate::note::Note;

mod boolean;
mod constraint;
mod segment;
mod variant;

/// Reads a features file, as JSON, or a snapshot: an object with `flags`.
///
/// # Errors
///
/// The text is not JSON, or has no list of `flags`.
pub(crate) fn flipt(text: &str) -> Result<Imported, Vec<Note>> {
    let fault = |path: Path, reason: &str| vec![Note::left_out(path, reason)];
    let file: Value = serde_json::from_str(text).map_err(|error| {
        let hint = "a features file in YAML has to be made JSON first";
        fault(
            Path::default(),
            &format!("this is not JSON: {error} ({hint})"),
        )
    })?;
    let at = Path::default().join("flags");
    let flags = file.get("flags").and_then(Value::as_array);
    let flags = flags.ok_or_else(|| fault(at.clone(), "expected a list of flags"))?;
    let mut import = Import::default();
    for name in flags.iter().filter_map(key_of) {
        import.taken.insert(name.to_owned());
    }
    import.read_segments(file.get("segments"));
    for (index, flag) in flags.iter().enumerate() {
        let path = at.clone().join(&index.to_string());
        if let Err((path, why)) = import.flag(flag, &path) {
            import
                .draft
                .note(path, None, format!("the flag is left out: {why}"));
        }
    }
    import.note_the_rest(&file);
    import.draft.finish()
}

/// Flipt evaluates for an entity: `{"entityId": …, "context": {…}}`, and all values of its context are texts. The id
/// becomes the targeting key, a value an attribute.
pub(crate) fn context(context: &Value) -> Result<Map<String, Value>, String> {
    let id = context.get("entityId").and_then(Value::as_str);
    let id =
        id.ok_or_else(|| format!("expected an object with a text `entityId`, found `{context}`"))?;
    let mut attributes = match context.get("context") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(attributes)) => attributes.clone(),
        Some(other) => {
            return Err(format!(
                "expected an object of texts as `context`, found `{other}`"
            ));
        }
    };
    attributes.insert("targetingKey".to_owned(), id.into());
    Ok(attributes)
}

/// What is wrong, and where.
type Fault = (Path, String);

#[derive(Default)]
struct Import {
    draft: Draft,
    /// The keys of all flags, and of those made so far.
    taken: BTreeSet<String>,
    /// What a segment comes to, by key.
    segments: BTreeMap<String, crate::holds::Holds>,
    /// What holds everywhere in the file, said once.
    sayings: BTreeSet<&'static str>,
}

const FILE_MEMBERS: [&str; 3] = ["version", "flags", "segments"];
const FLAG_MEMBERS: [&str; 7] = [
    "key",
    "type",
    "enabled",
    "variants",
    "defaultVariant",
    "rules",
    "rollouts",
];
/// Members that are for people.
const FOR_PEOPLE: [&str; 7] = [
    "name",
    "description",
    "metadata",
    "createdAt",
    "updatedAt",
    "id",
    "namespace",
];

impl Import {
    fn flag(&mut self, flag: &Value, path: &Path) -> Result<(), Fault> {
        let step = |name: &str| path.clone().join(name);
        let members = flag
            .as_object()
            .ok_or_else(|| (path.clone(), "expected an object".to_owned()))?;
        let name = key_of(flag).ok_or_else(|| (step("key"), "expected a text".to_owned()))?;
        let is_enabled = match members.get("enabled") {
            None => false,
            Some(enabled) => enabled
                .as_bool()
                .ok_or_else(|| (step("enabled"), "expected true or false".to_owned()))?,
        };
        let key = self.draft.key(Room::Flags, name, path);
        match members.get("type").and_then(Value::as_str) {
            Some("BOOLEAN_FLAG_TYPE") => {
                let written = self.boolean(name, &key, flag, is_enabled, path)?;
                self.draft.keep(Room::Flags, key, path.clone(), written);
            }
            None | Some("VARIANT_FLAG_TYPE" | "") => {
                self.variant(name, &key, flag, is_enabled, path)?;
            }
            Some(other) => return Err((step("type"), format!("there is no type `{other}`"))),
        }
        self.note_members(members, &FLAG_MEMBERS, path);
        Ok(())
    }

    /// Notes the members of `object` that nothing was made of.
    fn note_members(&mut self, object: &Map<String, Value>, known: &[&str], path: &Path) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            let at = path.clone().join(name);
            if FOR_PEOPLE.contains(&name.as_str()) {
                self.draft
                    .note_dropped(at, "left out: a ruleset has no place for it");
            } else {
                self.draft
                    .note(at, None, "left out: it is not known what it means");
            }
        }
    }

    fn note_the_rest(&mut self, file: &Value) {
        if let Some(members) = file.as_object() {
            self.note_members(members, &FILE_MEMBERS, &Path::default());
        }
        for saying in std::mem::take(&mut self.sayings) {
            self.draft.note(Path::default(), None, saying);
        }
    }

    /// A key that no flag has, of the look of `name`.
    fn new_key(&mut self, name: &str) -> String {
        let mut key = crate::draft::key_for(name);
        while !self.taken.insert(key.clone()) {
            key.push('-');
        }
        key
    }
}

fn key_of(object: &Value) -> Option<&str> {
    object.get("key").and_then(Value::as_str)
}

#[cfg(test)]
mod tests;
