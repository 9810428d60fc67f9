//! Reading what attributes are compared with.

use vexil_core::limits::AUTOMATON_BYTES;

use super::reader::Reader;
use super::scalar::{owned_text, text};
use crate::automaton::TooLarge;
use crate::condition::Scalar;
use crate::instant::Instant;
use crate::issue::Code;
use crate::json::{Node, compact};
use crate::network::Network;
use crate::pattern::{Pattern, PatternError};
use crate::semver::Range;
use crate::texts::{Place, Texts};

pub(super) fn scalar(reader: &Reader<'_, '_>) -> Option<Scalar> {
    match reader.node {
        Node::Text(text) => Some(Scalar::Text(text.clone())),
        Node::Number(number) => number.as_f64().map(Scalar::Number),
        Node::Bool(bool) => Some(Scalar::Bool(*bool)),
        Node::Null => {
            reader.report(Code::NullOperand);
            None
        }
        Node::List(_) | Node::Object(_) => {
            reader.wrong_type("a string, a number or a boolean", reader.node)
        }
    }
}

/// One text, or a list of them; looked for in any case where that is at a place.
pub(super) fn texts(reader: &Reader<'_, '_>, in_any_case: Option<Place>) -> Option<Texts> {
    let texts = match reader.node {
        Node::Text(text) => vec![text.clone()],
        Node::List(_) => reader.some_list(owned_text)?,
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Object(_) => {
            return reader.wrong_type("a string or a list of strings", reader.node);
        }
    };
    let Some(place) = in_any_case else {
        return Some(Texts::exact(texts));
    };
    if !reader.run.has_room_for_automata() {
        return None;
    }
    let count = texts.len();
    let texts = Texts::ignoring_case(texts, place);
    match &texts {
        Ok(texts) => {
            let search = texts.search();
            reader.run.automaton(search.map_or(0, |it| it.bytes));
            reader.run.work(search.map_or(0, |it| it.work));
        }
        Err(TooLarge) => too_large(reader, Code::TextsSize(count)),
    }
    texts.ok()
}

pub(super) fn pattern(reader: &Reader<'_, '_>) -> Option<Pattern> {
    let text = text(reader)?;
    if !reader.run.has_room_for_automata() {
        return None;
    }
    let mut work = 0;
    let pattern = Pattern::parse_counting(text, &mut work);
    reader.run.work(work);
    match pattern {
        Ok(pattern) => {
            reader.run.automaton(pattern.search().bytes);
            return Some(pattern);
        }
        Err(PatternError::TooLarge) => too_large(reader, Code::AutomatonSize),
        Err(error) => {
            let text = text.to_owned();
            reader.report(Code::BadPattern { text, error });
        }
    }
    None
}

fn too_large(reader: &Reader<'_, '_>, code: Code) {
    reader.run.automaton(AUTOMATON_BYTES);
    reader.report(code);
}

pub(super) fn instant(reader: &Reader<'_, '_>) -> Option<Instant> {
    let (instant, written) = match reader.node {
        Node::Text(text) => (Instant::parse(text), text.clone()),
        Node::Number(number) => {
            let ms = number.as_f64()?;
            (Instant::from_ms(ms), compact(&ms.into()))
        }
        Node::Null | Node::Bool(_) | Node::List(_) | Node::Object(_) => {
            return reader.wrong_type("a time, as a string or a number", reader.node);
        }
    };
    if instant.is_none() {
        reader.report(Code::BadInstant(written));
    }
    instant
}

pub(super) fn range(reader: &Reader<'_, '_>) -> Option<Range> {
    let text = text(reader)?;
    let range = Range::parse(text);
    if let Err(error) = range {
        let text = text.to_owned();
        reader.report(Code::BadRange { text, error });
    }
    range.ok()
}

pub(super) fn network(reader: &Reader<'_, '_>) -> Option<Network> {
    let text = text(reader)?;
    let network = Network::parse(text);
    if let Err(error) = network {
        let text = text.to_owned();
        reader.report(Code::BadNetwork { text, error });
    }
    network.ok()
}
