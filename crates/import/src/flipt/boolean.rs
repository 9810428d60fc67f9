//! Boolean flags: rollouts, tried in order.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::{Fault, Import};
use crate::draft::Room;
use crate::holds::Holds;

const ROLLOUT_MEMBERS: [&str; 4] = ["type", "rank", "segment", "threshold"];
const THRESHOLD_MEMBERS: [&str; 2] = ["percentage", "value"];
const SEGMENT_MEMBERS: [&str; 6] = [
    "key",
    "keys",
    "segments",
    "operator",
    "segmentOperator",
    "value",
];

impl Import {
    /// The flag that is called `name` there and `key` here.
    pub(super) fn boolean(
        &mut self,
        name: &str,
        key: &str,
        flag: &Value,
        is_enabled: bool,
        path: &Path,
    ) -> Result<Value, Fault> {
        let path = path.clone().join("rollouts");
        let rollouts = match flag.get("rollouts") {
            None | Some(Value::Null) => &[],
            Some(rollouts) => rollouts
                .as_array()
                .ok_or_else(|| (path.clone(), "expected a list".to_owned()))?
                .as_slice(),
        };
        let mut rules: Vec<Value> = Vec::new();
        let mut default = json!(is_enabled.to_string());
        let mut is_decided = false;
        for (index, rollout) in rollouts.iter().enumerate() {
            let at = path.clone().join(&index.to_string());
            if is_decided {
                self.draft
                    .note_dropped(at, "left out: a rollout before it takes everybody");
                continue;
            }
            if let Some(members) = rollout.as_object() {
                self.note_members(members, &ROLLOUT_MEMBERS, &at);
            }
            for (name, known) in [
                ("threshold", &THRESHOLD_MEMBERS[..]),
                ("segment", &SEGMENT_MEMBERS[..]),
            ] {
                if let Some(members) = rollout.get(name).and_then(Value::as_object) {
                    self.note_members(members, known, &at.clone().join(name));
                }
            }
            let (holds, serve) =
                if let Some(threshold) = rollout.get("threshold").filter(|it| !it.is_null()) {
                    let percentage = threshold
                        .get("percentage")
                        .and_then(Value::as_f64)
                        .unwrap_or_default();
                    let value = threshold
                        .get("value")
                        .and_then(Value::as_bool)
                        .unwrap_or_default();
                    // A place is one of a hundred, and is below a threshold or not.
                    let below = percentage.clamp(0.0, 100.0).ceil() as u32;
                    let is_last = index.saturating_add(1) == rollouts.len();
                    if is_last && (1..100).contains(&below) && value != is_enabled {
                        default = split(&value.to_string(), below, &is_enabled.to_string(), name);
                        continue;
                    }
                    (self.below(name, key, below, &at), value)
                } else if let Some(segment) = rollout.get("segment").filter(|it| !it.is_null()) {
                    let value = segment
                        .get("value")
                        .and_then(Value::as_bool)
                        .unwrap_or_default();
                    (self.matched(segment, &at.clone().join("segment"))?, value)
                } else {
                    self.draft.note(
                        at,
                        None,
                        "left out: it has neither a segment nor a threshold",
                    );
                    continue;
                };
            let serve = json!(serve.to_string());
            match holds {
                Holds::Never => self.draft.note_dropped(at, "left out: it takes nobody"),
                Holds::If(when) => rules.push(json!({ "when": when, "serve": serve })),
                Holds::Always => {
                    default = serve;
                    is_decided = true;
                }
            }
        }
        Ok(json!({
            "type": "boolean",
            "variants": { "true": true, "false": false },
            "offVariant": is_enabled.to_string(),
            "rules": rules,
            "default": default,
        }))
    }

    /// Where an entity is among the first `below` of a hundred: a flag of its own says so, as rules have no splits that
    /// leave units to the rules after them.
    fn below(&mut self, name: &str, key: &str, below: u32, path: &Path) -> Holds {
        match below {
            0 => return Holds::Never,
            100.. => return Holds::Always,
            _ => {}
        }
        let helper = self.new_key(&format!("{key}.threshold-{below}"));
        let written = json!({
            "description": format!("Who is below a threshold of {key}; that flag asks it."),
            "type": "boolean",
            "variants": { "in": true, "out": false },
            "offVariant": "out",
            "default": split("in", below, "out", name),
        });
        self.draft
            .keep(Room::Flags, helper.clone(), path.clone(), written);
        let to = Path::default().join("flags").join(&helper);
        self.draft.note_kept(
            path.clone(),
            to,
            "a flag of its own says who is below the threshold",
        );
        Holds::If(json!({ "flag": helper, "variant": ["in"] }))
    }
}

/// `variant` for the first `below` of a hundred.
fn split(variant: &str, below: u32, other: &str, salt: &str) -> Value {
    let rest = 100_u32.saturating_sub(below);
    json!({ "split": [[variant, below], [other, rest]], "salt": salt, "hash": "flipt-crc32-threshold" })
}
