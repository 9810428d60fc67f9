//! Parts of conditions that decide nothing: where what is asked before and around them leaves it to them, they always
//! come out alike.

use super::logic::{Claim, Logic, What};
use super::{Finding, Lint, place};
use crate::condition::Condition;
use crate::path::Path;

/// Looks at every condition within which nothing odd was found. Of several parts of it that decide nothing the first is
/// reported: whether the others do can depend on it.
pub(super) fn check(logic: &Logic<'_>, findings: &mut Vec<Finding>) {
    for (key, flag) in &logic.ruleset.flags {
        if !flag.is_enabled {
            continue;
        }
        let path = place("flags", key);
        if is_found(findings, &path.clone().join("requires")) {
            continue;
        }
        let requires = flag.requires.iter().map(What::Prerequisite).map(Claim::is);
        let targets = flag.targets.values().map(|keys| What::Target(keys));
        let mut before: Vec<Claim<'_>> = requires.chain(targets.map(Claim::not)).collect();
        for (index, rule) in flag.rules.iter().enumerate() {
            let path = path.clone().join("rules").join(&index.to_string());
            if !is_found(findings, &path) {
                let path = path.join("when");
                findings.extend(moot(logic, &rule.when, path, before.clone(), findings));
            }
            before.push(Claim::not(What::Serves(rule)));
        }
    }
    for (name, release) in &logic.ruleset.releases {
        for (index, stage) in release.stages.iter().enumerate() {
            let path = place("releases", name).join("stages");
            let path = path.join(&index.to_string()).join("audience");
            if let Some(audience) = &stage.audience {
                findings.extend(moot(logic, audience, path, Vec::new(), findings));
            }
        }
    }
}

fn is_found(findings: &[Finding], path: &Path) -> bool {
    findings.iter().any(|finding| finding.path == *path)
}

/// The first part of `condition` that decides nothing where all of `before` is so.
fn moot<'r>(
    logic: &Logic<'r>,
    condition: &'r Condition,
    path: Path,
    before: Vec<Claim<'r>>,
    findings: &[Finding],
) -> Option<Finding> {
    let within = format!("{}/", path.as_str());
    let mut found = findings.iter().map(|finding| finding.path.as_str());
    if found.any(|found| found == path.as_str() || found.starts_with(&within)) {
        return None;
    }
    let (parts, is_all, join) = match condition {
        Condition::All(parts) => (parts, true, "all"),
        Condition::Any(parts) => (parts, false, "any"),
        Condition::Not(negated) => return moot(logic, negated, path.join("not"), before, findings),
        Condition::Segment(_)
        | Condition::Flag(_)
        | Condition::Time(_)
        | Condition::Attribute(..) => return None,
    };
    let path = path.join(join);
    let claim = |what, holds| Claim { what, holds };
    for (index, part) in parts.iter().enumerate() {
        let path = path.clone().join(&index.to_string());
        let others = parts
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        // A part decides where the others leave it open.
        let others = others.map(|(_, other)| claim(What::Condition(other), is_all));
        let mut where_it_decides = before.clone();
        where_it_decides.extend(others);
        let can_be = |holds| {
            let this = claim(What::Condition(part), holds);
            logic.is_possible(where_it_decides.iter().copied().chain([this]))
        };
        let message = if parts.len() < 2 {
            None
        } else if !can_be(true) {
            Some("decides nothing: wherever it could, it does not hold")
        } else if !can_be(false) {
            Some("decides nothing: wherever it could, it holds")
        } else {
            None
        };
        if let Some(message) = message {
            return Some(Finding::new(path, Lint::MootCondition, message));
        }
        let inner = moot(logic, part, path, where_it_decides, findings);
        if inner.is_some() {
            return inner;
        }
    }
    None
}
