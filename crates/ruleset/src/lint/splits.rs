//! Splits that do not divide, and rollouts that go together without being meant to.

use std::collections::{BTreeMap, BTreeSet};

use vexil_core::Recipe;

use super::flags::shares;
use super::{Finding, Lint, place};
use crate::key::FlagKey;
use crate::model::{Flag, Ruleset, Serve, Split};
use crate::path::Path;

/// Every split, with the flag it is of and its place.
fn splits(ruleset: &Ruleset) -> impl Iterator<Item = (&FlagKey, &Flag, Path, &Split)> {
    ruleset.flags.iter().flat_map(|(key, flag)| {
        let path = place("flags", key);
        let rules = flag.rules.iter().enumerate().map({
            let path = path.clone().join("rules");
            move |(index, rule)| {
                let path = path.clone().join(&index.to_string());
                (path.join("serve"), &rule.serve)
            }
        });
        let serves = rules.chain([(path.join("default"), &flag.default)]);
        serves.filter_map(move |(path, serve)| match serve {
            Serve::Split(split) => Some((key, flag, path, split)),
            Serve::Variant(_) | Serve::Release(_) => None,
        })
    })
}

pub(super) fn check(ruleset: &Ruleset, findings: &mut Vec<Finding>) {
    for (_, flag, path, split) in splits(ruleset) {
        check_weights(flag, split, &path.join("split"), findings);
    }
    check_salts(ruleset, findings);
}

fn check_weights(flag: &Flag, split: &Split, path: &Path, findings: &mut Vec<Finding>) {
    // An exposure of 0 is where a rollout begins, and its weights are for later.
    if split.exposure.parts() > 0
        && let [variant] = Vec::from_iter(shares(split, flag)).as_slice()
    {
        let message = format!("gives everybody `{variant}`, which can be served without a split");
        findings.push(Finding::new(path.clone(), Lint::WholeWeight, message));
        return;
    }
    for (index, (variant, weight)) in split.arms.iter().enumerate() {
        if weight.parts() == 0 {
            findings.push(Finding::new(
                path.clone().join(&index.to_string()),
                Lint::ZeroWeight,
                format!("gives `{variant}` to nobody: its weight is 0"),
            ));
        }
    }
}

/// What decides which units a rollout puts first: its salt, the attribute that is the unit, and the recipe.
type Order = (String, String, Option<&'static str>);

fn check_salts(ruleset: &Ruleset, findings: &mut Vec<Finding>) {
    // What each order belongs to: the flag whose key it is, the release, or the first flag that names it.
    let mut owners: BTreeMap<Order, String> = BTreeMap::new();
    for (name, release) in &ruleset.releases {
        let order = (
            format!("release:{name}"),
            release.by.plain().to_owned(),
            None,
        );
        owners.insert(order, format!("release `{name}`"));
    }
    let divides = |(_, flag, _, split): &(_, &Flag, _, &Split)| shares(split, flag).len() > 1;
    let owner = |key: &FlagKey| format!("flag `{key}`");
    for (key, _, _, split) in splits(ruleset).filter(divides) {
        if split
            .salt
            .as_deref()
            .is_none_or(|salt| salt == key.as_str())
        {
            owners
                .entry(order(key, split))
                .or_insert_with(|| owner(key));
        }
    }
    let mut said = BTreeSet::new();
    for (key, _, path, split) in splits(ruleset).filter(divides) {
        let Some(salt) = split.salt.as_deref() else {
            continue;
        };
        let order = order(key, split);
        let other = owners.entry(order.clone()).or_insert_with(|| owner(key));
        if *other != owner(key) && said.insert((key, order)) {
            let message =
                format!("{other} has the salt `{salt}` too, so both put the same units first");
            findings.push(Finding::new(path.join("salt"), Lint::SharedSalt, message));
        }
    }
}

fn order(key: &FlagKey, split: &Split) -> Order {
    let salt = split.salt.as_deref().unwrap_or(key.as_str());
    let by = split.by.plain().to_owned();
    (salt.to_owned(), by, split.hash.map(Recipe::name))
}
