//! Graphs written anew, without what is decided.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::fold::{Fate, Fates};
use super::known::Recipient;
use super::{Copy, renumbered};
use crate::automaton::Automaton;
use crate::build::{
    Arm, FlagId, Graph, Leaf, NodeId, Operand, Part, Ramp, RampUnit, ReleaseId, SegmentId, Split,
    StageSpec, Test,
};
use crate::evaluate::{Reason, chosen_at, network_at, seed};
use crate::flag::some;
use crate::layout::{NONE, RAMP_WORDS, SPLIT_WORDS, Section};
use crate::node::{MISSING_UNIT, Node, operation};
use crate::program::Program;
use crate::recipe::Recipe;
use crate::release::Release;
use crate::wanted::{alternatives, arms, operands};

/// What is left of a graph.
pub(super) struct Residual<'p> {
    pub(super) graph: Graph<'p>,
    pub(super) entry: NodeId,
}

impl<'p> Copy<'p, '_> {
    /// Copies a graph from its last node to its first, which is the entry; variants get the numbers they have among
    /// `variants`. Nodes that have become the same are one.
    pub(super) fn residual(&mut self, fates: &Fates, variants: &BTreeSet<u32>) -> Residual<'p> {
        let mut graph = Graph::default();
        let mut ids: BTreeMap<u32, NodeId> = BTreeMap::new();
        let mut made: BTreeMap<[u32; 8], NodeId> = BTreeMap::new();
        let mut entry = None;
        let end = fates.first.saturating_add(fates.nodes.len() as u32);
        for index in (fates.first..end).rev() {
            let fate = fates.of(index);
            let node = Node::read(self.program, index);
            let target = |at: u32| ids.get(&at).copied();
            let id = match (fate, target(node.yes()), target(node.no())) {
                (Fate::Unreached, ..) => continue,
                (Fate::Yes, Some(target), _) | (Fate::No, _, Some(target)) => target,
                (Fate::Kept, Some(yes), Some(no)) if node.is_test() && yes == no => yes,
                (_, yes, no) => {
                    let key = key(node, fate, yes, no);
                    let id = if let Some(id) = made.get(&key) {
                        *id
                    } else if let (Some(yes), Some(no), true) = (yes, no, node.is_test()) {
                        let test = self.test(node);
                        graph.begin(Part::from_code(node.rule()));
                        graph.test(test, yes, no)
                    } else {
                        let otherwise = no.unwrap_or(NodeId::NOWHERE);
                        let leaf = self.leaf(node, fate, otherwise, variants);
                        graph.leaf(leaf)
                    };
                    made.insert(key, id);
                    id
                }
            };
            ids.insert(index, id);
            entry = Some(id);
        }
        // INVARIANT: the entry of a checked graph is reached.
        let entry = entry.unwrap_or_else(|| graph.leaf(Leaf::Holds(false)));
        Residual { graph, entry }
    }

    fn leaf(
        &mut self,
        node: Node<'_>,
        fate: Fate,
        otherwise: NodeId,
        variants: &BTreeSet<u32>,
    ) -> Leaf<'p> {
        let rule = some(node.rule());
        let program = self.program;
        match (fate, node.operation()) {
            (Fate::Serves(variant), _) => Leaf::Serve {
                variant: renumbered(variants, variant),
                reason: Reason::Split,
                rule,
                is_missing_unit: false,
                chosen_by: None,
            },
            (_, operation::SPLIT) => Leaf::Split {
                split: self.split(node.first(), variants),
                rule,
                otherwise,
            },
            (fate, operation::RAMP) => Leaf::Ramp {
                ramp: self.ramp(node.first(), fate, variants),
                rule,
                otherwise,
            },
            (_, operation::SERVE) => Leaf::Serve {
                variant: renumbered(variants, node.first()),
                reason: Reason::from_code(node.options() & !MISSING_UNIT),
                rule,
                is_missing_unit: node.options() & MISSING_UNIT != 0,
                chosen_by: some(node.second()).map(|at| {
                    let chosen = chosen_at(program, at);
                    (program.string(chosen.stage), chosen.arm)
                }),
            },
            _ => Leaf::Holds(node.first() != 0),
        }
    }

    fn split(&mut self, index: u32, variants: &BTreeSet<u32>) -> Split<'p> {
        let program = self.program;
        let [low, high, slot, first, count, rest, recipe, salt] =
            program.record::<SPLIT_WORDS>(Section::Splits, index);
        let arms = arms(program, first, count).into_iter().map(|arm| Arm {
            variant: renumbered(variants, arm.variant),
            ..arm
        });
        Split {
            seed: seed(low, high),
            recipe: Recipe::from_code(recipe).map(|recipe| (recipe, program.string(salt))),
            by: self.slot(slot),
            arms: arms.collect(),
            rest: renumbered(variants, rest),
        }
    }

    fn ramp(&mut self, index: u32, fate: Fate, variants: &BTreeSet<u32>) -> Ramp {
        let [low, high, slot, release, from, to, audience] =
            self.program.record::<RAMP_WORDS>(Section::Ramps, index);
        Ramp {
            unit: match fate {
                Fate::At(position) => RampUnit::At(position),
                _ => RampUnit::By(self.slot(slot), seed(low, high)),
            },
            release: self.release(release),
            from: renumbered(variants, from),
            to: renumbered(variants, to),
            audience: some(audience),
        }
    }

    fn release(&mut self, number: u32) -> ReleaseId {
        if let Some(id) = self.releases.get(&number) {
            return *id;
        }
        let release = Release::new(self.program, number);
        let mut stages = Vec::new();
        for stage in 0..release.stage_count() {
            let stage = release.stage(stage);
            stages.push(StageSpec {
                name: self.program.string(stage.name),
                exposure: stage.has_percent().then_some(stage.exposure),
                has_audience: stage.has_audience(),
            });
        }
        let id = self.builder.release(release.name(), &stages);
        self.releases.insert(number, id);
        id
    }

    fn segment(&mut self, index: u32) -> SegmentId {
        if let Some(id) = self.segments.get(&index) {
            return *id;
        }
        let fates = self.folder.segment(index);
        let residual = self.residual(&fates, &BTreeSet::new());
        let [_, _, name] = self.program.record::<3>(Section::Segments, index);
        let name = match self.recipient {
            Recipient::Browser => "",
            Recipient::Server => self.program.string(name),
        };
        let id = self.builder.segment(name, &residual.graph, residual.entry);
        self.segments.insert(index, id);
        id
    }

    /// The flag that a test asks for, and which of its variants are wanted.
    fn prerequisite(&mut self, node: Node<'_>) -> Test<'p> {
        let wanted = self.program.list(node.second()).iter();
        // INVARIANT: a flag whose prerequisites were not sent is not sent itself, and they come first.
        match self.flags.get(&node.first()) {
            Some(sent) => {
                let kept = wanted.filter(|variant| sent.variants.contains(variant));
                let kept = kept.map(|variant| renumbered(&sent.variants, variant));
                Test::Flag(sent.id, kept.collect())
            }
            None => Test::Flag(FlagId(NONE), wanted.collect()),
        }
    }

    fn test(&mut self, node: Node<'_>) -> Test<'p> {
        let program = self.program;
        let number = |at: u32| program.number_at(at);
        let instant = |at: u32| some(at).map(|at| program.number_at(at) as i64);
        match node.operation() {
            operation::SEGMENT => return Test::Segment(self.segment(node.first())),
            operation::FLAG => return self.prerequisite(node),
            operation::REACHED => return Test::Reached(self.release(node.first()), node.second()),
            operation::TIME => {
                return Test::Time {
                    from: instant(node.first()),
                    until: instant(node.second()),
                };
            }
            _ => {}
        }
        let slot = self.slot(node.slot());
        match node.operation() {
            operation::IS_TEXT => {
                Test::OneOf(slot, [Operand::Text(program.string(node.first()))].into())
            }
            operation::IS_NUMBER => {
                Test::OneOf(slot, [Operand::Number(number(node.first()))].into())
            }
            operation::IS_BOOL => Test::OneOf(slot, [Operand::Bool(node.first() != 0)].into()),
            operation::IN => Test::OneOf(slot, operands(program, node)),
            operation::STARTS_WITH => Test::StartsWith(slot, strings(program, node.first())),
            operation::ENDS_WITH => Test::EndsWith(slot, strings(program, node.first())),
            operation::CONTAINS => Test::Contains(slot, strings(program, node.first())),
            operation::LESS => Test::Less(slot, number(node.first())),
            operation::LESS_OR_EQUAL => Test::LessOrEqual(slot, number(node.first())),
            operation::GREATER => Test::Greater(slot, number(node.first())),
            operation::GREATER_OR_EQUAL => Test::GreaterOrEqual(slot, number(node.first())),
            operation::BEFORE => Test::Before(slot, number(node.first()) as i64),
            operation::AFTER => Test::After(slot, number(node.first()) as i64),
            operation::SEMVER => Test::Semver(slot, alternatives(program, node)),
            operation::CIDR => {
                let networks = node.first()..node.first().saturating_add(node.second());
                Test::Cidr(slot, networks.map(|at| network_at(program, at)).collect())
            }
            operation::MATCHES => Test::Matches {
                slot,
                automaton: Automaton::of(program.list(node.first())),
                source: program.string(node.second()),
            },
            _ => Test::Exists(slot),
        }
    }
}

/// What a node of the new graph is made of.
fn key(node: Node<'_>, fate: Fate, yes: Option<NodeId>, no: Option<NodeId>) -> [u32; 8] {
    let [head, first, second, ..] = node.words();
    let (kind, part) = match fate {
        Fate::Unreached | Fate::Yes | Fate::No | Fate::Kept => (0, 0),
        Fate::Serves(variant) => (1, variant),
        Fate::At(position) => (2, position.get()),
    };
    let number = |id: Option<NodeId>| id.unwrap_or(NodeId::NOWHERE).number();
    [
        head,
        first,
        second,
        node.rule(),
        kind,
        part,
        number(yes),
        number(no),
    ]
}

fn strings(program: &Program, list: u32) -> Vec<&str> {
    let strings = program.list(list).iter();
    strings.map(|string| program.string(string)).collect()
}
