//! A ruleset that is being written from another vendor's file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vexil_ruleset::{Issue, Path, decode};

use crate::Imported;
use crate::note::{Effect, Note};

/// The longest key of a ruleset, in characters.
const KEY_CHARACTERS: usize = 128;

/// Flags and segments as ruleset JSON, each with the place that it comes from, and notes.
///
/// What is written is exactly what a person may write: it is decoded at the end, and what a ruleset cannot have is left
/// out with a note, together with whatever refers to it.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    rooms: BTreeMap<Room, BTreeMap<String, (Path, Value)>>,
    notes: Vec<Note>,
}

/// Where in a ruleset a thing with a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Room {
    Flags,
    Segments,
}

impl Room {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Room::Flags => "flags",
            Room::Segments => "segments",
        }
    }

    /// What people call one of its things.
    fn thing(self) -> &'static str {
        match self {
            Room::Flags => "flag",
            Room::Segments => "segment",
        }
    }
}

impl Draft {
    /// Keeps what was at `from` under `key`, which [`Draft::key`] gave; unless that is taken, which a note says.
    pub(crate) fn keep(&mut self, room: Room, key: String, from: Path, written: Value) {
        let things = self.rooms.entry(room).or_default();
        let taken = things.get(&key).map(|(other, _)| other.clone());
        let Some(other) = taken.filter(|other| *other != from) else {
            things.insert(key, (from, written));
            return;
        };
        let thing = room.thing();
        let to = Path::default().join(room.name()).join(&key);
        let reason =
            format!("the {thing} is left out: the one at {other} is called `{key}` already");
        self.note(from, Some(to), reason);
    }

    /// Answers may differ because of `path`, which became `to`.
    pub(crate) fn note(&mut self, path: Path, to: Option<Path>, reason: impl Into<String>) {
        self.push(path, to, Effect::Answers, reason);
    }

    /// What is at `path` is gone, and no answer differs for it.
    pub(crate) fn note_dropped(&mut self, path: Path, reason: impl Into<String>) {
        self.push(path, None, Effect::None, reason);
    }

    /// What is at `path` is said in another shape at `to`, and no answer differs for it.
    pub(crate) fn note_kept(&mut self, path: Path, to: Path, reason: impl Into<String>) {
        self.push(path, Some(to), Effect::None, reason);
    }

    fn push(&mut self, path: Path, to: Option<Path>, effect: Effect, reason: impl Into<String>) {
        self.notes.push(Note {
            path,
            to,
            effect,
            reason: reason.into(),
        });
    }

    /// The key that a ruleset can have for `name`: itself where it can, and otherwise one of the same look that ends in
    /// a number of its own, with a note. Asked twice, it is the same key.
    pub(crate) fn key(&mut self, room: Room, name: &str, from: &Path) -> String {
        let key = key_for(name);
        let to = Path::default().join(room.name()).join(&key);
        let note = Note {
            path: from.clone(),
            to: Some(to),
            effect: Effect::None,
            reason: format!(
                "`{name}` cannot be the key of a {}: it is called `{key}`",
                room.thing()
            ),
        };
        if key != name && !self.notes.contains(&note) {
            self.notes.push(note);
        }
        key
    }

    /// The ruleset, and the notes in the order in which they were made.
    ///
    /// # Errors
    ///
    /// What is wrong with the file as a whole, where nothing but that is left to leave out.
    pub(crate) fn finish(mut self) -> Result<Imported, Vec<Note>> {
        loop {
            match decode(&self.text()) {
                Ok(ruleset) => {
                    return Ok(Imported {
                        ruleset,
                        notes: self.notes,
                    });
                }
                Err(issues) => self.leave_out(&issues)?,
            }
        }
    }

    fn text(&self) -> String {
        let room = |room| -> Map<String, Value> {
            let things = self.rooms.get(&room).into_iter().flatten();
            things
                .map(|(key, (_, written))| (key.clone(), written.clone()))
                .collect()
        };
        json!({ "flags": room(Room::Flags), "segments": room(Room::Segments) }).to_string()
    }

