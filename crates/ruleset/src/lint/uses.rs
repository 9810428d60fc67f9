//! What nothing uses.

use std::collections::BTreeSet;

use super::{Finding, Lint, place};
use crate::condition::{AttributeName, Condition};
use crate::key::{ReleaseName, SegmentName, TeamName, VariantName};
use crate::model::{Flag, Ruleset, Serve};
use crate::path::Path;

/// Everything that something refers to.
#[derive(Default)]
struct Uses<'r> {
    segments: BTreeSet<&'r SegmentName>,
    releases: BTreeSet<&'r ReleaseName>,
    teams: BTreeSet<&'r TeamName>,
    attributes: BTreeSet<AttributeName>,
}

pub(super) fn check(ruleset: &Ruleset, findings: &mut Vec<Finding>) {
    let uses = Uses::of(ruleset);
    for (key, flag) in &ruleset.flags {
        let variants = place("flags", key).join("variants");
        let served = served(ruleset, flag);
        let unused = flag.variants.keys().filter(|name| !served.contains(name));
        findings.extend(unused.map(|name| {
            let path = variants.clone().join(name.as_str());
            Finding::new(
                path,
                Lint::UnusedVariant,
                "is a variant that nothing serves",
            )
        }));
    }
    let mut unused = |section, name: &str, lint, message| {
        findings.push(Finding::new(place(section, name), lint, message));
    };
    for name in ruleset
        .segments
        .keys()
        .filter(|name| !uses.segments.contains(name))
    {
        let message = "is a segment that nothing refers to";
        unused("segments", name.as_str(), Lint::UnusedSegment, message);
    }
    for name in ruleset
        .releases
        .keys()
        .filter(|name| !uses.releases.contains(name))
    {
        let message = "is a release that no flag serves";
        unused("releases", name.as_str(), Lint::UnusedRelease, message);
    }
    for name in ruleset
        .teams
        .keys()
        .filter(|name| !uses.teams.contains(name))
    {
        let message = "is a team that owns no flag and no release";
        unused("teams", name.as_str(), Lint::UnusedTeam, message);
    }
    check_private(ruleset, &uses, findings);
}

/// A private attribute is read where it is, or where a part of it is.
fn check_private(ruleset: &Ruleset, uses: &Uses<'_>, findings: &mut Vec<Finding>) {
    let read: Vec<Vec<String>> = uses.attributes.iter().map(AttributeName::steps).collect();
    for name in &ruleset.private {
        let steps = name.steps();
        if !read.iter().any(|read| read.starts_with(&steps)) {
            let path = Path::default().join("private");
            let message = format!("nothing reads the attribute `{name}`");
            findings.push(Finding::new(path, Lint::UnreadPrivate, message));
        }
    }
}

/// The variants that something in a flag names.
fn served<'r>(ruleset: &'r Ruleset, flag: &'r Flag) -> BTreeSet<&'r VariantName> {
    let mut served: BTreeSet<_> = flag.failsafe.iter().chain([&flag.off_variant]).collect();
    let targets = flag
        .targets
        .iter()
        .filter(|(_, targets)| !targets.is_empty());
    served.extend(targets.map(|(variant, _)| variant));
    for serve in serves(flag) {
        match serve {
            Serve::Variant(name) => drop(served.insert(name)),
            Serve::Split(split) => {
                served.extend(split.arms.iter().map(|(name, _)| name).chain(&split.rest));
            }
            Serve::Release(name) => {
                let release = ruleset.releases.get(name);
                let ends = release.map(|release| [&release.from, &release.to]);
                served.extend(ends.into_iter().flatten());
            }
        }
    }
    served
}

fn serves(flag: &Flag) -> impl Iterator<Item = &Serve> {
    flag.rules
        .iter()
        .map(|rule| &rule.serve)
        .chain([&flag.default])
}

impl<'r> Uses<'r> {
    fn of(ruleset: &'r Ruleset) -> Uses<'r> {
        let mut uses = Uses::default();
        for flag in ruleset.flags.values() {
            uses.teams.extend(&flag.owner);
            uses.keys(flag.targets.values());
            flag.rules
                .iter()
                .for_each(|rule| uses.condition(&rule.when));
            serves(flag).for_each(|serve| match serve {
                Serve::Variant(_) => {}
                Serve::Split(split) => drop(uses.attributes.insert(split.by.clone())),
                Serve::Release(name) => drop(uses.releases.insert(name)),
            });
        }
        for segment in ruleset.segments.values() {
            uses.keys([&segment.members, &segment.except]);
            segment.when.iter().for_each(|when| uses.condition(when));
        }
        for release in ruleset.releases.values() {
            uses.teams.extend(&release.owner);
            uses.attributes.insert(release.by.clone());
            let audiences = release
                .stages
                .iter()
                .filter_map(|stage| stage.audience.as_ref());
            audiences.for_each(|audience| uses.condition(audience));
        }
        uses
    }

    /// Lists of targeting keys read the targeting key, unless all are empty.
    fn keys<'k>(&mut self, lists: impl IntoIterator<Item = &'k Vec<String>>) {
        if lists.into_iter().any(|list| !list.is_empty()) {
            self.attributes.insert(AttributeName::targeting_key());
        }
    }

    fn condition(&mut self, condition: &'r Condition) {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                for part in parts {
                    self.condition(part);
                }
            }
            Condition::Not(negated) => self.condition(negated),
            Condition::Segment(name) => drop(self.segments.insert(name)),
            Condition::Flag(_) | Condition::Time(_) => {}
            Condition::Attribute(name, _) => drop(self.attributes.insert(name.clone())),
        }
    }
}
