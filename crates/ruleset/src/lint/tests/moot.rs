//! Parts that decide nothing, and patterns that are the same for every text.

use super::check_rules;
use super::conditions::check_condition;
use crate::lint::Lint;

#[test]
fn a_part_that_decides_nothing_where_it_is_asked_is_found() {
    let of = Lint::MootCondition;
    let a = r#"{ "attr": "a", "is": 1 }"#;
    let b = r#"{ "attr": "b", "is": 1 }"#;
    let c = r#"{ "attr": "c", "is": 1 }"#;
    let not = |part: &str| format!(r#"{{ "not": {part} }}"#);
    let all = |parts: &[&str]| format!(r#"{{ "all": [{}] }}"#, parts.join(", "));
    let any = |parts: &[&str]| format!(r#"{{ "any": [{}] }}"#, parts.join(", "));
    check_condition(
        of,
        &any(&[&all(&[a, b]), &all(&[&not(a), b])]),
        &["/any/0/all/0"],
    );
    check_condition(of, &any(&[&all(&[a, b]), &all(&[&not(a), &not(b)])]), &[]);
    let after =
        |when: &str, want: &[&str]| check_rules(of, &[(a, r#""on""#), (when, r#""on""#)], want);
    after(&all(&[b, &not(a)]), &["/flags/f/rules/1/when/all/1"]);
    after(&not(&any(&[b, a])), &["/flags/f/rules/1/when/not/any/1"]);
    after(
        &all(&[b, &any(&[a, c])]),
        &["/flags/f/rules/1/when/all/1/any/0"],
    );
    // That a rule is for all who are left is no oddity.
    after(&not(a), &[]);
    after(&all(&[&not(a)]), &[]);
    after(b, &[]);
    // Whoever lacks a unit is left by the first rule.
    let split = r#"{ "split": [["on", 1], ["off", 1]] }"#;
    check_rules(of, &[(a, split), (&all(&[b, &not(a)]), r#""on""#)], &[]);
}

#[test]
fn a_pattern_can_find_nothing_or_everything() {
    let of = |pattern: &str| format!(r#"{{ "attr": "a", "matches": "{pattern}" }}"#);
    check_condition(Lint::NeverTrue, &of("[a&&b]"), &[""]);
    check_condition(Lint::NeverTrue, &of("$a"), &[""]);
    check_condition(Lint::NeverTrue, &of("a$"), &[]);
    // What is no text fails it.
    check_condition(Lint::AlwaysTrue, &of("a*"), &[]);
    let none_of_texts = r#"{ "all": [{ "attr": "a", "matches": "b" }, { "not": { "attr": "a", "matches": "a*" } }] }"#;
    check_condition(Lint::NeverTrue, none_of_texts, &[""]);
}
