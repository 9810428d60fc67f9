//! That case is ignored as Unicode folds it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use super::{Place, Texts, alike, meaning};
use crate::automaton::table;

/// Whether one of `texts` is found at a place of `text`, case ignored.
fn is_found(texts: &[&str], place: Place, text: &str) -> bool {
    let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
    table(&meaning(&texts, place)).unwrap().0.matches(text)
}

/// Checks at which places `part` is found: at the start, at the end, anywhere.
#[track_caller]
fn check(part: &str, text: &str, want: [bool; 3]) {
    let found = [Place::Start, Place::End, Place::Anywhere].map(|it| is_found(&[part], it, text));
    assert_eq!(found, want, "{part:?} in {text:?}");
}

#[test]
fn a_text_is_found_at_its_place_in_any_case() {
    check("admin", "ADMIN@example.com", [true, false, true]);
    check("ADMIN", "admin", [true, true, true]);
    check(".COM", "a.com", [false, true, true]);
    check("b", "aBc", [false, false, true]);
    check("b", "ac", [false; 3]);
    check("", "", [true; 3]);
    check("", "a", [true; 3]);
    check("a", "", [false; 3]);
    check("a.c", "abc", [false; 3]);
    check("\n", "\n", [true; 3]);
    assert!(is_found(&["x", "É"], Place::Start, "été"));
    assert!(!is_found(&["x", "É"], Place::End, "ete"));
}

#[test]
fn characters_fold_to_one_character_only() {
    check("ß", "ẞ", [true; 3]);
    check("ß", "ss", [false; 3]);
    check("k", "\u{212a}", [true; 3]);
    check("s", "ſ", [true; 3]);
    check("İ", "i", [false; 3]);
    check("İ", "i\u{307}", [false; 3]);
    check("ı", "I", [false; 3]);
    check("ς", "Σ", [true; 3]);
    check("é", "e\u{301}", [false; 3]);
}

/// As CaseFolding.txt says, by another crate's table of it.
fn simple_fold(character: char) -> char {
    let fold = unicode_case_mapping::case_folded(character);
    fold.map_or(character, |fold| char::from_u32(fold.get()).unwrap())
}

/// Over all of Unicode: one character is found in another just where both fold to the same.
#[test]
fn every_character_is_found_in_those_that_fold_as_it_does() {
    let mut same: BTreeMap<char, Vec<char>> = BTreeMap::new();
    for character in '\0'..=char::MAX {
        let fold = simple_fold(character);
        same.entry(fold).or_default().push(character);
    }
    for characters in same.values() {
        for character in characters {
            let class = alike(*character);
            let found = class.iter().flat_map(|range| range.start()..=range.end());
            assert!(found.eq(characters.iter().copied()), "{character:?}");
        }
    }
    assert!(same.values().filter(|it| it.len() > 1).count() > 1_000);
}

const PARTS: &[&str] = &[
    "a", "A", "k", "\u{212a}", "ß", "ẞ", "s", "ſ", "é", "É", "İ", "i", "🎉", ".",
];

proptest! {
    /// Against folding both sides and comparing what comes out.
    #[test]
    fn it_is_as_if_both_sides_were_folded(
        parts in proptest::collection::vec(proptest::collection::vec(select(PARTS), 0..4), 1..4),
        text in proptest::collection::vec(select(PARTS), 0..8),
    ) {
        let fold = |text: &str| -> String { text.chars().map(simple_fold).collect() };
        let parts: Vec<String> = parts.iter().map(|part| part.concat()).collect();
        let text = text.concat();
        let folded = fold(&text);
        let any = |is_found: fn(&str, &str) -> bool| parts.iter().any(|part| is_found(&folded, &fold(part)));
        let want = [
            any(|text, part| text.starts_with(part)),
            any(|text, part| text.ends_with(part)),
            any(|text, part| text.contains(part)),
        ];
        let refs: Vec<&str> = parts.iter().map(String::as_str).collect();
        let found = [Place::Start, Place::End, Place::Anywhere].map(|it| is_found(&refs, it, &text));
        prop_assert_eq!(found, want, "{:?} in {:?}", parts, text);
    }
}

#[test]
fn people_read_what_was_written() {
    let texts = |place| {
        let texts = vec!["a\"b".to_owned(), "é".to_owned()];
        Texts::ignoring_case(texts, place)
            .unwrap()
            .search()
            .unwrap()
            .source
            .clone()
    };
    assert_eq!(
        texts(Place::Start),
        r#"startsWith "a\"b", "é" ignoring case"#
    );
    assert_eq!(texts(Place::End), r#"endsWith "a\"b", "é" ignoring case"#);
    assert_eq!(
        texts(Place::Anywhere),
        r#"contains "a\"b", "é" ignoring case"#
    );
}

#[test]
fn texts_that_need_too_large_an_automaton_are_given_up() {
    let fits = |texts: Vec<String>| {
        let found = [Place::Start, Place::End, Place::Anywhere]
            .map(|place| Texts::ignoring_case(texts.clone(), place).is_ok());
        assert!(found == [found[0]; 3]);
        found[0]
    };
    let names = |count: u32| {
        (0..count)
            .map(|n| format!("user-{n}@example.com"))
            .collect()
    };
    assert!(fits(names(200)));
    assert!(!fits(names(3_000)));
    assert!(!fits(vec!["é".repeat(8_000)]));
    assert!(!fits(vec!["a".repeat(65_536)]));
    assert!(!fits(vec!["k".repeat(65_537)]));
    assert!(!fits(vec![String::new(); 65_537]));
}
