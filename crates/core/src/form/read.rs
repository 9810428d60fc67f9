//! Graphs as numbers, from the last node to the first.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use super::say::Said;
use super::{FlagForm, Forms, NameKind, Named, Owner, PartForm};
use crate::build::Part;
use crate::explain::part_of;
use crate::flag::{Flag, FlagRecord};
use crate::layout::{NONE, Section};
use crate::node::{Node, operation};
use crate::program::Program;

/// Reads the graphs of one program, each after those that it leads to.
pub(super) struct Reader<'f, 'p> {
    pub(super) forms: &'f mut Forms,
    pub(super) program: &'p Program,
    /// What segments say, by number.
    pub(super) segments: Vec<u32>,
    /// What flags say, by number.
    pub(super) flags: Vec<u32>,
}

/// How closely a node is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// With all that it leads to, and all that an answer tells.
    Answers,
    /// Segments, flags and releases by their names; the name of its rule left out.
    Part,
    /// As that, without the arms of splits.
    WithoutArms,
}

impl<'f, 'p> Reader<'f, 'p> {
    pub(super) fn new(forms: &'f mut Forms, program: &'p Program) -> Self {
        let none = |section| vec![NONE; program.count(section) as usize];
        Reader {
            forms,
            program,
            segments: none(Section::Segments),
            flags: none(Section::Flags),
        }
    }

    /// Reads a graph for those that lead to it.
    pub(super) fn graph(&mut self, first: u32, end: u32, owner: Owner) {
        match owner {
            Owner::Segment(number) => {
                let form = entry(&self.nodes(None, first, end, Depth::Answers), first, first);
                if let Some(place) = self.segments.get_mut(number as usize) {
                    *place = form;
                }
            }
            Owner::Flag(number) => {
                let form = self.answers(Flag::new(self.program, number));
                if let Some(place) = self.flags.get_mut(number as usize) {
                    *place = form;
                }
            }
        }
    }

    /// What a flag says, all graphs being read.
    pub(super) fn form(&mut self, flag: Flag<'p>) -> FlagForm<'p> {
        let (first, end) = (flag.record().first_node(), flag.record().end_node());
        let whole = self.nodes(Some(flag), first, end, Depth::Part);
        let without_arms = self.nodes(Some(flag), first, end, Depth::WithoutArms);
        let mut parts: Vec<PartForm> = Vec::new();
        for at in first..end {
            let part = part_at(self.program, at);
            // The first node of a part is where walks enter it.
            if parts.iter().all(|known| known.part != part) {
                parts.push(PartForm {
                    part,
                    whole: entry(&whole, first, at),
                    without_arms: entry(&without_arms, first, at),
                });
            }
        }
        parts.sort_unstable_by_key(|known| known.part);
        FlagForm {
            answers: self
                .flags
                .get(flag.index() as usize)
                .copied()
                .unwrap_or(NONE),
            parts,
            names: self.names(first, end),
        }
    }

    /// A flag that is disabled says nothing but its off variant.
    fn answers(&mut self, flag: Flag<'p>) -> u32 {
        let record: FlagRecord<'_> = flag.record();
        let mut said = Said::new(operation::FLAG);
        said.text(flag.kind().name());
        said.variant(flag, flag.off_variant());
        said.word(u32::from(flag.is_enabled()));
        if flag.is_enabled() {
            let (first, end) = (record.first_node(), record.end_node());
            let nodes = self.nodes(Some(flag), first, end, Depth::Answers);
            said.word(entry(&nodes, first, first));
            said.instant(flag.until());
        }
        self.forms.number(said.into_bytes())
    }

    /// The numbers of the nodes of a graph.
    fn nodes(&mut self, flag: Option<Flag<'p>>, first: u32, end: u32, depth: Depth) -> Vec<u32> {
        let mut numbers = vec![NONE; end.saturating_sub(first) as usize];
        for at in (first..end).rev() {
            let node = Node::read(self.program, at);
            let target = |to: u32| {
                let is_within = depth == Depth::Answers
                    || part_at(self.program, to) == part_at(self.program, at);
                if is_within {
                    entry(&numbers, first, to)
                } else {
                    NONE
                }
            };
            let yes = if node.is_test() {
                target(node.yes())
            } else {
                NONE
            };
            let no = if node.has_no(self.program) {
                target(node.no())
            } else {
                NONE
            };
            let mut said = self.said(flag, node, depth);
            said.word(yes);
            said.word(no);
            let number = self.forms.number(said.into_bytes());
            if let Some(place) = numbers.get_mut(at.saturating_sub(first) as usize) {
                *place = number;
            }
        }
        numbers
    }

    fn names(&mut self, first: u32, end: u32) -> Vec<Named<'p>> {
        let mut names = BTreeSet::new();
        for at in first..end {
            let node = Node::read(self.program, at);
            names.extend(self.named(node));
        }
        names.into_iter().collect()
    }

    fn named(&mut self, node: Node<'_>) -> Option<Named<'p>> {
        let program = self.program;
        match node.operation() {
            operation::FLAG => Some(Named {
                kind: NameKind::Flag,
                name: Flag::new(program, node.first()).key(),
                form: self.flags.get(node.first() as usize).copied()?,
            }),
            operation::SEGMENT => {
                let [_, _, name] = program.record::<3>(Section::Segments, node.first());
                Some(Named {
                    kind: NameKind::Segment,
                    name: program.string(name),
                    form: self.segments.get(node.first() as usize).copied()?,
                })
            }
            _ => {
                let release = self.release_of(node)?;
                let mut said = Said::new(operation::REACHED);
                said.release(program, release);
                Some(Named {
                    kind: NameKind::Release,
                    name: release.name(),
                    form: self.forms.number(said.into_bytes()),
                })
            }
        }
    }
}

/// The part that the node `at` of a flag belongs to.
fn part_at(program: &Program, at: u32) -> Part {
    let node = Node::read(program, at);
    if node.is_test() {
        Part::from_code(node.rule())
    } else {
        part_of(node)
    }
}

/// The number of the node `at`.
fn entry(numbers: &[u32], first: u32, at: u32) -> u32 {
    let place = at.saturating_sub(first) as usize;
    numbers.get(place).copied().unwrap_or(NONE)
}
