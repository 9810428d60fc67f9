//! Tables that decide about a text byte by byte, made of what a pattern or a list of texts means.

mod minimize;
mod table;

use std::collections::HashMap;

use regex_automata::dfa::dense::{self, DFA};
use regex_automata::dfa::{Automaton as _, StartKind};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::{primitives::StateID, start};
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Dot, Hir, Look, Repetition};
use vexil_core::build;
use vexil_core::limits::AUTOMATON_BYTES;

use minimize::{DEAD, MATCHED, States};
pub(crate) use table::Table;

/// What making one may take, in bytes: enough for tables of the size allowed, and little enough that what would not fit
/// into one is given up within a tenth of a second.
const NFA_BYTES: usize = 1 << 20;
const DFA_BYTES: usize = 1 << 20;
const SETS_BYTES: usize = 512 << 10;

/// A decision about texts, and how people read it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Search {
    pub(crate) automaton: build::Automaton,
    /// `matches "^a"`
    pub(crate) source: String,
    /// Those of its automaton.
    pub(crate) bytes: usize,
    /// What it took to make it: bytes of the machines on the way to its table.
    pub(crate) work: usize,
    /// What it decides about every text, if that is the same.
    decides: Option<bool>,
}

/// It needs more than [`AUTOMATON_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

impl Search {
    /// The texts in which `hir` matches somewhere.
    pub(crate) fn new(hir: &Hir, source: String) -> Result<Search, TooLarge> {
        let (table, work) = table(hir).ok_or(TooLarge)?;
        let bytes = table.bytes();
        if bytes > AUTOMATON_BYTES {
            return Err(TooLarge);
        }
        let automaton = table.automaton().ok_or(TooLarge)?;
        Ok(Search {
            automaton,
            source,
            bytes,
            work,
            decides: table.decides(),
        })
    }

    pub(crate) fn decides(&self) -> Option<bool> {
        self.decides
    }
}

/// The smallest table that decides whether `hir` matches somewhere in a text, and the bytes of the machines on the way
/// to it; `None` where making it takes too much.
pub(crate) fn table(hir: &Hir) -> Option<(Table, usize)> {
    let nfa = thompson::Config::new()
        .which_captures(WhichCaptures::None)
        .nfa_size_limit(Some(NFA_BYTES));
    let nfa = thompson::Compiler::new()
        .configure(nfa)
        .build_from_hir(&anywhere(hir))
        .ok()?;
    let dfa = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .match_kind(MatchKind::LeftmostFirst)
        .accelerate(false)
        .dfa_size_limit(Some(DFA_BYTES))
        .determinize_size_limit(Some(SETS_BYTES));
    let dfa = dense::Builder::new()
        .configure(dfa)
        .build_from_nfa(&nfa)
        .ok()?;
    let work = nfa.memory_usage().saturating_add(dfa.memory_usage());
    Some((Table::new(&states(&dfa)?.minimal())?, work))
}

/// `hir` after anything.
fn anywhere(hir: &Hir) -> Hir {
    let properties = hir.properties();
    if properties.look_set_prefix().contains(Look::Start) {
        return hir.clone();
    }
    // Bytes are simpler to skip than characters, and whatever consumes one begins where a character does. Only a word
    // boundary alone would be found between the bytes of one.
    let is_empty_boundary =
        properties.minimum_len() == Some(0) && properties.look_set().contains_word();
    let skipped = if is_empty_boundary {
        Dot::AnyChar
    } else {
        Dot::AnyByte
    };
    let anything = Hir::repetition(Repetition {
        min: 0,
        max: None,
        greedy: false,
        sub: Box::new(Hir::dot(skipped)),
    });
    Hir::concat(vec![anything, hir.clone()])
}

/// The states that a text can lead to; what follows a match is left out.
fn states(dfa: &DFA<Vec<u32>>) -> Option<States> {
    let classes: Vec<u8> = (0..=u8::MAX)
        .map(|byte| dfa.byte_classes().get(byte))
        .collect();
    // Classes are numbered by their first byte.
    let mut firsts: Vec<u8> = Vec::new();
    for (byte, class) in (0..=u8::MAX).zip(&classes) {
        if usize::from(*class) == firsts.len() {
            firsts.push(byte);
        }
    }
    let start = start::Config::new().anchored(Anchored::Yes);
    let start = dfa.start_state(&start).ok()?;
    let mut found = vec![start];
    let mut numbers: HashMap<StateID, u32> = HashMap::from([(start, MATCHED.saturating_add(1))]);
    let mut next = vec![DEAD; firsts.len()];
    next.extend(vec![MATCHED; firsts.len()]);
    let mut accepts = vec![false, true];
    let mut index = 0;
    while let Some(state) = found.get(index).copied() {
        for byte in &firsts {
            let to = dfa.next_state(state, *byte);
            next.push(if dfa.is_dead_state(to) {
                DEAD
            } else if dfa.is_match_state(to) {
                MATCHED
            } else {
                *numbers.entry(to).or_insert_with(|| {
                    found.push(to);
                    found.len().saturating_add(1) as u32
                })
            });
        }
        accepts.push(dfa.is_match_state(dfa.next_eoi_state(state)));
        index = index.saturating_add(1);
    }
    Some(States {
        classes,
        class_count: firsts.len(),
        next,
        accepts,
        start: MATCHED.saturating_add(1),
    })
}

#[cfg(test)]
mod tests;
