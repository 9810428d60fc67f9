//! What rules and fallthroughs serve: a variation, or a rollout.
//!
//! Source: `LaunchDarkly`'s server-side evaluation: a rollout falls at SHA-1 of `key.salt.unit`, or of `seed.unit`; a
//! context without the unit falls at 0, and what is past the last weight is the last variation's.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::Import;
use super::attribute::{Attribute, locate, steps};
use super::clause::Fault;
use super::source::{Source, items};

/// What is served.
#[derive(Debug)]
pub(super) enum Served {
    /// One variation, by its number.
    Variation(usize),
    Rollout(Rollout),
}

/// Variations divided among units.
#[derive(Debug)]
pub(super) struct Rollout {
    /// As a ruleset says it.
    pub(super) split: Value,
    /// The attribute that is the unit.
    pub(super) by: String,
    /// What must hold for the unit to be one.
    pub(super) guards: Vec<Value>,
    /// The variation of contexts without a unit.
    pub(super) without: usize,
}

const ROLLOUT_MEMBERS: [&str; 6] = [
    "kind",
    "contextKind",
    "bucketBy",
    "variations",
    "seed",
    "experimentAllocation",
];
const ARM_MEMBERS: [&str; 4] = ["variation", "weight", "untracked", "_untracked"];
/// The sum of the weights of a rollout, and the most that counts.
const ALL: f64 = 100_000.0;

impl Import<'_> {
    /// What `holder`, a rule or a fallthrough, serves of a flag whose variants have `names`.
    pub(super) fn served(
        &mut self,
        source: &Source<'_>,
        holder: &Value,
        path: &Path,
        names: &[String],
    ) -> Result<Served, Fault> {
        let malformed = |at: &Path, reason: &str| Fault::Malformed(at.clone(), reason.to_owned());
        if let Some(variation) = holder.get("variation").filter(|it| !it.is_null()) {
            let at = path.clone().join("variation");
            return index(variation, names)
                .map(Served::Variation)
                .ok_or_else(|| malformed(&at, NO_VARIATION));
        }
        let at = path.clone().join("rollout");
        let Some(rollout) = holder.get("rollout").filter(|it| it.is_object()) else {
            return Err(malformed(
                path,
                "it serves neither a variation nor a rollout",
            ));
        };
        let members = rollout
            .as_object()
            .into_iter()
            .flat_map(|it| it.keys().map(String::as_str));
        self.note_unknown(members, &ROLLOUT_MEMBERS, &at);
        let arms = self.arms(rollout, &at, names)?;
        let first = arms
            .iter()
            .find(|(_, weight)| *weight > 0.0)
            .or(arms.last());
        let Some(without) = first.map(|(variation, _)| *variation) else {
            return Err(malformed(&at, "the rollout has no variations"));
        };
        let is_experiment = rollout.get("kind").and_then(Value::as_str) == Some("experiment");
        if is_experiment {
            self.note_dropped(
                at.clone().join("kind"),
                "who is in the experiment is not told: who gets what stays the same",
            );
        }
        let kind = rollout
            .get("contextKind")
            .and_then(Value::as_str)
            .filter(|kind| !kind.is_empty());
        let by = rollout
            .get("bucketBy")
            .and_then(Value::as_str)
            .filter(|_| !is_experiment);
        let by_at = at.clone().join("bucketBy");
        let steps = steps(by.unwrap_or("key"), kind.is_none())
            .map_err(|reason| malformed(&by_at, &reason))?;
        let (by, guards) = match locate(kind.unwrap_or("user"), &steps) {
            Attribute::Nowhere => return Ok(Served::Variation(without)),
            Attribute::Kind => {
                return Err(Fault::Unsayable(
                    by_at,
                    "no split is by the kind of a context".into(),
                ));
            }
            Attribute::At { name, guards } => (name, guards),
        };
        if arms
            .iter()
            .all(|(variation, weight)| *variation == without || *weight == 0.0)
        {
            return Ok(Served::Variation(without));
        }
        self.note_empty_unit(&by, by_at);
        let split: Vec<_> = arms
            .iter()
            .filter_map(|(variation, weight)| Some(json!([names.get(*variation)?, weight])))
            .collect();
        let salt = match rollout.get("seed") {
            Some(Value::Number(seed)) => seed.to_string(),
            _ => format!(
                "{}.{}",
                source.text("key").unwrap_or(source.key),
                source.text("salt").unwrap_or_default()
            ),
        };
        let split = json!({ "split": split, "by": by, "salt": salt, "hash": "launchdarkly-sha1" });
        Ok(Served::Rollout(Rollout {
            split,
            by,
            guards,
            without,
        }))
    }

    /// The variations with the weights that count: as many as fit in 100,000, of which the last has the rest.
    fn arms(
        &mut self,
        rollout: &Value,
        path: &Path,
        names: &[String],
    ) -> Result<Vec<(usize, f64)>, Fault> {
        let listed = rollout
            .get("variations")
            .map(|it| items(it, &path.clone().join("variations")))
            .unwrap_or_default();
        let mut arms: Vec<(usize, f64)> = Vec::new();
        let mut left = ALL;
        let last = listed.len().saturating_sub(1);
        for (number, (at, arm)) in listed.iter().enumerate() {
            let members = arm
                .as_object()
                .into_iter()
                .flat_map(|it| it.keys().map(String::as_str));
            self.note_unknown(members, &ARM_MEMBERS, at);
            let weight = arm.get("weight").and_then(Value::as_f64).unwrap_or(0.0);
            if weight < 0.0 {
                return Err(Fault::Malformed(
                    at.clone().join("weight"),
                    "the weight is below 0".into(),
                ));
            }
            let weight = if number == last {
                left
            } else {
                self.weight(weight, at).min(left)
            };
            left = super::segment::rest_of(ALL - left + weight);
            let variation = arm.get("variation").and_then(|it| index(it, names));
            match variation {
                Some(variation) => arms.push((variation, weight)),
                None if weight == 0.0 => self.note_dropped(at.clone(), "left out: nobody gets it"),
                None => {
                    return Err(Fault::Malformed(
                        at.clone().join("variation"),
                        NO_VARIATION.into(),
                    ));
                }
            }
        }
        Ok(arms)
    }

    /// `weight` as a split can have it: of five decimal places.
    pub(super) fn weight(&mut self, weight: f64, path: &Path) -> f64 {
        let rounded = (weight * ALL).round() / ALL;
        if (rounded - weight).abs() > 0.0 {
            self.note(
                path.clone().join("weight"),
                format!("the weight is {rounded}: it has five decimal places"),
            );
        }
        rounded
    }

    /// Notes that an empty text is no unit; keys are never empty.
    pub(super) fn note_empty_unit(&mut self, by: &str, path: Path) {
        let is_key = by == "targetingKey" || by.starts_with("/kinds/") && by.ends_with("/key");
        if !is_key {
            self.note(
                path,
                "whoever has an empty text there falls where those without the attribute do",
            );
        }
    }
}

pub(super) const NO_VARIATION: &str = "the flag has no such variation";

/// The number of a variation of which there are as many as `names`.
pub(super) fn index(number: &Value, names: &[String]) -> Option<usize> {
    let number = usize::try_from(number.as_u64()?).ok()?;
    (number < names.len()).then_some(number)
}
