//! That patterns mean what the crate `regex` says they do in ASCII, and none takes long.

mod hostile;

use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;

use super::{Pattern, hir};
use crate::automaton::table;

/// Whether `pattern` is found in `text`, by the table.
fn is_found(pattern: &str, text: &str) -> bool {
    table(&hir(pattern, &mut 0).unwrap())
        .unwrap()
        .0
        .matches(text)
}

/// Checks in which of `found` and `lost` a pattern is found.
#[track_caller]
fn check(pattern: &str, found: &[&str], lost: &[&str]) {
    for text in found {
        assert!(is_found(pattern, text), "{pattern} in {text:?}");
    }
    for text in lost {
        assert!(!is_found(pattern, text), "no {pattern} in {text:?}");
    }
}

#[test]
fn a_pattern_is_looked_for_anywhere() {
    check("b", &["b", "abc"], &["", "ac", "B"]);
    check("^b", &["b", "bc"], &["ab", "a\nb"]);
    check("(?m)^b$", &["a\nb\nc"], &["ab", "a\r\nb\r"]);
    check("b$", &["ab"], &["ba", "b\n"]);
    check("^$", &[""], &["a"]);
    check(
        r"@example\.(com|org)$",
        &["u@example.com", "@example.org"],
        &["u@example.net", "u@example-com", "u@example.com "],
    );
}

#[test]
fn dots_and_classes_are_whole_characters() {
    check(
        "^.$",
        &["a", "é", "🎉", "\u{fffd}"],
        &["", "ab", "\n", "e\u{301}"],
    );
    check("^(?s:.)$", &["\n"], &["\r\n"]);
    check("^[^a]$", &["é", "\n", "🎉"], &["a", ""]);
    check("^[à-é]$", &["é", "à"], &["ê", "e", "\u{e0}\u{e0}"]);
    check(r"^\x{1F389}$", &["🎉"], &["🎊"]);
}

#[test]
fn perl_classes_are_ascii() {
    check(r"^\d$", &["0", "9"], &["٣", "a", "०"]);
    check(r"^\D$", &["٣", "a", "🎉"], &["0", "ab"]);
    check(r"^\w$", &["a", "Z", "_", "0"], &["é", "-", "ſ", "\u{212a}"]);
    check(r"^\W$", &["é", "-", "ſ"], &["a", "_"]);
    check(
        r"^\s$",
        &[" ", "\t", "\n", "\r", "\u{b}", "\u{c}"],
        &["\u{a0}", "\u{85}", "\u{2028}", "a"],
    );
    check(r"^\S$", &["\u{a0}", "\u{2028}"], &[" ", "\n"]);
    check(r"^[\d.]+$", &["1.2"], &["1,2", "٣"]);
    check(r"^[^\d]$", &["٣"], &["3"]);
    check(r"^[\W\d]$", &["é", "3"], &["a"]);
    check(r"^[\w--_a]$", &["b", "0"], &["a", "_", "é"]);
    check(r"^[\w&&[^\d]]$", &["b", "_"], &["0", "é"]);
}

#[test]
fn word_boundaries_are_ascii() {
    check(r"\bb", &["b", "a b", "éb"], &["ab", "_b"]);
    check(r"a\b", &["a", "a-", "aé"], &["ab"]);
    check(r"^\Bé", &["é"], &["e"]);
    check(r"a\Bb", &["ab"], &["a", "a b"]);
    check(r"\b{start}é", &[], &["é", "aé"]);
    check(r"\<a\>", &["a", "éaé"], &["ab", "ba"]);
    check(r"a\b{end-half}", &["a", "aé"], &["ab"]);
    // There is no boundary within a character, nor is there none.
    check(r"\B", &["", "éé", "- "], &["a", "aéa"]);
    check(r"\b", &["a", "-a"], &["", "é"]);
    check(r"\B|[^\w]", &["aéa"], &["a"]);
}

#[test]
fn case_is_folded_one_character_by_one() {
    check(
        "(?i)^straße$",
        &["STRAßE", "ſtraẞe"],
        &["strasse", "STRASSE"],
    );
    check("(?i)^k$", &["k", "K", "\u{212a}"], &["c"]);
    check("(?i)^İ$", &["İ"], &["i", "I", "ı", "i\u{307}"]);
    check("(?i)^i$", &["i", "I"], &["ı", "İ"]);
    check("(?i)^[^k]$", &["é"], &["k", "K", "\u{212a}"]);
    check("(?i)^σ$", &["Σ", "ς"], &["s"]);
    check("^a(?i)b(?-i)c$", &["abc", "aBc"], &["Abc", "abC"]);
    check("^(?i:b)c$", &["Bc"], &["BC"]);
}

#[test]
fn a_perl_class_whose_case_is_folded_is_the_class_it_stands_for() {
    // As in `(?i)[0-9A-Za-z_]`: `ſ` and `K` fold to letters of ASCII.
    check(r"(?i)^\w$", &["a", "A", "ſ", "\u{212a}"], &["é"]);
    check(r"(?i)^\W$", &["é"], &["a", "ſ", "\u{212a}"]);
    check(
        r"(?i)^[\Wx]$",
        &["é", "x", "X"],
        &["k", "s", "ſ", "\u{212a}"],
    );
    check(r"(?i)^[^\W]$", &["k", "ſ"], &["é"]);
}

