//! What answers depend on.

use alloc::vec;
use alloc::vec::Vec;

use super::decided::unit_slot;
use super::reach::reach;
use crate::context::{Context, Slot};
use crate::flag::{Expose, Flag, some};
use crate::layout::{NONE, SPLIT_WORDS, Section};
use crate::node::{Node, operation};
use crate::program::{Attribute, Program};

/// All that the answers of some flags depend on beside live state: attributes, and instants at which time matters.
///
/// Two contexts for which [`Reads::key`] gives the same bytes have the same answers, whatever else they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reads {
    /// By slot.
    slots: Vec<bool>,
    /// Ascending, each once; ms since 1970.
    instants: Vec<i64>,
}

impl Reads {
    /// What the flags of `program` that `shows` picks read, with the segments and flags that they lead to.
    pub fn of<'p>(program: &'p Program, mut shows: impl FnMut(Flag<'p>) -> bool) -> Reads {
        let mut slots = vec![false; program.count(Section::Attributes) as usize];
        let mut instants = Vec::new();
        let flags = program.flags().filter(|flag| shows(*flag));
        reach(program, flags, |node| {
            if let Some(reads) =
                slot_of(program, node).and_then(|slot| slots.get_mut(slot as usize))
            {
                *reads = true;
            }
            if node.operation() == operation::TIME {
                let bounds = [node.first(), node.second()].into_iter().filter_map(some);
                instants.extend(bounds.map(|bound| program.number_at(bound) as i64));
            }
        });
        instants.sort_unstable();
        instants.dedup();
        Reads { slots, instants }
    }

    /// What decides, beside live state, which program a browser is sent where the attributes that `folds` are folded in:
    /// those and the private ones, and all that flags read which may be sent as their answer.
    pub fn of_sent(program: &Program, mut folds: impl FnMut(Attribute<'_>) -> bool) -> Reads {
        let mut reads = Reads::of(program, |flag| may_be_decided(program, flag));
        for (reads, attribute) in reads.slots.iter_mut().zip(program.attributes()) {
            // It is asked about each, as where the program is specialised.
            let is_folded = folds(attribute);
            *reads |= is_folded || attribute.is_private;
        }
        reads
    }

    /// The attributes, by slot.
    pub fn attributes(&self) -> impl Iterator<Item = u32> + use<'_> {
        let slots = (0..).zip(&self.slots);
        slots.filter_map(|(slot, reads)| reads.then_some(slot))
    }

    /// What decides answers, as bytes: between which instants `now` (ms since 1970) lies, and the values that
    /// `context` has for the attributes.
    ///
    /// The context is one of the same program. Values are written as [`Context::from_bytes`] reads them.
    #[must_use]
    pub fn key(&self, context: &Context<'_>, now: i64) -> Vec<u8> {
        let interval = self.instants.partition_point(|instant| *instant <= now) as u32;
        let mut key = Vec::from(interval.to_le_bytes());
        for slot in self.attributes() {
            write(&mut key, context, *context.slot(slot));
        }
        key
    }
}

/// Whether a browser may be sent `flag` as its answer: where its rules lead to what no browser is sent.
fn may_be_decided(program: &Program, flag: Flag<'_>) -> bool {
    let mut may_be = match flag.expose() {
        Expose::Server => return false,
        Expose::Values => return true,
        Expose::Program => false,
    };
    reach(program, core::iter::once(flag), |node| {
        may_be |= match node.operation() {
            operation::FLAG => program
                .flag_at(node.first())
                .is_none_or(|flag| flag.expose() != Expose::Program),
            operation::SPLIT => {
                let record = program.record::<SPLIT_WORDS>(Section::Splits, node.first());
                record[6] != NONE
            }
            operation::RAMP => {
                unit_slot(program, node).is_some_and(|slot| program.attribute(slot).is_private)
            }
            _ => false,
        }
    });
    may_be
}

/// The attribute at which `node` looks, if it looks at one.
fn slot_of(program: &Program, node: Node<'_>) -> Option<u32> {
    match node.operation() {
        operation::SPLIT | operation::RAMP => unit_slot(program, node),
        _ => node.reads_attribute().then_some(node.slot()),
    }
}

fn write(key: &mut Vec<u8>, context: &Context<'_>, slot: Slot<'_>) {
    let mut sized = |tag: u8, size: usize| {
        key.push(tag);
        key.extend_from_slice(&(size as u32).to_le_bytes());
    };
    match slot {
        Slot::Missing => key.push(0),
        Slot::Null => key.push(1),
        Slot::Bool(bool) => key.push(if bool { 3 } else { 2 }),
        Slot::Number(number) => {
            key.push(4);
            // No test and no unit tells -0 from 0.
            key.extend_from_slice(&(number + 0.0).to_bits().to_le_bytes());
        }
        Slot::Text(text, _) => {
            sized(5, text.len());
            key.extend_from_slice(text);
        }
        Slot::List(first, length) => {
            let elements = context.elements(first, length);
            sized(6, elements.len());
            for element in elements {
                write(key, context, *element);
            }
        }
        Slot::Object => key.push(7),
    }
}

#[cfg(test)]
mod tests;
