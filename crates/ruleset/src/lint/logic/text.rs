//! Whether a text can pass some tests and fail others.

mod fold;
mod spans;

use std::borrow::Cow;

use super::attribute::{One, Test};
use crate::condition::AttributeTest;
use crate::network::Network;
use crate::pattern::Pattern;
use crate::texts::Texts;
use fold::folded;

/// Texts of one kind.
#[derive(Clone)]
enum Part<'t> {
    Begins(Piece<'t>),
    Ends(Piece<'t>),
    Contains(Piece<'t>),
    Matches(&'t Pattern),
    In(Network),
}

/// What a text has somewhere.
#[derive(Clone)]
struct Piece<'t> {
    /// Folded where case does not count.
    text: Cow<'t, str>,
    ignores_case: bool,
}

/// Whether a text has one of some parts where `holds` looks for it.
pub(super) fn has_part(text: &str, parts: &Texts, holds: fn(&str, &str) -> bool) -> bool {
    if parts.is_ignoring_case() {
        let text = folded(text);
        let mut parts = parts.as_slice().iter();
        return parts.any(|part| holds(&text, &folded(part)));
    }
    parts.as_slice().iter().any(|part| holds(text, part))
}

/// Whether a text may be it. Never asked where only listed values pass.
pub(super) fn is_text_possible(one: &One<'_, '_>) -> bool {
    let failed: Vec<Part<'_>> = one.failed.iter().flat_map(parts).collect();
    let is_ruled_out = |part: &Part<'_>| failed.iter().any(|outer| outer.includes(part));
    if failed.iter().any(Part::is_everything) {
        return false;
    }
    let each_may_pass = one.passed.iter().all(|test| {
        let parts = parts(test);
        let cost = parts.len().saturating_mul(failed.len());
        if !one.has_steps(cost) {
            return true;
        }
        let can_pass = |part: &Part<'_>| !part.is_nothing() && !is_ruled_out(part);
        is_of_texts(test) && (parts.is_empty() || parts.iter().any(can_pass))
    });
    each_may_pass
        && begin_alike(one.passed)
        && spans::is_version_possible(one)
        && spans::is_instant_possible(one)
}

fn is_of_texts(test: &Test<'_>) -> bool {
    match test {
        Test::Exists | Test::Unit | Test::Keys(_) => true,
        Test::Written(test) => match test {
            AttributeTest::Is(_)
            | AttributeTest::In(_)
            | AttributeTest::Exists(_)
            | AttributeTest::StartsWith(_)
            | AttributeTest::EndsWith(_)
            | AttributeTest::Contains(_)
            | AttributeTest::Matches(_)
            | AttributeTest::Before(_)
            | AttributeTest::After(_)
            | AttributeTest::Semver(_)
            | AttributeTest::Cidr(_) => true,
            AttributeTest::Lt(_)
            | AttributeTest::Lte(_)
            | AttributeTest::Gt(_)
            | AttributeTest::Gte(_) => false,
        },
    }
}

/// The kinds of texts that pass, where a test is about kinds of texts.
fn parts<'r>(test: &Test<'r>) -> Vec<Part<'r>> {
    let Test::Written(test) = test else {
        return Vec::new();
    };
    match test {
        AttributeTest::StartsWith(texts) => pieces(texts).map(Part::Begins).collect(),
        AttributeTest::EndsWith(texts) => pieces(texts).map(Part::Ends).collect(),
        AttributeTest::Contains(texts) => pieces(texts).map(Part::Contains).collect(),
        AttributeTest::Matches(pattern) => vec![Part::Matches(pattern)],
        AttributeTest::Cidr(networks) => networks.iter().copied().map(Part::In).collect(),
        AttributeTest::Is(_)
        | AttributeTest::In(_)
        | AttributeTest::Exists(_)
        | AttributeTest::Lt(_)
        | AttributeTest::Lte(_)
        | AttributeTest::Gt(_)
        | AttributeTest::Gte(_)
        | AttributeTest::Before(_)
        | AttributeTest::After(_)
        | AttributeTest::Semver(_) => Vec::new(),
    }
}

fn pieces(texts: &Texts) -> impl Iterator<Item = Piece<'_>> {
    let ignores_case = texts.is_ignoring_case();
    texts.as_slice().iter().map(move |text| Piece {
        text: if ignores_case {
            Cow::Owned(folded(text))
        } else {
            Cow::Borrowed(text)
        },
        ignores_case,
    })
}

impl Part<'_> {
    /// Whether every text of the kind `inner` is of this kind.
    fn includes(&self, inner: &Part<'_>) -> bool {
        match (self, inner) {
            (Part::Begins(outer), Part::Begins(inner)) => {
                outer.is_in(inner, |inner, outer| inner.starts_with(outer))
            }
            (Part::Ends(outer), Part::Ends(inner)) => {
                outer.is_in(inner, |inner, outer| inner.ends_with(outer))
            }
            (
                Part::Contains(outer),
                Part::Begins(inner) | Part::Ends(inner) | Part::Contains(inner),
            ) => outer.is_in(inner, |inner, outer| inner.contains(outer)),
            (Part::Matches(outer), Part::Matches(inner)) => outer.as_str() == inner.as_str(),
            (Part::In(outer), Part::In(inner)) => {
                let (outer, inner) = (outer.get(), inner.get());
                outer.prefix <= inner.prefix && outer.contains(inner.address)
            }
            (
                Part::Begins(_)
                | Part::Ends(_)
                | Part::Contains(_)
                | Part::Matches(_)
                | Part::In(_),
                _,
            ) => false,
        }
    }

    /// Whether every text is of this kind.
    fn is_everything(&self) -> bool {
        match self {
            Part::Begins(piece) | Part::Ends(piece) | Part::Contains(piece) => {
                piece.text.is_empty()
            }
            Part::Matches(pattern) => pattern.search().decides() == Some(true),
            Part::In(_) => false,
        }
    }

    /// Whether no text is of this kind.
    fn is_nothing(&self) -> bool {
        match self {
            Part::Matches(pattern) => pattern.search().decides() == Some(false),
            Part::Begins(_) | Part::Ends(_) | Part::Contains(_) | Part::In(_) => false,
        }
    }
}

impl Piece<'_> {
    /// Whether what has `inner` has this one too, where `holds` says so of the two as texts.
    fn is_in(&self, inner: &Piece<'_>, holds: fn(&str, &str) -> bool) -> bool {
        match (self.ignores_case, inner.ignores_case) {
            (true, false) => holds(&folded(&inner.text), &self.text),
            (false, true) => self.text.is_empty(),
            (true, true) | (false, false) => holds(&inner.text, &self.text),
        }
    }
}

/// Whether one text can begin as each of `tests` asks: of two beginnings one begins with the other.
fn begin_alike(tests: &[Test<'_>]) -> bool {
    let beginnings = tests.iter().filter_map(|test| match test {
        Test::Written(AttributeTest::StartsWith(parts)) => Some(parts.as_slice()),
        Test::Written(_) | Test::Exists | Test::Unit | Test::Keys(_) => None,
    });
    let folded = beginnings.map(|texts| texts.iter().map(|text| folded(text)).collect());
    let beginnings: Vec<Vec<String>> = folded.collect();
    let go_together = |left: &str, right: &str| left.starts_with(right) || right.starts_with(left);
    beginnings.windows(2).all(|pair| match pair {
        [left, right] => left
            .iter()
            .any(|left| right.iter().any(|right| go_together(left, right))),
        _ => true,
    })
}
