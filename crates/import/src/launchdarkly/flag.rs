//! Flags and their rules.
//!
//! Source: `LaunchDarkly`'s server-side evaluation: off, prerequisites, targets, rules, fallthrough. What it takes for
//! malformed it answers with the caller's default, which is what a flag that is not there is answered with.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::clause::{Fault, Truth};
use super::segment::set;
use super::serve::{NO_VARIATION, Rollout, Served, index};
use super::source::{Source, items};
use super::targets::Targets;
use super::variants::{Variants, variants};
use super::{Import, MOST_DEEP};
use crate::draft::{Room, callers_default};

/// What became of a flag.
#[derive(Clone, Debug)]
pub(super) enum Became {
    /// It is being read: whoever comes to it again is in a cycle.
    Open,
    /// It is in the ruleset, with variants of these names.
    Flag(Vec<String>),
    LeftOut,
}

const MEMBERS: [&str; 25] = [
    "key",
    "version",
    "on",
    "targets",
    "contextTargets",
    "rules",
    "prerequisites",
    "fallthrough",
    "offVariation",
    "variations",
    "clientSide",
    "clientSideAvailability",
    "salt",
    "sel",
    "trackEvents",
    "trackEventsFallthrough",
    "debugEventsUntilDate",
    "migration",
    "samplingRatio",
    "excludeFromSummaries",
    "deleted",
    "archived",
    "name",
    "description",
    "tags",
];
const RULE_MEMBERS: [&str; 9] = [
    "id",
    "_id",
    "ref",
    "description",
    "clauses",
    "variation",
    "rollout",
    "trackEvents",
    "disabled",
];

