//! Decision graphs, as they are put together: from the leaves to the entry.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::automaton::Automaton;
use crate::bucket::{Position, Seed};
use crate::evaluate::{self, Reason};
use crate::layout::NONE;
use crate::network::Network;
use crate::node::{REQUIRES, TARGETS};
use crate::recipe::Recipe;
use crate::semver::Comparator;

/// The number of an attribute, from [`super::Builder::attribute`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(pub(crate) u32);

/// The number of a segment, from [`super::Builder::segment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentId(pub(crate) u32);

/// The number of a flag, from [`super::Builder::flag`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlagId(pub(crate) u32);

/// The number of a release, from [`super::Builder::release`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseId(pub(crate) u32);

/// A node of one graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(u32);

/// The decisions of one flag or segment. A test refers to nodes that were added before it, so no walk is endless.
#[derive(Clone, Debug, Default)]
pub struct Graph<'a> {
    nodes: Vec<GraphNode<'a>>,
    part: Part,
}

/// A part of a flag: what an explanation says its tests belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The flags it requires.
    Requires,
    /// Its targets.
    Targets,
    /// The rule of that number.
    Rule(u32),
    /// Its default, or a segment.
    #[default]
    Default,
}

#[derive(Clone, Debug)]
pub(super) enum GraphNode<'a> {
    Test(Test<'a>, NodeId, NodeId, Part),
    Leaf(Leaf<'a>),
}

/// A question with two outcomes.
#[derive(Clone, Debug, PartialEq)]
pub enum Test<'a> {
    /// The attribute is there and not null.
    Exists(Slot),
    /// The attribute equals one of the operands.
    OneOf(Slot, Vec<Operand<'a>>),
    /// The attribute begins with one of the strings.
    StartsWith(Slot, Vec<&'a str>),
    /// The attribute ends with one of the strings.
    EndsWith(Slot, Vec<&'a str>),
    /// The attribute contains one of the strings.
    Contains(Slot, Vec<&'a str>),
    /// The attribute is a number below this one.
    Less(Slot, f64),
    /// The attribute is a number not above this one.
    LessOrEqual(Slot, f64),
    /// The attribute is a number above this one.
    Greater(Slot, f64),
    /// The attribute is a number not below this one.
    GreaterOrEqual(Slot, f64),
    /// The attribute is a version for which all comparators of one of the alternatives hold.
    Semver(Slot, Vec<Vec<Comparator<'a>>>),
    /// The attribute is an instant before this one (ms since 1970).
    Before(Slot, i64),
    /// The attribute is an instant after this one.
    After(Slot, i64),
    /// The attribute is an address in one of the networks.
    Cidr(Slot, Vec<Network>),
    /// The attribute is a string that the automaton matches.
    Matches {
        /// The attribute.
        slot: Slot,
        /// What is run over it.
        automaton: Automaton,
        /// What a person wrote: `matches "^a"`.
        source: &'a str,
    },
    /// Now is not before `from` and before `until` (ms since 1970).
    Time {
        /// When it begins to hold.
        from: Option<i64>,
        /// When it ceases to hold.
        until: Option<i64>,
    },
    /// The release is at the stage of that number, or past it.
    Reached(ReleaseId, u32),
    /// The context is in the segment.
    Segment(SegmentId),
    /// The flag is on and serves one of these variants.
    Flag(FlagId, Vec<u32>),
}

/// What an attribute is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand<'a> {
    /// A string.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
}

/// Where a walk ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Leaf<'a> {
    /// Of a segment: whether the context is in it.
    Holds(bool),
    /// Of a flag: a variant.
    Serve {
        /// Its number.
        variant: u32,
        /// Why.
        reason: Reason,
        /// The rule that serves it.
        rule: Option<u32>,
        /// Whether it is served for want of a unit.
        is_missing_unit: bool,
        /// The stage of a release that chose it, and on which side.
        chosen_by: Option<(&'a str, Option<evaluate::Arm>)>,
    },
    /// Of a flag: a variant by the position of a unit.
    Split {
        /// How the positions are shared out.
        split: Split<'a>,
        /// The rule that serves it.
        rule: Option<u32>,
        /// Where the walk goes on without a unit.
        otherwise: NodeId,
    },
    /// Of a flag: one of two variants by the position of a unit and the exposure of a release.
    Ramp {
        /// Which release, and between which variants.
        ramp: Ramp,
        /// The rule that serves it.
        rule: Option<u32>,
        /// Where the walk goes on without a unit; of no account where the unit is known.
        otherwise: NodeId,
    },
}

/// How the positions 0 to 2^32 are shared out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split<'a> {
    /// The hash of its salt; for [`Recipe::UnleashMurmur3Weights`], the sum of its weights in its place.
    pub seed: Seed,
    /// How another vendor places units, with the salt; `None` is ours.
    pub recipe: Option<(Recipe, &'a str)>,
    /// The attribute that is the unit.
    pub by: Slot,
    /// The arms, by ascending boundary; the last boundary is 2^32.
    pub arms: Vec<Arm>,
    /// The variant served between the end of an arm and its boundary.
    pub rest: u32,
}

/// A part of the positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arm {
    /// The variant it serves.
    pub variant: u32,
    /// The first position above those it serves.
    pub end: u64,
    /// The first position of the next arm.
    pub boundary: u64,
}

/// A release's hold on a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// How its units are placed.
    pub unit: RampUnit,
    /// Which release: where live state keeps its stage and exposure.
    pub release: ReleaseId,
    /// The variant served above the exposure.
    pub from: u32,
    /// The variant served below it.
    pub to: u32,
    /// The stage whose audience led here; `None` where no audience did.
    pub audience: Option<u32>,
}

/// How the units of a ramp are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RampUnit {
    /// By an attribute and the hash of the salt, `release:` and the name of the release.
    By(Slot, Seed),
    /// The unit is known, and falls here.
    At(Position),
}

/// A stage of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageSpec<'a> {
    /// Its name.
    pub name: &'a str,
    /// The part of 2^32 that its percentage exposes, if it has one.
    pub exposure: Option<u64>,
    /// Whether it is for an audience.
    pub has_audience: bool,
}

