//! What a flag leads to: whether it may be sent, and which attributes decide its answer.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::flag::{Expose, Flag, FlagRecord};
use crate::layout::Section;
use crate::node::{Node, operation};
use crate::program::Program;

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
        let mut open = Vec::from([(flag.record().first_node, flag.record().end_node)]);
        let mut seen = BTreeSet::new();
        while let Some((first, end)) = open.pop() {
            if !seen.insert(first) {
                continue;
            }
            for node in (first..end).map(|index| Node::read(program, index)) {
                match node.operation {
                    operation::SEGMENT => {
                        let [first, end] = program.record::<8, 2>(Section::Segments, node.first);
                        open.push((first, end));
                    }
                    operation::FLAG => {
                        let flag = FlagRecord::read(program, node.first);
                        open.push((flag.first_node, flag.end_node));
                    }
                    operation::SPLIT => {
                        asks.add(program, split_unit(program, Section::Splits, node.first));
                    }
                    operation::RAMP => {
                        asks.add(program, split_unit(program, Section::Ramps, node.first));
                    }
                    operation::HOLDS | operation::SERVE => {}
                    _ => asks.add(program, u32::from(node.slot)),
                }
            }
        }
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

/// Which flags and segments may be sent with their rules.
pub(super) struct Sendable {
    flags: Vec<bool>,
    segments: Vec<bool>,
}

impl Sendable {
    pub(super) fn of(program: &Program) -> Sendable {
        let mut sendable = Sendable {
            flags: Vec::new(),
            segments: Vec::new(),
        };
        let mut segments = 0..program.count(Section::Segments);
        let mut next_segment = segments.next();
        for flag in program.flags() {
            let record = flag.record();
            // INVARIANT: a checked program has the runs of nodes in the order in which they lead to each other.
            while let Some(segment) = next_segment {
                let [first, end] = program.record::<8, 2>(Section::Segments, segment);
                if first > record.first_node {
                    break;
                }
                let is_sendable = sendable.nodes(program, first, end);
                sendable.segments.push(is_sendable);
                next_segment = segments.next();
            }
            let is_sendable = flag.expose() == Expose::Program
                && sendable.nodes(program, record.first_node, record.end_node);
            sendable.flags.push(is_sendable);
        }
        sendable
    }

    pub(super) fn flag(&self, index: u32) -> bool {
        self.flags.get(index as usize).copied().unwrap_or_default()
    }

    fn nodes(&self, program: &Program, first: u32, end: u32) -> bool {
        let is_public = |slot: u32| !program.attribute(slot).is_private;
        (first..end)
            .map(|index| Node::read(program, index))
            .all(|node| match node.operation {
                operation::SEGMENT => self
                    .segments
                    .get(node.first as usize)
                    .copied()
                    .unwrap_or_default(),
                operation::FLAG => self.flag(node.first),
                operation::SPLIT => is_public(split_unit(program, Section::Splits, node.first)),
                operation::RAMP => is_public(split_unit(program, Section::Ramps, node.first)),
                operation::HOLDS | operation::SERVE => true,
                _ => is_public(u32::from(node.slot)),
            })
    }
}

fn split_unit(program: &Program, section: Section, index: u32) -> u32 {
    let [_, _, slot, _, _, _] = program.record::<24, 6>(section, index);
    slot
}
