//! Texts without their case.

use regex_syntax::hir::ClassUnicodeRange;

use crate::texts::alike;

/// `text` with each character as the first of those with the same simple case folding.
///
/// Two texts have the same where they differ in case only.
pub(super) fn folded(text: &str) -> String {
    text.chars().map(first_of_same).collect()
}

fn first_of_same(character: char) -> char {
    let alike = alike(character);
    let first = alike.iter().next();
    first.map_or(character, ClassUnicodeRange::start)
}
