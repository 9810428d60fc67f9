//! Texts without their case.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// `text` with each character as the first of those with the same simple case folding.
///
/// Two texts have the same where they differ in case only.
pub(super) fn folded(text: &str) -> String {
    text.chars().map(first_of_same).collect()
}

fn first_of_same(character: char) -> char {
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
    // INVARIANT: it fails only where the table of foldings is left out of the build.
    drop(class.try_case_fold_simple());
    let first = class.iter().next();
    first.map_or(character, ClassUnicodeRange::start)
}
