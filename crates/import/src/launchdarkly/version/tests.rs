use serde_json::Value;
use vexil_ruleset::Pattern;

use super::{Order, Version};

/// Checks which of the shorter texts `found` the pattern of `order` finds, among those of `TEXTS`.
///
/// Patterns are not run here: they are made of alternatives whose text is compared.
#[track_caller]
fn check(version: &str, order: Order, range: &str, pattern: Option<&str>) {
    let parsed = Version::parse(version).expect("a version");
    let tests = parsed.tests("v", order).expect("a range");
    let said = |name: &str| tests.iter().find_map(|test| test.get(name)?.as_str());
    assert_eq!(said("semver"), Some(range), "{version}");
    let found = said("matches");
    if let Some(found) = found {
        assert!(Pattern::parse(found).is_ok(), "{found}");
    }
    match pattern {
        None => assert_eq!(found, None, "{version}"),
        Some(pattern) => assert!(
            found.is_some_and(|it| it.contains(pattern)),
            "{pattern} in {found:?}"
        ),
    }
}

#[test]
fn a_version_is_compared_with_full_and_with_shorter_ones() {
    check("2.1.3", Order::Equal, "2.1.3", None);
    check("2", Order::Equal, "2.0.0", Some(r"2(?:\.0)?"));
    check("2.1", Order::Equal, "2.1.0", Some(r"2\.1"));
    check("2-rc.1+b", Order::Equal, "2.0.0-rc.1", Some(r"-rc\.1"));
    check("2.1.3", Order::Below, "<2.1.3", Some(r"2\.1(?:-"));
    check("0.0.0", Order::Below, "<0.0.0", Some(r"0(?:\.0)?(?:-"));
    check(
        "2.1.3",
        Order::Above,
        ">2.1.3",
        Some(r"2\.(?:[1-9][0-9]{1,}|[23456789][0-9]{0})"),
    );
    check("2.1.0-rc", Order::Above, ">2.1.0-rc", Some(r"2\.1(?:\+"));
}

#[test]
fn what_is_no_version_has_no_order() {
    for text in [
        "",
        "v1",
        "1.2.3.4",
        "01",
        "1.",
        "1.02",
        "2-",
        "2-01",
        "2-a..b",
        "2+",
        "1.x",
        "2 ",
        "18446744073709551616",
    ] {
        assert!(Version::parse(text).is_none(), "{text}");
    }
}

#[test]
fn what_no_range_can_say_has_no_tests() {
    let version = Version::parse("18446744073709551615.0.0").expect("a version");
    assert_eq!(version.tests("v", Order::Equal).map(Value::from), None);
}
