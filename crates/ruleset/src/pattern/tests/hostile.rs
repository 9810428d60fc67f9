//! Patterns that were meant to take long, or much memory, or a deep stack.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::super::{Pattern, PatternError};

/// Generous for what takes a twentieth of a second: a test is not optimised, and its machine does other things.
/// Without limits some of these take minutes, others all memory.
const LONG: Duration = Duration::from_secs(20);

#[track_caller]
fn check(pattern: &str, is_pattern: bool) {
    let start = Instant::now();
    let found = Pattern::parse(pattern);
    let took = start.elapsed();
    let shown: String = pattern.chars().take(40).collect();
    assert!(took < LONG, "{shown}: {took:?}");
    match found {
        Ok(_) => assert!(is_pattern, "{shown}"),
        Err(PatternError::TooLarge) => assert!(!is_pattern, "{shown}"),
        Err(error) => panic!("{shown}: {error}"),
    }
}

#[test]
fn what_would_have_too_many_states_is_given_up() {
    check(r"(a|b)*a(a|b){8}", true);
    check(r"(a|b)*a(a|b){20}", false);
    check(r"[01]*1[01]{11}$", true);
    check(r"[01]*1[01]{13}$", false);
    check(r"\w{500}", true);
    check(r"\w{5000}", false);
    check(r"[^a]{1000}", false);
    check(r".{3000}", false);
    check(r"(?:.*a){12}.{10}b", false);
    check(r"(?i)\w{300}\W{30}", true);
    check(r"(?:[a-z]|[b-y]|[c-x]|[d-w]){12}.*[^\x00-\x7f]{9}q", true);
}

#[test]
fn what_is_repeated_over_and_over_is_given_up() {
    check(r"((a{100}){100}){100}", false);
    check(r"(((a{1000}){1000}){1000}){1000}", false);
    check(r"a{4294967295}", false);
    check(r"(?:(?:(?:|a){99}){99}){99}", false);
    check(r"(?:(?:(?:\b){99}){99}){99}", true);
    check(r"(?:a{0}){999999999}", true);
    check(r"((((){1000}){1000}){1000}){1000}", true);
}

#[test]
fn long_patterns_are_given_up() {
    check(&"a".repeat(65_536), false);
    check(&"a".repeat(65_537), false);
    check(&"[é-ÿ]".repeat(9_000), false);
    check(&".*a".repeat(20_000), false);
    check(&"(?:a*)*".repeat(9_000), false);
    check(&format!("(?i){}", "[k-sé]".repeat(8_000)), false);
    check(&format!("(?i){}", r"[\Wa-\x{100}]".repeat(4_500)), false);
    check(&r"\b\w+\b.".repeat(8_000), false);
    check(&"()".repeat(30_000), true);
    let words: Vec<String> = (0..8_000).map(|n| format!("x{n}")).collect();
    check(&words.join("|"), true);
    let mut class = String::from("(?i)[");
    for n in 0..20_000_u32 {
        let character = char::from_u32(0x8800 - (n * 7_919 % 20_000)).unwrap();
        write!(class, "{character}").unwrap();
    }
    check(&(class + "]"), true);
}

#[test]
fn deep_patterns_are_read_on_a_small_stack() {
    let deep = |open: &str, close: &str| format!("{}a{}", open.repeat(90), close.repeat(90));
    let patterns = [
        deep("(", ")"),
        deep("[", "]"),
        deep("[^", "]"),
        // Each of these is four deep.
        format!("{}a{}", "(?:b|c".repeat(24), ")*".repeat(24)),
    ];
    // As large as the stack of a WebAssembly module.
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let thread = thread.spawn(move || patterns.map(|it| Pattern::parse(&it).map(|_| ())));
    for (index, found) in (0..).zip(thread.unwrap().join().unwrap()) {
        assert_eq!(found, Ok(()), "{index}");
    }
    let error = Pattern::parse(&"(".repeat(60_000)).unwrap_err();
    assert!(matches!(error, PatternError::Syntax { .. }), "{error}");
}
