//! Features, as flags.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use super::condition::Holds;
use super::parent::Parents;
use super::strategy::{Share, Strategy};
use super::variants::{Choice, Chosen};
use super::{Fault, Import, Plan, list};
use crate::draft::{Room, key_for};

const MEMBERS: [&str; 7] = [
    "name",
    "description",
    "enabled",
    "impressionData",
    "strategies",
    "variants",
    "dependencies",
];

/// What a flag serves, as it grows strategy by strategy.
#[derive(Default)]
struct Served {
    rules: Vec<Value>,
    /// Once something holds for everybody.
    default: Option<Value>,
}

impl Served {
    fn rule(&mut self, name: &str, when: &Value, serve: impl Into<Value>) {
        let serve: Value = serve.into();
        self.rules.push(if name.is_empty() {
            json!({ "when": when, "serve": serve })
        } else {
            json!({ "name": name, "when": when, "serve": serve })
        });
    }

    /// One split for each unit: without the unit of the first the second is tried. Where `when` is everybody and nothing
    /// comes after, the last split is the default.
    fn splits(&mut self, name: &str, when: &Holds, splits: Vec<(String, Value)>, is_last: bool) {
        let last = splits.len().saturating_sub(1);
        for (index, (by, split)) in splits.into_iter().enumerate() {
            if is_last && index == last && *when == Holds::Always {
                self.default = Some(split);
            } else if let Some(when) = when.or_where(|| json!({ "attr": by, "exists": true })) {
                self.rule(name, &when, split);
            }
        }
    }

    fn choice(&mut self, name: &str, when: &Holds, choice: Choice) {
        for (own, key) in choice.overrides {
            if let Holds::If(both) = Holds::all([when.clone(), own]) {
                self.rule(name, &both, key);
            }
        }
        self.splits(name, when, choice.splits, false);
        match when {
            Holds::Always => self.default = Some(choice.otherwise.into()),
            Holds::Never => {}
            Holds::If(when) => self.rule(name, when, choice.otherwise),
        }
    }
}

impl<'f> Import<'f> {
    /// Reads all of a feature that others may ask of it.
    pub(super) fn plan(&mut self, name: &'f str, feature: &'f Value, path: &Path) {
        let Some(members) = feature.as_object() else {
            return;
        };
        if !members.get("enabled").is_some_and(Value::is_boolean) {
            let reason = "the flag is left out: expected `true` or `false`";
            self.draft.note(path.clone().join("enabled"), None, reason);
            return;
        }
        let key = self.draft.key(Room::Flags, name, path);
        let variants = self.variants(members, &key, path);
        let parents = list(members, "dependencies");
        self.plans.insert(
            name,
            Plan {
                key,
                members,
                variants,
                parents,
            },
        );
    }

    pub(super) fn keep_feature(&mut self, name: &'f str, path: &Path) {
        let Some(plan) = self.plans.remove(name) else {
            return;
        };
        let written = self.write_feature(name, &plan, path);
        self.draft
            .keep(Room::Flags, plan.key.clone(), path.clone(), written);
        self.plans.insert(name, plan);
    }

    fn write_feature(&mut self, name: &str, plan: &Plan<'f>, path: &Path) -> Value {
        let Plan {
            key,
            members,
            variants,
            ..
        } = plan;
        self.note_unused("feature", members, &MEMBERS, path);
        if variants.kind() != "boolean" {
            let (off, on) = (variants.off(), variants.on());
            let nothing = variants.written().remove(off).unwrap_or_default();
            let reason = format!(
                "the flag serves what `getVariant` does, `{nothing}` without a payload; `isEnabled` is true unless it serves \
                 `{off}` (`{on}` is a feature that is on without a variant)"
            );
            let to = Path::default().join("flags").join(key);
            self.draft
                .note_kept(path.clone().join("variants"), to, reason);
        }
        let served = self.served(name, plan, path);
        let is_readable = served.is_ok();
        let (parents, served) = served.unwrap_or_else(|(at, why)| {
            let reason = format!(
                "the flag is off: {why}. So it is in Unleash's engine; SDKs without it may leave out the strategy alone"
            );
            let to = Path::default().join("flags").join(key);
            self.draft.note(at, Some(to), reason);
            (Parents::default(), Served::default())
        });
        let is_enabled = is_readable && members.get("enabled") == Some(&Value::Bool(true));
        let off = variants.off();
        let mut written = Map::new();
        if let Some(text) = members.get("description").filter(|text| text.is_string()) {
            written.insert("description".into(), text.clone());
        }
        written.insert("type".into(), variants.kind().into());
        written.insert("variants".into(), variants.written().into());
        written.insert("enabled".into(), is_enabled.into());
        written.insert("offVariant".into(), off.into());
        if members.get("impressionData") == Some(&Value::Bool(true)) {
            written.insert("track".into(), true.into());
        }
        written.insert("requires".into(), parents.requires.into());
        let unless = parents
            .unless
            .into_iter()
            .map(|when| json!({ "when": when, "serve": off }));
        written.insert(
            "rules".into(),
            unless.chain(served.rules).collect::<Vec<_>>().into(),
        );
        written.insert(
            "default".into(),
            served.default.unwrap_or_else(|| off.into()),
        );
        written.into()
    }

