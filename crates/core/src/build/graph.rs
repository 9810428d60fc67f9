//! Decision graphs, as they are put together: from the leaves to the entry.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::bucket::Seed;
use crate::evaluate::Reason;
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

/// A node of one graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(u32);

/// The decisions of one flag or segment. A test refers to nodes that were added before it, so no walk is endless.
#[derive(Clone, Debug, Default)]
pub struct Graph<'a> {
    nodes: Vec<GraphNode<'a>>,
}

#[derive(Clone, Debug)]
pub(super) enum GraphNode<'a> {
    Test(Test<'a>, NodeId, NodeId),
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
    },
    /// Of a flag: a variant by the position of a unit.
    Split {
        /// How the positions are shared out.
        split: Split,
        /// The rule that serves it.
        rule: Option<u32>,
        /// Where the walk goes on without a unit.
        otherwise: NodeId,
    },
    /// Of a flag: one of two variants by the position of a unit and the exposure of a release.
    Ramp {
        /// Which release, and between which variants.
        ramp: Ramp<'a>,
        /// The rule that serves it.
        rule: Option<u32>,
        /// Where the walk goes on without a unit.
        otherwise: NodeId,
    },
}

/// How the positions 0 to 2^32 are shared out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The hash of its salt.
    pub seed: Seed,
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
pub struct Ramp<'a> {
    /// The hash of its salt, `release:` and its name.
    pub seed: Seed,
    /// The attribute that is the unit.
    pub by: Slot,
    /// Its name: where live state keeps its exposure.
    pub release: &'a str,
    /// The variant served above the exposure.
    pub from: u32,
    /// The variant served below it.
    pub to: u32,
}

impl<'a> Graph<'a> {
    /// Adds a leaf.
    pub fn leaf(&mut self, leaf: Leaf<'a>) -> NodeId {
        self.push(GraphNode::Leaf(leaf))
    }

    /// Adds a test between two nodes of this graph; where they are one, there is nothing to test.
    pub fn test(&mut self, test: Test<'a>, yes: NodeId, no: NodeId) -> NodeId {
        if yes == no {
            yes
        } else {
            self.push(GraphNode::Test(test, yes, no))
        }
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
                GraphNode::Test(_, yes, no) => [Some(*yes), Some(*no)],
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

impl Leaf<'_> {
    /// Where a walk goes on for which this leaf has no answer.
    pub(super) fn otherwise(&self) -> Option<NodeId> {
        match self {
            Leaf::Holds(_) | Leaf::Serve { .. } => None,
            Leaf::Split { otherwise, .. } | Leaf::Ramp { otherwise, .. } => Some(*otherwise),
        }
    }
}
