//! That each test comes to the one of programs that it means.

use vexil_core::{Context, Live, Value, evaluate};

use super::program;

/// Whether `condition` holds at `now`, where attribute `a` is `value`.
fn holds_at(condition: &str, value: &Value<'_>, now: i64) -> (bool, Option<i64>) {
    let program = program(&format!(
        r#"{{ "flags": {{ "f": {{
            "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off", "default": "off",
            "rules": [{{ "when": {condition}, "serve": "on" }}]
        }} }} }}"#
    ));
    let flag = program.flag("f").unwrap();
    let context = Context::resolve(&program, |name| match name {
        "a" => value.clone(),
        _ => Value::Missing,
    });
    let found = evaluate(&program, &Live::default(), flag, &context, now);
    let is_on = flag.variant(found.variant).unwrap().name == "on";
    (is_on, found.next_change)
}

/// Checks for which texts a test of an attribute holds.
#[track_caller]
fn check(test: &str, holds: &[&str], fails: &[&str]) {
    let condition = format!(r#"{{ "attr": "a", {test} }}"#);
    let found = |text: &&str| holds_at(&condition, &Value::Text(text), 0).0;
    assert_eq!(holds.iter().find(|text| !found(text)), None, "{test}");
    assert_eq!(fails.iter().find(|text| found(text)), None, "{test}");
}

#[test]
fn patterns_and_texts_in_any_case_are_found() {
    check(
        r#""matches": "^a\\d+$""#,
        &["a1", "a23"],
        &["a", "ba1", "a1 "],
    );
    let case = r#", "ignoreCase": true"#;
    check(
        &format!(r#""startsWith": ["É", "x"]{case}"#),
        &["été", "Xy"],
        &["ete", "yx"],
    );
    check(
        &format!(r#""endsWith": "@EXAMPLE.com"{case}"#),
        &["u@example.COM"],
        &["u@example.com.org"],
    );
    check(
        &format!(r#""contains": "straße"{case}"#),
        &["Hauptstraẞe 1"],
        &["Hauptstrasse 1"],
    );
    check(r#""contains": "A", "ignoreCase": false"#, &["bA"], &["ba"]);
}

#[test]
fn times_are_compared() {
    let before = r#""before": "2024-05-01T14:00:00+02:00""#;
    check(
        before,
        &["2024-05-01T11:59:59.999Z"],
        &["2024-05-01T12:00:00Z", "2024-05-02T00:00:00Z", "yesterday"],
    );
    check(
        r#""after": 1714564800000"#,
        &["2024-05-01T12:00:00.001Z"],
        &["2024-05-01T12:00:00Z", "2024-05-01T00:00:00Z"],
    );
    let number = |test: &str, ms| {
        let condition = format!(r#"{{ "attr": "a", {test} }}"#);
        holds_at(&condition, &Value::Number(ms), 0).0
    };
    assert!(number(before, 1_714_564_799_999.0) && !number(before, 1_714_564_800_000.0));
}

#[test]
fn networks_hold_their_addresses() {
    check(
        r#""cidr": ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"]"#,
        &["10.1.2.3", "2001:db8::1", "192.0.2.1", "::ffff:10.0.0.1"],
        &["11.0.0.0", "2001:db9::", "192.0.2.2", "::1", "10.0.0"],
    );
}

#[test]
fn time_holds_from_its_beginning_until_its_end() {
    let check = |interval: &str, now, want: (bool, Option<i64>)| {
        let condition = format!(r#"{{ "time": {interval} }}"#);
        let found = holds_at(&condition, &Value::Missing, now);
        assert_eq!(found, want, "{interval} at {now}");
    };
    let both = r#"{ "from": "1970-01-01T00:00:01Z", "until": 2000 }"#;
    check(both, 999, (false, Some(1_000)));
    check(both, 1_000, (true, Some(2_000)));
    check(both, 1_999, (true, Some(2_000)));
    check(both, 2_000, (false, None));
    check(r#"{ "from": 1000 }"#, 1_000, (true, None));
    check(r#"{ "until": 1000 }"#, 1_000, (false, None));
    check(r#"{ "until": 1000 }"#, -1, (true, Some(1_000)));
}
