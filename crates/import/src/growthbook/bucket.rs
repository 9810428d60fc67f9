//! Who is in which variation.
//!
//! Source: `hash`, `getBucketRanges`, `chooseVariation` and `inNamespace` in `GrowthBook`'s guide to building an SDK.

use serde_json::{Value, json};

/// How a unit comes to its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hash {
    /// The attribute that is hashed.
    pub(super) by: String,
    pub(super) salt: String,
    pub(super) version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Version {
    One,
    Two,
}

/// From a place, which is in it, to another, which is not; of 0 to 1.
pub(super) type Range = (f64, f64);

/// Neighbouring places of the same outcome, and how many they are.
pub(super) type Shares<T> = Vec<(T, u64)>;

impl Version {
    /// `None` for those that `GrowthBook` does not know: nobody is in what they hash.
    pub(super) fn of(member: Option<&Value>, otherwise: Version) -> Option<Version> {
        match member {
            Some(Value::Number(number)) if number.as_f64() == Some(1.0) => Some(Version::One),
            Some(Value::Number(number)) if number.as_f64() == Some(2.0) => Some(Version::Two),
            Some(member) if super::javascript::is_truthy(member) => None,
            _ => Some(otherwise),
        }
    }

    fn places(self) -> u32 {
        match self {
            Version::One => 1_000,
            Version::Two => 10_000,
        }
    }
}

impl Hash {
    /// What each of all places leads to.
    pub(super) fn shares<T: PartialEq>(&self, outcome: impl Fn(f64) -> T) -> Shares<T> {
        let places = self.version.places();
        let mut shares: Shares<T> = Vec::new();
        for place in 0..places {
            let found = outcome(f64::from(place) / f64::from(places));
            match shares.last_mut() {
                Some((last, count)) if *last == found => *count = count.saturating_add(1),
                _ => shares.push((found, 1)),
            }
        }
        shares
    }

    /// A split; in hundreds where all shares are whole ones.
    pub(super) fn split(&self, shares: &Shares<String>) -> Value {
        let percent = u64::from(self.version.places()) / 100;
        let is_whole = shares
            .iter()
            .all(|(_, count)| count.is_multiple_of(percent));
        let unit = if is_whole { percent } else { 1 };
        let arm = |(variant, count): &(String, u64)| {
            json!([variant, count.checked_div(unit).unwrap_or_default()])
        };
        let arms: Vec<Value> = shares.iter().map(arm).collect();
        let recipe = match self.version {
            Version::One => "growthbook-fnv1a-v1",
            Version::Two => "growthbook-fnv1a-v2",
        };
        let by = super::condition::Steps::top(&self.by).to_string();
        json!({ "split": arms, "by": by, "salt": self.salt, "hash": recipe })
    }
}

pub(super) fn is_within(place: f64, (from, to): Range) -> bool {
    place >= from && place < to
}

/// `[0, 0.5]`.
pub(super) fn range(value: &Value) -> Option<Range> {
    match value.as_array()?.as_slice() {
        [from, to, ..] => Some((from.as_f64()?, to.as_f64()?)),
        _ => None,
    }
}

/// `[[0, 0.5], [0.5, 1]]`.
pub(super) fn ranges(value: &Value) -> Option<Vec<Range>> {
    value.as_array()?.iter().map(range).collect()
}

/// The ranges of so many variations: as wide as their weights, of which `coverage` is taken.
pub(super) fn of_weights(variations: usize, coverage: f64, weights: Option<&[f64]>) -> Vec<Range> {
    let coverage = coverage.clamp(0.0, 1.0);
    let total: f64 = weights.unwrap_or_default().iter().sum();
    let equal = vec![1.0 / variations as f64; variations];
    let weights = weights.filter(|it| it.len() == variations && (0.99..=1.01).contains(&total));
    let mut end = 0.0;
    let mut range = |weight: &f64| {
        let start = end;
        end += weight;
        (start, start + coverage * weight)
    };
    weights.unwrap_or(&equal).iter().map(&mut range).collect()
}

/// Neighbours of the same outcome, as one.
pub(super) fn merged(shares: impl Iterator<Item = (String, u64)>) -> Shares<String> {
    let mut all: Shares<String> = Vec::new();
    for (outcome, share) in shares {
        match all.last_mut() {
            Some((last, count)) if *last == outcome => *count = count.saturating_add(share),
            _ => all.push((outcome, share)),
        }
    }
    all
}
