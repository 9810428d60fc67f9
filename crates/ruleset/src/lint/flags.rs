//! What flags can come to, and rules that never serve.

use std::collections::BTreeSet;

use super::logic::{Claim, Logic, What};
use super::{Finding, Lint, place};
use crate::key::VariantName;
use crate::model::{Flag, Rule, Serve, Split};
use crate::path::Path;

/// What a flag can come to while it is on.
#[derive(Default)]
pub(super) struct Outcomes<'r> {
    /// The variants that it may serve. What is not among them is certainly never served.
    pub(super) variants: BTreeSet<&'r VariantName>,
    /// Whether its requirements may be met.
    can_be_met: bool,
    /// By rule, why it never serves; `None` where it may.
    unreached: Vec<Option<Unreached>>,
}

/// Why a rule never serves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unreached {
    /// Its condition never holds.
    Never,
    /// An earlier rule holds wherever it does.
    Rule(usize),
    /// Targets and earlier rules together leave nobody.
    Earlier,
    /// Wherever it holds the unit that it divides is missing.
    Unit,
}

impl<'r> Outcomes<'r> {
    /// Disabled flags are never on; so are killed ones, but that can end.
    pub(super) fn of(flag: &'r Flag, logic: &Logic<'r>) -> Outcomes<'r> {
        let mut outcomes = Outcomes::default();
        let requires = flag.requires.iter().map(What::Prerequisite).map(Claim::is);
        let mut before: Vec<Claim<'r>> = requires.collect();
        outcomes.can_be_met = logic.is_possible(before.iter().copied());
        if !flag.is_enabled {
            outcomes.unreached = vec![None; flag.rules.len()];
            return outcomes;
        }
        if !flag.requires.is_empty() {
            outcomes.variants.insert(&flag.off_variant);
        }
        for (variant, targets) in &flag.targets {
            if !targets.is_empty() {
                outcomes.variants.insert(variant);
            }
            before.push(Claim::not(What::Target(targets)));
        }
        let first = before.len();
        for rule in &flag.rules {
            let unreached = why_unreached(logic, rule, &before, first);
            if unreached.is_none() {
                outcomes.add(&rule.serve, flag, logic);
            }
            before.push(Claim::not(What::Serves(rule)));
            outcomes.unreached.push(unreached);
        }
        outcomes.of_default(flag, logic, &before);
        outcomes
    }

    fn of_default(&mut self, flag: &'r Flag, logic: &Logic<'r>, before: &[Claim<'r>]) {
        let is_possible =
            |besides: Option<Claim<'r>>| logic.is_possible(before.iter().copied().chain(besides));
        let unit = logic.has_unit(&flag.default);
        if is_possible(unit) {
            self.add(&flag.default, flag, logic);
        }
        if let Some(unit) = unit {
            let is_missing = Claim {
                holds: false,
                ..unit
            };
            if is_possible(Some(is_missing)) {
                self.variants.insert(&flag.off_variant);
            }
        }
    }

    fn add(&mut self, serve: &'r Serve, flag: &'r Flag, logic: &Logic<'r>) {
        match serve {
            Serve::Variant(name) => drop(self.variants.insert(name)),
            Serve::Split(split) => self.variants.extend(shares(split, flag)),
            Serve::Release(name) => {
                let release = logic.ruleset.releases.get(name);
                let ends = release.map(|release| [&release.from, &release.to]);
                self.variants.extend(ends.into_iter().flatten());
            }
        }
    }
}

/// The variants of which a split serves some.
pub(super) fn shares<'r>(split: &'r Split, flag: &'r Flag) -> BTreeSet<&'r VariantName> {
    let arms = split.arms.iter();
    let arms = arms.filter(|(_, weight)| weight.parts() > 0 && split.exposure.parts() > 0);
    let is_partial = split.exposure < crate::amount::Exposure::ALL;
    let rest = split.rest.as_ref().unwrap_or(&flag.off_variant);
    arms.map(|(name, _)| name)
        .chain(is_partial.then_some(rest))
        .collect()
}

/// Why `rule` never serves where all of `before` are so, of which those from `first` on are of the rules before it.
fn why_unreached<'r>(
    logic: &Logic<'r>,
    rule: &'r Rule,
    before: &[Claim<'r>],
    first: usize,
) -> Option<Unreached> {
    let when = Claim::is(What::Condition(&rule.when));
    if !logic.is_possible([when]) {
        return Some(Unreached::Never);
    }
    let serves = Claim::is(What::Serves(rule));
    if !logic.is_possible([serves]) {
        return Some(Unreached::Unit);
    }
    let together = before.iter().copied().chain([serves]);
    let is_possible = logic.is_possible(together);
    // Most rules are reached, which one question tells; of one rule each can tell more than of all at once.
    if is_possible && !logic.is_left_open() {
        return None;
    }
    let mut earlier = before.iter().skip(first);
    let taker = earlier.position(|claim| !logic.is_possible([*claim, serves]));
    match taker {
        Some(index) => Some(Unreached::Rule(index)),
        None => (!is_possible).then_some(Unreached::Earlier),
    }
}

/// Rules that never serve, requirements that are never met, and flags that are constant.
pub(super) fn check(logic: &Logic<'_>, findings: &mut Vec<Finding>) {
    for (key, flag) in &logic.ruleset.flags {
        let outcomes = logic.outcomes(key, flag);
        let path = place("flags", key);
        if !outcomes.can_be_met {
            findings.push(Finding::new(
                path.join("requires"),
                Lint::UnmetRequirement,
                "can never be met: a flag is disabled, or never serves what is required of it",
            ));
            continue;
        }
        for (index, unreached) in outcomes.unreached.iter().enumerate() {
            let path = path.clone().join("rules").join(&index.to_string());
            findings.extend(unreached.and_then(|why| finding(why, path, flag)));
        }
        if let [variant] = Vec::from_iter(&outcomes.variants).as_slice() {
            let message = format!("serves `{variant}` to everyone while it is on");
            findings.push(Finding::new(path, Lint::ConstantFlag, message));
        }
    }
}

fn finding(why: Unreached, path: Path, flag: &Flag) -> Option<Finding> {
    let message = match why {
        // Said of its condition.
        Unreached::Never => return None,
        Unreached::Rule(index) => {
            let name = flag.rules.get(index).and_then(|rule| rule.name.as_ref());
            let rule = name.map_or_else(|| index.to_string(), |name| format!("`{name}`"));
            format!("is never reached: rule {rule} serves everybody whom it is for")
        }
        Unreached::Earlier => {
            "is never reached: what is asked before it leaves nobody for it".to_owned()
        }
        Unreached::Unit => {
            "never serves: wherever its condition holds, the unit that it divides is missing"
                .to_owned()
        }
    };
    Some(Finding::new(path, Lint::UnreachableRule, message))
}
