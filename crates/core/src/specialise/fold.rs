//! Which way each node of a graph goes, as far as that is known: partial evaluation in three values.

use alloc::collections::BTreeSet;
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;

use super::known::{Known, Recipient};
use crate::bucket::Position;
use crate::evaluate::{Placed, arm_of, holds, place, seed};
use crate::flag::{Expose, Flag, FlagRecord, some};
use crate::layout::{NONE, RAMP_WORDS, SPLIT_WORDS, Section};
use crate::node::{Node, operation};
use crate::program::Program;

/// What becomes of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// No walk comes here.
    Unreached,
    /// It is a test that holds.
    Yes,
    /// It is a test that does not, or has no unit.
    No,
    /// It stays as it is.
    Kept,
    /// It is a split that serves this variant.
    Serves(u32),
    /// It is a ramp of which the unit falls here.
    At(Position),
}

/// What becomes of the nodes of one graph.
pub(super) struct Fates {
    pub(super) first: u32,
    pub(super) nodes: Vec<Fate>,
    /// The attributes that decided some of it, which may be named.
    pub(super) asks: BTreeSet<u32>,
    /// Whether others did.
    pub(super) asks_anything: bool,
    /// Of a flag: the variants that it can serve while it is on.
    pub(super) serves: BTreeSet<u32>,
    /// Of a segment: what it can come to.
    outcomes: BTreeSet<bool>,
    /// Whether a browser may have what is left.
    is_sendable: bool,
}

/// Folds the graphs of a program, each once.
pub(super) struct Folder<'p, 'k> {
    program: &'p Program,
    known: &'k Known<'k>,
    recipient: Recipient,
    flags: Vec<Option<Rc<Fates>>>,
    segments: Vec<Option<Rc<Fates>>>,
}

impl<'p, 'k> Folder<'p, 'k> {
    pub(super) fn new(program: &'p Program, known: &'k Known<'k>, recipient: Recipient) -> Self {
        let none = |section| vec![None; program.count(section) as usize];
        Folder {
            program,
            known,
            recipient,
            flags: none(Section::Flags),
            segments: none(Section::Segments),
        }
    }

    /// Whether `flag` goes to the recipient with what is left of its rules.
    pub(super) fn is_sendable(&mut self, flag: Flag<'_>) -> bool {
        match self.recipient {
            Recipient::Server => true,
            Recipient::Browser => {
                flag.expose() == Expose::Program && self.flag(flag.index()).is_sendable
            }
        }
    }

    /// What becomes of the flag `index`.
    ///
    /// Recursion is as shallow as a chain of flags and segments may be long.
    pub(super) fn flag(&mut self, index: u32) -> Rc<Fates> {
        if let Some(Some(fates)) = self.flags.get(index as usize) {
            return fates.clone();
        }
        let record = FlagRecord::read(self.program, index);
        let mut fates = self.graph(record.first_node(), record.end_node());
        if let Some(flag) = self.program.flag_at(index) {
            fates.asks.extend(flag.ask_slots());
            fates.asks_anything |= flag.asks_anything();
        }
        let fates = Rc::new(fates);
        if let Some(place) = self.flags.get_mut(index as usize) {
            *place = Some(fates.clone());
        }
        fates
    }

    /// What becomes of the segment `index`.
    pub(super) fn segment(&mut self, index: u32) -> Rc<Fates> {
        if let Some(Some(fates)) = self.segments.get(index as usize) {
            return fates.clone();
        }
        let [first, end, _] = self.program.record::<3>(Section::Segments, index);
        let fates = Rc::new(self.graph(first, end));
        if let Some(place) = self.segments.get_mut(index as usize) {
            *place = Some(fates.clone());
        }
        fates
    }

    /// Goes through a graph from its entry on; targets lie further on, so each node is met after all that lead to it.
    fn graph(&mut self, first: u32, end: u32) -> Fates {
        let mut fates = Fates {
            first,
            nodes: vec![Fate::Unreached; end.saturating_sub(first) as usize],
            asks: BTreeSet::new(),
            asks_anything: false,
            serves: BTreeSet::new(),
            outcomes: BTreeSet::new(),
            is_sendable: true,
        };
        fates.reach(first);
        for index in first..end {
            if fates.of(index) != Fate::Kept {
                continue;
            }
            let node = Node::read(self.program, index);
            let fate = self.fate(node, &mut fates);
            fates.set(index, fate);
            match fate {
                Fate::Yes => fates.reach(node.yes()),
                Fate::No => fates.reach(node.no()),
                Fate::Kept => {
                    if node.is_test() {
                        fates.reach(node.yes());
                    }
                    if node.has_no(self.program) {
                        fates.reach(node.no());
                    }
                }
                Fate::Unreached | Fate::Serves(_) | Fate::At(_) => {}
            }
        }
        fates
    }