impl Import<'_> {
    /// Reads the flag, once.
    pub(super) fn flag(&mut self, name: &str) -> Became {
        if let Some(known) = self.flags.get(name) {
            return known.clone();
        }
        let Some(source) = self.file.flags.get(name).cloned() else {
            return Became::LeftOut;
        };
        if self.depth >= MOST_DEEP {
            return Became::LeftOut;
        }
        self.depth = self.depth.saturating_add(1);
        self.flags.insert(name.to_owned(), Became::Open);
        let outer = self.begin();
        let key = self.key(Room::Flags, name);
        let written = variants(&source).and_then(|variants| {
            let written = self.write_flag(&source, &variants)?;
            Ok((written, variants.names))
        });
        let scratch = self.end(outer);
        self.depth = self.depth.saturating_sub(1);
        let became = match written {
            Ok((written, names)) => {
                self.keep(scratch, Room::Flags, &source, (key, written));
                Became::Flag(names)
            }
            Err(Fault::Malformed(at, reason) | Fault::Unsayable(at, reason)) => {
                self.leave_out(&source, &at, &format!("the flag is left out: {reason}"));
                Became::LeftOut
            }
        };
        self.flags.insert(name.to_owned(), became.clone());
        became
    }

    fn write_flag(&mut self, source: &Source<'_>, variants: &Variants) -> Result<Value, Fault> {
        if !source.is_of_rest() {
            self.note_unknown(source.names(), &MEMBERS, &source.path);
        }
        let Variants {
            kind,
            names,
            values,
        } = variants;
        let is_on = source.is("on");
        let none = callers_default(values);
        let off = match self.off_variant(source, names, is_on)? {
            Some(name) => name,
            None => &none,
        };
        let mut written = json!({
            "type": kind, "variants": values, "enabled": is_on, "offVariant": off, "default": off,
        });
        if *off == none
            && let Some(values) = written.get_mut("variants")
        {
            set(values, &none, Value::Null);
        }
        self.write_about(source, &mut written);
        let (requires, never) = self.requires(source, is_on)?;
        if !requires.is_empty() {
            set(&mut written, "requires", requires.into());
        }
        if let Some(never) = never {
            for name in ["targets", "contextTargets", "rules", "fallthrough"] {
                if let Some((at, _)) = source.get(name) {
                    self.note_dropped(at, format!("left out: the prerequisite `{never}` is never met, so the flag always serves its off variation"));
                }
            }
            return Ok(written);
        }
        let Targets { users, mut rules } = self.targets(source, names)?;
        if !users.is_empty() {
            set(&mut written, "targets", json!(users));
        }
        let is_open = self.rules(source, names, is_on, &mut rules)?;
        self.fallthrough(source, names, is_open, &mut rules, &mut written)?;
        if !rules.is_empty() {
            set(&mut written, "rules", rules.into());
        }
        Ok(written)
    }

    /// What does not matter to answers, and who may see it.
    fn write_about(&mut self, source: &Source<'_>, written: &mut Value) {
        for name in ["description", "tags"] {
            let about = source.get(name).map(|(_, value)| value);
            if let Some(about) = about.filter(|it| {
                it.as_str() != Some("") && it.as_array().is_none_or(|it| !it.is_empty())
            }) {
                set(written, name, about.clone());
            }
        }
        let sides = source.get("clientSideAvailability").map(|(_, value)| value);
        let is_visible = |side: &str| sides.and_then(|it| it.get(side)) == Some(&Value::Bool(true));
        let is_visible = if sides.is_some() {
            is_visible("usingEnvironmentId") || is_visible("usingMobileKey")
        } else {
            source.is("clientSide")
        };
        self.says_visibility |= sides.is_some() || source.get("clientSide").is_some();
        if is_visible {
            set(written, "expose", "values".into());
        }
        if source.is("trackEvents") {
            set(written, "track", true.into());
        }
    }

    /// The variant served while the flag is off or a prerequisite is not met; `None` where that is left to the caller.
    fn off_variant<'n>(
        &mut self,
        source: &Source<'_>,
        names: &'n [String],
        is_on: bool,
    ) -> Result<Option<&'n String>, Fault> {
        let Some((at, number)) = source.get("offVariation") else {
            return Ok(None);
        };
        if let Some(name) = index(number, names).and_then(|it| names.get(it)) {
            return Ok(Some(name));
        }
        if !is_on {
            return Err(Fault::Malformed(at, NO_VARIATION.into()));
        }
        let reason = format!("{NO_VARIATION}: while off it leaves the answer to the caller");
        if source.items("prerequisites").is_empty() {
            self.note_dropped(at, reason);
        } else {
            let too = "and LaunchDarkly does the same for the flags that need it";
            self.note(at, format!("{reason}, {too}"));
        }
        Ok(None)
    }

    /// Appends the rules; whether a context may come to what follows them.
    fn rules(
        &mut self,
        source: &Source<'_>,
        names: &[String],
        is_on: bool,
        out: &mut Vec<Value>,
    ) -> Result<bool, Fault> {
        let mut is_open = is_on;
        for (path, rule) in source.items("rules") {
            let members = rule
                .as_object()
                .into_iter()
                .flat_map(|it| it.keys().map(String::as_str));
            self.note_unknown(members, &RULE_MEMBERS, &path);
            let clauses = rule
                .get("clauses")
                .map(|it| items(it, &path.clone().join("clauses")))
                .unwrap_or_default();
            let truth = match self.clauses(&clauses) {
                Ok(Truth::Never) => {
                    self.note_dropped(path, "left out: the rule holds for nobody");
                    continue;
                }
                Ok(truth) => truth,
                Err(fault) => {
                    self.fault(at(fault, &path), "the rule is left out", is_open)?;
                    continue;
                }
            };
            let is_always = truth == Truth::Always;
            match self.served(source, rule, &path, names) {
                Ok(served) => push(rule, truth.condition(), served, names, out),
                Err(fault) => self.fault(at(fault, &path), "the rule is left out", is_open)?,
            }
            is_open &= !is_always;
        }
        Ok(is_open)
    }

    fn fallthrough(
        &mut self,
        source: &Source<'_>,
        names: &[String],
        is_open: bool,
        rules: &mut Vec<Value>,
        written: &mut Value,
    ) -> Result<(), Fault> {
        let (path, fallthrough) = source
            .get("fallthrough")
            .unwrap_or_else(|| (source.path.clone().join("fallthrough"), &Value::Null));
        let served = match self.served(source, fallthrough, &path, names) {
            Ok(served) => served,
            Err(fault) if is_open => return Err(fault),
            Err(fault) => {
                return self.fault(at(fault, &path), "the fallthrough is left out", false);
            }
        };
        let name = |variation: usize| names.get(variation).cloned().unwrap_or_default();
        let default = match served {
            Served::Variation(variation) => name(variation).into(),
            Served::Rollout(Rollout {
                split,
                by,
                guards,
                without,
            }) => {
                let exists = Truth::When(json!({ "attr": by, "exists": true }));
                let has_unit = Truth::all(
                    [exists]
                        .into_iter()
                        .chain(guards.iter().cloned().map(Truth::When)),
                );
                // Who has no unit gets the off variant of a split at the default.
                if guards.is_empty()
                    && written.get("offVariant").and_then(Value::as_str) == Some(&name(without))
                {
                    split
                } else {
                    rules.push(json!({ "name": "fallthrough", "when": has_unit.condition(), "serve": split }));
                    name(without).into()
                }
            }
        };
        set(written, "default", default);
        Ok(())
    }

    /// Notes what is left out. Where a context comes to it, `LaunchDarkly` gives up: the flag is left out.
    fn fault(&mut self, fault: Fault, what: &str, is_open: bool) -> Result<(), Fault> {
        match fault {
            Fault::Malformed(..) if is_open => return Err(fault),
            Fault::Unsayable(at, reason) if is_open => self.note(at, format!("{what}: {reason}")),
            Fault::Malformed(at, reason) | Fault::Unsayable(at, reason) => {
                self.note_dropped(at, format!("{what}, which no context comes to: {reason}"));
            }
        }
        Ok(())
    }
}

/// The same about all of `path`, with the place in the sentence.
fn at(fault: Fault, path: &Path) -> Fault {
    let (is_malformed, at, reason) = match fault {
        Fault::Malformed(at, reason) => (true, at, reason),
        Fault::Unsayable(at, reason) => (false, at, reason),
    };
    let reason = if at == *path {
        reason
    } else {
        format!("{at}: {reason}")
    };
    if is_malformed {
        Fault::Malformed(path.clone(), reason)
    } else {
        Fault::Unsayable(path.clone(), reason)
    }
}

/// Appends a rule that serves, and for a rollout one more, for whoever has no unit.
fn push(rule: &Value, when: Value, served: Served, names: &[String], out: &mut Vec<Value>) {
    let text = |name: &str| {
        rule.get(name)
            .and_then(Value::as_str)
            .filter(|it| !it.is_empty())
    };
    let called = text("description").or(text("id")).or(text("_id"));
    let name = |variation: usize| names.get(variation).cloned().unwrap_or_default();
    let mut add = |when: Value, serve: Value| {
        let mut written = json!({ "when": when, "serve": serve });
        if let Some(called) = called {
            set(&mut written, "name", called.into());
        }
        out.push(written);
    };
    match served {
        Served::Variation(variation) => add(when, name(variation).into()),
        Served::Rollout(Rollout {
            split,
            guards,
            without,
            ..
        }) => {
            let has_unit = [Truth::When(when.clone())]
                .into_iter()
                .chain(guards.into_iter().map(Truth::When));
            add(Truth::all(has_unit).condition(), split);
            add(when, name(without).into());
        }
    }
}
