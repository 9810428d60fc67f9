//! Instants as they are written: RFC 3339, or milliseconds since 1970.

use serde_json::Value;
use time::{Date, Month};

use super::test::float;

/// The milliseconds since 1970 that `value` says.
pub(super) fn of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(float(number)),
        Value::String(text) => rfc3339(text).map(|ms| ms as f64),
        _ => None,
    }
}

/// `2026-11-23T08:00:00.123+01:00`; second 60 is the beginning of the next, what is beyond milliseconds is cut off.
fn rfc3339(text: &str) -> Option<i64> {
    let (year, month, day) = (
        number(text, 0, 4, 9999)?,
        number(text, 5, 2, 12)?,
        number(text, 8, 2, 31)?,
    );
    let (hour, minute, second) = (
        number(text, 11, 2, 23)?,
        number(text, 14, 2, 59)?,
        number(text, 17, 2, 60)?,
    );
    let separators = [4, 7, 10, 13, 16].map(|at| text.as_bytes()[at].to_ascii_uppercase());
    if &separators != b"--T::" {
        return None;
    }
    let mut zone = text.get(19..)?;
    let mut ms = 0;
    if let Some(fraction) = zone.strip_prefix('.') {
        let end = fraction.find(|digit: char| !digit.is_ascii_digit())?;
        zone = &fraction[end..];
        ms = format!("{}00", &fraction[..end]).get(..3)?.parse().ok()?;
        if end == 0 || second == 60 {
            ms = if end == 0 { return None } else { 0 };
        }
    }
    let sign = match zone.chars().next()? {
        'Z' | 'z' if zone.len() == 1 => 0,
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let offset = if sign == 0 {
        0
    } else if zone.len() == 6 && zone.as_bytes()[3] == b':' {
        sign * (number(zone, 1, 2, 23)? * 60 + number(zone, 4, 2, 59)?)
    } else {
        return None;
    };
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year as i32, month, day as u8).ok()?;
    let days = i64::from(date.to_julian_day()) - 2_440_588;
    let minutes = days * 1440 + hour * 60 + minute - offset;
    Some((minutes * 60 + second) * 1000 + ms)
}

/// So many digits from there on, at most `largest`.
fn number(text: &str, from: usize, length: usize, largest: i64) -> Option<i64> {
    let digits = text.get(from..from + length)?;
    let is_digits = digits.bytes().all(|digit| digit.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_digits)?;
    (number <= largest).then_some(number)
}
