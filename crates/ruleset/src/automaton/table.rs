//! The form in which programs hold automata.

use std::collections::HashMap;

use vexil_core::build::Automaton;

use super::minimize::{DEAD, MATCHED, States};

/// The first state that has a row.
const FIRST_ROW: u32 = 2;

/// Rows of states from 2 on: by class of the next byte the next state, and last 1 where the text may end there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// The class of each byte.
    pub(super) classes: [u8; 256],
    pub(super) class_count: u16,
    pub(super) rows: Vec<Vec<u16>>,
    pub(super) start: u16,
}

/// What of a decimal was read last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decimal {
    Start,
    Minus,
    Whole,
    Point,
    Fraction,
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

    /// What it decides about the decimals of every number, if that is the same: `-12.5`, without an exponent.
    pub(crate) fn decides_decimals(&self) -> Option<bool> {
        let digits = *b"0123456789";
        let mut found = vec![(u32::from(self.start), Decimal::Start)];
        let mut decided = None;
        let mut index = 0;
        while let Some((state, part)) = found.get(index).copied() {
            if matches!(part, Decimal::Whole | Decimal::Fraction) {
                let holds = self.ends(state);
                if decided.is_some_and(|before| before != holds) {
                    return None;
                }
                decided = Some(holds);
            }
            let after = |byte: u8, part: Decimal| (self.next(state, byte).unwrap_or(state), part);
            let whole = digits.map(|digit| after(digit, Decimal::Whole));
            let fraction = digits.map(|digit| after(digit, Decimal::Fraction));
            let next: Vec<_> = match part {
                Decimal::Start => whole
                    .into_iter()
                    .chain([after(b'-', Decimal::Minus)])
                    .collect(),
                Decimal::Minus => whole.to_vec(),
                Decimal::Whole => whole
                    .into_iter()
                    .chain([after(b'.', Decimal::Point)])
                    .collect(),
                Decimal::Point | Decimal::Fraction => fraction.to_vec(),
            };
            for place in next {
                if !found.contains(&place) {
                    found.push(place);
                }
            }
            index = index.saturating_add(1);
        }
        decided
    }

    /// Whether `text` matches, as every engine finds it by a table.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut state = u32::from(self.start);
        for byte in text.bytes() {
            // The first two states have no row: there it is decided.
            match self.next(state, byte) {
                Some(to) => state = to,
                None => break,
            }
        }
        self.ends(state)
    }

    /// The state after `byte`; `None` where it is decided.
    fn next(&self, state: u32, byte: u8) -> Option<u32> {
        let class = self.classes.get(usize::from(byte))?;
        let to = self.row(state)?.get(usize::from(*class))?;
        Some(u32::from(*to))
    }

    /// Whether a text that ends in `state` matches.
    fn ends(&self, state: u32) -> bool {
        state == MATCHED || self.row(state).and_then(<[u16]>::last) == Some(&1)
    }

    fn row(&self, state: u32) -> Option<&[u16]> {
        let row = self.rows.get(state.checked_sub(FIRST_ROW)? as usize);
        row.map(Vec::as_slice)
    }

    pub(super) fn automaton(&self) -> Option<Automaton> {
        Automaton::new(&self.classes, self.class_count, &self.rows, self.start)
    }
}
