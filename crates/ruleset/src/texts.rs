//! Texts that an attribute may begin with, end with or contain.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, Look};
use vexil_core::limits::AUTOMATON_BYTES;

use crate::automaton::{Search, TooLarge};
use crate::json::quoted;

/// Texts of which an attribute may have one at a place; at least one.
///
/// Where case does not count, both sides are folded by Unicode's simple case folding, character by character.
#[derive(Clone, Debug, PartialEq)]
pub struct Texts {
    texts: Vec<String>,
    /// What finds them in any case; `None` where case counts.
    search: Option<Search>,
}

/// Where in an attribute a text is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Start,
    End,
    Anywhere,
}

impl Texts {
    /// Texts that are meant as written.
    pub(crate) fn exact(texts: Vec<String>) -> Texts {
        let search = None;
        Texts { texts, search }
    }

    /// Texts of which each character may be any with the same simple case folding.
    pub(crate) fn ignoring_case(texts: Vec<String>, place: Place) -> Result<Texts, TooLarge> {
        let characters: usize = texts.iter().map(String::len).sum();
        if characters.max(texts.len()) > AUTOMATON_BYTES {
            return Err(TooLarge);
        }
        let written: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
        let source = format!("{} {} ignoring case", place.test(), written.join(", "));
        let search = Some(Search::new(&meaning(&texts, place), source)?);
        Ok(Texts { texts, search })
    }

    /// The texts, as they were written.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.texts
    }

    /// Whether case does not count.
    #[must_use]
    pub fn is_ignoring_case(&self) -> bool {
        self.search.is_some()
    }

    pub(crate) fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }
}

impl Place {
    /// The test that looks there.
    fn test(self) -> &'static str {
        match self {
            Place::Start => "startsWith",
            Place::End => "endsWith",
            Place::Anywhere => "contains",
        }
    }
}

/// One of `texts` in any case, at a place.
fn meaning(texts: &[String], place: Place) -> Hir {
    let any = Hir::alternation(texts.iter().map(|text| in_any_case(text)).collect());
    match place {
        Place::Start => Hir::concat(vec![Hir::look(Look::Start), any]),
        Place::End => Hir::concat(vec![any, Hir::look(Look::End)]),
        Place::Anywhere => any,
    }
}

fn in_any_case(text: &str) -> Hir {
    let classes = text.chars().map(alike).map(Class::Unicode);
    Hir::concat(classes.map(Hir::class).collect())
}

/// All characters with the same simple case folding as `character`.
pub(crate) fn alike(character: char) -> ClassUnicode {
    let mut class = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
    // INVARIANT: it fails only where the table of foldings is left out of the build.
    drop(class.try_case_fold_simple());
    class
}

#[cfg(test)]
mod tests;
