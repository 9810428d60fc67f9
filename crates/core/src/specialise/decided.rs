//! Which attributes decide the answer of a flag that is sent as its answer.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::reach::reach;
use crate::flag::Flag;
use crate::layout::{SPLIT_WORDS, Section};
use crate::node::{Node, operation, ramp_slot};
use crate::program::Program;

/// Which flags read a private attribute, by index: themselves, or in what they lead to.
#[must_use]
pub fn private_readers(program: &Program) -> Vec<bool> {
    let reads = |flag| Asks::of(program, flag).has_private;
    program.flags().map(reads).collect()
}

/// The attributes of which a change may change the answer of a flag that is sent as its answer.
#[derive(Default)]
pub(super) struct Asks {
    /// Those that may be named to a browser, by slot.
    pub(super) slots: BTreeSet<u32>,
    /// Whether there are others.
    pub(super) has_private: bool,
}

impl Asks {
    pub(super) fn of(program: &Program, flag: Flag<'_>) -> Asks {
        let mut asks = Asks {
            has_private: flag.asks_anything(),
            ..Asks::default()
        };
        asks.slots.extend(flag.ask_slots());
        reach(program, core::iter::once(flag), |node| {
            match node.operation() {
                operation::SPLIT | operation::RAMP => {
                    if let Some(slot) = unit_slot(program, node) {
                        asks.add(program, slot);
                    }
                }
                _ if node.reads_attribute() => asks.add(program, node.slot()),
                _ => {}
            }
        });
        asks
    }

    fn add(&mut self, program: &Program, slot: u32) {
        if program.attribute(slot).is_private {
            self.has_private = true;
        } else {
            self.slots.insert(slot);
        }
    }
}

/// The attribute that is the unit of a split; `None` where a ramp knows its position.
pub(super) fn unit_slot(program: &Program, node: Node<'_>) -> Option<u32> {
    if node.operation() == operation::RAMP {
        return ramp_slot(program, node.first());
    }
    let record = program.record::<SPLIT_WORDS>(Section::Splits, node.first());
    Some(record[2])
}
