//! Variants: what a flag serves, and how one is chosen.

use serde_json::{Map, Number, Value, json};
use vexil_ruleset::Path;

use super::condition::Holds;
use super::context::attribute;
use super::strategy::anybody;
use super::{Everywhere, Import, list, text_of};
use crate::draft::key_for;

/// The variants of a flag: those of the feature and those of its strategies, and what it serves without one.
pub(super) struct Variants {
    kind: Kind,
    all: Vec<Variant>,
}

struct Variant {
    /// In Unleash.
    name: String,
    payload: Option<Value>,
    key: String,
    value: Value,
}

/// What the values of a flag are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Whether it is on: there are no variants.
    Boolean,
    /// The names of the variants: no payloads.
    Name,
    /// The texts of payloads.
    Text,
    /// The numbers that all payloads are.
    Number,
    /// The objects and lists that all payloads are.
    Object,
}

impl Kind {
    fn of(payloads: &[Option<&Value>]) -> Kind {
        if payloads.is_empty() {
            return Kind::Boolean;
        }
        let all = |kind: Kind| {
            payloads
                .iter()
                .all(|payload| kind.value(*payload, "").is_some())
        };
        if payloads.iter().all(Option::is_none) {
            Kind::Name
        } else if all(Kind::Number) {
            Kind::Number
        } else if all(Kind::Object) {
            Kind::Object
        } else {
            Kind::Text
        }
    }

    fn value(self, payload: Option<&Value>, name: &str) -> Option<Value> {
        let member = |member: &str| payload.and_then(|it| it.get(member)).and_then(text_of);
        let is_of = |kind: &str| member("type").as_deref() == Some(kind);
        let text = member("value").unwrap_or_default();
        match self {
            Kind::Name => Some(name.into()),
            Kind::Text => Some(text.into()),
            Kind::Number if is_of("number") => {
                Number::from_f64(text.parse().ok()?).map(Value::Number)
            }
            Kind::Object if is_of("json") => {
                let value: Value = serde_json::from_str(&text).ok()?;
                (value.is_object() || value.is_array()).then_some(value)
            }
            Kind::Boolean | Kind::Number | Kind::Object => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "boolean",
            Kind::Name | Kind::Text => "string",
            Kind::Number => "number",
            Kind::Object => "object",
        }
    }

    /// What is served without a variant.
    fn nothing(self) -> Value {
        match self {
            Kind::Boolean => false.into(),
            Kind::Name => "disabled".into(),
            Kind::Text => "".into(),
            Kind::Number => 0.into(),
            Kind::Object => json!({}),
        }
    }
}

impl Variants {
    /// The key of the variant that is served while a feature is off.
    pub(super) fn off(&self) -> &'static str {
        if self.kind == Kind::Boolean {
            "off"
        } else {
            "disabled"
        }
    }

    /// The key of the variant that is served where a feature is on and has none.
    pub(super) fn on(&self) -> &'static str {
        if self.kind == Kind::Boolean {
            "on"
        } else {
            "enabled"
        }
    }

    /// The keys of all that mean that the feature is on.
    pub(super) fn all_on(&self) -> Vec<&str> {
        let keys = self.all.iter().map(|variant| variant.key.as_str());
        std::iter::once(self.on()).chain(keys).collect()
    }

    /// The keys of what Unleash calls `name` while the feature is on.
    pub(super) fn named(&self, name: &str) -> Vec<&str> {
        let keys = self
            .all
            .iter()
            .filter(|variant| variant.name == name)
            .map(|it| it.key.as_str());
        keys.chain((name == "disabled").then(|| self.on()))
            .collect()
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind.name()
    }

    pub(super) fn written(&self) -> Map<String, Value> {
        let on = if self.kind == Kind::Boolean {
            true.into()
        } else {
            self.kind.nothing()
        };
        let ends = [
            (self.off().to_owned(), self.kind.nothing()),
            (self.on().to_owned(), on),
        ];
        let variants = self.all.iter().map(|it| (it.key.clone(), it.value.clone()));
        ends.into_iter().chain(variants).collect()
    }

    fn key(&self, variant: &Value) -> &str {
        let name = variant
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let payload = payload(variant);
        let same = |it: &&Variant| it.name == name && it.payload.as_ref() == payload;
        self.all
            .iter()
            .find(same)
            .map_or(self.on(), |it| it.key.as_str())
    }
}

fn payload(variant: &Value) -> Option<&Value> {
    variant.get("payload").filter(|payload| payload.is_object())
}

/// One of several variants, or the only one.
pub(super) struct Choice {
    /// Who gets which whatever the weights say, in order.
    pub(super) overrides: Vec<(Holds, String)>,
    /// For each attribute that is the unit, the split.
    pub(super) splits: Vec<(String, Value)>,
    /// Served to those without a unit.
    pub(super) otherwise: String,
}

/// How one of several variants is chosen.
pub(super) struct Chosen<'c> {
    pub(super) by: &'c str,
    pub(super) salt: &'c str,
    pub(super) has_overrides: bool,
    /// Where the stickiness is said.
    pub(super) path: Path,
}

const MEMBERS: [&str; 5] = ["name", "weight", "stickiness", "payload", "overrides"];

