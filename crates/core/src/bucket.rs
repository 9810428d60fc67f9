//! Where a unit falls in a rollout.
//!
//! Source: the xxHash specification (`doc/xxhash_spec.md` in Cyan4973/xxHash).
//! The expected values live in `tests/vectors/bucket`.

use xxhash_rust::xxh64::xxh64;

/// What separates one rollout from another: the hash of its salt, computed once, when a ruleset is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

/// Where a unit falls: a 32-bit number, `0` included, `2^32` excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(u32);

impl Seed {
    /// Depends on the bytes of `salt` alone: not on the platform, the process or the clock.
    #[must_use]
    pub fn of(salt: &str) -> Self {
        Seed(xxh64(salt.as_bytes(), 0))
    }

    /// Places `unit` (say, a user id) in the rollout. One hash of `unit.len()` bytes.
    ///
    /// ```
    /// use vexil_core::Seed;
    /// assert_ne!(Seed::of("checkout").place("user-1"), Seed::of("search").place("user-1"));
    /// ```
    #[must_use]
    pub fn place(self, unit: &str) -> Position {
        self.place_bytes(unit.as_bytes())
    }

    pub(crate) fn place_bytes(self, unit: &[u8]) -> Position {
        // The high half: the better mixed bits of a multiplicative hash.
        Position((xxh64(unit, self.0) >> 32) as u32)
    }

    /// The seed as programs store it.
    #[must_use]
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// The seed of which [`Seed::to_bits`] gave `bits`.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Seed(bits)
    }
}

impl Position {
    pub(crate) fn new(position: u32) -> Position {
        Position(position)
    }

    /// The number itself.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

/// How many characters the longest integral unit takes: `-9007199254740991`.
const UNIT_DIGITS: usize = 17;
/// The largest integer up to which every integer is an f64: 2^53 - 1.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A number as a unit: its decimal digits, held inline.
pub(crate) struct IntegerUnit {
    digits: [u8; UNIT_DIGITS],
    start: usize,
}

impl IntegerUnit {
    /// `None` where `number` is not integral or larger than 2^53 - 1 in size: such a number is no unit.
    pub(crate) fn of(number: f64) -> Option<Self> {
        // Also refuses NaN, for which every comparison is false.
        if !(-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&number) {
            return None;
        }
        let integer = number as i64;
        #[expect(
            clippy::float_cmp,
            reason = "integral means exactly equal to an integer"
        )]
        if integer as f64 != number {
            return None;
        }
        let mut unit = IntegerUnit {
            digits: [b'0'; UNIT_DIGITS],
            start: UNIT_DIGITS,
        };
        let mut rest = integer.unsigned_abs();
        loop {
            unit.push_front(b'0'.wrapping_add((rest % 10) as u8));
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if integer < 0 {
            unit.push_front(b'-');
        }
        Some(unit)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or_default()
    }

    fn push_front(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(digit) = self.digits.get_mut(self.start) {
            *digit = byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::IntegerUnit;

    #[track_caller]
    fn check(number: f64, want: Option<&str>) {
        assert_eq!(
            IntegerUnit::of(number).as_ref().map(IntegerUnit::as_bytes),
            want.map(str::as_bytes)
        );
    }

    #[test]
    fn integral_numbers_are_units_in_decimal() {
        check(17.0, Some("17"));
        check(-1.0, Some("-1"));
        check(0.0, Some("0"));
        check(-0.0, Some("0"));
        check(9_007_199_254_740_991.0, Some("9007199254740991"));
        check(-9_007_199_254_740_991.0, Some("-9007199254740991"));
    }

    #[test]
    fn other_numbers_are_not() {
        check(1.5, None);
        check(9_007_199_254_740_992.0, None);
        check(f64::NAN, None);
        check(f64::INFINITY, None);
    }
}
