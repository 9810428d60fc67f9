//! How many contexts come to another variant.

use std::collections::BTreeMap;

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
pub fn moves<'k>(
    old: &Program,
    new: &Program,
    keys: &[&'k str],
    contexts: impl IntoIterator<Item = Map<String, Json>>,
    resolve: Resolve,
    now: i64,
) -> BTreeMap<&'k str, Moves> {
    let flags = keys
        .iter()
        .filter_map(|key| Some((*key, old.flag(key)?, new.flag(key)?)));
    let mut samples: Vec<_> = flags
        .map(|(key, was, is)| (key, was, is, Sample::default()))
        .collect();
    for context in contexts {
        let (before, after) = (resolve(old, &context), resolve(new, &context));
        for (_, was, is, sample) in &mut samples {
            let answers =
                [(old, *was, &before), (new, *is, &after)].map(|(program, flag, context)| {
                    let live = Live::default();
                    Answer::of(flag, evaluate(program, &live, flag, context, now))
                });
            sample.add(answers, &context);
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
    asked: usize,
    otherwise: usize,
    moves: BTreeMap<(String, String), (usize, Map<String, Json>)>,
}

impl Sample {
    fn add(&mut self, [was, is]: [Answer<'_>; 2], context: &Map<String, Json>) {
        self.asked = self.asked.saturating_add(1);
        if (was.variant, was.value) != (is.variant, is.value) {
            let way = (was.variant.to_owned(), is.variant.to_owned());
            let (count, _) = self
                .moves
                .entry(way)
                .or_insert_with(|| (0, context.clone()));
            *count = count.saturating_add(1);
        } else if was != is {
            self.otherwise = self.otherwise.saturating_add(1);
        }
    }

    fn into_moves(self) -> Moves {
        let moves = self.moves.into_iter();
        let mut moves: Vec<Move> = moves
            .map(|((from, to), (count, example))| Move {
                from,
                to,
                count,
                example,
            })
            .collect();
        moves.sort_by_key(|it| std::cmp::Reverse(it.count));
        Moves {
            asked: self.asked,
            moves,
            otherwise: self.otherwise,
        }
    }
}
