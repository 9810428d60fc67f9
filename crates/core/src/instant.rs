//! Instants as text.
//!
//! Source: RFC 3339, section 5.6 (`date-time`); the days of a date as in Howard Hinnant, "chrono-compatible
//! low-level date algorithms".

/// The instant that `text` names, in ms since 1970; `None` where it is no RFC 3339 `date-time`.
///
/// A fraction finer than a millisecond is cut off. Second 60 is the beginning of the next minute.
///
/// ```
/// use vexil_core::instant;
/// assert_eq!(instant::parse("1970-01-02T00:00:00.25Z"), Some(86_400_250));
/// assert_eq!(instant::parse("1970-01-01T01:00:00+01:00"), Some(0));
/// assert_eq!(instant::parse("1970-01-01"), None);
/// ```
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let mut reader = Reader {
        rest: text.as_bytes(),
    };
    let year = reader.digits(4)?;
    reader.either(b'-', b'-')?;
    let month = reader.digits(2)?;
    reader.either(b'-', b'-')?;
    let day = reader.digits(2)?;
    reader.either(b'T', b't')?;
    let (hour, minute) = reader.clock()?;
    reader.either(b':', b':')?;
    let second = reader.digits(2)?;
    // Second 60 is the beginning of the next, however far it has come.
    let millis = reader.fraction()?.min(if second == 60 { 0 } else { 999 });
    let offset = reader.offset()?;
    let is_date = (1..=12).contains(&month) && day >= 1 && day <= days_of(year, month);
    if !is_date || second > 60 || !reader.rest.is_empty() {
        return None;
    }
    let minutes = hour
        .wrapping_mul(60)
        .wrapping_add(minute)
        .wrapping_sub(offset);
    let seconds = days(year, month, day)
        .wrapping_mul(86_400)
        .wrapping_add(minutes.wrapping_mul(60))
        .wrapping_add(second);
    Some(seconds.wrapping_mul(1_000).wrapping_add(millis))
}

struct Reader<'t> {
    rest: &'t [u8],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn digit(&mut self) -> Option<i64> {
        let digit = self.next()?.wrapping_sub(b'0');
        (digit < 10).then_some(i64::from(digit))
    }

    fn digits(&mut self, count: u32) -> Option<i64> {
        let mut number: i64 = 0;
        for _ in 0..count {
            number = number.wrapping_mul(10).wrapping_add(self.digit()?);
        }
        Some(number)
    }

    fn either(&mut self, one: u8, other: u8) -> Option<()> {
        let byte = self.next()?;
        (byte == one || byte == other).then_some(())
    }

    /// `hh:mm`.
    fn clock(&mut self) -> Option<(i64, i64)> {
        let hour = self.digits(2)?;
        self.either(b':', b':')?;
        let minute = self.digits(2)?;
        (hour < 24 && minute < 60).then_some((hour, minute))
    }

    /// The milliseconds of a fraction, if there is one.
    fn fraction(&mut self) -> Option<i64> {
        if self.rest.first() != Some(&b'.') {
            return Some(0);
        }
        self.next();
        let mut millis = self.digit()?.wrapping_mul(100);
        let mut unit = 10;
        while self.rest.first().is_some_and(u8::is_ascii_digit) {
            millis = millis.wrapping_add(self.digit()?.wrapping_mul(unit));
            unit /= 10;
        }
        Some(millis)
    }

    /// Minutes east of UTC.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.next()? {
            b'Z' | b'z' => return Some(0),
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let (hour, minute) = self.clock()?;
        Some(
            hour.wrapping_mul(60)
                .wrapping_add(minute)
                .wrapping_mul(sign),
        )
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from 1970-01-01 to a date from the year 0 on.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that its leap day is its last.
    let year = if month <= 2 {
        year.wrapping_sub(1)
    } else {
        year
    };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month = month.wrapping_add(9) % 12;
    let day_of_year = (month.wrapping_mul(153).wrapping_add(2) / 5)
        .wrapping_add(day)
        .wrapping_sub(1);
    let day_of_era = year_of_era
        .wrapping_mul(365)
        .wrapping_add(year_of_era / 4)
        .wrapping_sub(year_of_era / 100)
        .wrapping_add(day_of_year);
    era.wrapping_mul(146_097)
        .wrapping_add(day_of_era)
        .wrapping_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[track_caller]
    fn check(text: &str, want: Option<i64>) {
        assert_eq!(parse(text), want, "{text}");
    }

    #[test]
    fn instants_are_ms_since_1970() {
        // Expected by GNU date: date -u -d TEXT +%s
        check("1970-01-01T00:00:00Z", Some(0));
        check("2026-11-24T05:59:58.5z", Some(1_795_499_998_500));
        check("2024-02-29t12:00:00+02:00", Some(1_709_200_800_000));
        check("2000-03-01T00:00:00-00:00", Some(951_868_800_000));
        check("1969-12-31T23:59:59.999Z", Some(-1));
        check("0000-01-01T00:00:00Z", Some(-62_167_219_200_000));
        check("9999-12-31T23:59:59Z", Some(253_402_300_799_000));
    }

    #[test]
    fn finer_fractions_are_cut_and_a_leap_second_is_the_next_minute() {
        check("1970-01-01T00:00:00.0019999999999Z", Some(1));
        check("1970-01-01T00:00:00.1Z", Some(100));
        check("1969-12-31T23:59:59.0009Z", Some(-1_000));
        check("1972-06-30T23:59:60Z", Some(78_796_800_000));
        check("1972-06-30T23:59:60.9Z", Some(78_796_800_000));
    }

    #[test]
    fn anything_else_is_no_instant() {
        for text in [
            "",
            "1970-01-01",
            "1970-01-01T00:00:00",
            "1970-01-01T00:00Z",
            "1970-01-01 00:00:00Z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00Z ",
            "1970-01-01T24:00:00Z",
            "1970-01-01T00:60:00Z",
            "1970-01-01T00:00:61Z",
            "1970-00-01T00:00:00Z",
            "1970-13-01T00:00:00Z",
            "1970-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "1970-04-31T00:00:00Z",
            "1970-01-00T00:00:00Z",
            "1970-01-01T00:00:00+24:00",
            "1970-01-01T00:00:00+0100",
            "+1970-01-01T00:00:00Z",
            "1970-01-01T00:00:00\u{ff10}Z",
        ] {
            check(text, None);
        }
    }
}
