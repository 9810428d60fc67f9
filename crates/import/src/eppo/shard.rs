//! Splits, which take the subjects that fall into all of their shards.
//!
//! A split of ours divides all units by one salt. Where those of an allocation need more than one salt, or leave units to
//! the allocations after it, a helper flag for each shard says who is in it, and a rule requires it.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::variations::Variations;
use super::{Fault, Import};
use crate::draft::Room;
use crate::holds::Holds;

/// How many shards there are.
pub(super) const ALL: u32 = 10_000;

/// Those subjects whose position by a salt is in one of some ranges: in order, apart from each other, not empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shard {
    salt: String,
    ranges: Vec<(u32, u32)>,
}

/// Some of the subjects of an allocation, and what they get.
pub(super) struct Branch {
    pub(super) holds: Holds,
    pub(super) serve: Value,
}

/// A split: its shards, each of another salt, and its variant.
struct Split {
    shards: Vec<Shard>,
    variant: String,
}

/// Who gets what by one salt: how many positions, and the variant; `None` is for other allocations.
type Pieces = Vec<(u32, Option<String>)>;

const MEMBERS: [&str; 3] = ["shards", "variationKey", "extraLogging"];

impl Import {
    /// Reads the splits of the allocation that is called `label`: the first that a subject falls into takes it.
    pub(super) fn splits(
        &mut self,
        label: &str,
        splits: &Value,
        variations: &Variations,
        is_last: bool,
        path: &Path,
    ) -> Result<Vec<Branch>, Fault> {
        let splits = self.read(splits, variations, path)?;
        let Some(first) = splits.first() else {
            return Ok(Vec::new());
        };
        let is_common = |shard: &Shard| splits.iter().all(|it| it.shards.contains(shard));
        let common: Vec<Shard> = first
            .shards
            .iter()
            .filter(|it| is_common(it))
            .cloned()
            .collect();
        let others = |split: &Split| -> Vec<Shard> {
            split
                .shards
                .iter()
                .filter(|it| !common.contains(it))
                .cloned()
                .collect()
        };
        let rest: Vec<Split> = splits
            .iter()
            .map(|split| Split {
                shards: others(split),
                variant: split.variant.clone(),
            })
            .collect();
        // What they share can be what divides them: a single split has nothing else.
        let (common, rest) = match common.as_slice() {
            [_] if is_last && rest.iter().all(|it| it.shards.is_empty()) => (Vec::new(), splits),
            _ => (common, rest),
        };
        let common = self.all(label, &common, path);
        let Some(salt) = only_salt(&rest) else {
            let branch = |split: &Split| Branch {
                holds: Holds::all([common.clone(), self.all(label, &split.shards, path)]),
                serve: split.variant.as_str().into(),
            };
            return Ok(rest.iter().map(branch).collect());
        };
        let mut pieces = divide(&rest);
        let mut covered = Holds::Always;
        if pieces.iter().any(|(_, variant)| variant.is_none()) {
            if is_last {
                for (_, variant) in &mut pieces {
                    variant.get_or_insert_with(|| variations.callers_default().to_owned());
                }
            } else {
                let shard = Shard {
                    salt: salt.to_owned(),
                    ranges: ranges(&pieces),
                };
                covered = self.all(label, &[shard], path);
            }
        }
        let serve = serve(&pieces, salt);
        if serve.is_string() && covered == Holds::Always {
            self.draft
                .note_dropped(path.clone(), "left out: they give the same to all subjects");
        }
        Ok(vec![Branch {
            holds: Holds::all([common, covered]),
            serve,
        }])
    }

