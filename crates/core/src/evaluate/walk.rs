//! The walk through the graphs of flags and segments.

use crate::context::Context;
use crate::evaluate::answer::{ARM, OPTIONS, chosen_by};
use crate::evaluate::{Answer, Arm, ChosenBy, Reason, test};
use crate::flag::{BITS, ENABLED, END_NODE, FIRST_NODE, OFF_VARIANT, UNTIL, some};
use crate::layout::{NONE, Section};
use crate::live::Live;
use crate::node::{Node, operation};
use crate::program::Program;

/// Who follows a walk step by step; `()` does not.
pub(crate) trait Visit {
    /// The node `at` asks about a segment or a flag that is on, whose own steps come next.
    fn enter(&mut self, _at: u32) {}
    /// The test `at` came out.
    fn test(&mut self, _at: u32, _holds: bool) {}
    /// The unit of a split or a ramp, whose leaf comes next, falls at `position`; a ramp that has started exposes the
    /// positions below `exposure`.
    fn place(&self, _position: u32, _exposure: Option<u64>) {}
    /// The leaf `at` serves one variant.
    fn serve(&mut self, _at: u32) {}
    /// The split or the ramp `at` chose a variant, and which stage did; or it found no unit.
    fn choose(&mut self, _at: u32, _chosen: Option<(u32, Option<ChosenBy>)>) {}
}

impl Visit for () {}

/// All that a walk reads.
pub(crate) struct Walk<'w, V> {
    pub(super) program: &'w Program,
    pub(super) live: &'w Live,
    pub(super) context: &'w Context<'w>,
    now: i64,
    /// The answers of the first flags, where they are known already.
    earlier: &'w [Answer],
    /// The first instant after `now` at which a test that was made comes out otherwise; `i64::MAX` where none does.
    next_change: i64,
    pub(super) visit: V,
}

impl<'w, V: Visit> Walk<'w, V> {
    #[inline]
    pub(crate) fn new(
        program: &'w Program,
        live: &'w Live,
        context: &'w Context<'w>,
        now: i64,
        visit: V,
    ) -> Self {
        Walk {
            program,
            live,
            context,
            now,
            earlier: &[],
            next_change: i64::MAX,
            visit,
        }
    }

    /// A walk that knows the answers of the first flags already.
    #[inline]
    pub(crate) fn after(self, earlier: &'w [Answer]) -> Self {
        Walk { earlier, ..self }
    }

    pub(crate) fn flag(&mut self, index: u32) -> Answer {
        if self.is_on(index) {
            self.graph(index)
        } else {
            self.off(index)
        }
    }

    /// The answer of a flag that is on.
    pub(crate) fn graph(&mut self, flag: u32) -> Answer {
        let until = self.program.word(Section::Flags, flag, UNTIL);
        if until != NONE {
            self.changes_at(until);
        }
        let mut at = self.program.word(Section::Flags, flag, FIRST_NODE);
        let end = self.program.word(Section::Flags, flag, END_NODE);
        while at < end {
            let node = Node::read(self.program, at);
            match node.operation {
                operation::SERVE => {
                    self.visit.serve(at);
                    let choice = node.first | u32::from(node.options) << OPTIONS;
                    let mut answer = self.answer(choice, node.rule);
                    if node.second != NONE {
                        let list = self.program.list(node.second);
                        answer.stage = list.at(0);
                        answer.choice |= list.at(1) << ARM;
                    }
                    return answer;
                }
                operation::SPLIT | operation::RAMP => {
                    let chosen = self.choose(node);
                    self.visit.choose(at, chosen.map(unpacked));
                    if let Some((choice, stage)) = chosen {
                        return Answer {
                            stage,
                            ..self.answer(choice, node.rule)
                        };
                    }
                    at = node.no;
                }
                _ => at = self.follow(at, node),
            }
        }
        // INVARIANT: a checked graph ends in a leaf, so this is never reached.
        self.off(flag)
    }

    pub(crate) fn off(&self, flag: u32) -> Answer {
        let variant = self.program.word(Section::Flags, flag, OFF_VARIANT);
        Answer {
            choice: variant | u32::from(Reason::Disabled.code()) << OPTIONS,
            ..Answer::NONE
        }
    }

    pub(crate) fn is_in_segment(&mut self, segment: u32) -> bool {
        let mut at = self.program.word(Section::Segments, segment, 0);
        let end = self.program.word(Section::Segments, segment, 1);
        while at < end {
            let node = Node::read(self.program, at);
            if node.operation == operation::HOLDS {
                return node.first != 0;
            }
            at = self.follow(at, node);
        }
        false
    }

    fn is_on(&self, index: u32) -> bool {
        let bits = self.program.word(Section::Flags, index, BITS);
        bits & ENABLED != 0 && !self.live.is_killed(index)
    }

    /// Where a walk goes on after the test `at`.
    #[inline]
    fn follow(&mut self, at: u32, node: Node) -> u32 {
        let holds = match node.operation {
            operation::SEGMENT => {
                self.visit.enter(at);
                self.is_in_segment(node.first)
            }
            operation::FLAG => self.is_met(at, node),
            operation::TIME => self.is_time(node),
            operation::REACHED => {
                let stage = self.live.ramp(node.first).stage;
                some(stage).is_some_and(|stage| stage >= node.second)
            }
            _ => test::holds(self.program, node, self.context),
        };
        self.visit.test(at, holds);
        if holds { node.yes } else { node.no }
    }

    /// Whether the flag is on and serves one of the variants of the list.
    fn is_met(&mut self, at: u32, node: Node) -> bool {
        if !self.is_on(node.first) {
            return false;
        }
        let variant = if let Some(answer) = self.earlier.get(node.first as usize) {
            self.next_change = self.next_change.min(answer.next_change);
            answer.variant()
        } else {
            self.visit.enter(at);
            self.graph(node.first).variant()
        };
        let variants = self.program.list(node.second);
        (0..variants.len()).any(|item| variants.at(item as usize) == variant)
    }

    /// Whether now is within two bounds of which either may be none.
    fn is_time(&mut self, node: Node) -> bool {
        let has_begun = some(node.first).is_none_or(|from| !self.changes_at(from));
        let has_ended = some(node.second).is_some_and(|until| !self.changes_at(until));
        has_begun && !has_ended
    }

    /// Whether the instant of that number is still to come, at which the answer may then change.
    fn changes_at(&mut self, number: u32) -> bool {
        let instant = self.program.number_at(number) as i64;
        let is_to_come = self.now < instant;
        if is_to_come {
            self.next_change = self.next_change.min(instant);
        }
        is_to_come
    }

    fn answer(&self, choice: u32, rule: u32) -> Answer {
        Answer {
            choice,
            rule,
            next_change: self.next_change,
            ..Answer::NONE
        }
    }
}

fn unpacked((choice, stage): (u32, u32)) -> (u32, Option<ChosenBy>) {
    (choice & 0xffff, chosen_by(choice, stage))
}

/// What the list `at` says of the stage that chose what a leaf serves.
pub(crate) fn chosen_at(program: &Program, at: u32) -> ChosenBy {
    let list = program.list(at);
    ChosenBy {
        stage: list.at(0),
        arm: Arm::from_code(list.at(1)),
    }
}
