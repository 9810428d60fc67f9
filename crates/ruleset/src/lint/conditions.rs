//! Conditions that everybody passes, that nobody passes, and parts of them that change nothing.

use super::logic::{Claim, Logic, What};
use super::{Finding, Lint, place};
use crate::condition::Condition;
use crate::path::Path;

pub(super) fn check(logic: &Logic<'_>, findings: &mut Vec<Finding>) {
    let mut judge = Judge { logic, findings };
    for (key, flag) in &logic.ruleset.flags {
        for (index, rule) in flag.rules.iter().enumerate() {
            let path = place("flags", key).join("rules").join(&index.to_string());
            judge.condition(&rule.when, path.join("when"));
        }
    }
    for (name, segment) in &logic.ruleset.segments {
        let path = place("segments", name);
        let when = segment.when.as_ref();
        let is_explained =
            when.is_some_and(|when| judge.condition(when, path.clone().join("when")));
        if !is_explained {
            judge.whole(What::Segment(segment), path);
        }
    }
    for (name, release) in &logic.ruleset.releases {
        for (index, stage) in release.stages.iter().enumerate() {
            let path = place("releases", name)
                .join("stages")
                .join(&index.to_string());
            if let Some(audience) = &stage.audience {
                judge.condition(audience, path.join("audience"));
            }
        }
    }
}

struct Judge<'j, 'r> {
    logic: &'j Logic<'r>,
    findings: &'j mut Vec<Finding>,
}

impl<'r> Judge<'_, 'r> {
    /// Looks at a condition and all within it; whether it is known by now that something is odd there.
    fn condition(&mut self, condition: &'r Condition, path: Path) -> bool {
        let is_part_odd = match condition {
            Condition::All(parts) => self.parts(parts, &path.clone().join("all")),
            Condition::Any(parts) => self.parts(parts, &path.clone().join("any")),
            Condition::Not(negated) => self.condition(negated, path.clone().join("not")),
            // What is odd about the segment is said of it, once.
            Condition::Segment(name) => {
                let segment = self.logic.ruleset.segments.get(name);
                segment.is_some_and(|segment| self.constant(What::Segment(segment)).is_some())
            }
            Condition::Flag(_) | Condition::Time(_) | Condition::Attribute(..) => false,
        };
        if is_part_odd || self.whole(What::Condition(condition), path.clone()) {
            return true;
        }
        match condition {
            Condition::All(parts) => self.redundant(parts, true, &path.join("all")),
            Condition::Any(parts) => self.redundant(parts, false, &path.join("any")),
            Condition::Not(_)
            | Condition::Segment(_)
            | Condition::Flag(_)
            | Condition::Time(_)
            | Condition::Attribute(..) => false,
        }
    }

    fn parts(&mut self, parts: &'r [Condition], path: &Path) -> bool {
        let mut is_odd = false;
        for (index, part) in parts.iter().enumerate() {
            is_odd |= self.condition(part, path.clone().join(&index.to_string()));
        }
        is_odd
    }

    fn whole(&mut self, what: What<'r>, path: Path) -> bool {
        let (lint, message) = match self.constant(what) {
            Some(true) => (Lint::AlwaysTrue, "is always true: everybody passes it"),
            Some(false) => (Lint::NeverTrue, "is never true: nobody passes it"),
            None => return false,
        };
        self.findings.push(Finding::new(path, lint, message));
        true
    }

    /// What it always comes to, if it does.
    fn constant(&self, what: What<'r>) -> Option<bool> {
        if !self.logic.is_possible([Claim::is(what)]) {
            return Some(false);
        }
        (!self.logic.is_possible([Claim::not(what)])).then_some(true)
    }

    /// Parts that hold wherever all the others do, or in an `any` only where one of the others does.
    fn redundant(&mut self, parts: &'r [Condition], is_all: bool, path: &Path) -> bool {
        let claim = |part: &'r Condition, holds| Claim {
            what: What::Condition(part),
            holds,
        };
        // From the last to the first, so that of two that say the same the first stays.
        let mut kept = vec![true; parts.len()];
        let mut found = Vec::new();
        for (index, part) in parts.iter().enumerate().rev() {
            let others = parts.iter().zip(&kept).enumerate();
            let others = others.filter(|(other, (_, kept))| *other != index && **kept);
            let others = others.map(|(_, (other, _))| claim(other, is_all));
            if !self.logic.is_possible(others.chain([claim(part, !is_all)])) {
                found.push(index);
                kept.iter_mut()
                    .skip(index)
                    .take(1)
                    .for_each(|kept| *kept = false);
            }
        }
        let message = if is_all {
            "can be left out: it holds wherever the others of this `all` do"
        } else {
            "can be left out: it holds only where another of this `any` does"
        };
        let is_odd = !found.is_empty();
        let place = |index: usize| path.clone().join(&index.to_string());
        let findings = found.into_iter();
        self.findings.extend(
            findings.map(|index| Finding::new(place(index), Lint::RedundantCondition, message)),
        );
        is_odd
    }
}
