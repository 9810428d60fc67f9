//! What tests compare attributes with, for people and tools.

use alloc::vec::Vec;

use crate::build::{Arm, Operand};
use crate::bytes::u64_at;
use crate::evaluate::{bool_bit, comparator_at, network_at};
use crate::layout::{NONE, RAMP_WORDS, SPLIT_WORDS, Section};
use crate::network::Network;
use crate::node::{Node, operation};
use crate::program::{Attribute, List, Program};
use crate::semver::Comparator;

/// What an attribute is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted<'p> {
    /// It is there and not null.
    Exists,
    /// It equals one of these.
    OneOf(Shown<Operand<'p>>),
    /// It begins with one of these.
    StartsWith(Shown<&'p str>),
    /// It ends with one of these.
    EndsWith(Shown<&'p str>),
    /// It contains one of these.
    Contains(Shown<&'p str>),
    /// It is a number below this.
    Less(f64),
    /// It is a number not above this.
    LessOrEqual(f64),
    /// It is a number above this.
    Greater(f64),
    /// It is a number not below this.
    GreaterOrEqual(f64),
    /// It is a version for which all comparators of one of the alternatives hold.
    Semver(Vec<Vec<Comparator<'p>>>),
    /// It is an instant before this one (ms since 1970).
    Before(i64),
    /// It is an instant after this one (ms since 1970).
    After(i64),
    /// It is an address in one of these.
    Cidr(Shown<Network>),
    /// It is a string that matches what a person wrote.
    Matches(&'p str),
}

/// A list, cut short.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown<T> {
    /// Some of it.
    pub some: Vec<T>,
    /// How long the whole is.
    pub count: usize,
}

impl Program {
    /// Each attribute with what it is compared with, test by test; of a list at most `most`.
    pub fn comparisons(&self, most: usize) -> impl Iterator<Item = (Attribute<'_>, Wanted<'_>)> {
        (0..self.count(Section::Nodes)).filter_map(move |index| {
            let node = Node::read(self, index);
            let attribute = || self.attribute(node.slot());
            node.reads_attribute()
                .then(|| (attribute(), Wanted::of(self, node, most)))
        })
    }

    /// The attributes that are units of splits and releases; one may come several times.
    pub fn units(&self) -> impl Iterator<Item = Attribute<'_>> {
        let splits = (0..self.count(Section::Splits))
            .map(|split| self.record::<SPLIT_WORDS>(Section::Splits, split)[2]);
        let ramps = (0..self.count(Section::Ramps))
            .map(|ramp| self.record::<RAMP_WORDS>(Section::Ramps, ramp)[2]);
        let slots = splits.chain(ramps).filter(|slot| *slot != NONE);
        slots.map(|slot| self.attribute(slot))
    }
}

impl<'p> Wanted<'p> {
    /// What `node`, which reads an attribute, wants of it; of a list at most `most`.
    pub(crate) fn of(program: &'p Program, node: Node<'_>, most: usize) -> Wanted<'p> {
        let number = || program.number_at(node.first());
        let texts = || Shown::texts(program, program.list(node.first()), most);
        let one = |operand| {
            Wanted::OneOf(Shown {
                some: Vec::from([operand]),
                count: 1,
            })
        };
        match node.operation() {
            operation::IS_TEXT => one(Operand::Text(program.string(node.first()))),
            operation::IS_NUMBER => one(Operand::Number(number())),
            operation::IS_BOOL => one(Operand::Bool(node.first() != 0)),
            operation::IN => Wanted::OneOf(Shown::of(operands(program, node).into_iter(), most)),
            operation::STARTS_WITH => Wanted::StartsWith(texts()),
            operation::ENDS_WITH => Wanted::EndsWith(texts()),
            operation::CONTAINS => Wanted::Contains(texts()),
            operation::LESS => Wanted::Less(number()),
            operation::LESS_OR_EQUAL => Wanted::LessOrEqual(number()),
            operation::GREATER => Wanted::Greater(number()),
            operation::GREATER_OR_EQUAL => Wanted::GreaterOrEqual(number()),
            operation::SEMVER => Wanted::Semver(alternatives(program, node)),
            operation::BEFORE => Wanted::Before(number() as i64),
            operation::AFTER => Wanted::After(number() as i64),
            operation::CIDR => {
                let networks = node.first()..node.first().saturating_add(node.second());
                Wanted::Cidr(Shown::of(networks.map(|at| network_at(program, at)), most))
            }
            operation::MATCHES => Wanted::Matches(program.string(node.second())),
            _ => Wanted::Exists,
        }
    }
}

impl<T> Shown<T> {
    fn of(items: impl Iterator<Item = T>, most: usize) -> Shown<T> {
        let mut shown = Shown {
            some: Vec::new(),
            count: 0,
        };
        for item in items {
            if shown.count < most {
                shown.some.push(item);
            }
            shown.count = shown.count.saturating_add(1);
        }
        shown
    }
}

impl<'p> Shown<&'p str> {
    fn texts(program: &'p Program, list: List<'p>, most: usize) -> Shown<&'p str> {
        Shown::of(list.iter().map(|string| program.string(string)), most)
    }
}

/// What an `in` test lists: strings in the order in which the program has them, whatever that of a table, then
/// numbers, then booleans.
pub(crate) fn operands<'p>(program: &'p Program, node: Node<'_>) -> Vec<Operand<'p>> {
    let (mut strings, mut numbers) = (Vec::new(), Vec::new());
    for (place, item) in program.list(node.first()).iter().enumerate() {
        if place >= node.second() as usize {
            numbers.push(Operand::Number(program.number_at(item)));
        } else if item != NONE {
            strings.push(item);
        }
    }
    strings.sort_unstable();
    let strings = strings.into_iter().map(|item| program.string(item));
    let mut operands: Vec<Operand<'_>> = strings.map(Operand::Text).collect();
    operands.append(&mut numbers);
    for bool in [false, true] {
        if node.options() & bool_bit(bool) != 0 {
            operands.push(Operand::Bool(bool));
        }
    }
    operands
}

/// The comparators of a `semver` test, by alternative.
pub(crate) fn alternatives<'p>(program: &'p Program, node: Node<'_>) -> Vec<Vec<Comparator<'p>>> {
    let mut alternatives = Vec::new();
    let mut alternative = Vec::new();
    for index in node.first()..node.first().saturating_add(node.second()) {
        let (comparator, ends_alternative) = comparator_at(program, index);
        alternative.push(comparator);
        if ends_alternative {
            alternatives.push(core::mem::take(&mut alternative));
        }
    }
    alternatives
}

/// The arms of a split.
pub(crate) fn arms(program: &Program, first: u32, count: u32) -> Vec<Arm> {
    let arms = first..first.saturating_add(count);
    let arm = |arm| {
        let at = program.offset(Section::Arms, arm);
        let [variant] = program.record::<1>(Section::Arms, arm);
        Arm {
            variant,
            end: u64_at(program.bytes(), at.saturating_add(4)),
            boundary: u64_at(program.bytes(), at.saturating_add(12)),
        }
    };
    arms.map(arm).collect()
}
