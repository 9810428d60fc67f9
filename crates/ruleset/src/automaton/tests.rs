//! That tables decide as the pattern says, and are as small as can be.

use super::table;
use crate::pattern;

/// Checks how many classes of bytes and how many rows there are.
#[track_caller]
fn check(pattern: &str, classes: u16, rows: usize) {
    let (table, _) = table(&pattern::hir(pattern, &mut 0).unwrap()).unwrap();
    assert_eq!((table.class_count, table.rows.len()), (classes, rows));
}

#[test]
fn tables_have_a_state_for_each_thing_to_remember() {
    // Matched at once, whatever follows.
    check("", 1, 0);
    check("a*", 1, 0);
    check("[^a]|a|$", 1, 0);
    // Never.
    check("$a", 1, 0);
    check("[a&&b]", 1, 0);
    // The `a` is still to come.
    check("a", 2, 1);
    check("[a-z]|[A-Z]|[a-c]|Z", 2, 1);
    check("(a|b)*a(a|b)*", 2, 1);
    // `a` and another byte; before it, after `a` and after `ab`.
    check("^a", 2, 1);
    check("a$", 2, 2);
    check("^abc", 4, 3);
    check("abc|abd|abe", 4, 3);
    // Nothing, `a`, `aa` and so on; more is dead.
    check("^a{2,4}$", 2, 5);
    // Which of the last three were 1.
    check("[01]*1[01]{2}$", 3, 8);
}

#[test]
fn a_table_is_the_same_for_the_same_decisions() {
    let of = |pattern| table(&pattern::hir(pattern, &mut 0).unwrap()).map(|(table, _)| table);
    assert_eq!(of("^(abc|abd)"), of("^ab[cd]"));
    assert_eq!(of("(a|b)*a(a|b){8}"), of("a[ba]{8}"));
    assert_eq!(of("x+y?$"), of("(?:x|xy)$"));
    assert_ne!(of("x+y?$"), of("^(?:x|xy)$"));
}

#[test]
fn its_bytes_are_those_of_the_program() {
    let of = |pattern| {
        let (table, _) = table(&pattern::hir(pattern, &mut 0).unwrap()).unwrap();
        table.bytes()
    };
    assert_eq!(of(""), 4 * 65);
    // Two classes and the end, in two words; two rows.
    assert_eq!(of("a$"), 4 * (65 + 2 * 2));
    // Four classes and the end, in three words; three rows.
    assert_eq!(of("^abc"), 4 * (65 + 3 * 3));
}
