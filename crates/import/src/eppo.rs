//! Eppo's universal flag configuration (UFC).
//!
//! Source: Eppo's documentation (docs.geteppo.com, "Feature flag SDKs": targeting, assignment by MD5 into 10,000
//! shards), and the cases that it publishes (`ufc` in Eppo-exp/sdk-test-data).
//!
//! Where no allocation assigns anything, Eppo answers with the caller's default. A variant that is null does so here.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use self::variations::Variations;
use crate::Imported;
use crate::draft::{Draft, Room};
use crate::note::Note;

mod allocation;
mod condition;
mod shard;
mod variations;

/// Reads a flag configuration as Eppo gives it to servers: an object with `flags`.
///
/// What a flag lacks for Eppo's own evaluators to read it leaves it out here too, with a note: both leave the answer to
/// the caller.
///
/// # Errors
///
/// The text is not JSON, has no object of `flags`, or is what Eppo gives to clients, whose names are hashes.
pub(crate) fn eppo(text: &str) -> Result<Imported, Vec<Note>> {
    let fault = |path: Path, reason: String| vec![Note::left_out(path, reason)];
    let file: Value = serde_json::from_str(text)
        .map_err(|error| fault(Path::default(), format!("this is not JSON: {error}")))?;
    let format = file.get("format").and_then(Value::as_str);
    if matches!(format, Some("CLIENT" | "PRECOMPUTED")) {
        return Err(fault(
            Path::default().join("format"),
            "this configuration is for clients: its names are hashed and cannot be read back; \
             export the one for servers (`format` is `SERVER`)"
                .into(),
        ));
    }
    let at = Path::default().join("flags");
    let flags = file
        .get("flags")
        .and_then(Value::as_object)
        .ok_or_else(|| fault(at.clone(), "expected an object of flags by key".into()))?;
    let mut import = Import {
        taken: flags.keys().cloned().collect(),
        ..Import::default()
    };
    for (name, flag) in flags {
        let path = at.clone().join(name);
        let key = import.draft.key(Room::Flags, name, &path);
        match import.flag(&key, flag, &path) {
            Ok(written) => import.draft.keep(Room::Flags, key, path, written),
            Err((path, why)) => {
                import
                    .draft
                    .note(path, None, format!("the flag is left out: {why}"));
            }
        }
    }
    import.note_the_rest(&file);
    import.draft.finish()
}

/// Eppo evaluates for a subject: `{"subjectKey": …, "subjectAttributes": {…}}`. The key becomes the targeting key, an
/// attribute stays what it is.
pub(crate) fn context(context: &Value) -> Result<Map<String, Value>, String> {
    let key = context.get("subjectKey").and_then(Value::as_str);
    let key = key
        .ok_or_else(|| format!("expected an object with a text `subjectKey`, found `{context}`"))?;
    let mut attributes = match context.get("subjectAttributes") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(attributes)) => attributes.clone(),
        Some(other) => {
            return Err(format!(
                "expected an object of `subjectAttributes`, found `{other}`"
            ));
        }
    };
    attributes.insert("targetingKey".to_owned(), key.into());
    Ok(attributes)
}

/// What is wrong, and where.
type Fault = (Path, String);

#[derive(Default)]
struct Import {
    draft: Draft,
    /// The keys of all flags, and of the helpers made so far.
    taken: std::collections::BTreeSet<String>,
    /// The helper that says who is in a shard.
    helpers: std::collections::BTreeMap<shard::Shard, String>,
    /// What holds everywhere in the file, said once.
    sayings: std::collections::BTreeSet<Saying>,
}

/// What holds everywhere in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Saying {
    Id,
    NumericText,
    Classes,
}

const FILE_MEMBERS: [&str; 3] = ["format", "flags", "bandits"];
const FLAG_MEMBERS: [&str; 6] = [
    "key",
    "enabled",
    "variationType",
    "variations",
    "allocations",
    "totalShards",
];
/// Members that are for people, or say where data goes.
const FOR_PEOPLE: [&str; 10] = [
    "createdAt",
    "updatedAt",
    "environment",
    "comment",
    "description",
    "name",
    "tags",
    "entityId",
    "extraLogging",
    "doLog",
];

impl Import {
    fn flag(&mut self, key: &str, flag: &Value, path: &Path) -> Result<Value, Fault> {
        let step = |name: &str| path.clone().join(name);
        let members = flag
            .as_object()
            .ok_or_else(|| (path.clone(), "expected an object".to_owned()))?;
        let is_enabled = members
            .get("enabled")
            .and_then(Value::as_bool)
            .ok_or_else(|| (step("enabled"), "expected true or false".to_owned()))?;
        let shards = members.get("totalShards").and_then(Value::as_u64);
        if shards != Some(u64::from(shard::ALL)) {
            return Err((
                step("totalShards"),
                format!("Eppo divides subjects among {} shards", shard::ALL),
            ));
        }
        let mut variations = Variations::of(members, path)?;
        for (path, why) in variations.faults() {
            self.draft.note_dropped(path, why);
        }
        let allocations = members
            .get("allocations")
            .and_then(Value::as_array)
            .ok_or_else(|| (step("allocations"), "expected a list".to_owned()))?;
        let targeting =
            self.allocations(key, allocations, &mut variations, &step("allocations"))?;
        self.note_members(members, &FLAG_MEMBERS, path);
        Ok(json!({
            "type": variations.kind(),
            "variants": variations.variants(),
            "enabled": is_enabled,
            "offVariant": variations.callers_default(),
            "track": targeting.is_tracked,
            "rules": targeting.rules,
            "default": targeting.default,
        }))
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
        let bandits = file.get("bandits").and_then(Value::as_object);
        for name in bandits.into_iter().flat_map(Map::keys) {
            self.draft.note(
                Path::default().join("bandits").join(name),
                None,
                "left out: a bandit chooses actions by a model that is learnt elsewhere; its flag still says which bandit",
            );
        }
        for saying in std::mem::take(&mut self.sayings) {
            self.draft.note(
                Path::default(),
                None,
                match saying {
                    Saying::Id => {
                        "the attribute `id` is the targeting key where a context has none; \
                    Eppo takes one that is null for itself"
                    }
                    Saying::NumericText => {
                        "a text is compared with a number where it is a decimal such as `-12.50`; \
                    Eppo also reads `1e3`, and rounds what has more than 15 digits"
                    }
                    Saying::Classes => {
                        "in patterns, `\\d`, `\\s`, `\\w` and `\\b` mean ASCII; \
                    some of Eppo's SDKs take them for all of Unicode"
                    }
                },
            );
        }
    }
}

#[cfg(test)]
mod tests;
