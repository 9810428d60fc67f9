//! Ranges of versions, as npm writes them.
//!
//! Source: the grammar and the meaning of the npm package `semver` 7 with `{ includePrerelease: true }`:
//! what stands for several versions includes their pre-releases (`^2.1` is `>=2.1.0-0 <3.0.0-0`), and a
//! version written in full is meant as written (`>=2.1.0`).

mod scan;

use std::fmt;

use vexil_core::semver::{Comparator, Operator, Version};

use scan::Scanner;

/// A range of versions: `^2.1`, `~1.2.3`, `>=1.2 <2 || 3.x`, `1.2 - 1.4`, `*`.
///
/// ```
/// use vexil_ruleset::Range;
/// let range = Range::parse("^2.1 || 4.0.0-rc.1")?;
/// assert_eq!(range.to_string(), "^2.1 || 4.0.0-rc.1");
/// assert!(Range::parse("2.1 or later").is_err());
/// # Ok::<(), vexil_ruleset::RangeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    text: String,
    alternatives: Vec<Vec<Bound>>,
}

/// Why a text is no range: where it stops being one, and what could stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeError {
    /// How many characters before it can be read.
    pub position: usize,
    /// What could stand there.
    pub expected: &'static str,
}

/// A [`Comparator`] that owns its text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    operator: Operator,
    numbers: [u64; 3],
    pre: String,
}

/// A version of which only the beginning may be given: `1`, `1.2`, `1.x`, `1.2.3-rc.1`.
#[derive(Clone, Debug)]
struct Partial {
    major: Option<u64>,
    minor: Option<u64>,
    patch: Option<u64>,
    pre: String,
}

/// What stands before a partial version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    None,
    Caret,
    Tilde,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The lowest pre-release there is.
const LOWEST: &str = "0";

impl Range {
    /// Reads a range.
    ///
    /// # Errors
    /// Where `text` is none. An empty alternative, which npm takes for "any", is refused: write `*`.
    pub fn parse(text: &str) -> Result<Range, RangeError> {
        let mut scanner = Scanner::new(text);
        let mut alternatives = vec![scanner.alternative()?];
        while scanner.take("||") {
            alternatives.push(scanner.alternative()?);
        }
        scanner.end()?;
        Ok(Range {
            text: text.to_owned(),
            alternatives,
        })
    }

    /// The comparators to try: a version is in the range where it meets all of one alternative.
    pub(crate) fn alternatives(&self) -> Vec<Vec<Comparator<'_>>> {
        self.alternatives
            .iter()
            .map(|bounds| bounds.iter().map(Bound::comparator).collect())
            .collect()
    }
}

impl fmt::Display for Range {
    /// As it was written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Display for RangeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.position.saturating_add(1);
        write!(
            formatter,
            "expected {} at character {column}",
            self.expected
        )
    }
}

impl std::error::Error for RangeError {}

impl Bound {
    fn new(operator: Operator, numbers: [u64; 3], pre: &str) -> Bound {
        Bound {
            operator,
            numbers,
            pre: pre.to_owned(),
        }
    }

    fn at_least(numbers: [u64; 3], pre: &str) -> Bound {
        Bound::new(Operator::GreaterOrEqual, numbers, pre)
    }

    /// Below the version and all its pre-releases.
    fn before(numbers: [u64; 3]) -> Bound {
        Bound::new(Operator::Less, numbers, LOWEST)
    }

    fn comparator(&self) -> Comparator<'_> {
        let [major, minor, patch] = self.numbers;
        Comparator {
            operator: self.operator,
            version: Version {
                major,
                minor,
                patch,
                pre: &self.pre,
            },
        }
    }
}

impl Partial {
    /// What it leaves open becomes 0.
    fn numbers(&self) -> [u64; 3] {
        let minor = self.minor.filter(|_| self.major.is_some());
        let patch = self.patch.filter(|_| minor.is_some());
        [self.major, minor, patch].map(Option::unwrap_or_default)
    }

    fn is_full(&self) -> bool {
        self.major.is_some() && self.minor.is_some() && self.patch.is_some()
    }

    /// The pre-release at its lower end: its own, none where it is full, the lowest where it leaves something open.
    fn floor(&self) -> &str {
        if self.is_full() { &self.pre } else { LOWEST }
    }

    /// The first version above everything it stands for; `None` where it stands for everything.
    fn next(&self) -> Option<[u64; 3]> {
        let major = self.major?;
        Some(match (self.minor, self.patch) {
            (None, _) => [above(major), 0, 0],
            (Some(minor), None) => [major, above(minor), 0],
            (Some(minor), Some(patch)) => [major, minor, above(patch)],
        })
    }
}

/// What `prefix` and `partial` say, as bounds that all have to hold.
fn desugar(prefix: Prefix, partial: &Partial) -> Vec<Bound> {
    let numbers = partial.numbers();
    let from = Bound::at_least(numbers, partial.floor());
    let Some(next) = partial.next() else {
        return match prefix {
            // Nothing is below or above everything.
            Prefix::Less | Prefix::Greater => vec![Bound::before([0; 3])],
            Prefix::None
            | Prefix::Caret
            | Prefix::Tilde
            | Prefix::LessOrEqual
            | Prefix::GreaterOrEqual => vec![from],
        };
    };
    let is_full = partial.is_full();
    match prefix {
        Prefix::None if is_full => vec![Bound::new(Operator::Equal, numbers, &partial.pre)],
        Prefix::None => vec![from, Bound::before(next)],
        Prefix::Caret => vec![from, Bound::before(above_caret(partial, next))],
        Prefix::Tilde => {
            let [major, minor, _] = numbers;
            let next = if is_full {
                [major, above(minor), 0]
            } else {
                next
            };
            vec![from, Bound::before(next)]
        }
        Prefix::Less if is_full => vec![Bound::new(Operator::Less, numbers, &partial.pre)],
        Prefix::Less => vec![Bound::before(numbers)],
        Prefix::LessOrEqual if is_full => {
            vec![Bound::new(Operator::LessOrEqual, numbers, &partial.pre)]
        }
        Prefix::LessOrEqual => vec![Bound::before(next)],
        Prefix::Greater if is_full => vec![Bound::new(Operator::Greater, numbers, &partial.pre)],
        Prefix::Greater => vec![Bound::at_least(next, LOWEST)],
        Prefix::GreaterOrEqual => vec![from],
    }
}

/// A caret lets everything change after the first number that is not 0.
fn above_caret(partial: &Partial, next: [u64; 3]) -> [u64; 3] {
    match partial.numbers() {
        [0, _, _] if partial.minor.is_none() => next,
        [0, 0, _] => next,
        [0, minor, _] => [0, above(minor), 0],
        [major, _, _] => [above(major), 0, 0],
    }
}

/// `from - to`: both ends included, with what they leave open and with the pre-releases of both.
fn between(from: &Partial, to: &Partial) -> Vec<Bound> {
    let floor = if from.pre.is_empty() {
        LOWEST
    } else {
        from.floor()
    };
    let mut bounds = vec![Bound::at_least(from.numbers(), floor)];
    if to.is_full() && !to.pre.is_empty() {
        bounds.push(Bound::new(Operator::LessOrEqual, to.numbers(), &to.pre));
    } else if let Some(next) = to.next() {
        bounds.push(Bound::before(next));
    }
    bounds
}

fn above(number: u64) -> u64 {
    // Numbers of versions end at 2^53 - 1, so this never saturates.
    number.saturating_add(1)
}

#[cfg(test)]
mod tests;