/// Pieces of which patterns are made; each second one is the same in the crate `regex` with ASCII written out.
const PIECES: &[(&str, &str)] = &[
    ("a", "a"),
    ("b", "b"),
    ("é", "é"),
    ("🎉", "🎉"),
    (".", "."),
    ("[^a]", "[^a]"),
    ("[a-c]", "[a-c]"),
    ("[é-ü]", "[é-ü]"),
    (r"\d", "[0-9]"),
    (r"\D", "[^0-9]"),
    (r"\w", "[0-9A-Za-z_]"),
    (r"\W", "[^0-9A-Za-z_]"),
    (r"\s", r"[\t\n\x0B\x0C\r ]"),
    (r"\S", r"[^\t\n\x0B\x0C\r ]"),
    (r"[\W\dk]", r"[[^0-9A-Za-z_]0-9k]"),
    (r"[^\s\w]", r"[^\t\n\x0B\x0C\r 0-9A-Za-z_]"),
    (r"\b", r"(?-u:\b)"),
    (r"\B", r"(?-u:\B)"),
    (r"\b{start}", r"(?-u:\b{start})"),
    (r"\b{end-half}", r"(?-u:\b{end-half})"),
    ("^", "^"),
    ("$", "$"),
    (r"\A", r"\A"),
    (r"\z", r"\z"),
    ("(?i)", "(?i)"),
    ("(?-i)", "(?-i)"),
    ("(?s)", "(?s)"),
    ("(?m)", "(?m)"),
    ("(?mR)", "(?mR)"),
    ("(?U)", "(?U)"),
    ("", ""),
];
const TEXTS: &[&str] = &[
    "a", "b", "c", "A", "k", "K", "\u{212a}", "ſ", "s", "é", "É", "ü", "🎉", "0", "_", "-", " ",
    "\n", "\r", "\u{a0}", "٣",
];

fn pattern() -> impl Strategy<Value = (String, String)> {
    let piece = select(PIECES).prop_map(|(ours, theirs)| (ours.to_owned(), theirs.to_owned()));
    piece.prop_recursive(5, 24, 4, |inner| {
        let joined = |parts: Vec<(String, String)>, between: &str| {
            let (ours, theirs): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            (ours.join(between), theirs.join(between))
        };
        let several = || proptest::collection::vec(inner.clone(), 1..4);
        let times = select(&["*", "+", "?", "*?", "{2}", "{1,3}", "{0}"][..]);
        prop_oneof![
            4 => several().prop_map(move |parts| joined(parts, "")),
            2 => several().prop_map(move |parts| {
                let (ours, theirs) = joined(parts, "|");
                (format!("(?:{ours})"), format!("(?:{theirs})"))
            }),
            2 => (inner.clone(), times).prop_map(|((ours, theirs), times)| {
                (format!("(?:{ours}){times}"), format!("(?:{theirs}){times}"))
            }),
            1 => inner.clone().prop_map(|(ours, theirs)| (format!("({ours})"), format!("({theirs})"))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_table_finds_what_the_crate_regex_finds(
        (ours, theirs) in pattern(),
        texts in proptest::collection::vec(proptest::collection::vec(select(TEXTS), 0..8), 1..24),
    ) {
        let regex = Regex::new(&theirs).unwrap();
        let Some((table, _)) = table(&hir(&ours, &mut 0).unwrap()) else {
            return Ok(());
        };
        for text in texts {
            let text = text.concat();
            // `is_match` stops at the first end of a match, and where that is within a character (`\B`) loses those that
            // have begun.
            let is_found = regex.find(&text).is_some();
            prop_assert_eq!(table.matches(&text), is_found, "{} in {:?}", ours, text);
        }
    }

    #[test]
    fn any_text_is_a_pattern_or_none(text in any::<String>()) {
        let _ = Pattern::parse(&text);
    }

    #[test]
    fn any_pieces_are_a_pattern_or_none(
        pieces in proptest::collection::vec(
            select(&["(", ")", "[", "]", "^", "-", "&&", "~~", "--", "{", "}", "2", ",", "|", "*", "?", ":", "i",
                     "P<n>", "\\", "d", "W", "b", "x", "é", "[:word:]", "(?x)", " ", "#", "\n", "(?i"][..]),
            0..24,
        ),
    ) {
        let _ = Pattern::parse(&pieces.concat());
    }
}

#[test]
fn the_message_is_one_line_in_lower_case() {
    for text in [
        "(?i",
        "(?x) a #\n(",
        r"\p{L}",
        r"\xzz",
        "a{2,1}",
        "(?<n>a)(?<n>b)",
        r"(?-u:\W)",
    ] {
        let error = Pattern::parse(text).unwrap_err().to_string();
        assert!(!error.contains('\n'), "{error}");
        assert_eq!(error, error.to_lowercase());
        assert!(error.contains(" at character "), "{error}");
    }
}
