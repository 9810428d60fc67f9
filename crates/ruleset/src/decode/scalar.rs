//! Reading texts, numbers and names.

use std::collections::BTreeSet;

use super::reader::Reader;
use crate::issue::{Code, Unknown};
use crate::json::Node;
use crate::lint::Lint;

pub(super) fn text<'n>(reader: &Reader<'n, '_>) -> Option<&'n str> {
    match reader.node {
        Node::Text(text) => Some(text),
        other => reader.wrong_type("a string", other),
    }
}

pub(super) fn owned_text(reader: &Reader<'_, '_>) -> Option<String> {
    text(reader).map(str::to_owned)
}

/// A text that is not empty.
pub(super) fn some_text(reader: &Reader<'_, '_>) -> Option<String> {
    let text = text(reader)?;
    if text.is_empty() {
        reader.report(Code::EmptyText);
    }
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn boolean(reader: &Reader<'_, '_>) -> Option<bool> {
    match reader.node {
        Node::Bool(bool) => Some(*bool),
        other => reader.wrong_type("a boolean", other),
    }
}

pub(super) fn number(reader: &Reader<'_, '_>) -> Option<f64> {
    match reader.node {
        Node::Number(number) => number.as_f64(),
        other => reader.wrong_type("a number", other),
    }
}

/// A number of which `new` makes an amount.
pub(super) fn amount<T>(
    reader: &Reader<'_, '_>,
    new: impl Fn(f64) -> Option<T>,
    bad: impl Fn(f64) -> Code,
) -> Option<T> {
    let number = number(reader)?;
    let amount = new(number);
    if amount.is_none() {
        reader.report(bad(number));
    }
    amount
}

/// One of a few words.
pub(super) fn word(
    reader: &Reader<'_, '_>,
    words: &'static [&'static str],
) -> Option<&'static str> {
    let text = text(reader)?;
    let found = words.iter().find(|word| **word == text).copied();
    if found.is_none() {
        let word = reader.unknown(text, words.iter().copied());
        let expected = words;
        reader.report(Code::UnknownWord { word, expected });
    }
    found
}

/// What may be odd.
pub(super) fn lints(reader: &Reader<'_, '_>) -> Option<Vec<Lint>> {
    reader.list(|it| Lint::named(word(it, Lint::NAMES)?))
}

/// A name that must be one of `known`, or any where nobody can tell which there are.
pub(super) fn reference<'n, K>(
    reader: &Reader<'n, '_>,
    known: Option<&BTreeSet<&'n str>>,
    new: impl Fn(&str) -> Option<K>,
    unknown: impl Fn(Unknown) -> Code,
) -> Option<K> {
    let name = text(reader)?;
    check_reference(reader, name, known, unknown);
    let key = new(name);
    if key.is_none() && known.is_none() {
        reader.report(Code::BadKey(name.to_owned()));
    }
    key
}

/// Reports `name` where it is none of `known`.
pub(super) fn check_reference<'n>(
    reader: &Reader<'n, '_>,
    name: &str,
    known: Option<&BTreeSet<&'n str>>,
    unknown: impl Fn(Unknown) -> Code,
) {
    if let Some(known) = known
        && !known.contains(name)
    {
        reader.report(unknown(reader.unknown(name, known.iter().copied())));
    }
}