    /// The splits that subjects can fall into.
    fn read(
        &mut self,
        splits: &Value,
        variations: &Variations,
        path: &Path,
    ) -> Result<Vec<Split>, Fault> {
        let splits = splits
            .as_array()
            .ok_or_else(|| (path.clone(), "expected a list".to_owned()))?;
        let mut kept: Vec<Split> = Vec::new();
        for (index, split) in splits.iter().enumerate() {
            let at = path.clone().join(&index.to_string());
            if let Some(members) = split.as_object() {
                self.note_members(members, &MEMBERS, &at);
            }
            if split
                .get("extraLogging")
                .is_some_and(|it| it.as_object().is_none_or(|it| !it.is_empty()))
            {
                let why = "left out: an answer tells its variant and rule, nothing else";
                self.draft
                    .note_dropped(at.clone().join("extraLogging"), why);
            }
            let key = split.get("variationKey").and_then(Value::as_str);
            let key = key.ok_or_else(|| {
                (
                    at.clone().join("variationKey"),
                    "expected a text".to_owned(),
                )
            })?;
            let shards = self.shards(split, &at)?;
            if kept.last().is_some_and(|before| before.shards.is_empty()) {
                self.draft
                    .note_dropped(at, "left out: a split before it takes all subjects");
            } else if let Some(shards) = shards {
                kept.push(Split {
                    shards,
                    variant: variations.named(key).to_owned(),
                });
            } else {
                self.draft
                    .note_dropped(at, "left out: its shards take no subject");
            }
        }
        Ok(kept)
    }

    /// The shards of a split that do not take everybody; `None` where they take nobody.
    fn shards(&mut self, split: &Value, path: &Path) -> Result<Option<Vec<Shard>>, Fault> {
        let path = path.clone().join("shards");
        let expected = |path: &Path, what: &str| (path.clone(), format!("expected {what}"));
        let shards = split.get("shards").and_then(Value::as_array);
        let mut read: Vec<Shard> = Vec::new();
        for (index, shard) in shards
            .ok_or_else(|| expected(&path, "a list"))?
            .iter()
            .enumerate()
        {
            let at = path.clone().join(&index.to_string());
            let salt = shard.get("salt").and_then(Value::as_str);
            let salt = salt.ok_or_else(|| expected(&at.clone().join("salt"), "a text"))?;
            let ranges = shard.get("ranges").and_then(Value::as_array);
            let ranges = ranges.ok_or_else(|| expected(&at.clone().join("ranges"), "a list"))?;
            let end = |range: &Value, name: &str| range.get(name).and_then(Value::as_u64);
            let pair = |range: &Value| Some((end(range, "start")?, end(range, "end")?));
            let ranges: Option<Vec<_>> = ranges.iter().map(pair).collect();
            let ranges =
                ranges.ok_or_else(|| expected(&at, "ranges with a whole `start` and `end`"))?;
            let mut shard = Shard {
                salt: salt.to_owned(),
                ranges: normal(&ranges),
            };
            if shard.ranges == [(0, ALL)] {
                self.draft
                    .note_dropped(at, "left out: it takes all subjects");
                continue;
            }
            // Two of one salt are one of those who are in both.
            if let Some(before) = read.iter().position(|it| it.salt == shard.salt) {
                shard.ranges = both(&read.remove(before).ranges, &shard.ranges);
            }
            read.push(shard);
        }
        let is_nobody = read.iter().any(|it| it.ranges.is_empty());
        read.sort();
        Ok((!is_nobody).then_some(read))
    }

    /// Where a subject is in all of `shards`.
    fn all(&mut self, label: &str, shards: &[Shard], path: &Path) -> Holds {
        let held = shards.iter().map(|shard| {
            let helper = self.helper(label, shard, path);
            Holds::If(json!({ "flag": helper, "variant": ["in"] }))
        });
        let held: Vec<_> = held.collect();
        Holds::all(held)
    }

    /// The flag that says who is in `shard`.
    fn helper(&mut self, label: &str, shard: &Shard, path: &Path) -> String {
        if let Some(key) = self.helpers.get(shard) {
            return key.clone();
        }
        let is_fine = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
        let look = label
            .chars()
            .map(|it| if is_fine(it) { it } else { '_' })
            .take(100);
        let look: String = look.collect();
        let mut number = 1_u32;
        let mut key = format!("{look}.shard-{number}");
        while !self.taken.insert(key.clone()) {
            number = number.saturating_add(1);
            key = format!("{look}.shard-{number}");
        }
        let whole: Pieces = divide(&[Split {
            shards: vec![shard.clone()],
            variant: "in".to_owned(),
        }]);
        let named = |variant: Option<String>| variant.unwrap_or_else(|| "out".to_owned());
        let pieces: Pieces = whole
            .into_iter()
            .map(|(length, it)| (length, Some(named(it))))
            .collect();
        let flag = json!({
            "description": format!("Who is in a shard of {label}, by the salt {}; other flags ask it.", shard.salt),
            "type": "boolean",
            "variants": { "in": true, "out": false },
            "offVariant": "out",
            "track": false,
            "default": serve(&pieces, &shard.salt),
        });
        self.draft
            .keep(Room::Flags, key.clone(), path.clone(), flag);
        let to = Path::default().join("flags").join(&key);
        self.draft
            .note_kept(path.clone(), to, "a flag of its own says who is in a shard");
        self.helpers.insert(shard.clone(), key.clone());
        key
    }
}

