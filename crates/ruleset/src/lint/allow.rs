//! What a ruleset allows in place.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Lint, place};
use crate::model::Ruleset;
use crate::path::Path;

/// What is listed where, and which of it allowed something.
struct Allowed<'r> {
    lists: BTreeMap<Path, &'r [Lint]>,
    used: BTreeSet<(Path, usize)>,
}

/// Takes out the findings that are allowed, and adds what is allowed in vain.
///
/// A finding is allowed by the nearest list around it that names its lint.
pub(super) fn apply(ruleset: &Ruleset, findings: Vec<Finding>) -> Vec<Finding> {
    let mut allowed = Allowed {
        lists: lists(ruleset),
        used: BTreeSet::new(),
    };
    let mut left = allowed.without_allowed(findings);
    let unused = allowed.unused(false);
    left.extend(allowed.without_allowed(unused));
    // Nothing allows these, or each would allow itself.
    left.extend(allowed.unused(true));
    left
}

impl Allowed<'_> {
    fn without_allowed(&mut self, findings: Vec<Finding>) -> Vec<Finding> {
        findings
            .into_iter()
            .filter(|finding| !self.is_allowed(finding))
            .collect()
    }

    fn is_allowed(&mut self, finding: &Finding) -> bool {
        let mut around = Some(finding.path.clone());
        while let Some(path) = around {
            let list = self.lists.get(&path).copied().unwrap_or_default();
            if let Some(index) = list.iter().position(|lint| *lint == finding.lint) {
                self.used.insert((path, index));
                return true;
            }
            around = path.parent();
        }
        false
    }

    /// What allowed nothing: of [`Lint::UnusedAllow`], or of all others.
    fn unused(&self, of_unused: bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (path, list) in &self.lists {
            for (index, lint) in list.iter().enumerate() {
                let is_asked = (*lint == Lint::UnusedAllow) == of_unused;
                if is_asked && !self.used.contains(&(path.clone(), index)) {
                    findings.push(Finding::new(
                        path.clone().join("allow").join(&index.to_string()),
                        Lint::UnusedAllow,
                        format!("`{}` allows nothing here", lint.name()),
                    ));
                }
            }
        }
        findings
    }
}

fn lists(ruleset: &Ruleset) -> BTreeMap<Path, &[Lint]> {
    let mut lists = BTreeMap::from([(Path::default(), ruleset.allow.as_slice())]);
    for (key, flag) in &ruleset.flags {
        let path = place("flags", key);
        for (index, rule) in flag.rules.iter().enumerate() {
            let rule_path = path.clone().join("rules").join(&index.to_string());
            lists.insert(rule_path, rule.allow.as_slice());
        }
        lists.insert(path, flag.allow.as_slice());
    }
    for (name, segment) in &ruleset.segments {
        lists.insert(place("segments", name), segment.allow.as_slice());
    }
    for (name, release) in &ruleset.releases {
        lists.insert(place("releases", name), release.allow.as_slice());
    }
    lists
}
