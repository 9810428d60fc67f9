//! What constraints compare with: texts that Unleash reads as numbers, dates, versions, networks and patterns.

use serde_json::{Number, Value};
use vexil_ruleset::{Instant, Network, NetworkError};

/// The number that a text is: digits, perhaps with a sign, a fraction and an exponent, and blanks around them.
pub(super) fn number(text: &str) -> Option<Value> {
    let text = text.trim_matches([' ', '\t']);
    let is_fine = |character: char| character.is_ascii_digit() || "+-.eE".contains(character);
    let begins = text.trim_start_matches(['+', '-']);
    if !text.chars().all(is_fine) || !begins.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let number: f64 = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())?;
    // What is written without a fraction stays so.
    let whole = text.trim_start_matches('+').parse::<i64>().ok();
    let whole = whole.filter(|whole| whole.unsigned_abs() < 1 << 53);
    whole
        .map_or_else(|| Number::from_f64(number), |whole| Some(whole.into()))
        .map(Value::Number)
}

/// The milliseconds since 1970 of `YYYY-MM-DDTHH:MM:SS`, perhaps with milliseconds, and `Z` or an offset.
pub(super) fn date(text: &str) -> Option<i64> {
    let instant = Instant::parse(text)?;
    let digits = text.split_once('.').map_or("000", |(_, rest)| {
        rest.split(['Z', '+', '-']).next().unwrap_or_default()
    });
    let is_plain = digits.len() == 3 && !text.contains(['t', 'z']);
    is_plain.then(|| instant.ms())
}

/// A version of three numbers without its build metadata, which no comparison looks at.
pub(super) fn version(text: &str) -> Option<&str> {
    let text = text.trim_matches([' ', '\t']);
    let version = text.split('+').next()?;
    let numbers = version.split('-').next()?;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    let is_full = numbers.split('.').count() == 3 && numbers.split('.').all(is_number);
    is_full.then_some(version)
}

/// A network without bits beyond its prefix; `10.0.0.0/255.0.0.0` is one too.
pub(super) fn network(text: &str) -> Option<String> {
    let plain = match text.split_once('/') {
        None => text.to_owned(),
        Some((address, prefix)) => {
            let mask = prefix.parse::<std::net::Ipv4Addr>().ok().map(u32::from);
            let length = match mask {
                Some(mask) => {
                    let ones = mask.leading_ones();
                    (mask.count_ones() == ones).then(|| ones.to_string())?
                }
                None => prefix.parse::<u8>().ok()?.to_string(),
            };
            format!("{address}/{length}")
        }
    };
    match Network::parse(&plain) {
        Ok(_) => Some(plain),
        Err(NetworkError::HostBits(meant)) => Some(meant.to_string()),
        Err(NetworkError::Syntax) => None,
    }
}

/// Whether a pattern has an escape of one of `letters`: `\d`.
pub(super) fn has_escape(pattern: &str, letters: &str) -> bool {
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character == '\\' && characters.next().is_some_and(|it| letters.contains(it)) {
            return true;
        }
    }
    false
}
