//! The walk from a flag to its answer.

mod test;

use alloc::vec::Vec;

pub(crate) use test::{bool_bit, comparator_at};

use crate::bucket::{IntegerUnit, Position, Seed};
use crate::bytes::u64_at;
use crate::context::{Context, Slot};
use crate::error::ErrorCode;
use crate::flag::{ENABLED, Flag, FlagRecord, FlagType, some};
use crate::layout::Section;
use crate::live::Live;
use crate::node::{MISSING_UNIT, Node, operation};
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
    /// The instant, in ms since 1970, at which the answer may change by itself; `None` where it stays.
    pub next_change: Option<i64>,
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

    /// The number that stands for it in programs and in the browser's answers: 0 to 5, in the order above.
    #[must_use]
    pub fn code(self) -> u8 {
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
/// `context` and `live` must have been made for this program; what they lack is missing, or not killed.
#[must_use]
pub fn evaluate(
    program: &Program,
    live: &Live,
    flag: Flag<'_>,
    context: &Context<'_>,
    _now: i64,
) -> Evaluation {
    let walk = Walk {
        program,
        live,
        context,
        earlier: &[],
    };
    walk.flag(flag.index(), flag.record())
}

/// Evaluates every flag of `program` into `answers`, by the number of the flag; what was in it is lost.
///
/// A prerequisite is evaluated once, however many flags need it.
pub fn evaluate_all(
    program: &Program,
    live: &Live,
    context: &Context<'_>,
    _now: i64,
    answers: &mut Vec<Evaluation>,
) {
    answers.clear();
    for index in 0..program.count(Section::Flags) {
        let walk = Walk {
            program,
            live,
            context,
            earlier: answers,
        };
        let answer = walk.flag(index, &FlagRecord::read(program, index));
        answers.push(answer);
    }
}

/// The answer that `flag` would give if it were not killed itself; kills of what it leads to count.
pub(crate) fn decide(
    program: &Program,
    live: &Live,
    flag: Flag<'_>,
    context: &Context<'_>,
    _now: i64,
) -> Evaluation {
    let walk = Walk {
        program,
        live,
        context,
        earlier: &[],
    };
    if flag.is_enabled() {
        walk.graph(flag.record())
    } else {
        off(flag.record())
    }
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

/// All that a walk reads.
struct Walk<'w> {
    program: &'w Program,
    live: &'w Live,
    context: &'w Context<'w>,
    /// The answers of the first flags, where they are known already.
    earlier: &'w [Evaluation],
}

impl Walk<'_> {
    fn flag(&self, index: u32, flag: &FlagRecord) -> Evaluation {
        if self.is_on(index, flag) {
            self.graph(flag)
        } else {
            off(flag)
        }
    }

    /// The answer of a flag that is on.
    fn graph(&self, flag: &FlagRecord) -> Evaluation {
        let mut at = flag.first_node;
        while at < flag.end_node {
            let node = Node::read(self.program, at);
            match node.operation {
                operation::SERVE => {
                    return Evaluation {
                        rule: some(node.second),
                        is_missing_unit: node.options & MISSING_UNIT != 0,
                        ..answer(node.first, Reason::from_code(node.options & !MISSING_UNIT))
                    };
                }
                operation::SPLIT | operation::RAMP => match self.choose(node) {
                    Some(variant) => {
                        return Evaluation {
                            rule: some(node.second),
                            ..answer(variant, Reason::Split)
                        };
                    }
                    None => at = node.no,
                },
                _ => at = if self.holds(node) { node.yes } else { node.no },
            }
        }
        // INVARIANT: a checked graph ends in a leaf, so this is never reached.
        off(flag)
    }

    fn is_on(&self, index: u32, flag: &FlagRecord) -> bool {
        flag.bits & ENABLED != 0 && !self.live.is_killed(index)
    }

    #[inline]
    fn holds(&self, node: Node) -> bool {
        match node.operation {
            operation::SEGMENT => self.is_in_segment(node.first),
            operation::FLAG => self.is_met(node.first, node.second),
            _ => test::holds(self.program, node, self.context.slot(u32::from(node.slot))),
        }
    }

    fn is_in_segment(&self, segment: u32) -> bool {
        let [first, end] = self.program.record::<8, 2>(Section::Segments, segment);
        let mut at = first;
        while at < end {
            let node = Node::read(self.program, at);
            if node.operation == operation::HOLDS {
                return node.first != 0;
            }
            at = if self.holds(node) { node.yes } else { node.no };
        }
        false
    }

    /// Whether flag `index` is on and serves one of the variants of the list.
    fn is_met(&self, index: u32, variants: u32) -> bool {
        let flag = FlagRecord::read(self.program, index);
        if !self.is_on(index, &flag) {
            return false;
        }
        let variant = match self.earlier.get(index as usize) {
            Some(answer) => answer.variant,
            None => self.flag(index, &flag).variant,
        };
        self.program
            .list(variants)
            .iter()
            .any(|wanted| wanted == variant)
    }

    /// The variant that a split or a ramp serves to this unit; `None` without a unit.
    fn choose(&self, node: Node) -> Option<u32> {
        if node.operation == operation::RAMP {
            let [low, high, slot, release, from, to] =
                self.program.record::<24, 6>(Section::Ramps, node.first);
            let position = self.place(low, high, slot)?;
            let is_exposed = u64::from(position.get()) < self.live.exposure(release);
            return Some(if is_exposed { to } else { from });
        }
        let [low, high, slot, first_arm, arms, rest] =
            self.program.record::<24, 6>(Section::Splits, node.first);
        let position = u64::from(self.place(low, high, slot)?.get());
        for arm in 0..arms {
            let at = self
                .program
                .offset(Section::Arms, first_arm.wrapping_add(arm));
            let bytes = self.program.bytes();
            if position < u64_at(bytes, at.saturating_add(12)) {
                let [variant] = self
                    .program
                    .record::<4, 1>(Section::Arms, first_arm.wrapping_add(arm));
                return Some(if position < u64_at(bytes, at.saturating_add(4)) {
                    variant
                } else {
                    rest
                });
            }
        }
        Some(rest)
    }

    fn place(&self, low: u32, high: u32, slot: u32) -> Option<Position> {
        let seed = Seed::from_bits(u64::from(low) | u64::from(high) << 32);
        match self.context.slot(slot) {
            Slot::Text(unit, _) if !unit.is_empty() => Some(seed.place(unit)),
            Slot::Number(number) => Some(seed.place(IntegerUnit::of(*number)?.as_str())),
            Slot::Missing
            | Slot::Null
            | Slot::Bool(_)
            | Slot::Text(..)
            | Slot::List(_)
            | Slot::Object => None,
        }
    }
}

fn off(flag: &FlagRecord) -> Evaluation {
    answer(flag.off_variant, Reason::Disabled)
}

#[inline]
fn answer(variant: u32, reason: Reason) -> Evaluation {
    Evaluation {
        variant,
        reason,
        rule: None,
        is_missing_unit: false,
        next_change: None,
    }
}
