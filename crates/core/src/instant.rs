//! Instants as text.
//!
//! Source: RFC 3339, section 5.6 (`date-time`); the days of a date as in Howard Hinnant, "chrono-compatible
//! low-level date algorithms".

use crate::cursor::Cursor;

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
    read(text.as_bytes())
}

pub(crate) fn read(text: &[u8]) -> Option<i64> {
    let mut cursor = Cursor::new(text);
    let year = cursor.number(10, 4, 4).cast_signed();
    cursor.expect(b'-');
    let month = cursor.number(10, 2, 2).cast_signed();
    cursor.expect(b'-');
    let day = cursor.number(10, 2, 2).cast_signed();
    let is_time = cursor.next() | 0x20 == b't';
    let minutes = clock(&mut cursor);
    cursor.expect(b':');
    let second = cursor.number(10, 2, 2).cast_signed();
    // Second 60 is the beginning of the next, however far it has come.
    let millis = fraction(&mut cursor).min(if second == 60 { 0 } else { 999 });
    let minutes = minutes.wrapping_sub(offset(&mut cursor));
    let is_date = (1..=12).contains(&month) && day >= 1 && day <= days_of(year, month);
    if !is_date || !is_time || second > 60 || !cursor.is_done() {
        return None;
    }
    let seconds = days(year, month, day)
        .wrapping_mul(86_400)
        .wrapping_add(minutes.wrapping_mul(60))
        .wrapping_add(second);
    Some(seconds.wrapping_mul(1_000).wrapping_add(millis))
}

/// The minutes of `hh:mm`.
fn clock(cursor: &mut Cursor<'_>) -> i64 {
    let hour = cursor.number(10, 2, 2).cast_signed();
    cursor.expect(b':');
    let minute = cursor.number(10, 2, 2).cast_signed();
    cursor.require(hour < 24 && minute < 60);
    hour.wrapping_mul(60).wrapping_add(minute)
}

/// The milliseconds of a fraction, if there is one.
fn fraction(cursor: &mut Cursor<'_>) -> i64 {
    let mut millis: i64 = 0;
    if cursor.skip(b'.') {
        cursor.require(cursor.peek().is_ascii_digit());
        let mut unit = 100;
        while cursor.peek().is_ascii_digit() {
            let digit = i64::from(cursor.next().wrapping_sub(b'0'));
            millis = millis.wrapping_add(digit.wrapping_mul(unit));
            unit /= 10;
        }
    }
    millis
}

/// Minutes east of UTC.
fn offset(cursor: &mut Cursor<'_>) -> i64 {
    let sign = cursor.next();
    if sign | 0x20 == b'z' {
        return 0;
    }
    cursor.require(sign == b'+' || sign == b'-');
    let minutes = clock(cursor);
    if sign == b'-' {
        minutes.wrapping_neg()
    } else {
        minutes
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
