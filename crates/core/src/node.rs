//! The nodes of the decision graphs that flags and segments are compiled to.
//!
//! A node is a test with two targets, or a leaf. Targets lie further on in the same graph, and a test of a
//! segment or of another flag leads to a graph that ended earlier, so every walk ends.

use crate::bytes::Word;
use crate::flag::some;
use crate::layout::{NODE_WORDS, Section};
use crate::program::Program;

/// A record of [`Section::Nodes`], read where it lies.
#[derive(Clone, Copy)]
pub(crate) struct Node<'p>(&'p [Word; NODE_WORDS]);

/// A node as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeSpec {
    /// What it does: a constant of [`operation`].
    pub(crate) operation: u8,
    /// The reason that a [`operation::SERVE`] gives, with [`MISSING_UNIT`]; the booleans that a [`operation::IN`] lists.
    pub(crate) options: u8,
    /// The attribute it looks at.
    pub(crate) slot: u16,
    pub(crate) first: u32,
    pub(crate) second: u32,
    pub(crate) yes: u32,
    pub(crate) no: u32,
    /// The rule it is part of, [`REQUIRES`], [`TARGETS`], or none.
    pub(crate) rule: u32,
}

/// What a node does, and what its operands are.
pub(crate) mod operation {
    /// The attribute is there and not null.
    pub(crate) const EXISTS: u8 = 1;
    /// The attribute is the string `first`.
    pub(crate) const IS_TEXT: u8 = 2;
    /// The attribute is the number `first`.
    pub(crate) const IS_NUMBER: u8 = 3;
    /// The attribute is true (`first` = 1) or false (0).
    pub(crate) const IS_BOOL: u8 = 4;
    /// The attribute is in the list `first`, or is a boolean of the options. The first `second` items of the list are
    /// strings, ascending, or where they are more than eight an open-addressed table; then come numbers, ascending.
    pub(crate) const IN: u8 = 5;
    /// The attribute begins with a string of the list `first`.
    pub(crate) const STARTS_WITH: u8 = 6;
    /// The attribute ends with a string of the list `first`.
    pub(crate) const ENDS_WITH: u8 = 7;
    /// The attribute contains a string of the list `first`.
    pub(crate) const CONTAINS: u8 = 8;
    /// The attribute is a number below the number `first`.
    pub(crate) const LESS: u8 = 9;
    /// The attribute is a number not above the number `first`.
    pub(crate) const LESS_OR_EQUAL: u8 = 10;
    /// The attribute is a number above the number `first`.
    pub(crate) const GREATER: u8 = 11;
    /// The attribute is a number not below the number `first`.
    pub(crate) const GREATER_OR_EQUAL: u8 = 12;
    /// The attribute is a version within the `second` comparators from `first` on.
    pub(crate) const SEMVER: u8 = 13;
    /// The attribute is an instant before the number `first`.
    pub(crate) const BEFORE: u8 = 14;
    /// The attribute is an instant after the number `first`.
    pub(crate) const AFTER: u8 = 15;
    /// The attribute is an address in one of the `second` networks from `first` on, which ascend and do not overlap.
    pub(crate) const CIDR: u8 = 16;
    /// The automaton `first` (a list) matches the attribute; the string `second` says what a person wrote.
    pub(crate) const MATCHES: u8 = 17;
    /// The instant is not before the number `first` and before the number `second`; either may be none.
    pub(crate) const TIME: u8 = 18;
    /// The release `first` is at the stage `second`, or past it.
    pub(crate) const REACHED: u8 = 19;
    /// The context is in the segment `first`.
    pub(crate) const SEGMENT: u8 = 20;
    /// The flag `first` is on and serves a variant of the list `second`.
    pub(crate) const FLAG: u8 = 21;
    /// Leaf of a segment: it holds (`first` = 1) or does not (0).
    pub(crate) const HOLDS: u8 = 22;
    /// Leaf of a flag: serves the variant `first`, for the reason in the options; the list `second`, if there is one,
    /// says which stage chose it (a string) and the arm.
    pub(crate) const SERVE: u8 = 23;
    /// Leaf of a flag: the split `first`; without a unit the walk goes on at `no`.
    pub(crate) const SPLIT: u8 = 24;
    /// Leaf of a flag: the ramp `first`; without a unit the walk goes on at `no`.
    pub(crate) const RAMP: u8 = 25;
}

/// In the options of [`operation::SERVE`]: it serves because a split at the default had no unit.
pub(crate) const MISSING_UNIT: u8 = 1 << 7;
/// In the place of a rule: the prerequisites, which come first.
pub(crate) const REQUIRES: u32 = u32::MAX - 1;
/// In the place of a rule: the targets, which come next.
pub(crate) const TARGETS: u32 = u32::MAX - 2;

impl NodeSpec {
    pub(crate) fn words(self) -> [u32; NODE_WORDS] {
        let head =
            u32::from(self.operation) | u32::from(self.options) << 8 | u32::from(self.slot) << 16;
        [head, self.first, self.second, self.yes, self.no, self.rule]
    }
}

impl<'p> Node<'p> {
    #[inline]
    pub(crate) fn read(program: &'p Program, index: u32) -> Node<'p> {
        Node(program.words(Section::Nodes, index))
    }

    pub(crate) fn words(self) -> [u32; NODE_WORDS] {
        self.0.map(u32::from_le_bytes)
    }

    /// What it does: a constant of [`operation`].
    #[inline]
    pub(crate) fn operation(self) -> u8 {
        let [[operation, ..], ..] = self.0;
        *operation
    }

    /// [`NodeSpec::options`].
    #[inline]
    pub(crate) fn options(self) -> u8 {
        let [[_, options, ..], ..] = self.0;
        *options
    }

    /// The attribute it looks at.
    #[inline]
    pub(crate) fn slot(self) -> u32 {
        let [[_, _, low, high], ..] = self.0;
        u32::from(u16::from_le_bytes([*low, *high]))
    }

    #[inline]
    pub(crate) fn first(self) -> u32 {
        self.word::<1>()
    }

    #[inline]
    pub(crate) fn second(self) -> u32 {
        self.word::<2>()
    }

    #[inline]
    pub(crate) fn yes(self) -> u32 {
        self.word::<3>()
    }

    #[inline]
    pub(crate) fn no(self) -> u32 {
        self.word::<4>()
    }

    /// [`NodeSpec::rule`].
    #[inline]
    pub(crate) fn rule(self) -> u32 {
        self.word::<5>()
    }

    #[inline]
    fn word<const PLACE: usize>(self) -> u32 {
        self.0
            .get(PLACE)
            .map_or(0, |word| u32::from_le_bytes(*word))
    }

    /// Whether it goes on at `yes`.
    pub(crate) fn is_test(self) -> bool {
        (operation::EXISTS..=operation::FLAG).contains(&self.operation())
    }

    /// Whether it tests an attribute.
    pub(crate) fn reads_attribute(self) -> bool {
        (operation::EXISTS..=operation::MATCHES).contains(&self.operation())
    }

    /// Whether it goes on at `no`, at least sometimes: a ramp whose unit is known does not.
    pub(crate) fn has_no(self, program: &Program) -> bool {
        match self.operation() {
            operation::SPLIT => true,
            operation::RAMP => ramp_slot(program, self.first()).is_some(),
            _ => self.is_test(),
        }
    }
}

/// The attribute by which a ramp places its units; `None` where it knows the position.
pub(crate) fn ramp_slot(program: &Program, ramp: u32) -> Option<u32> {
    some(program.word(Section::Ramps, ramp, 2))
}
