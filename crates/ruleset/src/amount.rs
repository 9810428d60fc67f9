//! Decimals that are exact, and lengths of time.

use std::fmt;

/// Steps of the fifth decimal place in one.
const SCALE: u32 = 100_000;
/// Above this many hundred-thousandths not every one has a number of its own in JSON: 2^53.
const MOST: f64 = 9_007_199_254_740_992.0;

/// The hundred-thousandths in `number`; `None` where it is negative, too large or has more than five places.
fn hundred_thousandths(number: f64) -> Option<u64> {
    let scaled = (number * f64::from(SCALE)).round();
    if !(0.0..=MOST).contains(&scaled) {
        return None;
    }
    #[expect(
        clippy::float_cmp,
        reason = "the nearest number of five places is either this one or another"
    )]
    let is_exact = scaled / f64::from(SCALE) == number;
    is_exact.then_some(scaled as u64)
}

fn decimal(parts: u64) -> f64 {
    // The division of two integers below 2^53 is the number nearest to the quotient, so it reads back as the same.
    parts as f64 / f64::from(SCALE)
}

/// How much of a split a variant gets, compared with the others: `25`, `0.5`, up to five decimal places.
///
/// ```
/// use vexil_ruleset::Weight;
/// assert_eq!(Weight::new(0.00001).map(Weight::parts), Some(1));
/// assert_eq!(Weight::new(0.000001), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u64);

impl Weight {
    /// `None` where `number` is negative, above 2^53 hundred-thousandths, or has more than five places.
    #[must_use]
    pub fn new(number: f64) -> Option<Weight> {
        hundred_thousandths(number).map(Weight)
    }

    /// The hundred-thousandths in it.
    #[must_use]
    pub fn parts(self) -> u64 {
        self.0
    }

    /// The number as it is written.
    #[must_use]
    pub fn get(self) -> f64 {
        decimal(self.0)
    }
}

/// The part of a split that is served at all: 0 to 1, up to five decimal places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposure(u32);

impl Exposure {
    /// All of it.
    pub const ALL: Exposure = Exposure(SCALE);

    /// `None` where `number` is outside 0 to 1, or has more than five places.
    #[must_use]
    pub fn new(number: f64) -> Option<Exposure> {
        let parts = u32::try_from(hundred_thousandths(number)?).ok()?;
        (parts <= SCALE).then_some(Exposure(parts))
    }

    /// The hundred-thousandths in it, at most 100,000.
    #[must_use]
    pub fn parts(self) -> u32 {
        self.0
    }

    /// The number as it is written.
    #[must_use]
    pub fn get(self) -> f64 {
        decimal(u64::from(self.0))
    }
}

/// The part of the traffic that a stage exposes: 0 to 100, up to five decimal places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// Everybody.
    pub const ALL: Percent = Percent(10_000_000);

    /// `None` where `number` is outside 0 to 100, or has more than five places.
    #[must_use]
    pub fn new(number: f64) -> Option<Percent> {
        let parts = u32::try_from(hundred_thousandths(number)?).ok()?;
        (parts <= Percent::ALL.0).then_some(Percent(parts))
    }

    /// The ten-millionths of the traffic that it is, at most 10,000,000.
    #[must_use]
    pub fn parts(self) -> u32 {
        self.0
    }

    /// The number as it is written.
    #[must_use]
    pub fn get(self) -> f64 {
        decimal(u64::from(self.0))
    }
}

/// A length of time: `30s`, `15m`, `4h`, `1d`, `2w`.
///
/// ```
/// use vexil_ruleset::Duration;
/// assert_eq!(Duration::parse("24h"), Duration::parse("1d"));
/// assert_eq!(Duration::parse("90m").map(|hold| hold.to_string()), Some("90m".into()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration {
    ms: u64,
}

/// Units from the longest to the shortest, with their length in milliseconds.
const UNITS: [(char, u64); 5] = [
    ('w', 604_800_000),
    ('d', 86_400_000),
    ('h', 3_600_000),
    ('m', 60_000),
    ('s', 1_000),
];
/// With at most so many digits, milliseconds of weeks fit an `i64`.
const DURATION_DIGITS: usize = 9;

impl Duration {
    /// Reads up to nine digits and one of `s`, `m`, `h`, `d`, `w`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Duration> {
        let (digits, unit) = UNITS
            .iter()
            .find_map(|(name, ms)| Some((text.strip_suffix(*name)?, *ms)))?;
        let is_number = (1..=DURATION_DIGITS).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        let count: u64 = digits.parse().ok().filter(|_| is_number)?;
        Some(Duration {
            ms: count.checked_mul(unit)?,
        })
    }

    /// Its milliseconds.
    #[must_use]
    pub fn ms(self) -> u64 {
        self.ms
    }
}

impl fmt::Display for Duration {
    /// In the longest unit of which it is a whole number.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS
            .iter()
            .find(|(_, ms)| self.ms > 0 && self.ms.is_multiple_of(*ms));
        let (name, ms) = whole.copied().unwrap_or(('s', 1_000));
        let count = self.ms.checked_div(ms).unwrap_or_default();
        write!(formatter, "{count}{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Exposure, Percent, Weight};

    #[track_caller]
    fn check_weight(number: f64, want: Option<u64>) {
        assert_eq!(Weight::new(number).map(Weight::parts), want, "{number}");
    }

    #[test]
    fn weights_have_up_to_five_places() {
        check_weight(25.0, Some(2_500_000));
        check_weight(0.1, Some(10_000));
        check_weight(33.33333, Some(3_333_333));
        check_weight(0.29, Some(29_000));
        check_weight(0.0, Some(0));
        check_weight(-0.0, Some(0));
        check_weight(33.333_333, None);
        check_weight(1e-6, None);
        check_weight(-1.0, None);
        check_weight(1e300, None);
        check_weight(f64::NAN, None);
    }

    #[test]
    fn every_place_reads_back_as_it_was_written() {
        for parts in (0..100_000).chain([9_007_199_254_740_991, 9_007_199_254_740_992]) {
            let weight = Weight(parts);
            assert_eq!(Weight::new(weight.get()), Some(weight));
        }
    }

    #[test]
    fn exposures_end_at_1_and_percents_at_100() {
        assert_eq!(Exposure::new(1.0), Some(Exposure::ALL));
        assert_eq!(Exposure::new(1.00001), None);
        assert_eq!(Percent::new(100.0).map(Percent::parts), Some(10_000_000));
        assert_eq!(Percent::new(100.00001), None);
    }

    #[track_caller]
    fn check_duration(text: &str, ms: u64, want: &str) {
        let duration = Duration::parse(text);
        assert_eq!(duration.map(Duration::ms), Some(ms), "{text}");
        assert_eq!(duration.map(|it| it.to_string()).as_deref(), Some(want));
    }

    #[test]
    fn durations_are_written_in_the_longest_whole_unit() {
        check_duration("0m", 0, "0s");
        check_duration("90s", 90_000, "90s");
        check_duration("120s", 120_000, "2m");
        check_duration("24h", 86_400_000, "1d");
        check_duration("14d", 1_209_600_000, "2w");
        check_duration("999999999w", 604_799_999_395_200_000, "999999999w");
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "s",
            "1",
            "1 d",
            "-1d",
            "+1d",
            "1.5h",
            "1d12h",
            "1D",
            "1000000000w",
        ] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
