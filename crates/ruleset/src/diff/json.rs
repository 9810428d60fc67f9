//! A difference as JSON.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{By, Difference, Group, Groups, Moves, Name, What};
use crate::encode::members::{Members, list, text};

/// `{ KEY: { what, canDiffer, changes?, asked?, moves?, otherwise?, groups? } }`: `what` is `added`, `removed` or
/// `changed`, a change is a sentence, a move is `{ from, to, count, example }`.
///
/// Groups of one kind are `{ by, attribute?, groups }`: `by` is `segment` or `attribute`. One of them is
/// `{ name, asked, moves, otherwise }`, where `name` is `null` of those with no such attribute or in no segment; of those
/// that are in no other group it has `isRest` instead.
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
        .list("groups", moves.groups.iter().map(groups))
}

fn groups(groups: &Groups) -> Json {
    let members = match &groups.by {
        By::Segment => Members::new().with("by", "segment"),
        By::Attribute(name) => Members::new()
            .with("by", "attribute")
            .with("attribute", name.as_str()),
    };
    members
        .with("groups", list(groups.groups.iter().map(group)))
        .into()
}

fn group(group: &Group) -> Json {
    let members = match &group.name {
        Name::Of(name) => Members::new().with("name", name.as_str()),
        Name::None => Members::new().with("name", Json::Null),
        Name::Other => Members::new().with("isRest", true),
    };
    let count = &group.count;
    let moves = count.moves.iter().map(|((from, to), count)| {
        Members::new()
            .with("from", from.as_str())
            .with("to", to.as_str())
            .with("count", *count)
            .into()
    });
    members
        .with("asked", count.asked)
        .with("moves", list(moves))
        .with("otherwise", count.otherwise)
        .into()
}
