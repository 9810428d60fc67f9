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
        let (what, changes) = match &difference.what {
            What::Added => ("added", [].as_slice()),
            What::Removed => ("removed", [].as_slice()),
            What::Changed { changes, .. } => ("changed", changes.as_slice()),
        };
        let members = Members::new()
            .with("what", what)
            .with("canDiffer", difference.what.can_differ())
            .list("changes", changes.iter().map(text));
        let members = match moves.get(difference.key) {
            Some(moves) => moved(members, moves),
            None => members,
        };
        (difference.key.to_owned(), Json::from(members))
    });
    Json::Object(flags.collect())
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
