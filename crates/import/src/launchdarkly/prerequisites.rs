//! Prerequisites: the flags that must be on and serve certain variations.
//!
//! Source: `LaunchDarkly`'s server-side evaluation: one that is not there, is off or has no answer is not met; one that is
//! malformed or leads back makes the flag malformed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Import;
use super::clause::Fault;
use super::flag::Became;
use super::serve::index;
use super::source::Source;
use super::variants::variants;
use crate::draft::Room;

impl Import<'_> {
    /// The prerequisites, up to the first that is never met, and its key.
    pub(super) fn requires(
        &mut self,
        source: &Source<'_>,
        is_on: bool,
    ) -> Result<(Vec<Value>, Option<String>), Fault> {
        let mut requires = Vec::new();
        for (path, prerequisite) in source.items("prerequisites") {
            let key = prerequisite
                .get("key")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let names = match self.needed(key, is_on) {
                Some(Became::Flag(names)) => names,
                Some(Became::Open | Became::LeftOut) if is_on => {
                    let reason =
                        format!("its prerequisite `{key}` leads back to it or is left out");
                    return Err(Fault::Malformed(path, reason));
                }
                other => {
                    let reason = format!("left out: the prerequisite `{key}` is never met");
                    self.note_dropped(path, reason);
                    if is_on && other.is_none() {
                        return Ok((requires, Some(key.to_owned())));
                    }
                    continue;
                }
            };
            let variation = prerequisite
                .get("variation")
                .and_then(|it| index(it, &names));
            let Some(variant) = variation.and_then(|it| names.get(it)) else {
                self.note_dropped(
                    path,
                    format!(
                        "left out: `{key}` has no such variation, so the prerequisite is never met"
                    ),
                );
                if is_on {
                    return Ok((requires, Some(key.to_owned())));
                }
                continue;
            };
            if !is_on && self.leads(key, source.key) {
                self.note_dropped(
                    path,
                    format!("left out while the flag is off: `{key}` needs it in turn"),
                );
                continue;
            }
            self.needs
                .entry(source.key.to_owned())
                .or_default()
                .push(key.to_owned());
            let flag = self.key(Room::Flags, key);
            requires.push(json!({ "flag": flag, "variant": [variant] }));
        }
        Ok((requires, None))
    }

    /// What becomes of a prerequisite; `None` where it is not there, or is off and left out: it is never met.
    fn needed(&mut self, key: &str, is_on: bool) -> Option<Became> {
        let source = self.file.flags.get(key)?.clone();
        if source.is("on") {
            return Some(if is_on || self.flags.contains_key(key) {
                self.flag(key)
            } else {
                Became::LeftOut
            });
        }
        // Whatever an off flag needs is not asked for.
        let names = variants(&source).ok()?.names;
        match source.get("offVariation") {
            Some((_, number)) if index(number, &names).is_none() => Some(Became::LeftOut),
            _ => Some(Became::Flag(names)),
        }
    }

    /// Whether the prerequisites of `from` lead to `to`.
    fn leads(&self, from: &str, to: &str) -> bool {
        let mut left = vec![from];
        let mut seen = BTreeSet::new();
        while let Some(key) = left.pop() {
            if key == to {
                return true;
            }
            if seen.insert(key) {
                left.extend(
                    self.needs
                        .get(key)
                        .into_iter()
                        .flatten()
                        .map(String::as_str),
                );
            }
        }
        false
    }
}
