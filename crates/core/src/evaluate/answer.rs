//! An answer in the few words that a walk makes and the browser reads.

use super::{Arm, ChosenBy, Evaluation, Reason};
use crate::flag::{FlagRecord, some};
use crate::layout::NONE;
use crate::node::MISSING_UNIT;

/// What a flag came to, packed: an [`Evaluation`] is made from it.
///
/// The browser reads it as it lies in memory: six words of four bytes, little endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Answer {
    /// The variant (16 bits), the reason (7), whether the unit was missing (1), the arm (2: 1 treated, 2 control).
    pub(crate) choice: u32,
    /// The rule; [`NONE`] for none.
    pub(crate) rule: u32,
    /// The string that names the stage which chose; [`NONE`] for none.
    pub(crate) stage: u32,
    /// The instant at which it may change by itself; `i64::MAX` for never.
    pub(crate) next_change: i64,
}

/// Where the options of a serving node, a reason with [`MISSING_UNIT`], are in a choice.
pub(crate) const OPTIONS: u32 = 16;
/// Where the arm is.
pub(crate) const ARM: u32 = 24;

impl Answer {
    /// The first variant, for no reason: what an array of answers is before it is filled.
    pub(super) const NONE: Answer = Answer {
        choice: 0,
        rule: NONE,
        stage: NONE,
        next_change: i64::MAX,
    };

    /// What a flag serves while it is off.
    pub(crate) fn off(flag: FlagRecord<'_>) -> Answer {
        Answer {
            choice: flag.off_variant() | u32::from(Reason::Disabled.code()) << OPTIONS,
            ..Answer::NONE
        }
    }

    /// All of it but the instant at which it may change: two answers of a flag that have the same say the same.
    #[must_use]
    pub fn said(self) -> u128 {
        u128::from(self.choice) << 64 | u128::from(self.rule) << 32 | u128::from(self.stage)
    }

    /// The instant, in ms since 1970, at which it may change by itself; `None` where it stays.
    #[must_use]
    pub fn next_change(self) -> Option<i64> {
        (self.next_change != i64::MAX).then_some(self.next_change)
    }

    /// The number of the variant, within the flag.
    #[must_use]
    pub fn variant(self) -> u32 {
        self.choice & 0xffff
    }
}

/// The stage that made `choice`, where one did that has started.
pub(crate) fn chosen_by(choice: u32, stage: u32) -> Option<ChosenBy> {
    some(stage).map(|stage| ChosenBy {
        stage,
        arm: Arm::from_code(choice >> ARM),
    })
}

impl From<Answer> for Evaluation {
    fn from(answer: Answer) -> Evaluation {
        let options = (answer.choice >> OPTIONS) as u8;
        Evaluation {
            variant: answer.variant(),
            reason: Reason::from_code(options & !MISSING_UNIT),
            rule: some(answer.rule),
            is_missing_unit: options & MISSING_UNIT != 0,
            chosen_by: chosen_by(answer.choice, answer.stage),
            next_change: answer.next_change(),
        }
    }
}
