//! Facts about one attribute, one flag or the time, and whether they go together.

use super::Logic;
use super::attribute::{self, Test};
use crate::condition::{AttributeName, AttributeTest, Interval, Prerequisite};
use crate::instant::Instant;
use crate::key::{FlagKey, VariantName};

/// A fact that does not consist of others.
#[derive(Clone, Copy)]
pub(super) enum Fact<'r> {
    /// An attribute passes a test, or does not.
    Attribute(&'r str, Test<'r>, bool),
    /// A flag is on and serves one of some variants, or does not.
    Flag(&'r FlagKey, &'r [VariantName], bool),
    /// It is within an interval, or is not.
    Time(&'r Interval, bool),
}

/// What a fact is about. Facts about different things always go together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Subject<'r> {
    Attribute(&'r str),
    Flag(&'r FlagKey),
    Time,
}

impl<'r> Fact<'r> {
    pub(super) fn attribute(name: &'r AttributeName, test: &'r AttributeTest, holds: bool) -> Self {
        let (test, holds) = match test {
            AttributeTest::Exists(exists) => (Test::Exists, *exists == holds),
            test => (Test::Written(test), holds),
        };
        Fact::Attribute(name.plain(), test, holds)
    }

    pub(super) fn target(keys: &'r [String], holds: bool) -> Self {
        Fact::Attribute("targetingKey", Test::Keys(keys), holds)
    }

    pub(super) fn unit(name: &'r AttributeName, holds: bool) -> Self {
        Fact::Attribute(name.plain(), Test::Unit, holds)
    }

    pub(super) fn flag(prerequisite: &'r Prerequisite, holds: bool) -> Self {
        Fact::Flag(&prerequisite.flag, &prerequisite.variants, holds)
    }

    fn subject(&self) -> Subject<'r> {
        match self {
            Fact::Attribute(name, ..) => Subject::Attribute(name),
            Fact::Flag(key, ..) => Subject::Flag(key),
            Fact::Time(..) => Subject::Time,
        }
    }
}

/// Whether all of `facts` may be so, of which the first `checked` are known to go together.
pub(super) fn go_together<'r>(logic: &Logic<'r>, facts: &[Fact<'r>], checked: usize) -> bool {
    let mut done: Vec<Subject<'r>> = Vec::new();
    for fact in facts.iter().skip(checked) {
        let subject = fact.subject();
        if done.contains(&subject) {
            continue;
        }
        done.push(subject);
        if !logic.steps.take(facts.len().saturating_add(done.len())) {
            return true;
        }
        let about = facts.iter().filter(|fact| fact.subject() == subject);
        let is_possible = match subject {
            Subject::Attribute(_) => {
                let tests: Vec<_> = about
                    .filter_map(|fact| match fact {
                        Fact::Attribute(_, test, holds) => Some((*test, *holds)),
                        Fact::Flag(..) | Fact::Time(..) => None,
                    })
                    .collect();
                attribute::is_possible(&tests, &logic.steps)
            }
            Subject::Flag(key) => is_flag_possible(logic, key, &about),
            Subject::Time => is_time_possible(&about),
        };
        if !is_possible {
            return false;
        }
    }
    true
}

/// A flag is off, or on with one of the variants that it can come to.
fn is_flag_possible<'f, 'r: 'f>(
    logic: &Logic<'r>,
    key: &'r FlagKey,
    facts: &(impl Iterator<Item = &'f Fact<'r>> + Clone),
) -> bool {
    let goes_with = |variant: Option<&VariantName>| {
        facts.clone().all(|fact| match fact {
            Fact::Flag(_, variants, holds) => {
                variant.is_some_and(|variant| variants.contains(variant)) == *holds
            }
            Fact::Attribute(..) | Fact::Time(..) => true,
        })
    };
    if goes_with(None) {
        return true;
    }
    // INVARIANT: what a ruleset names is there.
    let Some(flag) = logic.ruleset.flags.get(key) else {
        return false;
    };
    let outcomes = logic.outcomes(key, flag);
    outcomes
        .variants
        .iter()
        .any(|variant| goes_with(Some(variant)))
}

/// Intervals begin and end at what they name, so of each stretch between two of those the first instant is tried.
fn is_time_possible<'f, 'r: 'f>(facts: &(impl Iterator<Item = &'f Fact<'r>> + Clone)) -> bool {
    let intervals = facts.clone().filter_map(|fact| match fact {
        Fact::Time(interval, holds) => Some((*interval, *holds)),
        Fact::Attribute(..) | Fact::Flag(..) => None,
    });
    let ends = |(interval, _): (&'r Interval, bool)| [interval.from(), interval.until()];
    let named = intervals.clone().flat_map(ends).flatten();
    let mut instants = [i64::MIN].into_iter().chain(named.map(Instant::ms));
    instants.any(|now| {
        intervals.clone().all(|(interval, holds)| {
            let has_begun = interval.from().is_none_or(|from| from.ms() <= now);
            let has_ended = interval.until().is_some_and(|until| until.ms() <= now);
            (has_begun && !has_ended) == holds
        })
    })
}
