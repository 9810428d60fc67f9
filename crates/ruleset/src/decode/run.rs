//! What one decoding collects.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use vexil_core::limits::{AUTOMATA_BYTES, AUTOMATA_WORK};

use super::names::Names;
use crate::issue::{Code, Issue};
use crate::json::Node;
use crate::path::Path;

/// Issues beyond this many are counted and left out.
const ISSUES: usize = 1_000;

/// How many pairs of characters may be compared to find out what was meant: half a second.
const COMPARISONS: usize = 30_000_000;

/// One decoding: what is known before it, and what it found so far.
pub(super) struct Run<'n> {
    pub(super) names: Names<'n>,
    found: RefCell<Found<'n>>,
    comparisons_left: Cell<usize>,
}

#[derive(Default)]
struct Found<'n> {
    issues: Vec<Issue>,
    left_out: usize,
    needs: Needs<'n>,
    attributes: BTreeSet<&'n str>,
    automata_bytes: usize,
    automata_work: usize,
}

/// A flag or a segment, which conditions of others can refer to, or a release, which has conditions itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item<'n> {
    Flag(&'n str),
    Segment(&'n str),
    Release(&'n str),
}

/// What each flag, segment and release refers to.
pub(super) type Needs<'n> = BTreeMap<Item<'n>, BTreeSet<Item<'n>>>;

impl<'n> Run<'n> {
    pub(super) fn new(root: &'n Node) -> Self {
        let found = Found {
            // Read by every target, member and split that names no other.
            attributes: BTreeSet::from(["targetingKey"]),
            ..Found::default()
        };
        Run {
            names: Names::of(root),
            found: RefCell::new(found),
            comparisons_left: Cell::new(COMPARISONS),
        }
    }

    /// Whether an issue would be kept.
    pub(super) fn has_room(&self) -> bool {
        self.found.borrow().issues.len() < ISSUES
    }

    /// Whether comparing the characters of two names is still worth the time.
    pub(super) fn compare(&self, name: &str, other: &str) -> bool {
        let cost = name.len().max(1).saturating_mul(other.len().max(1));
        let left = self.comparisons_left.get().checked_sub(cost);
        self.comparisons_left.set(left.unwrap_or_default());
        left.is_some()
    }

    pub(super) fn report(&self, path: Path, code: Code) {
        let mut found = self.found.borrow_mut();
        if found.issues.len() < ISSUES {
            found.issues.push(Issue { path, code });
        } else {
            found.left_out = found.left_out.saturating_add(1);
        }
    }

    pub(super) fn needs(&self, item: Item<'n>, other: Item<'n>) {
        let needs = &mut self.found.borrow_mut().needs;
        needs.entry(item).or_default().insert(other);
    }

    pub(super) fn all_needs(&self) -> Needs<'n> {
        self.found.borrow().needs.clone()
    }

    pub(super) fn attribute(&self, name: &'n str) {
        self.found.borrow_mut().attributes.insert(name);
    }

    pub(super) fn attribute_count(&self) -> usize {
        self.found.borrow().attributes.len()
    }

    /// Whether another automaton is worth making. Where it is not, that is an issue.
    pub(super) fn has_room_for_automata(&self) -> bool {
        self.automata_bytes() <= AUTOMATA_BYTES && self.automata_work() <= AUTOMATA_WORK
    }

    /// Counts what making an automaton took.
    pub(super) fn work(&self, work: usize) {
        let sum = &mut self.found.borrow_mut().automata_work;
        *sum = sum.saturating_add(work);
    }

    pub(super) fn automata_work(&self) -> usize {
        self.found.borrow().automata_work
    }

    /// Counts an automaton.
    pub(super) fn automaton(&self, bytes: usize) {
        let sum = &mut self.found.borrow_mut().automata_bytes;
        *sum = sum.saturating_add(bytes);
    }

    pub(super) fn automata_bytes(&self) -> usize {
        self.found.borrow().automata_bytes
    }

    pub(super) fn into_issues(self) -> Vec<Issue> {
        let found = self.found.into_inner();
        let mut issues = found.issues;
        if found.left_out > 0 {
            let path = Path::default();
            let code = Code::MoreIssues(found.left_out);
            issues.push(Issue { path, code });
        }
        issues
    }
}

impl Item<'_> {
    pub(super) fn path(self) -> Path {
        let (kind, name) = match self {
            Item::Flag(name) => ("flags", name),
            Item::Segment(name) => ("segments", name),
            Item::Release(name) => ("releases", name),
        };
        Path::default().join(kind).join(name)
    }

    /// For people: `` flag `checkout` ``.
    pub(super) fn describe(self) -> String {
        match self {
            Item::Flag(name) => format!("flag `{name}`"),
            Item::Segment(name) => format!("segment `{name}`"),
            Item::Release(name) => format!("release `{name}`"),
        }
    }
}