/// In order and apart from each other.
fn normal(ranges: &[(u64, u64)]) -> Vec<(u32, u32)> {
    let clip = |it: u64| u32::try_from(it).unwrap_or(ALL).min(ALL);
    let mut clipped: Vec<_> = ranges
        .iter()
        .map(|(start, end)| (clip(*start), clip(*end)))
        .collect();
    clipped.retain(|(start, end)| start < end);
    clipped.sort_unstable();
    let mut joined: Vec<(u32, u32)> = Vec::new();
    for (start, end) in clipped {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// What is in a range of each.
fn both(one: &[(u32, u32)], other: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let pairs = one
        .iter()
        .flat_map(|a| other.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
    pairs.filter(|(start, end)| start < end).collect()
}

/// The salt by which all of `splits` divide subjects; `None` where there is more than one, or none.
fn only_salt(splits: &[Split]) -> Option<&str> {
    let mut shards = splits.iter().flat_map(|split| &split.shards);
    let salt = shards.next()?.salt.as_str();
    shards.all(|it| it.salt == salt).then_some(salt)
}

/// Who gets what of `splits`, which have one salt: the first takes a position.
fn divide(splits: &[Split]) -> Pieces {
    let ranges = |split: &Split| match split.shards.as_slice() {
        [] => vec![(0, ALL)],
        shards => shards.iter().flat_map(|it| it.ranges.clone()).collect(),
    };
    let all: Vec<(Vec<(u32, u32)>, &str)> = splits
        .iter()
        .map(|it| (ranges(it), it.variant.as_str()))
        .collect();
    let ends = all
        .iter()
        .flat_map(|(ranges, _)| ranges)
        .flat_map(|(start, end)| [*start, *end]);
    let mut bounds: Vec<u32> = ends.chain([0, ALL]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let mut pieces: Pieces = Vec::new();
    for (start, end) in bounds.iter().zip(bounds.iter().skip(1)) {
        let takes = |(ranges, _): &&(Vec<(u32, u32)>, &str)| {
            ranges.iter().any(|it| it.0 <= *start && *start < it.1)
        };
        let variant = all
            .iter()
            .find(takes)
            .map(|(_, variant)| (*variant).to_owned());
        let length = end.saturating_sub(*start);
        match pieces.last_mut() {
            Some(last) if last.1 == variant => last.0 = last.0.saturating_add(length),
            _ => pieces.push((length, variant)),
        }
    }
    pieces
}

/// Where `pieces` have a variant.
fn ranges(pieces: &Pieces) -> Vec<(u32, u32)> {
    let mut ranges = Vec::new();
    let mut start = 0_u32;
    for (length, variant) in pieces {
        let end = start.saturating_add(*length);
        if variant.is_some() {
            ranges.push((u64::from(start), u64::from(end)));
        }
        start = end;
    }
    normal(&ranges)
}

/// What serves `pieces`; those without a variant are asked of nobody, and are given to a neighbour.
fn serve(pieces: &Pieces, salt: &str) -> Value {
    let mut arms: Vec<(String, u32)> = Vec::new();
    let mut before = 0_u32;
    for (length, variant) in pieces {
        match (arms.last_mut(), variant) {
            (Some((last, weight)), variant) if variant.as_ref().is_none_or(|it| it == last) => {
                *weight = weight.saturating_add(*length);
            }
            (_, Some(variant)) => {
                let weight = length.saturating_add(std::mem::take(&mut before));
                arms.push((variant.clone(), weight));
            }
            (_, None) => before = *length,
        }
    }
    match arms.as_slice() {
        [(variant, _)] => variant.as_str().into(),
        _ => json!({ "split": arms, "salt": salt, "hash": "eppo-md5" }),
    }
}
