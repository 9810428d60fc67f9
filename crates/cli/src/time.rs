//! Instants, as people write and read them.

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instant(pub(crate) i64);

impl Instant {
    /// What the clock of this machine says.
    pub(crate) fn now() -> Instant {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Instant {
    /// How long before `now` that was, for people: `3 min ago`.
    pub(crate) fn ago(self, now: Instant) -> String {
        let seconds = now.0.saturating_sub(self.0).div_euclid(1000);
        let (count, unit) = match seconds {
            ..60 => (seconds.max(0), "s"),
            60..3_600 => (seconds.div_euclid(60), "min"),
            3_600..172_800 => (seconds.div_euclid(3_600), "h"),
            _ => (seconds.div_euclid(86_400), "days"),
        };
        format!("{count} {unit} ago")
    }

    /// The same, without parts of seconds.
    pub(crate) fn to_second(self) -> Instant {
        Instant(self.0.div_euclid(1000).saturating_mul(1000))
    }
}

impl FromStr for Instant {
    type Err = String;

    fn from_str(text: &str) -> Result<Instant, String> {
        if let Ok(ms) = text.parse() {
            return Ok(Instant(ms));
        }
        let timestamp: Timestamp = text.parse().map_err(|_| {
            "expected a time such as 2026-11-23T09:00:00Z, or milliseconds since 1970".to_owned()
        })?;
        Ok(Instant(timestamp.as_millisecond()))
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC; milliseconds for what lies outside the years it can write.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_millisecond(self.0) {
            Ok(timestamp) => timestamp.fmt(formatter),
            Err(_) => self.0.fmt(formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Instant;

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(
            text.parse::<Instant>()
                .map(|instant| instant.to_string())
                .as_deref(),
            Ok(want)
        );
    }

    #[test]
    fn how_long_ago_is_said_in_the_largest_unit_that_tells() {
        for (ms, want) in [
            (-5_000, "0 s ago"),
            (59_999, "59 s ago"),
            (60_000, "1 min ago"),
            (3_600_000, "1 h ago"),
            (172_799_999, "47 h ago"),
            (172_800_000, "2 days ago"),
        ] {
            assert_eq!(Instant(7).ago(Instant(7 + ms)), want);
        }
    }

    #[test]
    fn an_instant_is_rfc_3339_or_milliseconds() {
        check("2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z");
        check("2026-11-23T09:00:00.5+01:00", "2026-11-23T08:00:00.5Z");
        check("1795424400000", "2026-11-23T09:00:00Z");
        check("-1", "1969-12-31T23:59:59.999Z");
        check("9223372036854775807", "9223372036854775807");
        assert!("yesterday".parse::<Instant>().is_err());
    }
}
