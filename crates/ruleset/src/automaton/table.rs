//! The form in which programs hold automata.

use std::collections::HashMap;

use vexil_core::build::Automaton;

use super::minimize::{DEAD, MATCHED, States};

/// Rows of states from 2 on: by class of the next byte the next state, and last 1 where the text may end there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// The class of each byte.
    pub(super) classes: [u8; 256],
    pub(super) class_count: u16,
    pub(super) rows: Vec<Vec<u16>>,
    pub(super) start: u16,
}

impl Table {
    /// `None` where there are more states than numbers for them.
    pub(super) fn new(states: &States) -> Option<Table> {
        let count = states.accepts.len();
        u16::try_from(count).ok()?;
        // Bytes that lead from every state to the same one are of one class.
        let column = |class: usize| -> Vec<u32> {
            let rows = (0..).take(count).map(|state| states.row(state));
            rows.filter_map(|row| row.get(class).copied()).collect()
        };
        let mut merged: HashMap<Vec<u32>, u8> = HashMap::new();
        let mut kept = Vec::new();
        let mut numbers = Vec::new();
        for class in 0..states.class_count {
            let next = merged.len();
            let number = *merged.entry(column(class)).or_insert(next as u8);
            if usize::from(number) == next {
                kept.push(class);
            }
            numbers.push(number);
        }
        let mut classes = [0; 256];
        for (place, class) in classes.iter_mut().zip(&states.classes) {
            *place = numbers.get(usize::from(*class)).copied()?;
        }
        let rows = (MATCHED.saturating_add(1)..count as u32).map(|state| {
            let row = states.row(state);
            let next = kept.iter().filter_map(|class| row.get(*class));
            let end = u32::from(states.accepts(state));
            next.chain([&end]).map(|to| *to as u16).collect()
        });
        Some(Table {
            classes,
            class_count: kept.len() as u16,
            rows: rows.collect(),
            start: states.start as u16,
        })
    }

    /// How many bytes it takes in a program: words for its start, the classes, and the rows.
    pub(super) fn bytes(&self) -> usize {
        let row = usize::from(self.class_count).saturating_add(1).div_ceil(2);
        let words = self.rows.len().saturating_mul(row).saturating_add(65);
        words.saturating_mul(4)
    }

    /// What it decides about every text, if that is the same: it is minimal, so then it decides at once.
    pub(super) fn decides(&self) -> Option<bool> {
        match u32::from(self.start) {
            DEAD => Some(false),
            MATCHED => Some(true),
            _ => None,
        }
    }

    pub(super) fn automaton(&self) -> Option<Automaton> {
        Automaton::new(&self.classes, self.class_count, &self.rows, self.start)
    }
}
