//! Times, networks, patterns and texts in any case.

use super::conditions::{check_but_not, check_condition, check_unit};
use super::{check, ruleset_with};
use crate::lint::Lint;

#[test]
fn intervals_that_nothing_is_in_are_never_true() {
    let never = Lint::NeverTrue;
    let time = |interval: &str| format!(r#"{{ "time": {{ {interval} }} }}"#);
    let both =
        |left: &str, right: &str| format!(r#"{{ "all": [{}, {}] }}"#, time(left), time(right));
    check_condition(never, &time(r#""from": 1, "until": 2"#), &[]);
    check_condition(never, &both(r#""until": 5"#, r#""from": 5"#), &[""]);
    check_condition(never, &both(r#""until": 6"#, r#""from": 5"#), &[]);
    check_condition(
        never,
        &both(r#""from": "1970-01-01T00:00:01Z""#, r#""until": 1000"#),
        &[""],
    );
    let either =
        |left: &str, right: &str| format!(r#"{{ "any": [{}, {}] }}"#, time(left), time(right));
    check_condition(
        Lint::AlwaysTrue,
        &either(r#""until": 5"#, r#""from": 5"#),
        &[""],
    );
    check_condition(
        Lint::AlwaysTrue,
        &either(r#""until": 5"#, r#""from": 6"#),
        &[],
    );
}

#[test]
fn instants_are_compared_whatever_they_are_written_as() {
    check_but_not(r#""before": 5"#, &[r#""before": 7"#], true);
    check_but_not(r#""before": 7"#, &[r#""before": 5"#], false);
    check_but_not(
        r#""before": "1970-01-01T00:00:00Z""#,
        &[r#""before": 0"#],
        true,
    );
    check_but_not(r#""after": 5"#, &[r#""before": 7"#, r#""after": 6"#], true);
    // The number 5.5 is neither.
    check_but_not(r#""after": 5"#, &[r#""gt": 6"#, r#""before": 5.0"#], false);
    check_but_not(
        r#""is": "1970-01-01T00:00:00.004Z""#,
        &[r#""before": 5"#],
        true,
    );
    check_but_not(r#""is": "1970-01-01""#, &[r#""before": 5"#], false);
    check_but_not(r#""is": 4"#, &[r#""before": 5"#], true);
    // A text is no number.
    check_but_not(r#""before": 5"#, &[r#""lt": 5"#], false);
    check_but_not(r#""lt": 5"#, &[r#""before": 5"#], true);
    check_unit(&[r#""before": 5"#, r#""after": 5"#], true);
    check_unit(&[r#""before": 5"#, r#""after": 3"#], false);
    check_unit(&[r#""before": 5"#, r#""after": 4"#], true);
}

#[test]
fn networks_are_compared_within_their_family() {
    check_but_not(
        r#""cidr": ["10.1.0.0/16"]"#,
        &[r#""cidr": ["192.0.2.1", "10.0.0.0/8"]"#],
        true,
    );
    check_but_not(
        r#""cidr": ["10.0.0.0/8"]"#,
        &[r#""cidr": ["10.1.0.0/16"]"#],
        false,
    );
    check_but_not(
        r#""cidr": ["10.0.0.0/8", "::1"]"#,
        &[r#""cidr": ["0.0.0.0/0"]"#],
        false,
    );
    check_but_not(r#""cidr": ["10.0.0.0/8"]"#, &[r#""cidr": ["::/0"]"#], false);
    check_but_not(
        r#""cidr": ["::ffff:10.0.0.0/104"]"#,
        &[r#""cidr": ["10.0.0.0/8"]"#],
        true,
    );
    check_but_not(r#""is": "10.1.2.3""#, &[r#""cidr": ["10.0.0.0/8"]"#], true);
    check_but_not(r#""is": "10.1.2""#, &[r#""cidr": ["10.0.0.0/8"]"#], false);
}

#[test]
fn of_patterns_only_the_same_are_known_to_mean_the_same() {
    check_but_not(r#""matches": "^a""#, &[r#""matches": "^a""#], true);
    check_but_not(r#""matches": "^ab""#, &[r#""matches": "^a""#], false);
    check_but_not(r#""is": "abc""#, &[r#""matches": "^a""#], false);
    check_but_not(r#""startsWith": "a""#, &[r#""matches": """#], true);
    check_but_not(r#""is": 1"#, &[r#""matches": """#], false);
    check_unit(&[r#""matches": "^a""#, r#""gt": 5"#], true);
    check_unit(&[r#""matches": "^a""#, r#""is": "b""#], false);
}

#[test]
fn case_counts_unless_it_is_ignored() {
    let any_case = |test: &str| format!(r#"{test}, "ignoreCase": true"#);
    let [a, capital_a, ab, capitals] =
        ["a", "A", "ab", "AB"].map(|text| format!(r#""startsWith": "{text}""#));
    check_but_not(&capitals, &[&any_case(&a)], true);
    check_but_not(&capitals, &[&a], false);
    check_but_not(&any_case(&ab), &[&any_case(&capital_a)], true);
    check_but_not(&any_case(&ab), &[&a], false);
    check_but_not(r#""is": "AB""#, &[&any_case(&a)], true);
    check_but_not(r#""is": "AB""#, &[&a], false);
    // Simple case folding: the Kelvin sign is a `k`, and `ß` is not `ss`.
    check_but_not(
        "\"is\": \"\u{212a}\"",
        &[&any_case(r#""endsWith": "k""#)],
        true,
    );
    check_but_not(r#""is": "ß""#, &[&any_case(r#""contains": "SS""#)], false);
    check_but_not(r#""is": "ẞ""#, &[&any_case(r#""contains": "ß""#)], true);
    check_unit(&[&any_case(&a), &capitals], false);
    check_unit(&[&any_case(&a), r#""startsWith": "B""#], true);
}

#[test]
fn audiences_are_conditions_too() {
    let release = |audience: &str| {
        format!(
            r#""releases": {{ "ga": {{ "from": "off", "to": "on", "stages": [{{ "name": "all", "audience": {audience} }}] }} }},
               "segments": {{ "s": {{ "members": ["u"] }} }}, "private": ["email"]"#
        )
    };
    let with =
        |audience: &str| ruleset_with(r#""default": { "release": "ga" }"#, &release(audience));
    let never = r#"{ "all": [{ "attr": "a", "exists": false }, { "attr": "a", "is": 1 }] }"#;
    check(
        Lint::NeverTrue,
        &with(never),
        &["/releases/ga/stages/0/audience"],
    );
    check(Lint::UnusedSegment, &with(never), &["/segments/s"]);
    check(Lint::UnreadPrivate, &with(never), &["/private"]);
    let used = r#"{ "any": [{ "segment": "s" }, { "attr": "email", "exists": true }] }"#;
    check(Lint::NeverTrue, &with(used), &[]);
    check(Lint::UnusedSegment, &with(used), &[]);
    check(Lint::UnreadPrivate, &with(used), &[]);
}
