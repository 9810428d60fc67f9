//! Points in time, as rulesets write them.

use std::fmt;

use vexil_core::instant;
use vexil_core::limits::INSTANT;

/// A point in time: an RFC 3339 text, or whole milliseconds since 1970.
///
/// ```
/// use vexil_ruleset::Instant;
/// let noon = Instant::parse("2024-05-01T14:00:00.5+02:00");
/// assert_eq!(noon.map(|noon| noon.ms()), Some(1_714_564_800_500));
/// assert_eq!(Instant::from_ms(0.5), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instant {
    ms: i64,
    /// As it was written; `None` where that was a number.
    text: Option<String>,
}

impl Instant {
    /// `None` where `text` is not RFC 3339.
    #[must_use]
    pub fn parse(text: &str) -> Option<Instant> {
        let ms = instant::parse(text)?;
        let text = Some(text.to_owned());
        Some(Instant { ms, text })
    }

    /// Milliseconds since 1970; `None` where they are not whole, or more than 8.64e15 before or after it.
    #[must_use]
    pub fn from_ms(ms: f64) -> Option<Instant> {
        let is_instant = ms.abs() <= INSTANT as f64 && ms.fract() == 0.0;
        is_instant.then_some(Instant {
            ms: ms as i64,
            text: None,
        })
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn ms(&self) -> i64 {
        self.ms
    }

    /// The text that says it, where it was written as one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

impl fmt::Display for Instant {
    /// As it was written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => formatter.write_str(text),
            None => write!(formatter, "{}", self.ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Instant;

    #[track_caller]
    fn check(ms: f64, want: Option<i64>) {
        assert_eq!(Instant::from_ms(ms).map(|it| it.ms()), want, "{ms}");
    }

    #[test]
    fn milliseconds_are_whole_and_within_what_javascript_can_say() {
        check(0.0, Some(0));
        check(-0.0, Some(0));
        check(-1.0, Some(-1));
        check(8.64e15, Some(8_640_000_000_000_000));
        check(-8.64e15, Some(-8_640_000_000_000_000));
        check(8.64e15 + 1.0, None);
        check(0.5, None);
        check(f64::NAN, None);
        check(f64::INFINITY, None);
    }
}
