//! Answers that this isolate has given, so that equal questions cost no evaluation.
//!
//! An answer is found by all that decides it, exactly and not by a hash of it: no client can make a question that finds
//! another's answer. A new version, and an instant at which answers may change, make other keys, so nothing is ever
//! taken out but for want of room.

use core::num::NonZeroUsize;
use std::rc::Rc;

use lru::LruCache;
use vexil_ofrep::{Body, Response};

/// How much memory keys and bodies may take.
const MOST_BYTES: usize = 8 << 20;
/// How many there may be, whatever their size.
const MOST: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// Answers by what decides them; those not asked for longest make room.
pub(crate) struct Answers {
    kept: LruCache<Vec<u8>, Rc<Response>>,
    bytes: usize,
}

impl Default for Answers {
    fn default() -> Self {
        Answers {
            kept: LruCache::new(MOST),
            bytes: 0,
        }
    }
}

impl Answers {
    /// The answer that was kept under `key`.
    pub(crate) fn get(&mut self, key: &[u8]) -> Option<Rc<Response>> {
        self.kept.get(key).map(Rc::clone)
    }

    /// Keeps `answer`, unless it would take more than half of the room: a large program takes longest to make.
    pub(crate) fn keep(&mut self, key: Vec<u8>, answer: Rc<Response>) {
        let size = size(&key, &answer);
        if size > MOST_BYTES / 2 {
            return;
        }
        self.bytes = self.bytes.saturating_add(size);
        if let Some((old_key, old)) = self.kept.push(key, answer) {
            self.bytes = self.bytes.saturating_sub(self::size(&old_key, &old));
        }
        while self.bytes > MOST_BYTES {
            let Some((key, answer)) = self.kept.pop_lru() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(self::size(&key, &answer));
        }
    }
}

fn size(key: &[u8], answer: &Response) -> usize {
    let body = match &answer.body {
        Body::Empty => 0,
        Body::Json(text) => text.len(),
        Body::Bytes(bytes) => bytes.len(),
    };
    key.len().saturating_add(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(size: usize) -> Rc<Response> {
        Rc::new(Response {
            status: 200,
            etag: None,
            body: Body::Bytes(vec![0; size]),
            missing_units: Vec::new(),
        })
    }

    #[test]
    fn those_not_asked_for_longest_make_room_and_the_room_is_bounded() {
        let mut answers = Answers::default();
        let size = MOST_BYTES / 16 - 1;
        for key in 0..16 {
            answers.keep(vec![key], answer(size));
        }
        assert!(answers.get(&[0]).is_some());
        answers.keep(vec![16], answer(size));
        let kept: Vec<u8> = (0..=16)
            .filter(|key| answers.get(&[*key]).is_some())
            .collect();
        assert_eq!(kept, (0..=16).filter(|key| *key != 1).collect::<Vec<_>>());
        assert!(answers.bytes <= MOST_BYTES);
    }

    #[test]
    fn one_kept_twice_counts_once_and_one_too_large_is_not_kept() {
        let mut answers = Answers::default();
        for _ in 0..3 {
            answers.keep(vec![1, 2], answer(100));
        }
        assert_eq!(answers.bytes, 102);
        answers.keep(vec![3], answer(MOST_BYTES / 2));
        assert!(answers.get(&[3]).is_none());
    }

    #[test]
    fn there_are_only_so_many() {
        let mut answers = Answers::default();
        for key in 0..2 * MOST.get() as u32 {
            answers.keep(key.to_le_bytes().to_vec(), answer(1));
        }
        assert_eq!(
            (answers.kept.len(), answers.bytes),
            (MOST.get(), 5 * MOST.get())
        );
    }
}
