//! The walk through the graphs of flags and segments.

use crate::context::Context;
use crate::evaluate::answer::{ARM, OPTIONS, chosen_by};
use crate::evaluate::{Answer, Arm, ChosenBy, test};
use crate::flag::{ENABLED, FlagRecord, some};
use crate::layout::{NONE, Section};
use crate::limits;
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

/// How deep graphs lead into each other: a chain of flags may lead into a chain of segments, each within its own limit.
pub(crate) const DEPTH: u32 = limits::DEPTH as u32 * 2;

/// All that a walk reads, and what it may still cost.
///
/// A walk through a program whose graphs were checked comes to a leaf before its limits; through any other it ends at
/// them, as if the flag were off.
pub(crate) struct Walk<'w, V> {
    pub(super) program: &'w Program,
    pub(super) live: &'w Live,
    pub(super) context: &'w Context<'w>,
    now: i64,
    /// The answers of the first flags, where they are known already.
    earlier: &'w [Answer],
    /// The first instant after `now` at which a test that was made comes out otherwise; `i64::MAX` where none does.
    next_change: i64,
    /// What it may still cost, in tests.
    steps: u32,
    /// How many graphs may still be entered from the one it is in.
    depth: u32,
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
            steps: limits::STEPS,
            depth: DEPTH,
            visit,
        }
    }

    /// A walk that knows the answers of the first flags already.
    #[inline]
    pub(crate) fn after(self, earlier: &'w [Answer]) -> Self {
        Walk { earlier, ..self }
    }

    #[inline]
    pub(crate) fn flag(&mut self, index: u32, flag: FlagRecord<'_>) -> Answer {
        if self.is_on(index, flag) {
            self.graph(flag)
        } else {
            Answer::off(flag)
        }
    }

    /// The answer of a flag that is on.
    pub(crate) fn graph(&mut self, flag: FlagRecord<'_>) -> Answer {
        if flag.until() != NONE {
            self.changes_at(flag.until());
        }
        let mut at = flag.first_node();
        while let Some(node) = self.step(at, flag.end_node()) {
            match node.operation() {
                operation::SERVE => {
                    self.visit.serve(at);
                    let choice = node.first() | u32::from(node.options()) << OPTIONS;
                    let mut answer = self.answer(choice, node.rule());
                    if node.second() != NONE {
                        let list = self.program.list(node.second());
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
                            ..self.answer(choice, node.rule())
                        };
                    }
                    at = node.no();
                }
                _ => at = self.follow(at, node),
            }
        }
        Answer::off(flag)
    }

    pub(crate) fn is_in_segment(&mut self, segment: u32) -> bool {
        let mut at = self.program.word(Section::Segments, segment, 0);
        let end = self.program.word(Section::Segments, segment, 1);
        while let Some(node) = self.step(at, end) {
            if node.operation() == operation::HOLDS {
                return node.first() != 0;
            }
            at = self.follow(at, node);
        }
        false
    }

    fn is_on(&self, index: u32, flag: FlagRecord<'_>) -> bool {
        flag.bits() & ENABLED != 0 && !self.live.is_killed(index)
    }

    /// The node `at`, unless the graph ended before it or the walk may not cost as much.
    #[inline]
    fn step(&mut self, at: u32, end: u32) -> Option<Node<'w>> {
        if at >= end {
            return None;
        }
        let node = Node::read(self.program, at);
        let cost = match node.operation() {
            operation::STARTS_WITH..=operation::CONTAINS
            | operation::SEMVER
            | operation::FLAG
            | operation::SPLIT
            | operation::RAMP => self.cost(node),
            _ => 1,
        };
        self.steps = self.steps.checked_sub(cost)?;
        Some(node)
    }

    /// What a node costs that looks at several things one after the other.
    #[inline(never)]
    fn cost(&self, node: Node<'_>) -> u32 {
        let things = match node.operation() {
            operation::SEMVER => node.second(),
            operation::FLAG => self.program.list(node.second()).len(),
            operation::SPLIT => self.program.word(Section::Splits, node.first(), 4),
            operation::RAMP => {
                let release = self.program.word(Section::Ramps, node.first(), 3);
                self.program.word(Section::Releases, release, 2)
            }
            _ => self.program.list(node.first()).len(),
        };
        things.saturating_add(1)
    }

    /// Does what leads into another graph; not too deep.
    fn within(&mut self, walk: impl FnOnce(&mut Self) -> bool) -> bool {
        let Some(depth) = self.depth.checked_sub(1) else {
            return false;
        };
        self.depth = depth;
        let holds = walk(self);
        self.depth = depth.saturating_add(1);
        holds
    }

    /// Where a walk goes on after the test `at`.
    #[inline]
    fn follow(&mut self, at: u32, node: Node<'_>) -> u32 {
        let holds = match node.operation() {
            operation::SEGMENT => {
                self.visit.enter(at);
                self.within(|walk| walk.is_in_segment(node.first()))
            }
            operation::FLAG => self.is_met(at, node),
            operation::TIME => self.is_time(node),
            operation::REACHED => {
                let stage = self.live.ramp(node.first()).stage;
                some(stage).is_some_and(|stage| stage >= node.second())
            }
            _ => test::holds(self.program, node, self.context),
        };
        self.visit.test(at, holds);
        if holds { node.yes() } else { node.no() }
    }

    /// Whether the flag is on and serves one of the variants of the list.
    fn is_met(&mut self, at: u32, node: Node<'_>) -> bool {
        let flag = FlagRecord::read(self.program, node.first());
        if !self.is_on(node.first(), flag) {
            return false;
        }
        let variants = self.program.list(node.second());
        if let Some(answer) = self.earlier.get(node.first() as usize) {
            self.next_change = self.next_change.min(answer.next_change);
            return variants.has(answer.variant());
        }
        self.visit.enter(at);
        self.within(|walk| variants.has(walk.graph(flag).variant()))
    }

    /// Whether now is within two bounds of which either may be none.
    fn is_time(&mut self, node: Node<'_>) -> bool {
        let has_begun = some(node.first()).is_none_or(|from| !self.changes_at(from));
        let has_ended = some(node.second()).is_some_and(|until| !self.changes_at(until));
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
