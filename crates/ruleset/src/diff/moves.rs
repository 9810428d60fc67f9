//! How many contexts come to another variant.

use std::collections::BTreeMap;

use super::groups::{By, Count, Grouped, Groups, Name};
use serde_json::{Map, Value as Json};
use vexil_core::{Arm, Context, Evaluation, Flag, Live, Program, Reason, evaluate};

/// How a host resolves a context for a program.
pub type Resolve = for<'c> fn(&Program, &'c Map<String, Json>) -> Context<'c>;

/// What became of one flag in a sample of contexts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moves {
    /// How many contexts there were.
    pub asked: usize,
    /// From which variant to which, most frequent first.
    pub moves: Vec<Move>,
    /// In how many it kept variant and value, but not reason, rule, stage or arm.
    pub otherwise: usize,
    /// The same again, for each group of contexts that was asked for.
    pub groups: Vec<Groups>,
}

/// A variant instead of another, or with another value.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// The variant in the old program.
    pub from: String,
    /// The variant in the new one.
    pub to: String,
    /// In how many contexts.
    pub count: usize,
    /// The first of them.
    pub example: Map<String, Json>,
}

/// What becomes of the flags `keys`, which both programs have, in `contexts` at `now`; no release has started.
///
/// `by` says how contexts are grouped; they are in the segments of the new program.
pub fn moves<'k>(
    old: &Program,
    new: &Program,
    keys: &[&'k str],
    contexts: impl IntoIterator<Item = Map<String, Json>>,
    by: &[By],
    resolve: Resolve,
    now: i64,
) -> BTreeMap<&'k str, Moves> {
    let flags = keys
        .iter()
        .filter_map(|key| Some((*key, old.flag(key)?, new.flag(key)?)));
    let mut samples: Vec<_> = flags
        .map(|(key, was, is)| (key, was, is, Sample::of(by)))
        .collect();
    for context in contexts {
        let (before, after) = (resolve(old, &context), resolve(new, &context));
        let groups: Vec<_> = by
            .iter()
            .map(|by| by.names(new, &context, &after, now))
            .collect();
        for (_, was, is, sample) in &mut samples {
            let answers =
                [(old, *was, &before), (new, *is, &after)].map(|(program, flag, context)| {
                    let live = Live::default();
                    Answer::of(flag, evaluate(program, &live, flag, context, now))
                });
            sample.add(answers, &context, &groups);
        }
    }
    let samples = samples.into_iter();
    samples
        .map(|(key, _, _, sample)| (key, sample.into_moves()))
        .collect()
}

/// What a host tells of an evaluation.
#[derive(Clone, Copy, PartialEq)]
struct Answer<'p> {
    variant: &'p str,
    value: &'p str,
    reason: Reason,
    /// Its name, or else its number.
    rule: Option<Result<&'p str, u32>>,
    stage: Option<&'p str>,
    arm: Option<Arm>,
    is_missing_unit: bool,
}

impl<'p> Answer<'p> {
    fn of(flag: Flag<'p>, evaluation: Evaluation) -> Answer<'p> {
        let variant = flag.variant(evaluation.variant);
        let chosen = evaluation.chosen_by;
        Answer {
            variant: variant.map_or("", |variant| variant.name),
            value: variant.map_or("", |variant| variant.value),
            reason: evaluation.reason,
            rule: evaluation.rule.map(|rule| flag.rule_name(rule).ok_or(rule)),
            stage: chosen.map(|chosen| flag.stage(chosen)),
            arm: chosen.and_then(|chosen| chosen.arm),
            is_missing_unit: evaluation.is_missing_unit,
        }
    }
}

#[derive(Default)]
struct Sample {
    count: Count,
    examples: BTreeMap<Way, Map<String, Json>>,
    groups: Vec<Grouped>,
}

impl Sample {
    fn of(by: &[By]) -> Sample {
        Sample {
            groups: by.iter().cloned().map(Grouped::new).collect(),
            ..Sample::default()
        }
    }

    fn add(&mut self, answers: [Answer<'_>; 2], context: &Map<String, Json>, names: &[Vec<Name>]) {
        let change = Change::of(answers);
        self.count.add(&change);
        for (group, names) in self.groups.iter_mut().zip(names) {
            group.add(names, &change);
        }
        if let Change::Moved(way) = change
            && !self.examples.contains_key(&way)
        {
            self.examples.insert(way, context.clone());
        }
    }

    fn into_moves(mut self) -> Moves {
        let moves = self.count.moves.into_iter();
        let mut moves: Vec<Move> = moves
            .map(|(way, count)| Move {
                count,
                example: self.examples.remove(&way).unwrap_or_default(),
                from: way.0,
                to: way.1,
            })
            .collect();
        moves.sort_by_key(|it| std::cmp::Reverse(it.count));
        Moves {
            asked: self.count.asked,
            moves,
            otherwise: self.count.otherwise,
            groups: self.groups.into_iter().map(Grouped::finish).collect(),
        }
    }
}

/// From which variant to which.
pub(super) type Way = (String, String);

/// What became of a flag in one context.
pub(super) enum Change {
    None,
    Otherwise,
    Moved(Way),
}

impl Change {
    fn of([was, is]: [Answer<'_>; 2]) -> Change {
        if (was.variant, was.value) != (is.variant, is.value) {
            Change::Moved((was.variant.to_owned(), is.variant.to_owned()))
        } else if was == is {
            Change::None
        } else {
            Change::Otherwise
        }
    }
}
