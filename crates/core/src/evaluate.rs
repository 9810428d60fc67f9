//! The walk from a flag to its answer.

mod answer;
mod choose;
mod test;
mod walk;

use alloc::vec::Vec;

pub use answer::Answer;
pub(crate) use choose::{Placed, arm_of, place, seed};
pub(crate) use test::{MAX_LINEAR, bool_bit, comparator_at, holds, network_at, table_start};
#[cfg(feature = "explain")]
pub(crate) use walk::Visit;
pub(crate) use walk::{DEPTH, Walk, chosen_at};

use crate::bucket::Seed;
use crate::context::Context;
use crate::error::ErrorCode;
use crate::flag::{Flag, FlagRecord, FlagType};
use crate::layout::Section;
use crate::live::{Fault, Live};
use crate::program::Program;

/// What a flag came to, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// The number of the variant, within the flag.
    pub variant: u32,
    /// Why it was served.
    pub reason: Reason,
    /// The number of the rule that served it; `None` where none did.
    pub rule: Option<u32>,
    /// Whether the off variant was served because the split at the default found no unit.
    pub is_missing_unit: bool,
    /// Which stage of which release chose, where one did that has started.
    pub chosen_by: Option<ChosenBy>,
    /// The instant, in ms since 1970, at which the answer may change by itself; `None` where it stays.
    pub next_change: Option<i64>,
}

/// A stage of a release that chose a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChosenBy {
    /// Which stage: see [`Flag::stage`].
    pub(crate) stage: u32,
    /// Which side of the comparison the unit is on; `None` where it is on neither.
    pub arm: Option<Arm>,
}

impl ChosenBy {
    /// The number of the stage's name among the strings of the program.
    #[must_use]
    pub fn stage_text(self) -> u32 {
        self.stage
    }
}

/// A side of the comparison that a release makes: both have the same size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// Served the variant that the release moves to.
    Treated,
    /// Served the variant that it moves from.
    Control,
}

impl Arm {
    /// `treated`, `control`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Arm::Treated => "treated",
            Arm::Control => "control",
        }
    }

    /// The number that stands for it in programs and answers: 0 is none, treated 1, control 2.
    pub(crate) fn code(arm: Option<Arm>) -> u8 {
        match arm {
            None => 0,
            Some(Arm::Treated) => 1,
            Some(Arm::Control) => 2,
        }
    }

    pub(crate) fn from_code(code: u32) -> Option<Arm> {
        match code {
            1 => Some(Arm::Treated),
            2 => Some(Arm::Control),
            _ => None,
        }
    }
}

/// Why a flag came to its variant. Wire names are OpenFeature's, and `PREREQUISITE_FAILED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It serves the same to everyone.
    Static,
    /// No rule held.
    Default,
    /// A target or a rule held.
    TargetingMatch,
    /// A split or a ramp chose.
    Split,
    /// It is disabled or killed.
    Disabled,
    /// A flag that it requires is off, or serves another variant.
    PrerequisiteFailed,
}

impl Reason {
    /// `STATIC`, `DEFAULT`, `TARGETING_MATCH`, `SPLIT`, `DISABLED`, `PREREQUISITE_FAILED`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Reason::Static => "STATIC",
            Reason::Default => "DEFAULT",
            Reason::TargetingMatch => "TARGETING_MATCH",
            Reason::Split => "SPLIT",
            Reason::Disabled => "DISABLED",
            Reason::PrerequisiteFailed => "PREREQUISITE_FAILED",
        }
    }

    /// The number that stands for it in programs and answers: 0 to 5, in the order above.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn from_code(code: u8) -> Reason {
        match code {
            0 => Reason::Static,
            1 => Reason::Default,
            2 => Reason::TargetingMatch,
            3 => Reason::Split,
            4 => Reason::Disabled,
            _ => Reason::PrerequisiteFailed,
        }
    }
}

/// Evaluates one flag of `program` at `now` (ms since 1970). Total; allocates nothing.
///
/// `context` and `live` must have been made for this program; what they lack is missing, not killed, not started.
#[must_use]
pub fn evaluate(
    program: &Program,
    live: &Live,
    flag: Flag<'_>,
    context: &Context<'_>,
    now: i64,
) -> Evaluation {
    let mut walk = Walk::new(program, live, context, now, ());
    walk.flag(flag.index(), flag.record()).into()
}

/// Evaluates every flag of `program` into `answers`, by the number of the flag; what was in it is lost.
///
/// Returns the instant, in ms since 1970, at which one of them may change by itself; `i64::MAX` where none will. A
/// prerequisite is evaluated once, however many flags need it.
pub fn evaluate_all(
    program: &Program,
    live: &Live,
    context: &Context<'_>,
    now: i64,
    answers: &mut Vec<Answer>,
) -> i64 {
    answers.clear();
    let mut next_change = i64::MAX;
    for index in 0..program.count(Section::Flags) {
        let mut walk = Walk::new(program, live, context, now, ()).after(answers);
        let answer = walk.flag(index, FlagRecord::read(program, index));
        next_change = next_change.min(answer.next_change);
        answers.push(answer);
    }
    next_change
}

/// The answer that `flag` would give if it were not killed itself; kills of what it leads to count.
pub(crate) fn decide(
    program: &Program,
    live: &Live,
    flag: Flag<'_>,
    context: &Context<'_>,
    now: i64,
) -> Evaluation {
    let mut walk = Walk::new(program, live, context, now, ());
    let answer = if flag.is_enabled() {
        walk.graph(flag.record())
    } else {
        Answer::off(flag.record())
    };
    answer.into()
}

/// The fault of that name, if it strikes `unit` (say, a targeting key) in this context at `now`.
///
/// The host decides by chance whether one call fails: [`Fault::error_rate`].
#[must_use]
pub fn fault<'l>(
    program: &Program,
    live: &'l Live,
    name: &str,
    unit: &str,
    context: &Context<'_>,
    now: i64,
) -> Option<Fault<'l>> {
    let fault = live.fault(name)?;
    let position = f64::from(Seed::of(name).place(unit).get());
    let mut walk = Walk::new(program, live, context, now, ());
    let strikes = now < fault.until
        && position < fault.share * 4_294_967_296.0
        && fault
            .segment
            .is_none_or(|segment| walk.is_in_segment(segment));
    strikes.then_some(fault)
}

/// The flag with that key, if it has the type asked for; any type where `kind` is `None`.
///
/// # Errors
/// [`ErrorCode::FlagNotFound`] or [`ErrorCode::TypeMismatch`]: the caller's default is to be used.
pub fn ask<'p>(
    program: &'p Program,
    key: &str,
    kind: Option<FlagType>,
) -> Result<Flag<'p>, ErrorCode> {
    let flag = program.flag(key).ok_or(ErrorCode::FlagNotFound)?;
    if kind.is_none_or(|kind| kind == flag.kind()) {
        Ok(flag)
    } else {
        Err(ErrorCode::TypeMismatch)
    }
}
