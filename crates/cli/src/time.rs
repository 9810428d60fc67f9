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
    fn an_instant_is_rfc_3339_or_milliseconds() {
        check("2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z");
        check("2026-11-23T09:00:00.5+01:00", "2026-11-23T08:00:00.5Z");
        check("1795424400000", "2026-11-23T09:00:00Z");
        check("-1", "1969-12-31T23:59:59.999Z");
        check("9223372036854775807", "9223372036854775807");
        assert!("yesterday".parse::<Instant>().is_err());
    }
}
