//! Ranges, against the package whose language they are.

mod npm;

use std::time::{Duration, Instant};

use super::{Range, RangeError};
use npm::{NO_RANGES, RANGES, VERSIONS};
use vexil_core::semver::Version;

fn contains(range: &Range, version: &str) -> bool {
    let version = Version::parse(version).unwrap();
    range.alternatives().iter().any(|bounds| {
        bounds
            .iter()
            .all(|bound| bound.operator.holds(version.cmp(&bound.version)))
    })
}

#[test]
fn every_range_holds_the_versions_that_npm_says() {
    for (text, want) in RANGES {
        let range = Range::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let found: String = VERSIONS
            .iter()
            .map(|version| if contains(&range, version) { '#' } else { '.' })
            .collect();
        assert_eq!(found, *want, "{text}: {VERSIONS:?}");
    }
}

#[test]
fn what_npm_refuses_is_refused() {
    for text in NO_RANGES {
        assert!(Range::parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_empty_alternative_is_refused_although_npm_takes_it_for_any() {
    for text in ["", " ", "1 ||", "|| 1", "1 || || 2"] {
        assert!(Range::parse(text).is_err(), "{text:?}");
    }
}

#[track_caller]
fn check_error(text: &str, want: &str) {
    let error: RangeError = Range::parse(text).unwrap_err();
    assert_eq!(error.to_string(), want, "{text}");
}

#[test]
fn errors_name_the_place_and_what_could_stand_there() {
    check_error("", "expected a version at character 1");
    check_error("^2.1 ||", "expected a version at character 8");
    check_error("2.1 or later", "expected a version at character 5");
    check_error(
        "1.02",
        "expected a number without leading zeros, up to 2^53 - 1 at character 3",
    );
    check_error(
        "1.2.3.4",
        "expected a space, `||` or the end at character 6",
    );
    check_error("1.x.3", "expected no number after an `x` at character 1");
    check_error("1.2 - 1.3 <2", "expected `||` or the end at character 11");
}

#[test]
fn a_range_takes_as_long_as_it_is_written() {
    // A second or two where no test is optimised; an hour where each of its parts costs all that follow.
    let start = Instant::now();
    let text = vec![">=1.2.3 <2"; 300_000].join(" || ");
    assert!(Range::parse(&text).is_ok());
    let took = start.elapsed();
    assert!(took < Duration::from_mins(1), "{took:?}");
}
