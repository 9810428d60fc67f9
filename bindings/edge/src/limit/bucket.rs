//! Token buckets, as many as fit.

use std::collections::BTreeMap;

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rate {
    pub(super) per_s: f64,
    pub(super) at_once: f64,
}

impl Rate {
    /// Reads `200/20000`: so many a second, so many at once. Both are above zero.
    pub(super) fn parse(text: &str) -> Option<Rate> {
        let (per_s, at_once) = text.split_once('/')?;
        let number = |text: &str| {
            let number = text.trim().parse::<f64>().ok()?;
            (number.is_finite() && number > 0.0).then_some(number)
        };
        let rate = Rate {
            per_s: number(per_s)?,
            at_once: number(at_once)?,
        };
        (rate.at_once >= 1.0).then_some(rate)
    }
}

/// What is left for each caller.
///
/// Callers of late are kept in two halves: when the newer one is full the older is forgotten, and who has not asked since
/// begins anew. So memory is bounded, and only who commands more addresses than fit gets more by it.
#[derive(Default)]
pub(super) struct Buckets {
    newer: BTreeMap<Vec<u8>, Bucket>,
    older: BTreeMap<Vec<u8>, Bucket>,
}

/// How many callers one half keeps.
const HALF: usize = 8_192;

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    /// When `left` was so much, in ms since 1970.
    then: i64,
}

impl Buckets {
    /// Takes one from the bucket of `caller` at `now`, in ms since 1970.
    ///
    /// # Errors
    /// After how many seconds there is one.
    pub(super) fn take(&mut self, caller: &[u8], rate: Rate, now: i64) -> Result<(), u32> {
        let bucket = self.filled(caller, rate, now);
        if bucket.left < 1.0 {
            return Err(wait(*bucket, rate));
        }
        bucket.left -= 1.0;
        Ok(())
    }

    /// As [`Buckets::take`], and takes none.
    ///
    /// # Errors
    /// After how many seconds there is one.
    pub(super) fn look(&self, caller: &[u8], rate: Rate, now: i64) -> Result<(), u32> {
        let known = self.newer.get(caller).or_else(|| self.older.get(caller));
        let Some(bucket) = known.map(|bucket| bucket.at(rate, now)) else {
            return Ok(());
        };
        if bucket.left < 1.0 {
            Err(wait(bucket, rate))
        } else {
            Ok(())
        }
    }

    fn filled(&mut self, caller: &[u8], rate: Rate, now: i64) -> &mut Bucket {
        if self.newer.len() >= HALF && !self.newer.contains_key(caller) {
            self.older = core::mem::take(&mut self.newer);
        }
        let older = &mut self.older;
        let bucket = self.newer.entry(caller.to_vec()).or_insert_with(|| {
            older.remove(caller).unwrap_or(Bucket {
                left: rate.at_once,
                then: now,
            })
        });
        *bucket = bucket.at(rate, now);
        bucket
    }
}

impl Bucket {
    /// What it is at `now`. A clock that went back fills nothing.
    fn at(self, rate: Rate, now: i64) -> Bucket {
        let passed_s = now.saturating_sub(self.then).max(0) as f64 / 1000.0;
        Bucket {
            left: (self.left + passed_s * rate.per_s).min(rate.at_once),
            then: now,
        }
    }
}

fn wait(bucket: Bucket, rate: Rate) -> u32 {
    ((1.0 - bucket.left) / rate.per_s).ceil().max(1.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        per_s: 2.0,
        at_once: 3.0,
    };

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_as_fast_as_it_fills() {
        let mut buckets = Buckets::default();
        for (now, want) in [
            (1_000, Ok(())),
            (1_000, Ok(())),
            (1_000, Ok(())),
            (1_000, Err(1)),
            (1_499, Err(1)),
            (1_500, Ok(())),
            (1_500, Err(1)),
            // Back, and nothing is given for it.
            (500, Err(1)),
            (60_000, Ok(())),
            (60_000, Ok(())),
            (60_000, Ok(())),
            (60_000, Err(1)),
        ] {
            assert_eq!(buckets.look(b"a", RATE, now), want, "look at {now}");
            assert_eq!(buckets.take(b"a", RATE, now), want, "take at {now}");
        }
        assert_eq!(buckets.take(b"b", RATE, 60_000), Ok(()));
    }

    #[test]
    fn who_has_to_wait_is_told_how_long() {
        let slow = Rate {
            per_s: 0.1,
            at_once: 1.0,
        };
        let mut buckets = Buckets::default();
        assert_eq!(buckets.take(b"a", slow, 0), Ok(()));
        assert_eq!(buckets.take(b"a", slow, 0), Err(10));
        assert_eq!(buckets.take(b"a", slow, 4_000), Err(6));
        assert_eq!(buckets.take(b"a", slow, 10_000), Ok(()));
    }

    #[test]
    fn callers_are_bounded_and_who_keeps_asking_is_not_forgotten() {
        let mut buckets = Buckets::default();
        for _ in 0..3 {
            assert_eq!(buckets.take(b"greedy", RATE, 0), Ok(()));
        }
        for number in 0..10 * HALF {
            assert_eq!(buckets.take(&number.to_le_bytes(), RATE, 0), Ok(()));
            assert!(buckets.newer.len() + buckets.older.len() <= 2 * HALF);
            if number % HALF == 0 {
                assert_eq!(buckets.take(b"greedy", RATE, 0), Err(1), "{number}");
            }
        }
    }

    #[test]
    fn a_rate_is_two_numbers_above_zero() {
        let rate = |per_s, at_once| Some(Rate { per_s, at_once });
        for (text, want) in [
            ("200/20000", rate(200.0, 20_000.0)),
            (" 0.5 / 1 ", rate(0.5, 1.0)),
            ("1/0.5", None),
            ("0/1", None),
            ("-1/1", None),
            ("inf/1", None),
            ("NaN/1", None),
            ("1", None),
            ("", None),
        ] {
            assert_eq!(Rate::parse(text), want, "{text}");
        }
    }
}