impl Import<'_> {
    /// All variants of a feature, those of its strategies included; `flag` is the key of the flag.
    pub(super) fn variants(
        &mut self,
        members: &Map<String, Value>,
        flag: &str,
        path: &Path,
    ) -> Variants {
        let room = |at: &Path, variants: &[Value]| -> Vec<(Path, Value)> {
            let at = at.clone().join("variants");
            let each = variants.iter().enumerate();
            each.map(|(index, variant)| (at.clone().join(&index.to_string()), variant.clone()))
                .collect()
        };
        let mut found = room(path, list(members, "variants"));
        for (index, strategy) in list(members, "strategies").iter().enumerate() {
            let at = path.clone().join("strategies").join(&index.to_string());
            let variants = strategy
                .as_object()
                .map(|strategy| list(strategy, "variants"));
            found.extend(room(&at, variants.unwrap_or_default()));
        }
        let payloads: Vec<_> = found.iter().map(|(_, variant)| payload(variant)).collect();
        let kind = Kind::of(&payloads);
        let mut variants = Variants {
            kind,
            all: Vec::new(),
        };
        for (at, variant) in &found {
            self.add_variant(variant, &mut variants, flag, at);
        }
        variants
    }

    fn add_variant(&mut self, variant: &Value, into: &mut Variants, flag: &str, path: &Path) {
        if let Some(members) = variant.as_object() {
            self.note_unused("variant", members, &MEMBERS, path);
        }
        let name = variant
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let payload = payload(variant);
        if into
            .all
            .iter()
            .any(|it| it.name == name && it.payload.as_ref() == payload)
        {
            return;
        }
        let is_taken = |key: &str| {
            ["disabled", "enabled"].contains(&key) || into.all.iter().any(|it| it.key == key)
        };
        let key = std::iter::once(key_for(name))
            .chain((2..=u32::MAX).map(|number| key_for(&format!("{name}-{number}"))))
            .find(|key| !is_taken(key))
            .unwrap_or_default();
        if key != name {
            let to = Path::default()
                .join("flags")
                .join(flag)
                .join("variants")
                .join(&key);
            let reason =
                format!("the variant `{name}` is called `{key}`: its name is no key, or taken");
            self.draft.note(path.clone(), Some(to), reason);
        }
        if payload.is_none() && into.kind != Kind::Name {
            self.draft.note_dropped(
                path.clone(),
                "the variant has no payload: its value is empty text",
            );
        }
        let value = into.kind.value(payload, name).unwrap_or_default();
        into.all.push(Variant {
            name: name.to_owned(),
            payload: payload.cloned(),
            key,
            value,
        });
    }

    /// How one of `choices` is chosen, which `variants` has; at `path`.
    pub(super) fn choice(
        &mut self,
        choices: &[Value],
        variants: &Variants,
        chosen: &Chosen<'_>,
        path: &Path,
    ) -> Choice {
        let mut overrides = Vec::new();
        let mut arms: Vec<(&str, u64)> = Vec::new();
        for (index, variant) in choices.iter().enumerate() {
            let at = path.clone().join(&index.to_string());
            let key = variants.key(variant);
            let weight = variant.get("weight").and_then(Value::as_u64);
            if weight.is_none() {
                self.draft.note(
                    at.clone().join("weight"),
                    None,
                    "expected a whole number: it counts as 0",
                );
            }
            arms.push((key, weight.unwrap_or_default()));
            let given = variant
                .as_object()
                .map(|variant| list(variant, "overrides"))
                .unwrap_or_default();
            if chosen.has_overrides {
                overrides.extend(
                    given
                        .iter()
                        .filter_map(overridden)
                        .map(|it| (it, key.to_owned())),
                );
            } else if !given.is_empty() {
                self.draft.note_dropped(
                    at.join("overrides"),
                    "left out: a strategy's variants have none",
                );
            }
        }
        let total: u64 = arms.iter().map(|(_, weight)| weight).sum();
        let heaviest = arms
            .iter()
            .rev()
            .max_by_key(|(_, weight)| weight)
            .filter(|_| total > 0);
        let otherwise = heaviest.map_or(variants.on(), |(key, _)| key).to_owned();
        let is_one = arms
            .iter()
            .all(|(key, weight)| *weight == 0 || *key == otherwise);
        let splits = if is_one {
            Vec::new()
        } else {
            self.variant_splits(&arms, total, chosen)
        };
        Choice {
            overrides,
            splits,
            otherwise,
        }
    }

    fn variant_splits(
        &mut self,
        arms: &[(&str, u64)],
        total: u64,
        chosen: &Chosen<'_>,
    ) -> Vec<(String, Value)> {
        self.everywhere.insert(Everywhere::Chance);
        let by = match chosen.by {
            "random" => {
                let reason = "the same callers get the same variant each time: those of a user id, or else of a session id; \
                              in Unleash it is chance, call by call";
                self.draft.note(chosen.path.clone(), None, reason);
                anybody()
            }
            "default" | "" => anybody(),
            name => vec![attribute(name)],
        };
        // Its servers say weights in thousandths; by the sum of others it divides all the same.
        let hash = if total == 1_000 {
            "unleash-murmur3-variant"
        } else {
            "unleash-murmur3-weights"
        };
        let split = |by: String| {
            let split = json!({
                "split": arms, "by": by, "salt": chosen.salt, "hash": hash,
            });
            (by, split)
        };
        by.into_iter().map(split).collect()
    }
}

/// For whom an override is.
fn overridden(given: &Value) -> Option<Holds> {
    let members = given.as_object()?;
    let name = members.get("contextName").and_then(Value::as_str)?;
    let values: Vec<String> = list(members, "values").iter().filter_map(text_of).collect();
    (!values.is_empty()).then(|| Holds::If(json!({ "attr": attribute(name), "in": values })))
}
