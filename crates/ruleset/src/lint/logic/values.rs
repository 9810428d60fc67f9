//! Single values, and which tests they pass.

use vexil_core::instant;
use vexil_core::network::Address;
use vexil_core::semver::Version;

use super::attribute::{One, Test};
use super::text::has_part;
use crate::condition::{AttributeTest, Scalar};
use crate::semver::Range;
use crate::texts::Texts;

/// What a test is asked of.
#[derive(Clone, Copy)]
pub(super) enum Value<'v> {
    Text(&'v str),
    Number(f64),
    Bool(bool),
}

/// Every whole number of at most this size is a unit: 2^53 - 1.
const LARGEST_UNIT: f64 = 9_007_199_254_740_991.0;

impl Value<'_> {
    pub(super) fn is_unit(self) -> bool {
        match self {
            Value::Text(text) => !text.is_empty(),
            Value::Number(number) => number.abs() <= LARGEST_UNIT && number.fract() == 0.0,
            Value::Bool(_) => false,
        }
    }

    /// Whether it passes a test; `None` where that is not known here.
    pub(super) fn passes(self, asked: &AttributeTest) -> Option<bool> {
        let is = |scalar: &Scalar| self.is(scalar);
        let has = |parts: &Texts, holds: fn(&str, &str) -> bool| {
            self.is_text(|text| has_part(text, parts, holds))
        };
        Some(match asked {
            AttributeTest::Is(scalar) => is(scalar),
            AttributeTest::In(scalars) => scalars.iter().any(is),
            AttributeTest::Exists(exists) => *exists,
            AttributeTest::StartsWith(parts) => has(parts, |text, part| text.starts_with(part)),
            AttributeTest::EndsWith(parts) => has(parts, |text, part| text.ends_with(part)),
            AttributeTest::Contains(parts) => has(parts, |text, part| text.contains(part)),
            AttributeTest::Matches(_) if self.is_text(|_| true) => return None,
            AttributeTest::Matches(_) => false,
            AttributeTest::Lt(than) => self.is_number(|number| number < *than),
            AttributeTest::Lte(than) => self.is_number(|number| number <= *than),
            AttributeTest::Gt(than) => self.is_number(|number| number > *than),
            AttributeTest::Gte(than) => self.is_number(|number| number >= *than),
            AttributeTest::Before(than) => self.is_instant(|ms| ms < than.ms() as f64),
            AttributeTest::After(than) => self.is_instant(|ms| ms > than.ms() as f64),
            AttributeTest::Semver(range) => self.is_text(|text| {
                Version::parse(text).is_some_and(|version| is_within(range, version))
            }),
            AttributeTest::Cidr(networks) => self.is_text(|text| {
                Address::parse(text).is_some_and(|address| {
                    networks
                        .iter()
                        .any(|network| network.get().contains(address))
                })
            }),
        })
    }

    fn is_text(self, holds: impl Fn(&str) -> bool) -> bool {
        match self {
            Value::Text(text) => holds(text),
            Value::Number(_) | Value::Bool(_) => false,
        }
    }

    fn is_number(self, holds: impl Fn(f64) -> bool) -> bool {
        match self {
            Value::Number(number) => holds(number),
            Value::Text(_) | Value::Bool(_) => false,
        }
    }

    /// Instants are far below 2^53, so each has a double of its own.
    fn is_instant(self, holds: impl Fn(f64) -> bool) -> bool {
        match self {
            Value::Text(text) => instant::parse(text).is_some_and(|ms| holds(ms as f64)),
            Value::Number(number) => holds(number),
            Value::Bool(_) => false,
        }
    }

    #[expect(clippy::float_cmp, reason = "`is` means exactly equal")]
    fn is(self, scalar: &Scalar) -> bool {
        match (self, scalar) {
            (Value::Text(text), Scalar::Text(other)) => text == other,
            (Value::Number(number), Scalar::Number(other)) => number == *other,
            (Value::Bool(bool), Scalar::Bool(other)) => bool == *other,
            (Value::Text(_) | Value::Number(_) | Value::Bool(_), _) => false,
        }
    }
}

pub(super) fn is_within(range: &Range, version: Version<'_>) -> bool {
    let mut alternatives = range.alternatives().into_iter();
    alternatives.any(|bounds| {
        let mut bounds = bounds.into_iter();
        bounds.all(|bound| bound.operator.holds(version.cmp(&bound.version)))
    })
}

/// Whether a number may be it.
///
/// Tests change between numbers only at those they name, so of each stretch between two the lowest number is tried.
pub(super) fn is_number_possible(one: &One<'_, '_>) -> bool {
    let numbers: Vec<f64> = one
        .passed
        .iter()
        .chain(one.failed)
        .flat_map(numbers)
        .collect();
    let (lowest, next): (f64, fn(f64) -> f64) = if one.is_unit {
        (-LARGEST_UNIT, |number| number.floor() + 1.0)
    } else {
        (f64::MIN, f64::next_up)
    };
    let after = numbers.iter().map(|number| next(*number));
    let mut witnesses = [lowest]
        .into_iter()
        .chain(numbers.iter().copied())
        .chain(after);
    witnesses.any(|number| number.is_finite() && one.may_be(Value::Number(number)))
}

/// The numbers at which the answer of a test changes.
fn numbers(test: &Test<'_>) -> Vec<f64> {
    let Test::Written(test) = test else {
        return Vec::new();
    };
    match test {
        AttributeTest::Lt(than)
        | AttributeTest::Lte(than)
        | AttributeTest::Gt(than)
        | AttributeTest::Gte(than) => vec![*than],
        AttributeTest::Before(than) | AttributeTest::After(than) => vec![than.ms() as f64],
        AttributeTest::Is(scalar) => number(scalar).into_iter().collect(),
        AttributeTest::In(scalars) => scalars.iter().filter_map(number).collect(),
        AttributeTest::Exists(_)
        | AttributeTest::StartsWith(_)
        | AttributeTest::EndsWith(_)
        | AttributeTest::Contains(_)
        | AttributeTest::Matches(_)
        | AttributeTest::Semver(_)
        | AttributeTest::Cidr(_) => Vec::new(),
    }
}

fn number(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Number(number) => Some(*number),
        Scalar::Text(_) | Scalar::Bool(_) => None,
    }
}
