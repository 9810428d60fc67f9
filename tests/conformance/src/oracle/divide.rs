//! Splits and releases: where a unit falls, and what it is served there.

use md5::compute as md5;
use murmur3::murmur3_32;
use serde_json::Value;
use sha1_smol::Sha1;
use twox_hash::XxHash64;

use super::test::float;
use super::{Answer, Asked, items, string};
use crate::context::look_up;

/// All positions.
const ALL: u64 = 1 << 32;

impl Asked<'_> {
    /// What a split or a release serves to this unit; `None` without a unit.
    pub(super) fn divide(&self, key: &str, serve: &Value) -> Option<Answer> {
        if let Some(name) = serve.get("release") {
            return self.release(&string(name));
        }
        let salt = serve.get("salt").map_or_else(|| key.to_owned(), string);
        let exposure = serve.get("exposure").map_or(PLACES, parts);
        let weights: Vec<u128> = items(&serve["split"])
            .iter()
            .map(|part| parts(&part[1]))
            .collect();
        let total: u128 = weights.iter().sum();
        let whole = u64::try_from(total / PLACES).unwrap_or_default().max(1);
        let position = u128::from(self.position(&salt, serve, whole)?);
        let (mut sum, mut start) = (0, 0);
        for (part, weight) in items(&serve["split"]).iter().zip(weights) {
            sum += weight;
            let end = (sum << 32) / total;
            if position < end {
                let is_exposed = position < start + exposure * (end - start) / PLACES;
                let variant = if is_exposed { &part[0] } else { &serve["rest"] };
                return Some(Answer::of(variant, "SPLIT"));
            }
            start = end;
        }
        None
    }

    fn release(&self, name: &str) -> Option<Answer> {
        let release = &self.ruleset["releases"][name];
        let position = self.position(&format!("release:{name}"), release, ALL)?;
        let Some(started) = self.case.started.iter().find(|one| one.release == name) else {
            return Some(Answer::of(&release["from"], "SPLIT"));
        };
        let live = (started.exposure * ALL as f64).floor() as u64;
        let stages = items(&release["stages"]);
        let current = stages
            .iter()
            .position(|stage| stage["name"] == *started.stage)?;
        // The first audience that the unit is in decides, else how far the ramp for everybody has come.
        let audience = stages[..=current].iter().position(|stage| {
            stage
                .get("audience")
                .is_some_and(|audience| self.holds(audience))
        });
        let (exposed, is_compared) = match audience {
            Some(number) => match stages[number].get("percent") {
                None => (ALL, false),
                Some(_) if number == current => (live, true),
                Some(percent) => (share(percent), false),
            },
            None if stages[current].get("audience").is_none() => (live, true),
            None => {
                let ramp = stages[..current]
                    .iter()
                    .filter(|stage| stage.get("audience").is_none());
                (
                    ramp.map(|stage| share(&stage["percent"]))
                        .max()
                        .unwrap_or(0),
                    false,
                )
            }
        };
        let compared = exposed.min(ALL - exposed);
        let side = if position < exposed { "to" } else { "from" };
        Some(Answer {
            stage: Some(started.stage.clone()),
            arm: match position {
                _ if !is_compared => None,
                low if low < compared => Some("treated"),
                high if high >= ALL - compared => Some("control"),
                _ => None,
            },
            ..Answer::of(&release[side], "SPLIT")
        })
    }

    /// Where the unit of a split or a release falls; the weights of a split add up to `total`.
    fn position(&self, salt: &str, divided: &Value, total: u64) -> Option<u64> {
        let by = divided
            .get("by")
            .map_or_else(|| "targetingKey".to_owned(), string);
        let unit = unit(look_up(&self.case.context, &by)?)?;
        Some(position_of(total, &string(&divided["hash"]), salt, &unit))
    }
}

/// Where `unit` falls under `salt` by one vendor's recipe, or by ours, in a split whose weights add up to all positions.
#[must_use]
pub fn position(recipe: &str, salt: &str, unit: &str) -> u64 {
    position_of(ALL, recipe, salt, unit)
}

fn position_of(total: u64, recipe: &str, salt: &str, unit: &str) -> u64 {
    let murmur = |text: String, seed| murmur3_32(&mut text.as_bytes(), seed).unwrap_or_default();
    let of = |hash: u32, buckets: u64| {
        let share = u128::from(u64::from(hash) % buckets) * u128::from(ALL) / u128::from(buckets);
        share as u64
    };
    match recipe {
        "launchdarkly-sha1" => {
            let digest = Sha1::from(format!("{salt}.{unit}")).digest().to_string();
            u64::from_str_radix(&digest[..15], 16).unwrap_or_default() >> 28
        }
        "eppo-md5" => {
            let [a, b, c, d, ..] = *md5(format!("{salt}-{unit}"));
            of(u32::from_be_bytes([a, b, c, d]), 10_000)
        }
        "flipt-crc32" => of(crc32fast::hash(format!("{salt}{unit}").as_bytes()), 1000),
        "flipt-crc32-threshold" => of(crc32fast::hash(format!("{unit}{salt}").as_bytes()), 100),
        "unleash-murmur3" => of(murmur(format!("{salt}:{unit}"), 0), 100),
        "unleash-murmur3-variant" => of(murmur(format!("{salt}:{unit}"), 86_028_157), 1000),
        "unleash-murmur3-weights" => of(murmur(format!("{salt}:{unit}"), 86_028_157), total),
        "growthbook-fnv1a-v1" => of(fnv1a(&format!("{unit}{salt}")), 1000),
        "growthbook-fnv1a-v2" => {
            let first = fnv1a(&format!("{salt}{unit}"));
            of(fnv1a(&first.to_string()), 10_000)
        }
        "flagd-murmur3-v1" => {
            let hash = murmur(format!("{salt}{unit}"), 0).cast_signed();
            (u64::from(hash.unsigned_abs()) * 2).min(ALL - 1)
        }
        "flagd-murmur3-v2" => u64::from(murmur(format!("{salt}{unit}"), 0)),
        _ => {
            let seed = XxHash64::oneshot(0, salt.as_bytes());
            XxHash64::oneshot(seed, unit.as_bytes()) >> 32
        }
    }
}

fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Weights, exposures and percents have at most five decimal places.
const PLACES: u128 = 100_000;

fn parts(number: &Value) -> u128 {
    (number.as_f64().unwrap_or_default() * 100_000.0).round() as u128
}

/// So many percent of all positions.
fn share(percent: &Value) -> u64 {
    (parts(percent) * u128::from(ALL) / (PLACES * 100)) as u64
}

/// A text that is not empty, or an integer that a double holds exactly.
fn unit(value: &Value) -> Option<String> {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    match value {
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Number(number) => {
            let number = float(number);
            (number.abs() <= LARGEST && number.trunc().total_cmp(&number).is_eq())
                .then(|| format!("{number:.0}"))
        }
        _ => None,
    }
}
