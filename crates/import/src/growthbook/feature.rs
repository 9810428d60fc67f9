//! Features, as flags.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use super::Import;
use super::condition::Condition;
use super::variants::{NO_VALUE, Variants};
use crate::draft::Room;

/// What others can ask of a feature.
#[derive(Clone)]
pub(super) enum Known {
    /// Its flag, and its values by variant; null where there is none.
    Flag(String, Vec<(String, Value)>),
    /// It never has a value.
    NoValue,
    /// It could not be kept.
    LeftOut,
}

/// A flag that is being written.
pub(super) struct Writing {
    /// The feature, and its place.
    pub(super) id: String,
    pub(super) path: Path,
    pub(super) variants: Variants,
    pub(super) requires: Vec<Value>,
    pub(super) rules: Vec<Value>,
    /// What is served where no rule does: a variant, or a split.
    pub(super) default: Value,
    /// The variant that is served where not even that can: where no rule holds, in `GrowthBook`.
    pub(super) default_variant: String,
    /// Whether no rule but gates has been read so far.
    pub(super) has_only_gates: bool,
    /// Whether a rule has been read that serves everybody.
    pub(super) is_done: bool,
}

/// The members of a feature that become something.
const MEMBERS: [&str; 2] = ["defaultValue", "rules"];

impl Import<'_> {
    /// What became of the feature `id`; it is read when it is asked for first.
    pub(super) fn feature(&mut self, id: &str) -> Known {
        if let Some(known) = self.known.get(id) {
            return known.clone();
        }
        let Some(feature) = self.features.get(id) else {
            return Known::NoValue;
        };
        let known = self.keep(id, feature);
        self.known.insert(id.to_owned(), known.clone());
        known
    }

    fn keep(&mut self, id: &str, feature: &Value) -> Known {
        let path = self.at.clone().join(id);
        let Some(members) = feature.as_object() else {
            self.note(&path, "the feature is left out: expected an object");
            return Known::LeftOut;
        };
        let rules = match members.get("rules") {
            None | Some(Value::Null) => &[][..],
            Some(Value::Array(rules)) => rules,
            Some(_) => {
                self.note(&path, "the feature is left out: `rules` is no list");
                return Known::LeftOut;
            }
        };
        for name in members.keys().filter(|it| !MEMBERS.contains(&it.as_str())) {
            self.dropped(&path.clone().join(name), "left out: it is not for answers");
        }
        let default = members.get("defaultValue").unwrap_or(&Value::Null);
        let mut variants = Variants::default();
        let name = variants.name(default);
        let mut writing = Writing {
            id: id.to_owned(),
            path: path.clone(),
            variants,
            requires: Vec::new(),
            rules: Vec::new(),
            default: json!(name),
            default_variant: name,
            has_only_gates: true,
            is_done: false,
        };
        for (index, rule) in rules.iter().enumerate() {
            let at = path.clone().join("rules").join(&index.to_string());
            if writing.is_done {
                self.dropped(&at, "left out: what is before it serves everybody");
                continue;
            }
            let before = (writing.rules.len(), writing.variants.clone());
            let is_last = index.saturating_add(1) == rules.len();
            if let Err((place, why)) = self.rule(rule, &at, is_last, &mut writing) {
                // Notes on the rule's parts would say that the others were kept.
                let parts = format!("{at}/");
                self.notes
                    .retain(|it| it.path != at && !it.path.as_str().starts_with(&parts));
                writing.rules.truncate(before.0);
                writing.variants = before.1;
                writing.has_only_gates = false;
                self.note(&at, format!("the rule is left out: {why} ({place})"));
            }
        }
        self.finish_flag(&writing)
    }

    fn finish_flag(&mut self, writing: &Writing) -> Known {
        let Writing {
            id, path, variants, ..
        } = writing;
        let off = if writing.requires.is_empty() {
            &writing.default_variant
        } else {
            NO_VALUE
        };
        let mut used: BTreeSet<String> = writing.rules.iter().flat_map(served).collect();
        used.insert(off.to_owned());
        used.extend(served(&json!({ "serve": writing.default })));
        let has_value = used.iter().any(|it| it != NO_VALUE);
        let Some(typed) = variants.typed().filter(|_| has_value) else {
            let why = "it never has a value, so GrowthBook leaves the answer to the caller: so does a flag that is not there";
            self.dropped(path, why);
            return Known::NoValue;
        };
        if typed.is_wrapped {
            self.note(path, "its values are of several types, and a flag has one: each is the member `value` of an object");
        }
        let key = self.key_of(id);
        let is_kept = |(name, _): &(String, Value)| name != NO_VALUE || used.contains(name);
        let kept = typed.variants.into_iter().filter(is_kept);
        let mut written = Map::new();
        written.insert("type".into(), json!(typed.kind));
        written.insert("variants".into(), Value::Object(kept.collect()));
        written.insert("offVariant".into(), json!(off));
        if !writing.requires.is_empty() {
            written.insert("requires".into(), json!(writing.requires));
        }
        if !writing.rules.is_empty() {
            written.insert("rules".into(), json!(writing.rules));
        }
        written.insert("default".into(), writing.default.clone());
        self.draft.keep(
            Room::Flags,
            key.clone(),
            path.clone(),
            Value::Object(written),
        );
        let outcomes = variants
            .all()
            .iter()
            .filter(|(name, _)| used.contains(name));
        Known::Flag(key, outcomes.cloned().collect())
    }

    pub(super) fn key_of(&mut self, id: &str) -> String {
        let path = self.at.clone().join(id);
        self.draft.key(Room::Flags, id, &path)
    }

    /// Whether `from` leads to `to` by prerequisites.
    pub(super) fn leads_to(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(id) = open.pop() {
            if id == to {
                return true;
            }
            if seen.insert(id.clone()) {
                open.extend(parents(self.features.get(&id)));
            }
        }
        false
    }

    /// Whether the prerequisites of `id` lead back to one of themselves.
    pub(super) fn is_in_circle(&self, id: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![id.to_owned()];
        while let Some(id) = open.pop() {
            let leads_back = parents(self.features.get(&id))
                .iter()
                .any(|it| self.leads_to(it, &id));
            if leads_back {
                return true;
            }
            if seen.insert(id.clone()) {
                open.extend(parents(self.features.get(&id)));
            }
        }
        false
    }
}

