//! What is left of a program for one caller.

mod reach;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::bucket::Seed;
use crate::build::{
    Arm, Builder, FlagId, FlagSpec, Graph, Leaf, NodeId, Operand, Ramp, SegmentId, Slot, Split,
    Test,
};
use crate::bytes::u64_at;
use crate::context::Context;
use crate::error::ProgramError;
use crate::evaluate::{Evaluation, Reason, bool_bit, comparator_at, decide};
use crate::flag::{Expose, Flag, some};
use crate::layout::Section;
use crate::live::Live;
use crate::node::{MISSING_UNIT, Node, operation};
use crate::program::Program;
use reach::{Asks, Sendable};

/// What a browser with this context may receive of `program`.
///
/// A flag exposed as [`Expose::Program`] keeps its rules if everything they lead to may be sent: attributes that
/// are not private, and flags that keep theirs. Otherwise, and for [`Expose::Values`], it becomes its answer for
/// `context` at `now` ([`Flag::is_decided`]), its own kill left to live state. Flags of [`Expose::Server`] are
/// gone, and so is every string that nothing refers to.
///
/// # Errors
/// [`ProgramError`] only where `program` is at a limit that its copy exceeds.
pub fn specialise(
    program: &Program,
    live: &Live,
    context: &Context<'_>,
    now: i64,
) -> Result<Program, ProgramError> {
    let mut copy = Copy {
        program,
        builder: Builder::new(program.environment(), program.number(), program.published()),
        sendable: Sendable::of(program),
        flags: BTreeMap::new(),
        segments: BTreeMap::new(),
    };
    for flag in program.flags() {
        match flag.expose() {
            Expose::Server => {}
            Expose::Program if !flag.is_decided() && copy.sendable.flag(flag.index()) => {
                copy.flag(flag);
            }
            Expose::Program | Expose::Values => {
                let answer = decide(program, live, flag, context, now);
                copy.decided_flag(flag, answer);
            }
        }
    }
    copy.builder.finish()
}

struct Copy<'p> {
    program: &'p Program,
    builder: Builder,
    sendable: Sendable,
    flags: BTreeMap<u32, FlagId>,
    segments: BTreeMap<u32, SegmentId>,
}

impl<'p> Copy<'p> {
    fn flag(&mut self, flag: Flag<'p>) {
        let record = flag.record();
        let (graph, entry) = self.graph(record.first_node, record.end_node);
        let variants: Vec<(&str, &str)> = flag
            .variants()
            .map(|variant| (variant.name, variant.value))
            .collect();
        let rules: Vec<Option<&str>> = (0..flag.rule_count())
            .map(|rule| flag.rule_name(rule))
            .collect();
        let spec = FlagSpec {
            off_variant: flag.off_variant(),
            failsafe: flag.failsafe(),
            variants: &variants,
            rules: &rules,
            ..identity(flag)
        };
        let id = self.builder.flag(spec, &graph, entry);
        self.flags.insert(flag.index(), id);
    }

    /// Adds `flag` as its answer, with the variants alone that it can still serve.
    fn decided_flag(&mut self, flag: Flag<'p>, answer: Evaluation) {
        let kept: BTreeSet<u32> = [answer.variant, flag.off_variant()]
            .into_iter()
            .chain(flag.failsafe())
            .collect();
        let renumbered = |variant: u32| kept.range(..variant).count() as u32;
        let variants = kept.iter().filter_map(|variant| flag.variant(*variant));
        let variants: Vec<(&str, &str)> = variants
            .map(|variant| (variant.name, variant.value))
            .collect();
        let rules = answer.rule.map_or(0..0, |rule| 0..rule.saturating_add(1));
        let rules: Vec<Option<&str>> = rules
            .map(|rule| flag.rule_name(rule).filter(|_| Some(rule) == answer.rule))
            .collect();
        let spec = FlagSpec {
            off_variant: renumbered(flag.off_variant()),
            failsafe: flag.failsafe().map(renumbered),
            variants: &variants,
            rules: &rules,
            ..identity(flag)
        };
        let mut graph = Graph::default();
        let entry = graph.leaf(Leaf::Serve {
            variant: renumbered(answer.variant),
            reason: answer.reason,
            rule: answer.rule,
            is_missing_unit: answer.is_missing_unit,
        });
        let asks = Asks::of(self.program, flag);
        let slots: Vec<Slot> = asks.slots.iter().map(|slot| self.slot(*slot)).collect();
        self.builder
            .decided_flag(spec, &slots, asks.has_private, &graph, entry);
    }

    /// Copies a run of nodes, from the last to the first, which is the entry.
    fn graph(&mut self, first: u32, end: u32) -> (Graph<'p>, NodeId) {
        let mut graph = Graph::default();
        let mut ids = BTreeMap::new();
        let mut entry = None;
        for index in (first..end).rev() {
            let node = Node::read(self.program, index);
            let nowhere = entry;
            let target = |at: u32| ids.get(&at).copied().or(nowhere);
            let id = match (target(node.yes), target(node.no)) {
                (Some(yes), Some(no)) if node.is_test() => {
                    let test = self.test(node);
                    graph.test(test, yes, no)
                }
                (_, otherwise) => {
                    let leaf = self.leaf(node, otherwise);
                    graph.leaf(leaf)
                }
            };
            ids.insert(index, id);
            entry = Some(id);
        }
        // INVARIANT: a checked run is not empty.
        let entry = entry.unwrap_or_else(|| graph.leaf(Leaf::Holds(false)));
        (graph, entry)
    }