    fn fate(&mut self, node: Node<'_>, fates: &mut Fates) -> Fate {
        match node.operation() {
            operation::SEGMENT => {
                let segment = self.segment(node.first());
                fates.follow(&segment);
                if segment.outcomes.len() > 1 {
                    fates.is_sendable &= segment.is_sendable;
                    return Fate::Kept;
                }
                if segment.outcomes.contains(&true) {
                    Fate::Yes
                } else {
                    Fate::No
                }
            }
            operation::FLAG => self.prerequisite(node, fates),
            operation::TIME | operation::REACHED => Fate::Kept,
            operation::HOLDS => {
                fates.outcomes.insert(node.first() != 0);
                Fate::Kept
            }
            operation::SERVE => {
                fates.serves.insert(node.first());
                Fate::Kept
            }
            operation::SPLIT => self.split(node, fates),
            operation::RAMP => self.ramp(node, fates),
            _ => {
                let slot = node.slot();
                if !self.folds(slot, fates) {
                    return Fate::Kept;
                }
                if holds(self.program, node, self.known.context()) {
                    Fate::Yes
                } else {
                    Fate::No
                }
            }
        }
    }

    /// A flag that can serve none of the variants is never met; one that can may still be killed.
    fn prerequisite(&mut self, node: Node<'_>, fates: &mut Fates) -> Fate {
        let flag = self.flag(node.first());
        fates.follow(&flag);
        let is_enabled = self
            .program
            .flag_at(node.first())
            .is_some_and(|flag| flag.is_enabled());
        let mut wanted = self.program.list(node.second()).iter();
        if !is_enabled || !wanted.any(|variant| flag.serves.contains(&variant)) {
            return Fate::No;
        }
        let is_exposed = self
            .program
            .flag_at(node.first())
            .is_some_and(|flag| self.is_sendable(flag));
        fates.is_sendable &= is_exposed;
        Fate::Kept
    }

    fn split(&mut self, node: Node<'_>, fates: &mut Fates) -> Fate {
        let [low, high, slot, first, arms, rest, recipe, salt] = self
            .program
            .record::<SPLIT_WORDS>(Section::Splits, node.first());
        if self.folds(slot, fates) {
            let placed = if recipe == NONE {
                Placed::By(seed(low, high))
            } else {
                Placed::Recipe(recipe, seed(low, high).to_bits(), self.program.text(salt))
            };
            let Some(position) = place(self.known.context(), slot, placed) else {
                return Fate::No;
            };
            let variant = arm_of(self.program, first, arms, position).unwrap_or(rest);
            fates.serves.insert(variant);
            return Fate::Serves(variant);
        }
        fates.is_sendable &= recipe == NONE;
        fates.serves.insert(rest);
        for arm in first..first.saturating_add(arms) {
            let [variant] = self.program.record::<1>(Section::Arms, arm);
            fates.serves.insert(variant);
        }
        Fate::Kept
    }

    fn ramp(&mut self, node: Node<'_>, fates: &mut Fates) -> Fate {
        let [low, high, slot, _, from, to, _] = self
            .program
            .record::<RAMP_WORDS>(Section::Ramps, node.first());
        let fate = if slot == NONE {
            Fate::At(Position::new(low))
        } else if self.folds(slot, fates) {
            let position = place(self.known.context(), slot, Placed::By(seed(low, high)));
            position.map_or(Fate::No, Fate::At)
        } else {
            Fate::Kept
        };
        if fate != Fate::No {
            fates.serves.extend([from, to]);
        }
        // A position is a hash of its unit, and a private one could be guessed from it.
        let is_private = some(slot).is_some_and(|slot| self.program.attribute(slot).is_private);
        fates.is_sendable &= !(is_private && matches!(fate, Fate::At(_)));
        fate
    }

    /// Whether the attribute is folded in; if so it is noted that it was.
    fn folds(&self, slot: u32, fates: &mut Fates) -> bool {
        let is_private = self.program.attribute(slot).is_private;
        let is_withheld = is_private && self.recipient == Recipient::Browser;
        if !is_withheld && !self.known.folds(slot) {
            return false;
        }
        if is_withheld {
            fates.asks_anything = true;
        } else {
            fates.asks.insert(slot);
        }
        true
    }
}

impl Fates {
    pub(super) fn of(&self, index: u32) -> Fate {
        let place = index.saturating_sub(self.first) as usize;
        self.nodes.get(place).copied().unwrap_or(Fate::Unreached)
    }

    fn set(&mut self, index: u32, fate: Fate) {
        let place = index.saturating_sub(self.first) as usize;
        if let Some(node) = self.nodes.get_mut(place) {
            *node = fate;
        }
    }

    /// A walk may come to the node `index`, which is not decided yet.
    fn reach(&mut self, index: u32) {
        self.set(index, Fate::Kept);
    }

    /// What decided `other` decides this as well.
    fn follow(&mut self, other: &Fates) {
        self.asks.extend(&other.asks);
        self.asks_anything |= other.asks_anything;
    }
}
