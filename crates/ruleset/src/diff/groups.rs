//! Contexts that have something in common: a segment, or the value of an attribute.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use vexil_core::explain::segments;
use vexil_core::{Context, Live, Program};

use super::moves::{Change, Way};
use crate::condition::AttributeName;

/// How many groups are told of one kind; what else there is counts as one.
const TOLD: usize = 20;
/// So does a group that is smaller than this part of all contexts.
const SMALL: usize = 200;
/// How many values of one attribute are counted: those that come first.
const COUNTED: usize = 1_000;

/// How contexts are grouped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// By the segments they are in: a context may be in several.
    Segment,
    /// By the value they have for an attribute.
    Attribute(AttributeName),
}

/// The groups of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// Which kind.
    pub by: By,
    /// Those there are, largest first.
    pub groups: Vec<Group>,
}

/// Contexts that have something in common.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What.
    pub name: Name,
    /// What became of the flag in them.
    pub count: Count,
}

/// What the contexts of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// The segment of that name, or the value: a text as it is, anything else as JSON.
    Of(String),
    /// They are in no segment, or have no such attribute.
    None,
    /// They are in none of the groups beside this one.
    Other,
}

/// What became of a flag in some contexts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Count {
    /// How many contexts there were.
    pub asked: usize,
    /// From which variant to which, in how many.
    pub moves: BTreeMap<(String, String), usize>,
    /// In how many it kept variant and value, but not reason, rule, stage or arm.
    pub otherwise: usize,
}

impl By {
    /// The groups that a context is in; at least one.
    pub(super) fn names(
        &self,
        program: &Program,
        given: &Map<String, Json>,
        context: &Context<'_>,
        now: i64,
    ) -> Vec<Name> {
        let mut names = match self {
            By::Segment => segments(program, &Live::default(), context, now)
                .map(|name| Name::Of(name.to_owned()))
                .collect(),
            By::Attribute(name) => Vec::from_iter(value(given, &name.steps()).map(|it| match it {
                Json::String(text) => Name::Of(text.clone()),
                other => Name::Of(other.to_string()),
            })),
        };
        if names.is_empty() {
            names.push(Name::None);
        }
        names
    }
}

/// What is at the end of `steps`.
fn value<'c>(context: &'c Map<String, Json>, steps: &[String]) -> Option<&'c Json> {
    let (first, rest) = steps.split_first()?;
    rest.iter()
        .try_fold(context.get(first)?, |at, step| match at {
            Json::Object(members) => members.get(step),
            Json::Array(items) => items.get(step.parse::<usize>().ok()?),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
        })
}

impl Count {
    pub(super) fn add(&mut self, change: &Change) {
        self.asked = self.asked.saturating_add(1);
        match change {
            Change::None => {}
            Change::Otherwise => self.otherwise = self.otherwise.saturating_add(1),
            Change::Moved(way) => self.moved(way, 1),
        }
    }

    fn moved(&mut self, way: &Way, count: usize) {
        let moved = self.moves.entry(way.clone()).or_default();
        *moved = moved.saturating_add(count);
    }

    fn merge(&mut self, other: &Count) {
        self.asked = self.asked.saturating_add(other.asked);
        self.otherwise = self.otherwise.saturating_add(other.otherwise);
        for (way, count) in &other.moves {
            self.moved(way, *count);
        }
    }
}

/// Groups while contexts come.
pub(super) struct Grouped {
    by: By,
    asked: usize,
    counts: BTreeMap<Name, Count>,
}

impl Grouped {
    pub(super) fn new(by: By) -> Grouped {
        Grouped {
            by,
            asked: 0,
            counts: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, names: &[Name], change: &Change) {
        self.asked = self.asked.saturating_add(1);
        for name in names {
            let is_known = self.counts.len() < COUNTED || self.counts.contains_key(name);
            let name = if is_known { name } else { &Name::Other };
            self.counts.entry(name.clone()).or_default().add(change);
        }
    }

    pub(super) fn finish(self) -> Groups {
        let mut values = Vec::new();
        let mut none = None;
        let mut other = Count::default();
        for (name, count) in self.counts {
            match name {
                Name::Of(_) if count.asked.saturating_mul(SMALL) >= self.asked => {
                    values.push(Group { name, count });
                }
                Name::Of(_) | Name::Other => other.merge(&count),
                Name::None => none = Some(Group { name, count }),
            }
        }
        values.sort_by_key(|group| std::cmp::Reverse(group.count.asked));
        for group in values.split_off(values.len().min(TOLD)) {
            other.merge(&group.count);
        }
        let name = Name::Other;
        let other = (other.asked > 0).then_some(Group { name, count: other });
        let all = values.into_iter().chain(none).chain(other);
        Groups {
            by: self.by,
            groups: all.collect(),
        }
    }
}
