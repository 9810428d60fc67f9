//! Versions that leave out the last numbers: `LaunchDarkly` reads `2` and `2.1-rc` as `2.0.0` and `2.1.0-rc`.
//!
//! Source: Semantic Versioning 2.0.0, sections 9 to 11. Our `semver` takes full versions only, so what is shorter is
//! compared by a regular expression that finds the shorter texts of the same order.

use serde_json::{Value, json};
use vexil_ruleset::Range;

/// A version of a clause.
pub(super) struct Version<'v> {
    /// In decimal.
    numbers: [&'v str; 3],
    /// The identifiers after the hyphen.
    pre: Vec<&'v str>,
}

/// How an attribute compares with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Below,
    Above,
}

/// A number without leading zeros.
const NUMBER: &str = "(?:0|[1-9][0-9]*)";
/// An identifier of a pre-release that is no number.
const WORD: &str = "(?:[0-9]*[A-Za-z-][0-9A-Za-z-]*)";
/// Build metadata, which has no order.
const BUILD: &str = r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?";
/// The characters of identifiers, in the order in which they are compared.
const CHARACTERS: &str = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

impl<'v> Version<'v> {
    /// Reads `2`, `2.1`, `2.1.0-rc.1+build`; `None` for anything else, which no attribute is compared with.
    pub(super) fn parse(text: &'v str) -> Option<Version<'v>> {
        let (rest, build) = split(text, '+');
        let (core, pre) = split(rest, '-');
        let is_identifier = |identifier: &str| {
            !identifier.is_empty() && identifier.chars().all(|it| CHARACTERS.contains(it))
        };
        if build.is_some_and(|build| !build.split('.').all(is_identifier)) {
            return None;
        }
        let pre: Vec<&str> = pre.map_or_else(Vec::new, |pre| pre.split('.').collect());
        let is_ordered = |it: &&str| is_identifier(it) && (!is_number(it) || is_plain(it));
        let mut numbers = core.split('.');
        let version = Version {
            numbers: [
                numbers.next()?,
                numbers.next().unwrap_or("0"),
                numbers.next().unwrap_or("0"),
            ],
            pre,
        };
        let is_version = numbers.next().is_none()
            && version
                .numbers
                .iter()
                .all(|it| is_number(it) && is_plain(it) && it.parse::<u64>().is_ok())
            && version.pre.iter().all(is_ordered);
        is_version.then_some(version)
    }

    /// The tests of `attribute` of which one holds where it is so ordered; `None` where no range says it.
    pub(super) fn tests(&self, attribute: &str, order: Order) -> Option<Vec<Value>> {
        let operator = match order {
            Order::Equal => "",
            Order::Below => "<",
            Order::Above => ">",
        };
        let mut range = format!("{operator}{}", self.numbers.join("."));
        if !self.pre.is_empty() {
            range = format!("{range}-{}", self.pre.join("."));
        }
        Range::parse(&range).ok()?;
        let mut tests = vec![json!({ "attr": attribute, "semver": range })];
        let shorter = self.shorter(order);
        if !shorter.is_empty() {
            let pattern = format!("^(?:{})$", shorter.join("|"));
            tests.push(json!({ "attr": attribute, "matches": pattern }));
        }
        Some(tests)
    }

    /// Patterns of the shorter texts that are so ordered.
    fn shorter(&self, order: Order) -> Vec<String> {
        let [major, minor, patch] = self.numbers;
        let tail = format!("{}?{BUILD}", any_pre());
        // What has the same numbers: `2` and `2.0`, or `2.1`.
        let same = if minor == "0" {
            format!(r"{major}(?:\.0)?")
        } else {
            format!(r"{major}\.{minor}")
        };
        let mut found = Vec::new();
        let beside: fn(&str) -> Option<String> = match order {
            Order::Equal => |_| None,
            Order::Below => below,
            Order::Above => |number| Some(above(number)),
        };
        found.extend(beside(major).map(|it| format!(r"{it}(?:\.{NUMBER})?{tail}")));
        found.extend(beside(minor).map(|it| format!(r"{major}\.{it}{tail}")));
        if order == Order::Below && minor != "0" {
            found.push(format!("{major}{tail}"));
        }
        if patch == "0" {
            found.extend(
                self.pre_releases(order)
                    .iter()
                    .map(|pre| format!("{same}{pre}{BUILD}")),
            );
        } else if order == Order::Below {
            found.push(format!("{same}{tail}"));
        }
        found
    }

    /// Patterns of what may follow the same numbers, the hyphen included.
    fn pre_releases(&self, order: Order) -> Vec<String> {
        let own = self.pre.join(r"\.");
        match order {
            Order::Equal if self.pre.is_empty() => vec![String::new()],
            Order::Equal => vec![format!("-{own}")],
            Order::Below if self.pre.is_empty() => vec![any_pre()],
            Order::Above if self.pre.is_empty() => Vec::new(),
            Order::Below | Order::Above => {
                let mut found = Vec::new();
                let mut before = String::new();
                for (index, identifier) in self.pre.iter().enumerate() {
                    if order == Order::Below && index > 0 {
                        found.push(format!("-{}", before.trim_end_matches(r"\.")));
                    }
                    let beside = identifiers(identifier, order);
                    found.extend(
                        beside.map(|it| format!(r"-{before}{it}(?:\.{})*", identifier_of_any())),
                    );
                    before = format!(r"{before}{identifier}\.");
                }
                if order == Order::Above {
                    found.push(String::new());
                    found.push(format!(r"-{own}(?:\.{})+", identifier_of_any()));
                }
                found
            }
        }
    }
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at)
        .map_or((text, None), |(before, after)| (before, Some(after)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is a number without leading zeros.
fn is_plain(text: &str) -> bool {
    text == "0" || !text.starts_with('0')
}

fn identifier_of_any() -> String {
    format!("(?:{NUMBER}|{WORD})")
}

/// A pattern of a hyphen and identifiers.
fn any_pre() -> String {
    format!(r"(?:-{0}(?:\.{0})*)", identifier_of_any())
}

/// A pattern of the numbers below `number`; `None` below 0.
fn below(number: &str) -> Option<String> {
    let mut found = Vec::new();
    if let Some(fewer) = number.len().checked_sub(2) {
        found.push(format!("0|[1-9][0-9]{{0,{fewer}}}"));
    }
    found.extend(beside(number, |own, other| other < own));
    (!found.is_empty()).then(|| format!("(?:{})", found.join("|")))
}

/// A pattern of the numbers above `number`.
fn above(number: &str) -> String {
    let mut found = vec![format!("[1-9][0-9]{{{},}}", number.len())];
    if number == "0" {
        found.push("[1-9]".to_owned());
    } else {
        found.extend(beside(number, |own, other| other > own));
    }
    format!("(?:{})", found.join("|"))
}

/// Patterns of the numbers with as many digits of which the first other one `is_wanted`.
fn beside(number: &str, is_wanted: fn(char, char) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = String::new();
    let mut left = number.len();
    for own in number.chars() {
        left = left.saturating_sub(1);
        let lowest = if before.is_empty() && left > 0 {
            '1'
        } else {
            '0'
        };
        let digits: String = (lowest..='9').filter(|it| is_wanted(own, *it)).collect();
        if !digits.is_empty() {
            found.push(format!("{before}[{digits}][0-9]{{{left}}}"));
        }
        before.push(own);
    }
    found
}

/// A pattern of the identifiers on that side of `identifier`; numbers are below words.
fn identifiers(identifier: &str, order: Order) -> Option<String> {
    match (is_number(identifier), order) {
        (true, Order::Below) => below(identifier),
        (true, _) => Some(format!("(?:{}|{WORD})", above(identifier))),
        (false, Order::Below) => {
            let mut found = words(identifier, |own, other| other < own);
            let starts = identifier
                .char_indices()
                .map(|(at, _)| identifier.get(..at));
            let starts = starts
                .flatten()
                .filter(|it| !it.is_empty() && !is_number(it));
            found.extend(starts.map(str::to_owned));
            found.push(NUMBER.to_owned());
            Some(format!("(?:{})", found.join("|")))
        }
        (false, _) => {
            let mut found = words(identifier, |own, other| other > own);
            found.push(format!("{identifier}[0-9A-Za-z-]+"));
            Some(format!("(?:{})", found.join("|")))
        }
    }
}

/// Patterns of the words of which the first other character `is_wanted`.
fn words(word: &str, is_wanted: fn(char, char) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = String::new();
    for own in word.chars() {
        let wanted = || CHARACTERS.chars().filter(|it| is_wanted(own, *it));
        let is_word = !before.is_empty() && !is_number(&before);
        for (is_digit, rest) in [(true, WORD), (false, "[0-9A-Za-z-]*")] {
            let class: String = wanted()
                .filter(|it| it.is_ascii_digit() == is_digit)
                .collect();
            let rest = if is_word { "[0-9A-Za-z-]*" } else { rest };
            if !class.is_empty() {
                found.push(format!("{before}[{class}]{rest}"));
            }
        }
        before.push(own);
    }
    found
}

#[cfg(test)]
mod tests;