    /// Takes out each flag and segment that `issues` are about, and notes of them what is wrong with the whole instead
    /// of what was said about its parts.
    fn leave_out(&mut self, issues: &[Issue]) -> Result<(), Vec<Note>> {
        let mut gone = BTreeSet::new();
        for issue in issues {
            let place = [Room::Flags, Room::Segments].into_iter().find_map(|room| {
                let steps = issue
                    .path
                    .as_str()
                    .strip_prefix(&format!("/{}/", room.name()))?;
                let key = steps.split('/').next()?;
                Some((room, key.replace("~1", "/").replace("~0", "~")))
            });
            let Some((room, key)) = place else {
                return Err(vec![Note::left_out(Path::default(), issue.to_string())]);
            };
            let things = self.rooms.entry(room).or_default();
            if gone.contains(&(room, key.clone())) {
                continue;
            }
            let Some((from, _)) = things.remove(&key) else {
                return Err(vec![Note::left_out(Path::default(), issue.to_string())]);
            };
            let parts = format!("{from}/");
            self.notes
                .retain(|note| note.path != from && !note.path.as_str().starts_with(&parts));
            let thing = room.thing();
            self.notes.push(Note::left_out(
                from,
                format!("the {thing} is left out: {issue}"),
            ));
            gone.insert((room, key));
        }
        Ok(())
    }
}

/// The key that an importer gives to what a vendor calls `name`: itself where it can be one, and otherwise `name` with
/// `_` for each character that no key has, and a number that no other name has.
#[must_use]
pub fn key_for(name: &str) -> String {
    let is_fine = |character: char| character.is_ascii_alphanumeric() || "._-".contains(character);
    if !name.is_empty() && name.len() <= KEY_CHARACTERS && name.chars().all(is_fine) {
        return name.to_owned();
    }
    let look = name
        .chars()
        .map(|character| if is_fine(character) { character } else { '_' });
    let look: String = look.take(100).collect();
    format!("{look}-{:08x}", fnv1a(name.as_bytes()))
}

/// A name that no variant of `taken` has, for one that is null: it leaves the answer to the caller.
pub(crate) fn callers_default(taken: &Map<String, Value>) -> String {
    let mut name = "callers-default".to_owned();
    while taken.contains_key(&name) {
        name.push('-');
    }
    name
}

/// FNV-1a of 32 bits.
fn fnv1a(bytes: &[u8]) -> u32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    bytes.iter().fold(0x811c_9dc5, step)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vexil_ruleset::Path;

    use super::{Draft, Room};

    fn flag(rules: &Value) -> Value {
        json!({
            "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off",
            "rules": rules, "default": "off",
        })
    }

    #[test]
    fn what_refers_to_a_thing_that_cannot_be_is_left_out_with_it() {
        let mut draft = Draft::default();
        let at = |key: &str| Path::default().join("features").join(key);
        let rules = json!([{ "when": { "segment": "odd" }, "serve": "on" }]);
        draft.keep(Room::Flags, "a".into(), at("a"), flag(&json!([])));
        draft.keep(Room::Flags, "b".into(), at("b"), flag(&rules));
        draft.keep(
            Room::Segments,
            "odd".into(),
            at("odd"),
            json!({ "when": { "attr": "a", "lt": "x" } }),
        );
        draft.note(at("b").join("rules"), None, "odd in a part");
        let imported = draft.finish().expect("flag a is sound");
        assert_eq!(imported.ruleset.flags().len(), 1);
        let left_out: Vec<_> = imported
            .notes
            .iter()
            .map(|note| note.path.as_str())
            .collect();
        assert_eq!(left_out, ["/features/odd", "/features/b"]);
    }

    #[test]
    fn of_two_things_with_one_key_the_second_is_left_out_with_a_note() {
        let mut draft = Draft::default();
        let at = |key: &str| Path::default().join("features").join(key);
        let taken = draft.key(Room::Flags, "a b", &at("0"));
        draft.keep(Room::Flags, taken.clone(), at("0"), flag(&json!([])));
        draft.keep(Room::Flags, taken, at("1"), flag(&json!([])));
        let imported = draft.finish().expect("the first is sound");
        assert_eq!(imported.ruleset.flags().len(), 1);
        let last = imported.notes.last().map(ToString::to_string);
        assert_eq!(
            last.as_deref(),
            Some(
                "/features/1: the flag is left out: the one at /features/0 is called `a_b-10a3f9f2` already (now /flags/a_b-10a3f9f2)"
            ),
        );
    }

    #[test]
    fn names_that_are_no_keys_become_keys_that_tell_them_apart() {
        let mut draft = Draft::default();
        let mut key = |name: &str| draft.key(Room::Flags, name, &Path::default());
        assert_eq!(key("one.page_checkout-2"), "one.page_checkout-2");
        assert_ne!(key("a b"), key("a/b"));
        assert_eq!(key("a b"), key("a b"));
        assert!(key(&"é".repeat(300)).len() <= 128);
        assert_eq!(draft.notes.len(), 3);
    }
}
