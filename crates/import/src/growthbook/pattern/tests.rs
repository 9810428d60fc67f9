use super::{NoPattern, literal, pattern};

/// `expression` finds something in `yes` and nothing in `no`.
#[track_caller]
fn check(expression: &str, yes: &[&str], no: &[&str]) {
    let Ok(pattern) = pattern(expression, false) else {
        panic!("{expression} is a pattern")
    };
    for text in yes {
        assert!(pattern.matches(text), "{expression} in {text:?}");
    }
    for text in no {
        assert!(!pattern.matches(text), "{expression} in {text:?}");
    }
}

#[test]
fn expressions_mean_what_they_mean_in_javascript() {
    check("^a.c$", &["abc"], &["a\nc", "a\u{2028}c", "abcd"]);
    check(r"\/x\-\.", &["/x-."], &["/x-a"]);
    check(r"[\s]", &["\u{a0}", " "], &["a"]);
    check(r"^\S+$", &["a\u{1c}"], &["a\u{feff}"]);
    check("a{2}|x{,3}", &["aa", "x{,3}"], &["a", "xxx"]);
    check("[[&&a-c]~~]", &["&~~]", "b~~]"], &["d~~]"]);
    check("[^]", &["\n"], &[""]);
    check(r"(?<year>\d{4})-\x41\u0042", &["2024-AB"], &["2024"]);
    check("(a|b)*?c]}", &["abc]}"], &["ab"]);
    check(r"\p\z<", &["pz<"], &["z<"]);
}

#[test]
fn case_is_that_of_ascii_letters_as_javascript_ignores_it() {
    let Ok(pattern) = pattern("^[a-c]K|é$", true) else {
        panic!("it is one")
    };
    assert!(pattern.matches("Bk") && pattern.matches("É"));
    assert!(!pattern.matches("B\u{212a}") && !pattern.matches("dk"));
    assert_eq!(literal("a-1", true), r"[aA]\x{2d}1");
}

#[test]
fn what_javascript_refuses_is_told_from_what_we_lack() {
    for invalid in [
        "/???***[)",
        "(",
        ")",
        "*",
        "a**",
        "[b-a]",
        "[a",
        "(?i)a",
        "\\",
    ] {
        assert!(
            matches!(pattern(invalid, false), Err(NoPattern::Invalid)),
            "{invalid}"
        );
    }
    for unsupported in ["(?=a)", "(?<!a)", r"(a)\1", r"\cA", r"\ud800"] {
        let found = pattern(unsupported, false);
        assert!(
            matches!(found, Err(NoPattern::Unsupported(_))),
            "{unsupported}"
        );
    }
}
