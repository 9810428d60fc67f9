//! Flags of variants: rules with distributions.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use super::{Fault, Import, key_of};
use crate::draft::{Room, callers_default, key_for};
use crate::holds::Holds;

const VARIANT_MEMBERS: [&str; 3] = ["key", "attachment", "default"];
const RULE_MEMBERS: [&str; 6] = [
    "segment",
    "segments",
    "operator",
    "segmentOperator",
    "rank",
    "distributions",
];
const DISTRIBUTION_MEMBERS: [&str; 7] = [
    "variant",
    "variantKey",
    "rollout",
    "variantAttachment",
    "ruleId",
    "variantId",
    "id",
];
/// What distributions divide.
const ALL: u32 = 1_000;

/// The variants of a flag.
struct Variants {
    /// Values by name, that of the caller's default among them.
    by_name: Map<String, Value>,
    /// What is attached to them, where that is an object or a list.
    attached: Map<String, Value>,
    /// Served where there is no other.
    default: String,
}

impl Import {
    /// Keeps the flag that is called `name` there and `key` here.
    pub(super) fn variant(
        &mut self,
        name: &str,
        key: &str,
        flag: &Value,
        is_enabled: bool,
        path: &Path,
    ) -> Result<(), Fault> {
        let variants = self.variants(flag, path)?;
        let at = path.clone().join("rules");
        let rules = match flag.get("rules") {
            None | Some(Value::Null) => &[],
            Some(rules) => rules
                .as_array()
                .ok_or_else(|| (at.clone(), "expected a list".to_owned()))?
                .as_slice(),
        };
        let mut written: Vec<Value> = Vec::new();
        let mut default = json!(variants.default);
        let mut is_decided = false;
        for (index, rule) in rules.iter().enumerate() {
            let at = at.clone().join(&index.to_string());
            if is_decided {
                self.draft
                    .note_dropped(at, "left out: a rule before it takes everybody");
                continue;
            }
            if let Some(members) = rule.as_object() {
                self.note_members(members, &RULE_MEMBERS, &at);
            }
            let holds = self.matched(rule, &at)?;
            let serve = self.distributions(name, rule, &variants, &at)?;
            match holds {
                Holds::Never => self.draft.note_dropped(at, "left out: it takes nobody"),
                Holds::If(when) => written.push(json!({ "when": when, "serve": serve })),
                Holds::Always => {
                    default = serve;
                    is_decided = true;
                }
            }
        }
        if !variants.attached.is_empty() {
            self.attachments(key, &variants, is_enabled, path);
        }
        let flag = json!({
            "type": "string",
            "variants": variants.by_name,
            "enabled": is_enabled,
            "offVariant": variants.default,
            "rules": written,
            "default": default,
        });
        self.draft
            .keep(Room::Flags, key.to_owned(), path.clone(), flag);
        Ok(())
    }

    fn variants(&mut self, flag: &Value, path: &Path) -> Result<Variants, Fault> {
        let at = path.clone().join("variants");
        let listed = match flag.get("variants") {
            None | Some(Value::Null) => &[],
            Some(listed) => listed
                .as_array()
                .ok_or_else(|| (at.clone(), "expected a list".to_owned()))?
                .as_slice(),
        };
        let mut variants = Variants {
            by_name: Map::new(),
            attached: Map::new(),
            default: String::new(),
        };
        let mut default = None;
        for (index, variant) in listed.iter().enumerate() {
            let at = at.clone().join(&index.to_string());
            let key = key_of(variant)
                .ok_or_else(|| (at.clone().join("key"), "expected a text".to_owned()))?;
            if let Some(members) = variant.as_object() {
                self.note_members(members, &VARIANT_MEMBERS, &at);
            }
            self.add(&mut variants, key, variant.get("attachment"), &at);
            if variant.get("default").and_then(Value::as_bool) == Some(true) {
                default = Some(key_for(key));
            }
        }
        if let Some((variant, key)) = flag
            .get("defaultVariant")
            .and_then(|it| Some((it, key_of(it)?)))
        {
            self.add(
                &mut variants,
                key,
                variant.get("attachment"),
                &path.clone().join("defaultVariant"),
            );
            default = Some(key_for(key));
        }
        // A snapshot lists no variants: its distributions name them.
        let rules = flag.get("rules").and_then(Value::as_array);
        for (index, rule) in rules.into_iter().flatten().enumerate() {
            let at = path.clone().join("rules").join(&index.to_string());
            let distributions = rule.get("distributions").and_then(Value::as_array);
            for (index, distribution) in distributions.into_iter().flatten().enumerate() {
                let at = at.clone().join("distributions").join(&index.to_string());
                if let Some(key) = variant_of(distribution) {
                    self.add(
                        &mut variants,
                        key,
                        distribution.get("variantAttachment"),
                        &at,
                    );
                }
            }
        }
        let callers_default = callers_default(&variants.by_name);
        variants
            .by_name
            .insert(callers_default.clone(), Value::Null);
        variants.default = default.unwrap_or(callers_default);
        Ok(variants)
    }

