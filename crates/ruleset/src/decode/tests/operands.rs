//! Patterns, texts in any case, times and networks.

use vexil_core::limits::{AUTOMATA_BYTES, AUTOMATA_WORK, AUTOMATON_BYTES};

use super::{check_condition, flag_with, issues};
use crate::decode;
use crate::issue::{Code, Issue};

/// [`check_condition`] of one test of an attribute, whose issues stand at the test.
#[track_caller]
fn check_test(test: &str, operand: &str, want: &[&str]) {
    let want: Vec<String> = want
        .iter()
        .map(|issue| {
            let (code, rest) = issue.split_once(' ').unwrap();
            format!("{code} /flags/f/rules/0/when/{test}{rest}")
        })
        .collect();
    let want: Vec<&str> = want.iter().map(String::as_str).collect();
    check_condition(&format!(r#"{{ "attr": "a", "{test}": {operand} }}"#), &want);
}

#[track_caller]
fn check_valid(condition: &str) {
    check_condition(condition, &[]);
}

#[test]
fn patterns_are_regular_expressions() {
    check_valid(r#"{ "attr": "a", "matches": "" }"#);
    check_valid(r#"{ "attr": "a", "matches": "(?i)^user-\\d{1,9}\\b" }"#);
    check_test(
        "matches",
        r#"["a"]"#,
        &["wrong-type : expected a string, found a list"],
    );
    check_test(
        "matches",
        r#""é(ab""#,
        &["bad-pattern : `é(ab` is no pattern, unclosed group at character 2"],
    );
    check_test(
        "matches",
        r#""a**|+""#,
        &[
            "bad-pattern : `a**|+` is no pattern, repetition operator missing expression at character 5",
        ],
    );
    check_test(
        "matches",
        r#""(?=a)""#,
        &[
            "bad-pattern : `(?=a)` is no pattern, look-around, including look-ahead and look-behind, is not supported at character 1",
        ],
    );
    check_test(
        "matches",
        r#""(a)\\1""#,
        &["bad-pattern : `(a)\\1` is no pattern, backreferences are not supported at character 4"],
    );
    check_test(
        "matches",
        r#""(?-u:\\xff)""#,
        &[
            "bad-pattern : `(?-u:\\xff)` is no pattern, pattern can match invalid utf-8 at character 6",
        ],
    );
}

#[test]
fn classes_by_property_are_not_supported() {
    for (pattern, character) in [("\\\\pL", 1), ("a\\\\p{Greek}", 2), ("[a\\\\P{Lu}]", 3)] {
        let shown = pattern.replace("\\\\", "\\");
        check_test(
            "matches",
            &format!(r#""{pattern}""#),
            &[&format!(
                "bad-pattern : `{shown}` is no pattern, `\\p` is not supported at character {character}"
            )],
        );
    }
}

#[test]
fn automata_are_bounded() {
    let too_large =
        "automaton-size : needs an automaton of more than 65536 bytes, expected something simpler";
    check_test("matches", r#""(a|b)*a(a|b){20}""#, &[too_large]);
    let long = "a".repeat(AUTOMATON_BYTES + 1);
    check_test("matches", &format!(r#""{long}""#), &[too_large]);
    check_condition(
        &format!(r#"{{ "attr": "a", "contains": ["b", "{long}"], "ignoreCase": true }}"#),
        &[
            "automaton-size /flags/f/rules/0/when/contains: 2 texts in any case need an automaton of more than 65536 bytes, expected fewer in one test: an `any` of several tests can have the others",
        ],
    );
    let classes = r"[\\x{0}-\\x{10ffff}]".repeat(16);
    let issues = issues(&condition_of(&format!(r#""matches": "(?i){classes}""#)));
    assert_eq!(issues.len(), 1);
    assert!(
        issues[0].to_string().ends_with(
            "is no pattern, classes have too many characters for `(?i)` at character 276"
        ),
        "{}",
        issues[0]
    );
}

fn condition_of(test: &str) -> String {
    flag_with(&format!(
        r#""rules": [{{ "when": {{ "attr": "a", {test} }}, "serve": "on" }}]"#
    ))
}

#[test]
fn all_automata_together_are_bounded() {
    // Each counts as one of the size allowed.
    let large = "a".repeat(AUTOMATON_BYTES + 1);
    let most = AUTOMATA_BYTES / AUTOMATON_BYTES;
    let found = |before: &[&str], count: usize| {
        let patterns = before.iter().copied().chain(vec![large.as_str(); count]);
        let tests = patterns.map(|it| format!(r#"{{ "attr": "a", "matches": "{it}" }}"#));
        let tests: Vec<String> = tests.collect();
        let when = format!(r#"{{ "any": [{}] }}"#, tests.join(","));
        let mut issues = issues(&flag_with(&format!(
            r#""rules": [{{ "when": {when}, "serve": "on" }}]"#
        )));
        let beyond = issues.iter().position(|it| it.code != Code::AutomatonSize);
        let beyond = issues.split_off(beyond.unwrap_or(issues.len()));
        let beyond: Vec<String> = beyond.iter().map(Issue::to_string).collect();
        (issues.len(), beyond)
    };
    assert_eq!(found(&[], most), (most, vec![]));
    // Beyond the limit none is made any more.
    let beyond = |bytes: usize| {
        vec![format!(
            "{bytes} bytes of automata, expected at most {AUTOMATA_BYTES}"
        )]
    };
    let want = (most + 1, beyond(AUTOMATA_BYTES + AUTOMATON_BYTES));
    assert_eq!(found(&[], most + 9), want);
    // One that is always matched has 65 words and no state.
    assert_eq!(found(&[""], most), (most, beyond(AUTOMATA_BYTES + 4 * 65)));
}

#[test]
fn all_work_on_automata_is_bounded() {
    let last_issue = |pattern: &str, count: usize| {
        let test = format!(r#"{{ "attr": "a", "matches": "{pattern}" }}"#);
        let when = format!(r#"{{ "any": [{}] }}"#, vec![test; count].join(","));
        let rules = format!(r#""rules": [{{ "when": {when}, "serve": "on" }}]"#);
        let issues = decode(&flag_with(&rules)).err()?;
        Some(issues.last()?.to_string())
    };
    let check = |pattern: &str, few: usize, many: usize| {
        assert_eq!(last_issue(pattern, few), None, "{pattern}");
        let found = last_issue(pattern, many).unwrap_or_default();
        let want = format!(" bytes on the way to automata, expected at most {AUTOMATA_WORK}");
        assert!(found.ends_with(&want), "{pattern}: {found}");
    };
    // Tables without a row, for which the last twelve characters are remembered at first, or classes folded.
    check("(?:[ab]*a[ab]{11})?", 9, 300);
    let classes = r"[\\x{0}-\\x{10ffff}]".repeat(10);
    check(&format!("(?i)(?:{classes})?"), 4, 9);
    // What is no pattern in the end counts too.
    let found = last_issue(&format!(r"(?i){classes}(?-u:\\xff)"), 9).unwrap();
    assert!(found.contains("on the way to automata"), "{found}");
}

#[test]
fn case_can_be_ignored_beside_three_tests() {
    for test in ["startsWith", "endsWith", "contains"] {
        check_valid(&format!(
            r#"{{ "attr": "a", "{test}": ["É", "b"], "ignoreCase": true }}"#
        ));
        check_valid(&format!(
            r#"{{ "attr": "a", "{test}": "É", "ignoreCase": false }}"#
        ));
    }
    check_condition(
        r#"{ "attr": "a", "contains": [], "ignoreCase": "yes" }"#,
        &[
            "wrong-type /flags/f/rules/0/when/ignoreCase: expected a boolean, found a string",
            "empty-list /flags/f/rules/0/when/contains: expected a list that is not empty",
        ],
    );
    for test in [r#""is": "x""#, r#""matches": "x""#, r#""in": ["x"]"#] {
        check_condition(
            &format!(r#"{{ "attr": "a", {test}, "ignoreCase": true }}"#),
            &["unknown-key /flags/f/rules/0/when/ignoreCase: unknown key `ignoreCase`"],
        );
    }
    check_condition(
        r#"{ "segment": "s", "ignoreCase": true }"#,
        &[
            "unknown-key /flags/f/rules/0/when/ignoreCase: unknown key `ignoreCase`",
            "unknown-segment /flags/f/rules/0/when/segment: unknown segment `s`",
        ],
    );
    check_condition(
        r#"{ "attr": "a", "startsWith": "x", "ignorecase": true }"#,
        &[
            "unknown-key /flags/f/rules/0/when/ignorecase: unknown key `ignorecase` (did you mean `ignoreCase`?)",
        ],
    );
    check_condition(
        r#"{ "attr": "a", "ignoreCase": true }"#,
        &[
            "one-test /flags/f/rules/0/when: expected one of `is`, `in`, `exists`, `startsWith`, `endsWith`, `contains`, `matches`, `lt`, `lte`, `gt`, `gte`, `before`, `after`, `semver` or `cidr`, found none",
        ],
    );
    check_condition(
        r#"{ "attr": "a", "startsWith": "x", "is": "x", "ignoreCase": 1 }"#,
        &[
            "wrong-type /flags/f/rules/0/when/ignoreCase: expected a boolean, found a number",
            "one-test /flags/f/rules/0/when: expected one test, found `is` and `startsWith` (join tests with `all` or `any`)",
        ],
    );
}

#[test]
fn times_are_rfc_3339_or_whole_milliseconds() {
    check_valid(r#"{ "attr": "a", "before": "2024-05-01T14:00:00+02:00" }"#);
    check_valid(r#"{ "attr": "a", "after": -8640000000000000 }"#);
    check_valid(r#"{ "attr": "a", "after": 1.0 }"#);
    let expected =
        "expected RFC 3339, such as `2024-05-01T09:00:00Z`, or whole milliseconds since 1970";
    for (operand, shown) in [
        (r#""2024-05-01""#, "2024-05-01"),
        (r#""2024-02-30T00:00:00Z""#, "2024-02-30T00:00:00Z"),
        (r#""2024-05-01 14:00:00Z""#, "2024-05-01 14:00:00Z"),
        (r#""""#, ""),
        ("1.5", "1.5"),
        ("8640000000000001", "8640000000000001"),
    ] {
        let issue = format!("bad-instant : `{shown}` is no time, {expected}");
        check_test("before", operand, &[&issue]);
        check_test("after", operand, &[&issue]);
    }
    check_test(
        "before",
        "null",
        &["wrong-type : expected a time, as a string or a number, found null"],
    );
}

#[test]
fn intervals_begin_before_they_end() {
    check_valid(r#"{ "time": { "from": 0 } }"#);
    check_valid(r#"{ "time": { "until": "2024-05-01T00:00:00Z" } }"#);
    check_valid(r#"{ "time": { "from": -1, "until": "1970-01-01T00:00:00Z" } }"#);
    for until in ["0", "-1"] {
        check_condition(
            &format!(r#"{{ "time": {{ "from": "1970-01-01T00:00:00Z", "until": {until} }} }}"#),
            &[
                "interval-order /flags/f/rules/0/when/time: never holds, expected `from` before `until`",
            ],
        );
    }
    check_condition(
        r#"{ "time": {} }"#,
        &["one-test /flags/f/rules/0/when/time: expected one of `from` or `until`, found none"],
    );
    check_condition(
        r#"{ "time": { "form": 0 } }"#,
        &["unknown-key /flags/f/rules/0/when/time/form: unknown key `form` (did you mean `from`?)"],
    );
    check_condition(
        r#"{ "time": { "from": "noon", "until": [] } }"#,
        &[
            "bad-instant /flags/f/rules/0/when/time/from: `noon` is no time, expected RFC 3339, such as `2024-05-01T09:00:00Z`, or whole milliseconds since 1970",
            "wrong-type /flags/f/rules/0/when/time/until: expected a time, as a string or a number, found a list",
        ],
    );
    check_condition(
        r#"{ "time": { "from": 0 }, "attr": "a", "is": 1 }"#,
        &[
            "one-test /flags/f/rules/0/when: expected one test, found `time` and `attr` (join tests with `all` or `any`)",
        ],
    );
}

#[test]
fn networks_have_no_bits_beyond_their_prefix() {
    check_valid(
        r#"{ "attr": "a", "cidr": ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::ffff:10.0.0.0/104"] }"#,
    );
    check_test(
        "cidr",
        r#"["10.1.2.3/8", "2001:db8::1/32", "::ffff:10.1.2.3/104"]"#,
        &[
            "bad-network /0: `10.1.2.3/8` is no network, expected no bits beyond the prefix (did you mean `10.0.0.0/8`?)",
            "bad-network /1: `2001:db8::1/32` is no network, expected no bits beyond the prefix (did you mean `2001:db8::/32`?)",
            "bad-network /2: `::ffff:10.1.2.3/104` is no network, expected no bits beyond the prefix (did you mean `10.0.0.0/8`?)",
        ],
    );
    let expected = "expected an IPv4 or IPv6 address, or one with the length of a prefix, such as `10.0.0.0/8`";
    for text in [
        "",
        "10.0.0.0/33",
        "10.0.0/8",
        "10.0.0.01",
        "::/129",
        "[::1]",
        "fe80::1%eth0",
        "10.0.0.0/8/8",
    ] {
        check_test(
            "cidr",
            &format!(r#"["{text}"]"#),
            &[&format!(
                "bad-network /0: `{text}` is no network, {expected}"
            )],
        );
    }
    check_test(
        "cidr",
        "[]",
        &["empty-list : expected a list that is not empty"],
    );
    check_test(
        "cidr",
        r#""10.0.0.0/8""#,
        &["wrong-type : expected a list, found a string"],
    );
    check_test(
        "cidr",
        "[8]",
        &["wrong-type /0: expected a string, found a number"],
    );
}
