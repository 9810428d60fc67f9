//! Whether several things can be so at once.
//!
//! An analytic tableau: claims are taken apart until only facts about single attributes, flags and the time are left;
//! where one of several parts must be so, each is tried. Contexts are over-approximated (attributes are taken to be
//! independent of each other), so "no" is certain and "yes" may be wrong.

mod attribute;
mod facts;
mod text;
mod values;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::flags::Outcomes;
use crate::condition::{AttributeName, Condition, Prerequisite};
use crate::key::FlagKey;
use crate::model::{Flag, Rule, Ruleset, Segment, Serve};
use facts::Fact;

/// Steps for one question: in a thousandth of a second, more or less.
const QUESTION: usize = 100_000;
/// Steps for all questions about a ruleset.
const ALL_QUESTIONS: usize = 50_000_000;

/// Answers questions about one ruleset.
pub(super) struct Logic<'r> {
    pub(super) ruleset: &'r Ruleset,
    outcomes: RefCell<BTreeMap<&'r FlagKey, Rc<Outcomes<'r>>>>,
    steps: Steps,
}

/// Something that is so in a context, or is not.
#[derive(Clone, Copy)]
pub(super) struct Claim<'r> {
    pub(super) what: What<'r>,
    pub(super) holds: bool,
}

#[derive(Clone, Copy)]
pub(super) enum What<'r> {
    /// The condition holds.
    Condition(&'r Condition),
    /// The context is in the segment.
    Segment(&'r Segment),
    /// The context is a member of the segment, or its condition holds.
    Included(&'r Segment),
    /// The targeting key is one of these.
    Target(&'r [String]),
    /// The other flag is on and serves one of the variants.
    Prerequisite(&'r Prerequisite),
    /// The rule serves: its condition holds and, where it divides units, there is one.
    Serves(&'r Rule),
    /// The attribute is a unit.
    Unit(&'r AttributeName),
}

/// What a claim says in simpler claims.
enum Parts<'r> {
    All(Vec<Claim<'r>>),
    Any(Vec<Claim<'r>>),
    Fact(Fact<'r>),
}

/// One way in which all may be so.
#[derive(Clone, Default)]
struct Case<'r> {
    open: Vec<Claim<'r>>,
    /// Claims of which one of several parts must be so.
    choices: Vec<Claim<'r>>,
    facts: Vec<Fact<'r>>,
    /// How many of the facts are known to go together.
    checked: usize,
}

/// A case, and the ways to go on with it that were not tried yet.
struct Fork<'r> {
    case: Case<'r>,
    ways: Vec<Claim<'r>>,
}

/// How far a case is settled.
enum Settled<'r> {
    /// Nothing speaks against it.
    Possible,
    Impossible,
    /// One of these must be so besides.
    Choice(Vec<Claim<'r>>),
}

/// What is left of the work that may be done.
struct Steps {
    of_all: Cell<usize>,
    of_question: Cell<usize>,
}

impl<'r> Claim<'r> {
    pub(super) fn is(what: What<'r>) -> Claim<'r> {
        Claim { what, holds: true }
    }

    pub(super) fn not(what: What<'r>) -> Claim<'r> {
        Claim { what, holds: false }
    }
}

impl<'r> Logic<'r> {
    pub(super) fn new(ruleset: &'r Ruleset) -> Self {
        Logic {
            ruleset,
            outcomes: RefCell::default(),
            steps: Steps {
                of_all: Cell::new(ALL_QUESTIONS),
                of_question: Cell::new(0),
            },
        }
    }

    /// What a flag can come to; looked into once.
    pub(super) fn outcomes(&self, key: &'r FlagKey, flag: &'r Flag) -> Rc<Outcomes<'r>> {
        let known = self.outcomes.borrow().get(key).cloned();
        known.unwrap_or_else(|| {
            // The question that led here goes on afterwards with what it had left.
            let left = self.steps.of_question.get();
            let outcomes = Rc::new(Outcomes::of(flag, self));
            self.steps.of_question.set(left);
            self.outcomes.borrow_mut().insert(key, Rc::clone(&outcomes));
            outcomes
        })
    }

    /// Whether it may be that all of `claims` are so in one context; `false` where that is certainly impossible.
    pub(super) fn is_possible(&self, claims: impl IntoIterator<Item = Claim<'r>>) -> bool {
        if !self.steps.begin() {
            return true;
        }
        let mut case = Case {
            open: claims.into_iter().collect(),
            ..Case::default()
        };
        let mut forks: Vec<Fork<'r>> = Vec::new();
        loop {
            match self.settle(&mut case) {
                Settled::Possible => return true,
                Settled::Impossible => {}
                Settled::Choice(ways) => forks.push(Fork { case, ways }),
            }
            let next = loop {
                let Some(fork) = forks.last_mut() else {
                    return false;
                };
                match fork.ways.pop() {
                    Some(way) => break (fork.case.clone(), way),
                    None => forks.pop(),
                };
            };
            case = next.0;
            case.open.push(next.1);
        }
    }

    /// Whether there were not steps enough for the question that was asked last.
    pub(super) fn is_left_open(&self) -> bool {
        self.steps.of_question.get() == 0
    }

    fn settle(&self, case: &mut Case<'r>) -> Settled<'r> {
        while let Some(claim) = case.open.pop() {
            match self.parts(claim) {
                Parts::All(parts) => case.open.extend(parts),
                Parts::Any(parts) => match parts.as_slice() {
                    [] => return Settled::Impossible,
                    [one] => case.open.push(*one),
                    _ => case.choices.push(claim),
                },
                Parts::Fact(fact) => case.facts.push(fact),
            }
            if !self.steps.take(1) {
                return Settled::Possible;
            }
        }
        if !facts::go_together(self, &case.facts, case.checked) {
            return Settled::Impossible;
        }
        case.checked = case.facts.len();
        let size = case.choices.len().saturating_add(case.facts.len());
        let Some(choice) = case.choices.pop().filter(|_| self.steps.take(size)) else {
            return Settled::Possible;
        };
        match self.parts(choice) {
            Parts::Any(ways) | Parts::All(ways) => Settled::Choice(ways),
            Parts::Fact(_) => Settled::Possible,
        }
    }

    fn parts(&self, claim: Claim<'r>) -> Parts<'r> {
        let holds = claim.holds;
        match claim.what {
            What::Condition(condition) => self.parts_of(condition, holds),
            What::Segment(segment) => join(
                holds,
                [
                    Claim::not(What::Target(&segment.except)),
                    Claim::is(What::Included(segment)),
                ],
            ),
            What::Included(segment) => {
                let when = segment.when.iter().map(What::Condition);
                let ways = [What::Target(&segment.members)].into_iter().chain(when);
                join(!holds, ways.map(Claim::not))
            }
            What::Target(keys) => Parts::Fact(Fact::target(keys, holds)),
            What::Prerequisite(prerequisite) => Parts::Fact(Fact::flag(prerequisite, holds)),
            What::Serves(rule) => {
                let when = Claim::is(What::Condition(&rule.when));
                join(holds, [when].into_iter().chain(self.has_unit(&rule.serve)))
            }
            What::Unit(name) => Parts::Fact(Fact::unit(name, holds)),
        }
    }

    fn parts_of(&self, condition: &'r Condition, holds: bool) -> Parts<'r> {
        let is = |part| Claim::is(What::Condition(part));
        match condition {
            Condition::All(all) => join(holds, all.iter().map(is)),
            Condition::Any(any) => {
                let not = any.iter().map(|part| Claim::not(What::Condition(part)));
                join(!holds, not)
            }
            Condition::Not(negated) => join(!holds, [is(negated)]),
            Condition::Segment(name) => {
                // INVARIANT: what a ruleset names is there.
                let segment = self.ruleset.segments.get(name);
                join(holds, segment.map(What::Segment).map(Claim::is))
            }
            Condition::Flag(prerequisite) => Parts::Fact(Fact::flag(prerequisite, holds)),
            Condition::Time(interval) => Parts::Fact(Fact::Time(interval, holds)),
            Condition::Attribute(name, test) => Parts::Fact(Fact::attribute(name, test, holds)),
        }
    }

    /// What must be so besides for `serve` to serve: a unit where units are divided.
    pub(super) fn has_unit(&self, serve: &'r Serve) -> Option<Claim<'r>> {
        let by = match serve {
            Serve::Variant(_) => return None,
            Serve::Split(split) => &split.by,
            Serve::Release(name) => &self.ruleset.releases.get(name)?.by,
        };
        Some(Claim::is(What::Unit(by)))
    }
}

/// All of `parts`, or not all of them.
fn join<'r>(holds: bool, parts: impl IntoIterator<Item = Claim<'r>>) -> Parts<'r> {
    let parts = parts.into_iter();
    if holds {
        Parts::All(parts.collect())
    } else {
        let negated = |part: Claim<'r>| Claim {
            holds: !part.holds,
            ..part
        };
        Parts::Any(parts.map(negated).collect())
    }
}

impl Steps {
    /// Whether another question can be asked.
    fn begin(&self) -> bool {
        self.of_question.set(QUESTION.min(self.of_all.get()));
        self.of_question.get() > 0
    }

    /// Takes `count` steps; `false` where that many are not left.
    fn take(&self, count: usize) -> bool {
        let left = self.of_question.get().checked_sub(count);
        let all = self.of_all.get().saturating_sub(count);
        self.of_question.set(left.unwrap_or_default());
        self.of_all.set(all);
        left.is_some()
    }
}