    /// Adds a variant that is named somewhere; a snapshot lists none.
    fn add(&mut self, variants: &mut Variants, key: &str, attachment: Option<&Value>, path: &Path) {
        let name = key_for(key);
        if name != key && !variants.by_name.contains_key(&name) {
            let why = format!("`{key}` cannot be the name of a variant: it is called `{name}`");
            self.draft.note_dropped(path.clone(), why);
        }
        variants.by_name.insert(name.clone(), key.into());
        let attached = match attachment {
            None | Some(Value::Null) => return,
            Some(Value::String(text)) if text.is_empty() => return,
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            Some(value) => value.clone(),
        };
        if attached.is_object() || attached.is_array() {
            variants.attached.insert(name, attached);
        } else {
            let why = "left out: what is attached is neither an object nor a list";
            self.draft.note(path.clone().join("attachment"), None, why);
        }
    }

    /// What a rule serves: each variant to a part of a thousand, and the default to what is left.
    fn distributions(
        &mut self,
        salt: &str,
        rule: &Value,
        variants: &Variants,
        path: &Path,
    ) -> Result<Value, Fault> {
        let path = path.clone().join("distributions");
        let listed = match rule.get("distributions") {
            None | Some(Value::Null) => &[],
            Some(listed) => listed
                .as_array()
                .ok_or_else(|| (path.clone(), "expected a list".to_owned()))?
                .as_slice(),
        };
        let mut arms: Vec<(String, u32)> = Vec::new();
        let mut rest = ALL;
        let mut is_beyond = false;
        for (index, distribution) in listed.iter().enumerate() {
            let at = path.clone().join(&index.to_string());
            if let Some(members) = distribution.as_object() {
                self.note_members(members, &DISTRIBUTION_MEMBERS, &at);
            }
            let key = distribution
                .get("variant")
                .or_else(|| distribution.get("variantKey"));
            let key = key.and_then(Value::as_str);
            let key =
                key.ok_or_else(|| (at.clone(), "expected the key of a variant".to_owned()))?;
            let rollout = distribution
                .get("rollout")
                .and_then(Value::as_f64)
                .unwrap_or_default();
            // Flipt reckons with 32 bits, and cuts off.
            let share = (rollout as f32 * 10.0).clamp(0.0, 1_000.0) as u32;
            is_beyond |= share > rest;
            let share = share.min(rest);
            rest = rest.saturating_sub(share);
            if share == 0 {
                self.draft.note_dropped(at, "nobody is left for it");
            } else {
                arms.push((key_for(key), share));
            }
        }
        if is_beyond || rest > 0 && !listed.is_empty() {
            let why = "the shares do not add up to 100: what is left gets the default, as in Flipt's server; its clients share it out";
            self.draft.note(path, None, why);
        }
        if rest > 0 {
            arms.push((variants.default.clone(), rest));
        }
        Ok(match arms.as_slice() {
            [(variant, _)] => variant.as_str().into(),
            _ => json!({ "split": arms, "salt": salt, "hash": "flipt-crc32" }),
        })
    }

    /// Keeps a flag that serves what is attached to the variant that the flag `key` serves.
    fn attachments(&mut self, key: &str, variants: &Variants, is_enabled: bool, path: &Path) {
        let made = self.new_key(&format!("{key}.attachment"));
        let mut values = variants.attached.clone();
        let none = callers_default(&values);
        let serve =
            |name: &String| json!({ "when": { "flag": key, "variant": [name] }, "serve": name });
        let rules: Vec<Value> = values.keys().map(serve).collect();
        let off = values.get_key_value(&variants.default);
        let off = off.map_or(&none, |(name, _)| name).clone();
        values.insert(none.clone(), Value::Null);
        let flag = json!({
            "description": format!("What is attached to the variant that {key} serves."),
            "type": "object", "variants": values, "enabled": is_enabled, "offVariant": off, "rules": rules, "default": none,
        });
        let to = Path::default().join("flags").join(&made);
        self.draft.note_kept(
            path.clone(),
            to,
            "a flag of its own serves what is attached to its variants: enable and disable both",
        );
        self.draft.keep(Room::Flags, made, path.clone(), flag);
    }
}

fn variant_of(distribution: &Value) -> Option<&str> {
    let key = distribution
        .get("variant")
        .or_else(|| distribution.get("variantKey"));
    key.and_then(Value::as_str)
}
