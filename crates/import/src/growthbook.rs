//! The features of `GrowthBook`, as its SDKs get them.
//!
//! Source: `GrowthBook`'s guide to building an SDK (`docs/docs/lib/build-your-own.mdx` in growthbook/growthbook) and
//! `packages/sdk-js`, whose published cases and whose evaluator this is held against.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use self::constant::Groups;
use self::feature::Known;
use self::saved::Saved;
use crate::Imported;
use crate::draft::{Draft, Room};
use crate::note::Note;

mod bucket;
mod condition;
mod constant;
mod experiment;
mod feature;
mod general;
mod javascript;
mod list;
mod operator;
mod order;
mod pattern;
mod prerequisite;
mod rule;
mod saved;
mod scalar;
mod variants;
mod version;

/// Reads the payload of an SDK endpoint, an object with `features` and perhaps `savedGroups`; or the features alone.
///
/// A feature that can have no value, or values of several types, has a note: a flag always has a value of its type. Who is
/// in a part of a rollout with rules after it, in a namespace or in a filter is a flag of its own.
///
/// Lists within lists and nulls within lists, which conditions of `GrowthBook` can tell apart, are as in all rulesets.
///
/// # Errors
///
/// The text is not JSON, or has no object of features; or they are encrypted.
pub fn growthbook(json: &str) -> Result<Imported, Vec<Note>> {
    let fault = |reason: String| vec![Note::left_out(Path::default(), reason)];
    let file: Value =
        serde_json::from_str(json).map_err(|error| fault(format!("this is not JSON: {error}")))?;
    let members = file
        .as_object()
        .ok_or_else(|| fault("expected an object".into()))?;
    let payload = members
        .get("features")
        .and_then(Value::as_object)
        .filter(|it| !it.contains_key("defaultValue"));
    let is_encrypted = members.contains_key("encryptedFeatures");
    let (at, features) = match payload {
        Some(features) => (Path::default().join("features"), features),
        None if is_encrypted => {
            return Err(fault(
                "its features are encrypted: export them as they are".into(),
            ));
        }
        None if members.values().all(Value::is_object) => (Path::default(), members),
        None => return Err(fault("expected an object of features by key".into())),
    };
    let none = Groups::new();
    let of_payload = |name: &str| payload.and(members.get(name)?.as_object());
    let mut import = Import {
        draft: Draft::default(),
        notes: Vec::new(),
        at,
        features,
        groups: of_payload("savedGroups").unwrap_or(&none),
        bandits: of_payload("contextualBandits"),
        used_bandits: BTreeSet::new(),
        known: BTreeMap::new(),
        saved: Saved::default(),
        general: BTreeSet::new(),
        orders: 0,
        buckets: Vec::new(),
    };
    for id in features.keys() {
        import.feature(id);
    }
    import.note_groups();
    if payload.is_some() {
        import.note_members(members);
    }
    import.finish()
}

struct Import<'f> {
    draft: Draft,
    notes: Vec<Said>,
    /// The place of the features.
    at: Path,
    features: &'f Map<String, Value>,
    groups: &'f Groups,
    bandits: Option<&'f Map<String, Value>>,
    used_bandits: BTreeSet<String>,
    /// What became of the features so far.
    known: BTreeMap<String, Known>,
    saved: Saved,
    general: BTreeSet<&'static str>,
    /// How many patterns order texts.
    orders: usize,
    /// Flags that say who is within something: what they serve, and their keys.
    buckets: Vec<(Value, String)>,
}

/// A note to be made.
#[derive(PartialEq)]
struct Said {
    path: Path,
    reason: String,
    matters: bool,
}

impl Import<'_> {
    /// Answers may differ because of what is at `path`.
    fn note(&mut self, path: &Path, reason: impl Into<String>) {
        self.say(path, reason, true);
    }

    /// What is at `path` is gone, and no answer differs for it.
    fn dropped(&mut self, path: &Path, reason: impl Into<String>) {
        self.say(path, reason, false);
    }

    fn say(&mut self, path: &Path, reason: impl Into<String>, matters: bool) {
        let said = Said {
            path: path.clone(),
            reason: reason.into(),
            matters,
        };
        if !self.notes.contains(&said) {
            self.notes.push(said);
        }
    }

    /// Says at `path` that what it leads to has notes of its own.
    fn note_of(&mut self, other: &Path, path: &Path, what: &str) {
        let parts = format!("{other}/");
        let is_about =
            |it: &Said| it.matters && (it.path == *other || it.path.as_str().starts_with(&parts));
        if self.notes.iter().any(is_about) {
            self.note(path, format!("{what} has notes of its own: {other}"));
        }
    }

    /// The key of the flag that serves `in` and `out` by `split`.
    fn bucket_flag(&mut self, name: &str, split: Value, path: &Path) -> String {
        if let Some((_, key)) = self.buckets.iter().find(|(it, _)| *it == split) {
            return key.clone();
        }
        let mut name = name.to_owned();
        let mut key = self.draft.key(Room::Flags, &name, path);
        while self.features.contains_key(&key)
            || self.buckets.iter().any(|(_, other)| *other == key)
        {
            name.push_str("-2");
            key = self.draft.key(Room::Flags, &name, path);
        }
        let flag = json!({
            "description": "Who is in a part of the units, for the rules of others",
            "type": "boolean",
            "variants": { "in": true, "out": false },
            "offVariant": "out",
            "default": split,
        });
        self.draft
            .keep(Room::Flags, key.clone(), path.clone(), flag);
        self.buckets.push((split, key.clone()));
        key
    }

    fn note_members(&mut self, members: &Map<String, Value>) {
        for (name, value) in members {
            let at = Path::default().join(name);
            match name.as_str() {
                "features" | "savedGroups" => {}
                "contextualBandits" => {
                    for bandit in value
                        .as_object()
                        .into_iter()
                        .flatten()
                        .map(|(name, _)| name)
                    {
                        let why = if self.used_bandits.contains(bandit) {
                            "weights are what they were when the file was written, and leaves have no names"
                        } else {
                            "left out: no rule refers to it"
                        };
                        self.dropped(&at.clone().join(bandit), why);
                    }
                }
                "experiments" | "encryptedExperiments" => {
                    self.dropped(
                        &at,
                        "left out: experiments of pages change pages, and no feature",
                    );
                }
                "status" | "dateUpdated" => self.dropped(&at, "left out: it is about the file"),
                _ => self.note(&at, "left out: a ruleset has no place for it"),
            }
        }
    }

    fn finish(mut self) -> Result<Imported, Vec<Note>> {
        for said in self.notes.drain(..) {
            if said.matters {
                self.draft.note(said.path, None, said.reason);
            } else {
                self.draft.note_dropped(said.path, said.reason);
            }
        }
        for reason in self.general {
            self.draft.note(Path::default(), None, reason);
        }
        self.draft.finish()
    }
}

/// `GrowthBook`'s attributes are members of the evaluation context, by their names. Where there is no `targetingKey`, it is
/// the `id`, if that is a text: flags of ours go by it, and imported ones by the attributes that they went by.
pub(crate) fn context(attributes: &Value) -> Result<Map<String, Value>, String> {
    let mut context = attributes
        .as_object()
        .cloned()
        .ok_or_else(|| format!("expected an object of attributes, found `{attributes}`"))?;
    if let (false, Some(Value::String(id))) =
        (context.contains_key("targetingKey"), context.get("id"))
    {
        let id = id.clone();
        context.insert("targetingKey".into(), id.into());
    }
    Ok(context)
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a case reads better without a borrow"
)]
mod tests;