    fn leaf(&mut self, node: Node, otherwise: Option<NodeId>) -> Leaf<'p> {
        let rule = some(node.second);
        match (node.operation, otherwise) {
            (operation::SPLIT, Some(otherwise)) => Leaf::Split {
                split: self.split(node.first),
                rule,
                otherwise,
            },
            (operation::RAMP, Some(otherwise)) => Leaf::Ramp {
                ramp: self.ramp(node.first),
                rule,
                otherwise,
            },
            (operation::SERVE, _) => Leaf::Serve {
                variant: node.first,
                reason: Reason::from_code(node.options & !MISSING_UNIT),
                rule,
                is_missing_unit: node.options & MISSING_UNIT != 0,
            },
            _ => Leaf::Holds(node.first != 0),
        }
    }

    fn split(&mut self, index: u32) -> Split {
        let [low, high, slot, first, arms, rest] =
            self.program.record::<24, 6>(Section::Splits, index);
        let arm = |arm: u32| {
            let at = self.program.offset(Section::Arms, arm);
            let [variant] = self.program.record::<4, 1>(Section::Arms, arm);
            let wide = |offset: usize| u64_at(self.program.bytes(), at.saturating_add(offset));
            Arm {
                variant,
                end: wide(4),
                boundary: wide(12),
            }
        };
        let arms = (first..first.saturating_add(arms)).map(arm).collect();
        Split {
            seed: seed(low, high),
            by: self.slot(slot),
            arms,
            rest,
        }
    }

    fn ramp(&mut self, index: u32) -> Ramp<'p> {
        let [low, high, slot, release, from, to] =
            self.program.record::<24, 6>(Section::Ramps, index);
        let [name] = self.program.record::<4, 1>(Section::Releases, release);
        Ramp {
            seed: seed(low, high),
            by: self.slot(slot),
            release: self.program.string(name),
            from,
            to,
        }
    }

    fn test(&mut self, node: Node) -> Test<'p> {
        match node.operation {
            operation::SEGMENT => return Test::Segment(self.segment(node.first)),
            operation::FLAG => {
                let variants = self.program.list(node.second).iter().collect();
                // INVARIANT: only flags whose prerequisites keep their rules are copied, and those come first.
                return Test::Flag(
                    self.flags
                        .get(&node.first)
                        .copied()
                        .unwrap_or(FlagId(node.first)),
                    variants,
                );
            }
            _ => {}
        }
        let slot = self.slot(u32::from(node.slot));
        let program = self.program;
        let strings = || {
            program
                .list(node.first)
                .iter()
                .map(|string| program.string(string))
                .collect()
        };
        let number = || program.number_at(node.first);
        match node.operation {
            operation::IS_TEXT => {
                Test::OneOf(slot, [Operand::Text(program.string(node.first))].into())
            }
            operation::IS_NUMBER => Test::OneOf(slot, [Operand::Number(number())].into()),
            operation::IS_BOOL => Test::OneOf(slot, [Operand::Bool(node.first != 0)].into()),
            operation::IN => Test::OneOf(slot, operands(program, node)),
            operation::STARTS_WITH => Test::StartsWith(slot, strings()),
            operation::ENDS_WITH => Test::EndsWith(slot, strings()),
            operation::CONTAINS => Test::Contains(slot, strings()),
            operation::LESS => Test::Less(slot, number()),
            operation::LESS_OR_EQUAL => Test::LessOrEqual(slot, number()),
            operation::GREATER => Test::Greater(slot, number()),
            operation::GREATER_OR_EQUAL => Test::GreaterOrEqual(slot, number()),
            operation::SEMVER => {
                let comparators = node.first..node.first.saturating_add(node.second);
                let mut alternatives = Vec::new();
                let mut alternative = Vec::new();
                for (comparator, ends_alternative) in
                    comparators.map(|index| comparator_at(program, index))
                {
                    alternative.push(comparator);
                    if ends_alternative {
                        alternatives.push(core::mem::take(&mut alternative));
                    }
                }
                Test::Semver(slot, alternatives)
            }
            _ => Test::Exists(slot),
        }
    }

    fn segment(&mut self, index: u32) -> SegmentId {
        if let Some(id) = self.segments.get(&index) {
            return *id;
        }
        let [first, end] = self.program.record::<8, 2>(Section::Segments, index);
        let (graph, entry) = self.graph(first, end);
        let id = self.builder.segment(&graph, entry);
        self.segments.insert(index, id);
        id
    }

    fn slot(&mut self, slot: u32) -> Slot {
        let attribute = self.program.attribute(slot);
        self.builder.attribute(attribute.name, attribute.is_private)
    }
}

/// What stays of a flag whatever becomes of its graph.
fn identity(flag: Flag<'_>) -> FlagSpec<'_> {
    FlagSpec {
        key: flag.key(),
        kind: flag.kind(),
        expose: flag.expose(),
        is_enabled: flag.is_enabled(),
        track: flag.track(),
        variants: &[],
        off_variant: 0,
        failsafe: None,
        rules: &[],
    }
}

fn operands(program: &Program, node: Node) -> Vec<Operand<'_>> {
    let list = program.list(node.first);
    let strings = list
        .iter()
        .take(node.second as usize)
        .map(|string| Operand::Text(program.string(string)));
    let numbers = list
        .iter()
        .skip(node.second as usize)
        .map(|number| Operand::Number(program.number_at(number)));
    let bools = [false, true]
        .into_iter()
        .filter(|bool| node.options & bool_bit(*bool) != 0)
        .map(Operand::Bool);
    strings.chain(numbers).chain(bools).collect()
}

fn seed(low: u32, high: u32) -> Seed {
    Seed::from_bits(u64::from(low) | u64::from(high) << 32)
}

#[cfg(test)]
mod tests;
