//! Whether there is a version, or an instant, in some spans and outside of others.
//!
//! Tests change only at what they name, so of each stretch between two of those the lowest is tried.

use vexil_core::semver::Version;

use super::super::attribute::{One, Test};
use super::super::values::is_within;
use crate::condition::AttributeTest;
use crate::semver::Range;

/// A version that is not borrowed.
struct Witness {
    numbers: [u64; 3],
    pre: String,
}

/// Whether a version may be it, where a test asks for one.
pub(super) fn is_version_possible(one: &One<'_, '_>) -> bool {
    let passed: Vec<&Range> = one.passed.iter().filter_map(range).collect();
    let failed: Vec<&Range> = one.failed.iter().filter_map(range).collect();
    if passed.is_empty() {
        return true;
    }
    let mut witnesses = vec![Witness::new([0, 0, 0], "0")];
    for range in passed.iter().chain(&failed) {
        for bound in range.alternatives().into_iter().flatten() {
            let Some(next) = Witness::after(bound.version) else {
                return true;
            };
            let Version {
                major,
                minor,
                patch,
                pre,
            } = bound.version;
            witnesses.push(Witness::new([major, minor, patch], pre));
            witnesses.push(next);
        }
    }
    let cost = passed.len().saturating_add(failed.len());
    if !one.has_steps(cost.saturating_mul(witnesses.len())) {
        return true;
    }
    witnesses.iter().map(Witness::version).any(|version| {
        passed.iter().all(|range| is_within(range, version))
            && !failed.iter().any(|range| is_within(range, version))
    })
}

fn range<'r>(test: &Test<'r>) -> Option<&'r Range> {
    match test {
        Test::Written(AttributeTest::Semver(range)) => Some(range),
        Test::Written(_) | Test::Exists | Test::Unit | Test::Keys(_) => None,
    }
}

impl Witness {
    fn new(numbers: [u64; 3], pre: &str) -> Witness {
        Witness {
            numbers,
            pre: pre.to_owned(),
        }
    }

    /// The lowest version above `version`; `None` where there is none of its major and minor.
    fn after(version: Version<'_>) -> Option<Witness> {
        let Version {
            major,
            minor,
            patch,
            pre,
        } = version;
        Some(if pre.is_empty() {
            Witness::new([major, minor, patch.checked_add(1)?], "0")
        } else {
            Witness::new([major, minor, patch], &format!("{pre}.0"))
        })
    }

    fn version(&self) -> Version<'_> {
        let [major, minor, patch] = self.numbers;
        Version {
            major,
            minor,
            patch,
            pre: &self.pre,
        }
    }
}

/// Whether the text of an instant may be it, where a test asks for one.
pub(super) fn is_instant_possible(one: &One<'_, '_>) -> bool {
    let passed: Vec<Bound> = one.passed.iter().filter_map(bound).collect();
    let failed: Vec<Bound> = one.failed.iter().filter_map(bound).collect();
    if passed.is_empty() {
        return true;
    }
    let named = passed.iter().chain(&failed).map(|bound| bound.ms);
    let witnesses = named.flat_map(|ms| [ms, ms.saturating_add(1)]);
    [i64::MIN].into_iter().chain(witnesses).any(|ms| {
        passed.iter().all(|bound| bound.holds(ms)) && !failed.iter().any(|bound| bound.holds(ms))
    })
}

/// Instants on one side of one.
struct Bound {
    ms: i64,
    is_before: bool,
}

fn bound(test: &Test<'_>) -> Option<Bound> {
    let (than, is_before) = match test {
        Test::Written(AttributeTest::Before(than)) => (than, true),
        Test::Written(AttributeTest::After(than)) => (than, false),
        Test::Written(_) | Test::Exists | Test::Unit | Test::Keys(_) => return None,
    };
    let ms = than.ms();
    Some(Bound { ms, is_before })
}

impl Bound {
    fn holds(&self, ms: i64) -> bool {
        if self.is_before {
            ms < self.ms
        } else {
            ms > self.ms
        }
    }
}
