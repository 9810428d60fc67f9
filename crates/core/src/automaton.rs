//! Patterns as tables: a deterministic automaton over classes of bytes.
//!
//! The table, in words of four bytes: the number of classes, with the state a walk begins in above it (16 bits each);
//! the class of each of the 256 bytes, four a word; then, for each state from 2 on, the next state for each class and
//! last whether the text may end here, two a word. State 0 never matches, state 1 always does; neither has a row.

use alloc::vec::Vec;

use crate::limits::AUTOMATON_BYTES;
use crate::program::List;

/// A pattern to be put into a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Automaton {
    words: Vec<u32>,
}

/// The state from which nothing matches.
const DEAD: u32 = 0;
/// The state in which the pattern has matched.
const MATCHED: u32 = 1;
/// The first state that has a row.
const FIRST_ROW: u32 = 2;
const CLASS_WORDS: usize = 64;
const HEAD_WORDS: usize = 1 + CLASS_WORDS;

impl Automaton {
    /// An automaton that begins in `start`: `rows` has, for each state from 2 on, the next state by class, and last 1
    /// where the pattern matches if the text ends here, else 0.
    ///
    /// `None` where it takes more than [`AUTOMATON_BYTES`], or a class or a state is not there.
    #[must_use]
    pub fn new(
        classes: &[u8; 256],
        class_count: u16,
        rows: &[Vec<u16>],
        start: u16,
    ) -> Option<Automaton> {
        let mut words = Vec::from([u32::from(class_count) | u32::from(start) << 16]);
        for four in classes.chunks_exact(4) {
            words.push(u32::from_le_bytes(*four.first_chunk()?));
        }
        for row in rows {
            for two in row.chunks(2) {
                let next = two.get(1).copied().unwrap_or_default();
                words.push(u32::from(*two.first()?) | u32::from(next) << 16);
            }
        }
        let automaton = Automaton { words };
        is_sound(automaton.words.len(), |at| {
            automaton.words.get(at).copied().unwrap_or_default()
        })
        .then_some(automaton)
    }

    pub(crate) fn of(list: List<'_>) -> Automaton {
        Automaton {
            words: list.iter().collect(),
        }
    }

    pub(crate) fn words(&self) -> &[u32] {
        &self.words
    }
}

/// Whether a table can be run: every class has a column, every state a row.
pub(crate) fn is_sound(length: usize, word: impl Fn(usize) -> u32) -> bool {
    let head = word(0);
    let (classes, start) = ((head & 0xffff) as usize, head >> 16);
    let row_words = row_words(classes);
    let body = length.saturating_sub(HEAD_WORDS);
    let states = body
        .checked_div(row_words)
        .unwrap_or_default()
        .saturating_add(FIRST_ROW as usize);
    let is_whole = length >= HEAD_WORDS
        && length.saturating_mul(4) <= AUTOMATON_BYTES
        && body.checked_rem(row_words) == Some(0);
    if !is_whole || classes == 0 || start as usize >= states {
        return false;
    }
    for at in 1..HEAD_WORDS {
        for place in 0..4 {
            if class_of(word(at), place) as usize >= classes {
                return false;
            }
        }
    }
    for at in HEAD_WORDS..length {
        let word = word(at);
        if (word & 0xffff) as usize >= states || (word >> 16) as usize >= states {
            return false;
        }
    }
    true
}

/// Whether the pattern of a sound table matches somewhere in `text`. One step a byte.
pub(crate) fn matches(table: List<'_>, text: &[u8]) -> bool {
    let head = table.at(0);
    let classes = (head & 0xffff) as usize;
    let row_words = row_words(classes);
    let next = |state: u32, column: usize| {
        let row = (state.saturating_sub(FIRST_ROW) as usize).saturating_mul(row_words);
        let at = HEAD_WORDS.saturating_add(row).saturating_add(column / 2);
        table.at(at) >> (column as u32 % 2).saturating_mul(16) & 0xffff
    };
    let mut state = head >> 16;
    for byte in text {
        if state == DEAD || state == MATCHED {
            break;
        }
        let word = table.at(usize::from(byte / 4).saturating_add(1));
        let class = class_of(word, u32::from(byte % 4));
        state = next(state, class as usize);
    }
    match state {
        DEAD | MATCHED => state == MATCHED,
        _ => next(state, classes) != 0,
    }
}

/// One of the four classes of a word.
fn class_of(word: u32, place: u32) -> u32 {
    word >> (place & 3).wrapping_mul(8) & 0xff
}

fn row_words(classes: usize) -> usize {
    // A column for each class and one for the end, two a word.
    (classes / 2).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::Automaton;

    fn classes() -> [u8; 256] {
        let mut classes = [0; 256];
        classes[usize::from(b'a')] = 1;
        classes
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        // Somewhere an `a`.
        let rows = [vec![2, 1, 0]];
        assert!(Automaton::new(&classes(), 2, &rows, 2).is_some());
        assert_eq!(Automaton::new(&classes(), 1, &rows, 2), None, "a class");
        assert_eq!(Automaton::new(&classes(), 2, &rows, 3), None, "the start");
        assert_eq!(
            Automaton::new(&classes(), 2, &[vec![3, 1, 0]], 2),
            None,
            "a state"
        );
        assert_eq!(
            Automaton::new(&classes(), 2, &[vec![2]], 2),
            None,
            "a column"
        );
        assert_eq!(Automaton::new(&classes(), 2, &[], 2), None, "every row");
    }

    #[test]
    fn an_automaton_has_a_limit() {
        let rows = |count: usize| vec![vec![2, 1, 0]; count];
        assert!(Automaton::new(&classes(), 2, &rows(8_159), 2).is_some());
        assert_eq!(Automaton::new(&classes(), 2, &rows(8_160), 2), None);
    }
}
