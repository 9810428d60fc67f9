//! The names that a ruleset declares, collected before anything that refers to them is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Node;

/// What can be referred to, in parts that are right and in parts that are wrong.
pub(super) struct Names<'n> {
    pub(super) flags: BTreeSet<&'n str>,
    /// By flag; a flag whose variants cannot be read is missing.
    variants: BTreeMap<&'n str, BTreeSet<&'n str>>,
    pub(super) segments: BTreeSet<&'n str>,
    pub(super) releases: BTreeSet<&'n str>,
    /// By release, the variants that it moves between.
    ends: BTreeMap<&'n str, Vec<&'n str>>,
    pub(super) teams: BTreeSet<&'n str>,
}

impl<'n> Names<'n> {
    pub(super) fn of(root: &'n Node) -> Self {
        let section = |name| root.member(name).map_or(&[][..], Node::members);
        let names = |name| {
            section(name)
                .iter()
                .map(|(name, _)| name.as_str())
                .collect()
        };
        let variants = section("flags").iter().filter_map(|(key, flag)| {
            let variants = flag.member("variants")?.members();
            let names = variants.iter().map(|(name, _)| name.as_str());
            (!variants.is_empty()).then(|| (key.as_str(), names.collect()))
        });
        let ends = section("releases").iter().map(|(name, release)| {
            let ends = ["from", "to"].into_iter();
            let ends = ends.filter_map(|end| release.member(end)?.text());
            (name.as_str(), ends.collect())
        });
        Names {
            flags: names("flags"),
            variants: variants.collect(),
            segments: names("segments"),
            releases: names("releases"),
            ends: ends.collect(),
            teams: names("teams"),
        }
    }

    /// The variants of a flag; `None` where nobody can tell.
    pub(super) fn variants(&self, flag: &str) -> Option<&BTreeSet<&'n str>> {
        self.variants.get(flag)
    }

    /// The variants that a release moves between, as far as it says.
    pub(super) fn ends(&self, release: &str) -> &[&'n str] {
        self.ends.get(release).map_or(&[], Vec::as_slice)
    }
}