impl Writing {
    /// Serves `serve` where `when` holds, before all that comes after.
    pub(super) fn push(&mut self, name: Option<&str>, when: Condition, serve: Value) {
        let when = match when {
            Condition::Never => return,
            Condition::Always if serve.is_string() => {
                self.default_variant = serve.as_str().unwrap_or_default().to_owned();
                self.default = serve;
                self.is_done = true;
                return;
            }
            // Where it finds no unit the next is tried, so it serves those that have one.
            Condition::Always => {
                json!({ "attr": serve.get("by").cloned().unwrap_or_default(), "exists": true })
            }
            Condition::When(when) => when,
        };
        let mut rule = Map::new();
        if let Some(name) = name.filter(|it| !it.is_empty()) {
            rule.insert("name".into(), json!(name));
        }
        rule.insert("when".into(), when);
        rule.insert("serve".into(), serve);
        self.rules.push(Value::Object(rule));
    }
}

/// The variants that a rule serves.
fn served(rule: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let serve = rule.get("serve").unwrap_or(&Value::Null);
    let arms = serve
        .get("split")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let arms = arms.filter_map(|arm| text(arm.get(0)?));
    text(serve).into_iter().chain(arms).collect()
}

/// The features that a feature asks for.
fn parents(feature: Option<&Value>) -> Vec<String> {
    let rules = feature
        .and_then(|it| it.get("rules"))
        .and_then(Value::as_array);
    let asked = rules
        .into_iter()
        .flatten()
        .filter_map(|it| it.get("parentConditions")?.as_array());
    let ids = asked.flatten().filter_map(|it| it.get("id")?.as_str());
    ids.map(str::to_owned).collect()
}
