//! Whether an attribute can pass some tests and fail others.
//!
//! A list passes a test where an element does, so each test to pass can be passed by an element of its own, and no
//! element may pass a test to fail. Only a unit is known to be a single value.

use super::Steps;
use super::text;
use super::values::{self, Value};
use crate::condition::{AttributeTest, Scalar};

/// A test of an attribute.
#[derive(Clone, Copy)]
pub(super) enum Test<'r> {
    /// It is there and not null.
    Exists,
    /// It is a string that is not empty, or a number that is whole and not too large.
    Unit,
    /// It is one of these strings.
    Keys(&'r [String]),
    /// A test as it is written, other than `exists`.
    Written(&'r AttributeTest),
}

/// Whether an attribute may pass the tests marked `true` and fail those marked `false`.
pub(super) fn is_possible(tests: &[(Test<'_>, bool)], steps: &Steps) -> bool {
    let mut passed = Vec::new();
    let mut failed = Vec::new();
    let (mut is_there, mut is_missing) = (false, false);
    let (mut is_unit, mut is_no_unit) = (false, false);
    for (test, holds) in tests {
        match (test, holds) {
            (Test::Exists, true) => is_there = true,
            (Test::Exists, false) => is_missing = true,
            (Test::Unit, true) => is_unit = true,
            (Test::Unit, false) => is_no_unit = true,
            (Test::Keys(_) | Test::Written(_), true) => passed.push(*test),
            (Test::Keys(_) | Test::Written(_), false) => failed.push(*test),
        }
    }
    if is_missing {
        return !is_there && !is_unit && passed.is_empty();
    }
    let is_one_possible = |passed| {
        let failed = &failed;
        One {
            passed,
            failed,
            is_unit,
            steps,
        }
        .is_possible()
    };
    if is_unit && is_no_unit {
        return false;
    }
    if is_unit {
        return is_one_possible(passed.as_slice());
    }
    // What is no unit can be a list of units, and passes what they pass.
    passed.iter().map(std::slice::from_ref).all(is_one_possible)
}

/// What a single value must be like.
pub(super) struct One<'t, 'r> {
    pub(super) passed: &'t [Test<'r>],
    pub(super) failed: &'t [Test<'r>],
    pub(super) is_unit: bool,
    steps: &'t Steps,
}

impl One<'_, '_> {
    fn is_possible(&self) -> bool {
        let lists = self
            .passed
            .iter()
            .filter_map(|test| Some((test.listed()?, test)));
        if let Some((count, test)) = lists.min_by_key(|(count, _)| *count) {
            let mut values = (0..count).filter_map(|index| test.value(index));
            return values.any(|value| self.may_be(value));
        }
        values::is_number_possible(self) || text::is_text_possible(self)
    }

    /// Whether `count` steps are left; takes them.
    pub(super) fn has_steps(&self, count: usize) -> bool {
        self.steps.take(count)
    }

    /// Whether `value` may be it; also where there are no steps left to find out.
    pub(super) fn may_be(&self, value: Value<'_>) -> bool {
        let tests = || self.passed.iter().chain(self.failed);
        if !self.steps.take(tests().map(Test::cost).sum()) {
            return true;
        }
        (!self.is_unit || value.is_unit())
            && self
                .passed
                .iter()
                .all(|test| test.holds(value) != Some(false))
            && self
                .failed
                .iter()
                .all(|test| test.holds(value) != Some(true))
    }
}

impl<'r> Test<'r> {
    /// Whether a value that is no list passes; `None` where that is not known here.
    fn holds(&self, value: Value<'_>) -> Option<bool> {
        match self {
            Test::Exists => Some(true),
            Test::Unit => Some(value.is_unit()),
            Test::Keys(keys) => Some(match value {
                Value::Text(text) => keys.iter().any(|key| key == text),
                Value::Number(_) | Value::Bool(_) => false,
            }),
            Test::Written(test) => value.passes(test),
        }
    }

    /// How many values pass, where they are listed.
    fn listed(&self) -> Option<usize> {
        match self {
            Test::Keys(keys) => Some(keys.len()),
            Test::Written(AttributeTest::Is(_)) => Some(1),
            Test::Written(AttributeTest::In(scalars)) => Some(scalars.len()),
            Test::Written(_) | Test::Exists | Test::Unit => None,
        }
    }

    /// One of the listed values.
    fn value(&self, index: usize) -> Option<Value<'r>> {
        match self {
            Test::Keys(keys) => keys.get(index).map(|key| Value::Text(key)),
            Test::Written(AttributeTest::Is(scalar)) => Some(Value::of(scalar)),
            Test::Written(AttributeTest::In(scalars)) => scalars.get(index).map(Value::of),
            Test::Written(_) | Test::Exists | Test::Unit => None,
        }
    }

    /// How many comparisons it takes at most.
    fn cost(&self) -> usize {
        self.listed().unwrap_or(1)
    }
}

impl<'r> Value<'r> {
    fn of(scalar: &'r Scalar) -> Value<'r> {
        match scalar {
            Scalar::Text(text) => Value::Text(text),
            Scalar::Number(number) => Value::Number(*number),
            Scalar::Bool(bool) => Value::Bool(*bool),
        }
    }
}
