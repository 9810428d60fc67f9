//! How a flag came to its answer, step by step: the walk that evaluates it, written down.

mod question;
mod serving;
mod steps;

use alloc::vec::Vec;

pub use crate::wanted::{Shown, Wanted};
pub use question::{Asked, Question, WhyNot};
pub use serving::{Salt, Serving, Unit};
pub(crate) use steps::part_of;

use crate::build::Part;
use crate::context::Context;
use crate::evaluate::{Evaluation, Walk};
use crate::flag::Flag;
use crate::layout::Section;
use crate::live::Live;
use crate::program::Program;
use steps::{Record, Steps};

/// What a flag came to, and every step that led there.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    /// Which flag.
    pub flag: Flag<'a>,
    /// What [`crate::evaluate`] says of it.
    pub evaluation: Evaluation,
    /// Whether its rules were used.
    pub state: State,
    /// What the walk went through, in order; nothing where the flag is off.
    pub steps: Vec<Step<'a>>,
}

/// Whether a flag is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its rules are used.
    On,
    /// Its ruleset says that they are not.
    Disabled,
    /// Live state says that they are not.
    Killed,
}

/// The names of the segments that `context` is in, at `now` in ms since 1970.
///
/// A specialised program names none.
pub fn segments<'p>(
    program: &'p Program,
    live: &Live,
    context: &Context<'_>,
    now: i64,
) -> impl Iterator<Item = &'p str> {
    let holds =
        move |segment: &u32| Walk::new(program, live, context, now, ()).is_in_segment(*segment);
    let name = |segment| {
        let [_, _, name] = program.record::<3>(Section::Segments, segment);
        program.string(name)
    };
    (0..program.count(Section::Segments))
        .filter(holds)
        .map(name)
}

/// One part of a flag, as far as the walk went through it.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// Which part.
    pub part: Part,
    /// What it asked, in order.
    pub asked: Vec<Asked<'a>>,
    /// What came of it.
    pub outcome: Outcome<'a>,
}

/// What came of a part of a flag.
#[derive(Clone, Debug)]
pub enum Outcome<'a> {
    /// It did not serve: the walk went on.
    Next,
    /// It would have served by a unit that the context lacks: the walk went on.
    NoUnit(Unit<'a>),
    /// It served.
    Serves {
        /// The number of the variant.
        variant: u32,
        /// How it was chosen.
        how: Serving<'a>,
    },
}

impl State {
    pub(crate) fn of(live: &Live, flag: Flag<'_>) -> State {
        if !flag.is_enabled() {
            State::Disabled
        } else if live.is_killed(flag.index()) {
            State::Killed
        } else {
            State::On
        }
    }
}

/// Evaluates one flag of `program` at `now` (ms since 1970), as [`crate::evaluate`] does, and says how.
///
/// Total, as that is. Lists of operands come shortened.
///
/// ```
/// use vexil_core::build::{Builder, FlagSpec, Graph, Leaf};
/// use vexil_core::explain::{Outcome, explain};
/// use vexil_core::{Context, Expose, FlagType, Live, Reason, Value};
///
/// let mut builder = Builder::new("production", 1, 0);
/// let mut graph = Graph::default();
/// let on = graph.leaf(Leaf::Serve { variant: 0, reason: Reason::Static, rule: None, is_missing_unit: false, chosen_by: None });
/// builder.flag(FlagSpec {
///     key: "banner", kind: FlagType::Boolean, expose: Expose::Program, is_enabled: true, track: false,
///     variants: &[("on", "true"), ("off", "false")], off_variant: 1, failsafe: None, rules: &[],
/// }, &graph, on);
/// let program = builder.finish()?;
///
/// let flag = program.flag("banner").ok_or("no such flag")?;
/// let context = Context::resolve(&program, |_| Value::Missing);
/// let explanation = explain(&program, &Live::default(), flag, &context, 0);
/// assert!(matches!(explanation.steps[0].outcome, Outcome::Serves { variant: 0, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn explain<'a>(
    program: &'a Program,
    live: &Live,
    flag: Flag<'a>,
    context: &'a Context<'a>,
    now: i64,
) -> Explanation<'a> {
    let mut record = Record::default();
    let answer =
        Walk::new(program, live, context, now, &mut record).flag(flag.index(), flag.record());
    Explanation {
        flag,
        evaluation: answer.into(),
        state: State::of(live, flag),
        steps: Steps::new(program, live, context, now, &record).flag(flag.key()),
    }
}

#[cfg(test)]
mod tests;
