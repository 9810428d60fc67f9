//! Targets: the keys that get a variation before any rule is tried.
//!
//! Source: `LaunchDarkly`'s server-side evaluation: where there are context targets, their order counts, and one of the
//! kind `user` without keys stands for the target of users with the same variation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::Import;
use super::attribute::key_of;
use super::clause::Fault;
use super::serve::{NO_VARIATION, index};
use super::source::{Source, items};

/// What targets come to.
#[derive(Default)]
pub(super) struct Targets {
    /// The keys of users by variant; each stands once.
    pub(super) users: BTreeMap<String, Vec<String>>,
    /// What comes after them.
    pub(super) rules: Vec<Value>,
}

/// A target: kind, variation and keys.
struct Target<'f> {
    path: Path,
    kind: &'f str,
    variant: String,
    keys: Vec<String>,
}

const MEMBERS: [&str; 3] = ["contextKind", "variation", "values"];

impl Import<'_> {
    pub(super) fn targets(
        &mut self,
        source: &Source<'_>,
        names: &[String],
    ) -> Result<Targets, Fault> {
        let mut out = Targets::default();
        let mut seen = BTreeSet::new();
        for target in self.in_order(source, names)? {
            let Target {
                path,
                kind,
                variant,
                keys,
            } = target;
            if kind == "user" && out.rules.is_empty() {
                let (new, old): (Vec<_>, Vec<_>) =
                    keys.into_iter().partition(|key| seen.insert(key.clone()));
                if !old.is_empty() {
                    let old = old.join("`, `");
                    self.note_dropped(
                        path,
                        format!("left out: `{old}` have another target before this one"),
                    );
                }
                if !new.is_empty() {
                    out.users.entry(variant).or_default().extend(new);
                }
            } else {
                let when = json!({ "attr": key_of(kind), "in": keys });
                out.rules.push(json!({ "when": when, "serve": variant }));
            }
        }
        Ok(out)
    }

    fn in_order<'f>(
        &mut self,
        source: &Source<'f>,
        names: &[String],
    ) -> Result<Vec<Target<'f>>, Fault> {
        let users = source.items("targets");
        let contexts = source.items("contextTargets");
        if contexts.is_empty() {
            let all = users
                .iter()
                .map(|(path, target)| self.target(source, target, path, names));
            return Ok(all
                .collect::<Result<Vec<_>, _>>()?
                .into_iter()
                .flatten()
                .collect());
        }
        let mut order = Vec::new();
        let mut used = BTreeSet::new();
        for (path, target) in &contexts {
            let is_empty = target
                .get("values")
                .and_then(Value::as_array)
                .is_none_or(Vec::is_empty);
            if kind_of(target) == "user" && is_empty {
                for (at, user) in &users {
                    if user.get("variation") == target.get("variation") {
                        used.insert(at);
                        order.extend(self.target(source, user, at, names)?);
                    }
                }
            } else {
                order.extend(self.target(source, target, path, names)?);
            }
        }
        for (path, _) in users.iter().filter(|(path, _)| !used.contains(path)) {
            self.note_dropped(
                path.clone(),
                "left out: no context target stands for it, so LaunchDarkly does not read it",
            );
        }
        Ok(order)
    }

    /// `None` where nobody is targeted.
    fn target<'f>(
        &mut self,
        source: &Source<'_>,
        target: &'f Value,
        path: &Path,
        names: &[String],
    ) -> Result<Option<Target<'f>>, Fault> {
        let members = target
            .as_object()
            .into_iter()
            .flat_map(|it| it.keys().map(String::as_str));
        self.note_unknown(members, &MEMBERS, path);
        let mut keys = Vec::new();
        let values = target
            .get("values")
            .map(|it| items(it, &path.clone().join("values")));
        for (at, key) in values.unwrap_or_default() {
            match key {
                Value::String(key) => keys.push(key.clone()),
                other => self.note_dropped(at, format!("`{other}` is no key: nobody has it")),
            }
        }
        if keys.is_empty() {
            return Ok(None);
        }
        let variation = target.get("variation").and_then(|it| index(it, names));
        let variant = variation.and_then(|it| names.get(it)).cloned();
        let kind = kind_of(target);
        match variant {
            Some(variant) => Ok(Some(Target {
                path: path.clone(),
                kind,
                variant,
                keys,
            })),
            None if source.is("on") => {
                let at = path.clone().join("variation");
                Err(Fault::Malformed(at, NO_VARIATION.into()))
            }
            None => {
                let reason = format!("left out while the flag is off: {NO_VARIATION}");
                self.note_dropped(path.clone(), reason);
                Ok(None)
            }
        }
    }
}

fn kind_of(target: &Value) -> &str {
    let kind = target.get("contextKind").and_then(Value::as_str);
    kind.filter(|kind| !kind.is_empty()).unwrap_or("user")
}