impl<'a> Graph<'a> {
    /// The tests that are added from now on belong to `part`.
    pub fn begin(&mut self, part: Part) {
        self.part = part;
    }

    /// Adds a leaf.
    pub fn leaf(&mut self, leaf: Leaf<'a>) -> NodeId {
        self.push(GraphNode::Leaf(leaf))
    }

    /// Adds a test between two nodes of this graph; where they are one, there is nothing to test.
    pub fn test(&mut self, test: Test<'a>, yes: NodeId, no: NodeId) -> NodeId {
        if yes == no {
            yes
        } else {
            self.push(GraphNode::Test(test, yes, no, self.part))
        }
    }

    /// Whether all that can come of `id` is one variant, decided already.
    pub(crate) fn serves(&self, id: NodeId) -> bool {
        matches!(self.node(id), GraphNode::Leaf(Leaf::Serve { .. }))
    }

    /// The rules that a walk from `entry` can come to.
    pub(crate) fn rules(&self, entry: NodeId) -> BTreeSet<u32> {
        let nodes = self.reachable(entry);
        let rule = |id: &NodeId| match self.node(*id) {
            GraphNode::Test(_, _, _, part) => match part {
                Part::Rule(rule) => Some(*rule),
                Part::Requires | Part::Targets | Part::Default => None,
            },
            GraphNode::Leaf(leaf) => leaf.rule(),
        };
        nodes.keys().filter_map(rule).collect()
    }

    pub(super) fn node(&self, id: NodeId) -> &GraphNode<'a> {
        static NOWHERE: GraphNode<'static> = GraphNode::Leaf(Leaf::Holds(false));
        // INVARIANT: ids come from `push`, so only an id of another graph leads nowhere.
        self.nodes.get(id.0 as usize).unwrap_or(&NOWHERE)
    }

    /// The nodes a walk from `entry` can come to, with the place of each; the entry has place 0.
    pub(super) fn reachable(&self, entry: NodeId) -> BTreeMap<NodeId, u32> {
        let mut reached = BTreeMap::from([(entry, 0)]);
        let mut open = Vec::from([entry]);
        while let Some(id) = open.pop() {
            let next = match self.node(id) {
                GraphNode::Test(_, yes, no, _) => [Some(*yes), Some(*no)],
                GraphNode::Leaf(leaf) => [leaf.otherwise(), None],
            };
            for id in next.into_iter().flatten() {
                if reached.insert(id, 0).is_none() {
                    open.push(id);
                }
            }
        }
        for (place, node) in reached.values_mut().rev().zip(0..) {
            *place = node;
        }
        reached
    }

    fn push(&mut self, node: GraphNode<'a>) -> NodeId {
        self.nodes.push(node);
        NodeId(self.nodes.len().saturating_sub(1) as u32)
    }
}

impl NodeId {
    /// No node of any graph.
    pub(crate) const NOWHERE: NodeId = NodeId(NONE);

    pub(crate) fn number(self) -> u32 {
        self.0
    }
}

impl Part {
    pub(crate) fn code(self) -> u32 {
        match self {
            Part::Requires => REQUIRES,
            Part::Targets => TARGETS,
            Part::Rule(rule) => rule,
            Part::Default => NONE,
        }
    }

    pub(crate) fn from_code(code: u32) -> Part {
        match code {
            REQUIRES => Part::Requires,
            TARGETS => Part::Targets,
            NONE => Part::Default,
            rule => Part::Rule(rule),
        }
    }
}

impl Leaf<'_> {
    fn rule(&self) -> Option<u32> {
        match self {
            Leaf::Holds(_) => None,
            Leaf::Serve { rule, .. } | Leaf::Split { rule, .. } | Leaf::Ramp { rule, .. } => *rule,
        }
    }

    /// Where a walk goes on for which this leaf has no answer.
    pub(super) fn otherwise(&self) -> Option<NodeId> {
        match self {
            Leaf::Holds(_) | Leaf::Serve { .. } => None,
            Leaf::Ramp { ramp, .. } if matches!(ramp.unit, RampUnit::At(_)) => None,
            Leaf::Split { otherwise, .. } | Leaf::Ramp { otherwise, .. } => Some(*otherwise),
        }
    }
}
