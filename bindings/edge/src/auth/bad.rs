//! Keys that proved to be nobody's, for a while: whoever tries one again asks no environment.

use std::cell::RefCell;
use std::collections::BTreeMap;

use vexil_audit::Hash;

/// How long a key is taken for nobody's without asking.
const REMEMBERED_MS: i64 = 5_000;
/// How many are remembered.
const MOST: usize = 1_024;

thread_local! {
    static BAD: RefCell<Bad> = const { RefCell::new(Bad(BTreeMap::new())) };
}

/// Whether the key of that hash was nobody's a moment before `now` (ms since 1970).
pub(super) fn is_bad(hash: Hash, now: i64) -> bool {
    BAD.with_borrow(|bad| bad.has(hash, now))
}

pub(super) fn remember(hash: Hash, now: i64) {
    BAD.with_borrow_mut(|bad| bad.add(hash, now));
}

/// Until when each is remembered.
struct Bad(BTreeMap<Hash, i64>);

impl Bad {
    fn has(&self, hash: Hash, now: i64) -> bool {
        self.0.get(&hash).is_some_and(|until| now < *until)
    }

    fn add(&mut self, hash: Hash, now: i64) {
        if self.0.len() >= MOST {
            self.0.retain(|_, until| now < *until);
        }
        // Whoever fills it within seconds finds it empty again: it saves work, and decides nothing.
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(hash, now.saturating_add(REMEMBERED_MS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: usize) -> Hash {
        Hash::of(&number.to_le_bytes())
    }

    #[test]
    fn a_bad_key_is_remembered_for_a_while() {
        let mut bad = Bad(BTreeMap::new());
        bad.add(hash(1), 1_000);
        for (number, now, want) in [
            (1, 1_000, true),
            (1, 5_999, true),
            (1, 6_000, false),
            (2, 1_000, false),
        ] {
            assert_eq!(bad.has(hash(number), now), want, "{number} at {now}");
        }
    }

    #[test]
    fn no_more_are_remembered_than_fit() {
        let mut bad = Bad(BTreeMap::new());
        for number in 0..10 * MOST {
            bad.add(hash(number), 0);
            assert!(bad.0.len() <= MOST);
            assert!(bad.has(hash(number), 0));
        }
        bad.add(hash(0), REMEMBERED_MS);
        assert!(bad.has(hash(0), REMEMBERED_MS));
    }
}
