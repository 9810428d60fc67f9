//! A difference as JSON.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Difference, Moves, What};
use crate::encode::members::{Members, list, text};

/// `{ KEY: { what, canDiffer, changes?, moves?, otherwise?, asked? } }`: `what` is `added`, `removed` or `changed`, a
/// change is a sentence, a move is `{ from, to, count, example }`.
#[must_use]
pub fn json(differences: &[Difference<'_>], moves: &BTreeMap<&str, Moves>) -> Json {
    let flags = differences.iter().map(|difference| {
        let members = match &difference.what {
            What::Added => of("added", true),
            What::Removed => of("removed", true),
            What::Changed {
                can_differ,
                changes,
            } => of("changed", *can_differ).list("changes", changes.iter().map(text)),
        };
        let members = match moves.get(difference.key) {
            Some(moves) => moved(members, moves),
            None => members,
        };
        (difference.key.to_owned(), Json::from(members))
    });
    Json::Object(flags.collect())
}

fn of(what: &str, can_differ: bool) -> Members {
    Members::new()
        .with("what", what)
        .with("canDiffer", can_differ)
}

fn moved(members: Members, moves: &Moves) -> Members {
    let all = moves.moves.iter().map(|it| {
        Members::new()
            .with("from", it.from.as_str())
            .with("to", it.to.as_str())
            .with("count", it.count)
            .with("example", it.example.clone())
            .into()
    });
    members
        .with("asked", moves.asked)
        .with("moves", list(all))
        .with("otherwise", moves.otherwise)
}