    /// What a feature asks of its parents and serves to whom; where its engine cannot read it, why.
    fn served(
        &mut self,
        name: &str,
        plan: &Plan<'f>,
        path: &Path,
    ) -> Result<(Parents, Served), Fault> {
        let strategies = list(plan.members, "strategies");
        let at = path.clone().join("strategies");
        let read = strategies.iter().enumerate();
        let read: Result<Vec<_>, _> = read
            .map(|(index, strategy)| {
                self.strategy(strategy, name, &at.clone().join(&index.to_string()))
            })
            .collect();
        let read = read?;
        let parents = self.parents(plan.parents, &path.clone().join("dependencies"))?;
        let mut served = Served::default();
        if strategies.is_empty() {
            let choice = self.choice_of(name, plan, None, path);
            served.choice("", &Holds::Always, choice);
        }
        let last = read
            .iter()
            .rposition(|strategy| strategy.when != Holds::Never);
        for (index, strategy) in read.into_iter().enumerate() {
            let at = at.clone().join(&index.to_string());
            if strategy.when == Holds::Never {
                self.draft
                    .note_dropped(at, "the strategy is left out: it holds for nobody");
            } else if served.default.is_some() {
                self.draft.note_dropped(
                    at,
                    "the strategy is left out: one before it holds for everybody",
                );
            } else {
                let own = strategies.get(index).map(|strategy| (strategy, at.clone()));
                let choice = self.choice_of(name, plan, own, path);
                self.serve(
                    &mut served,
                    plan,
                    (index, strategy),
                    choice,
                    last == Some(index),
                    &at,
                );
            }
        }
        Ok((parents, served))
    }

    fn serve(
        &mut self,
        served: &mut Served,
        plan: &Plan<'f>,
        (index, strategy): (usize, Strategy),
        choice: Choice,
        is_last: bool,
        path: &Path,
    ) {
        let Strategy {
            name,
            mut when,
            share,
        } = strategy;
        let is_plain = choice.splits.is_empty() && choice.overrides.is_empty();
        if let Some(share) = share {
            if is_last && is_plain {
                let splits = share.splits(&choice.otherwise, plan.variants.off());
                served.splits(&name, &when, splits, true);
                return;
            }
            let helper = self.keep_share(&plan.key, index, &share, path);
            when = Holds::all([
                when,
                Holds::If(json!({ "flag": helper, "variant": ["on"] })),
            ]);
        }
        served.choice(&name, &when, choice);
    }

    /// A flag that is on for a share of the callers, and its key.
    fn keep_share(&mut self, flag: &str, index: usize, share: &Share, path: &Path) -> String {
        let number = index.saturating_add(1);
        let mut name = format!("{flag}.rollout-{number}");
        while self.plans.values().any(|plan| plan.key == key_for(&name)) {
            name.push('-');
        }
        let key = key_for(&name);
        let to = Path::default().join("flags").join(&key);
        let reason = format!(
            "who is in this rollout is a flag of its own, `{key}`: something comes after it"
        );
        let at = path.clone().join("parameters");
        self.draft.note_kept(at.clone(), to, reason);
        let mut served = Served::default();
        served.splits("", &Holds::Always, share.splits("on", "off"), true);
        let written = json!({
            "description": format!("The callers to whom strategy {number} of {flag} applies"),
            "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off",
            "rules": served.rules, "default": served.default,
        });
        self.draft.keep(Room::Flags, key.clone(), at, written);
        key
    }

    /// What those get for whom `strategy` holds: one of its variants, or else one of the feature's.
    fn choice_of(
        &mut self,
        name: &str,
        plan: &Plan<'f>,
        strategy: Option<(&Value, Path)>,
        path: &Path,
    ) -> Choice {
        let nothing = Map::new();
        let (members, at) = strategy
            .and_then(|(it, at)| Some((it.as_object()?, at)))
            .unwrap_or((&nothing, path.clone()));
        let own = list(members, "variants");
        if own.is_empty() {
            let variants = list(plan.members, "variants");
            let at = path.clone().join("variants");
            let first = variants.first().and_then(|it| it.get("stickiness"));
            let chosen = Chosen {
                by: first.and_then(Value::as_str).unwrap_or("default"),
                salt: name,
                has_overrides: true,
                path: at.clone().join("0").join("stickiness"),
            };
            return self.choice(variants, &plan.variants, &chosen, &at);
        }
        let parameter = |name: &str| members.get("parameters")?.get(name)?.as_str();
        let chosen = Chosen {
            by: parameter("stickiness").unwrap_or("default"),
            salt: parameter("groupId").unwrap_or(name),
            has_overrides: false,
            path: at.clone().join("parameters").join("stickiness"),
        };
        self.choice(own, &plan.variants, &chosen, &at.join("variants"))
    }
}
