//! From a ruleset to a program.

mod flag;
mod split;

use std::collections::BTreeMap;

use vexil_core::Program;
use vexil_core::build::{Builder, FlagId, Graph, Leaf, NodeId, Operand, SegmentId, Slot, Test};

use crate::condition::{AttributeName, AttributeTest, Condition, Prerequisite, Scalar};
use crate::issue::{Code, Issue};
use crate::key::{FlagKey, SegmentName};
use crate::model::{Flag, Ruleset, Segment};
use crate::path::Path;

/// Compiles `ruleset` to the program of that number, published at that time (ms since 1970).
///
/// The same arguments give the same bytes.
///
/// # Errors
/// An issue where answering could take more steps than [`vexil_core::limits::STEPS`].
pub fn compile(
    ruleset: &Ruleset,
    environment: &str,
    number: u64,
    published: i64,
) -> Result<Program, Vec<Issue>> {
    let mut compiler = Compiler {
        ruleset,
        builder: Builder::new(environment, number, published),
        flags: BTreeMap::new(),
        segments: BTreeMap::new(),
    };
    for (key, flag) in ruleset.flags() {
        compiler.flag(key, flag);
    }
    compiler.builder.finish().map_err(|error| {
        let code = Code::TooComplex(error.message());
        vec![Issue { path: Path::default(), code }]
    })
}

struct Compiler<'r> {
    ruleset: &'r Ruleset,
    builder: Builder,
    flags: BTreeMap<&'r str, FlagId>,
    segments: BTreeMap<&'r str, SegmentId>,
}

impl<'r> Compiler<'r> {
    /// Compiles a flag after those it leads to, once.
    fn flag(&mut self, key: &'r FlagKey, flag: &'r Flag) -> FlagId {
        if let Some(id) = self.flags.get(key.as_str()) {
            return *id;
        }
        let id = self.new_flag(key, flag);
        self.flags.insert(key.as_str(), id);
        id
    }

    fn flag_named(&mut self, key: &'r FlagKey) -> Option<(FlagId, &'r Flag)> {
        let (key, flag) = self.ruleset.flags().get_key_value(key)?;
        Some((self.flag(key, flag), flag))
    }

    fn segment_named(&mut self, name: &'r SegmentName) -> Option<SegmentId> {
        if let Some(id) = self.segments.get(name.as_str()) {
            return Some(*id);
        }
        let id = self.segment(self.ruleset.segments().get(name)?);
        self.segments.insert(name.as_str(), id);
        Some(id)
    }

    fn segment(&mut self, segment: &'r Segment) -> SegmentId {
        let mut graph = Graph::default();
        let inside = graph.leaf(Leaf::Holds(true));
        let outside = graph.leaf(Leaf::Holds(false));
        let mut entry = match &segment.when {
            Some(condition) => self.condition(&mut graph, condition, inside, outside),
            None => outside,
        };
        entry = self.keys(&mut graph, &segment.members, inside, entry);
        entry = self.keys(&mut graph, &segment.except, outside, entry);
        self.builder.segment(&graph, entry)
    }

    /// A test of the targeting key; `no` where there are no `keys`.
    fn keys(&mut self, graph: &mut Graph<'r>, keys: &'r [String], yes: NodeId, no: NodeId) -> NodeId {
        if keys.is_empty() {
            return no;
        }
        let slot = self.slot(&AttributeName::targeting_key());
        let keys = keys.iter().map(|key| Operand::Text(key)).collect();
        graph.test(Test::OneOf(slot, keys), yes, no)
    }

    /// Adds `condition` before the two nodes it leads to.
    fn condition(
        &mut self,
        graph: &mut Graph<'r>,
        condition: &'r Condition,
        yes: NodeId,
        no: NodeId,
    ) -> NodeId {
        match condition {
            Condition::All(all) => {
                all.iter().rev().fold(yes, |next, condition| self.condition(graph, condition, next, no))
            }
            Condition::Any(any) => {
                any.iter().rev().fold(no, |next, condition| self.condition(graph, condition, yes, next))
            }
            Condition::Not(condition) => self.condition(graph, condition, no, yes),
            // INVARIANT: what a decoded ruleset names is there.
            Condition::Segment(name) => match self.segment_named(name) {
                Some(segment) => graph.test(Test::Segment(segment), yes, no),
                None => no,
            },
            Condition::Flag(prerequisite) => self.prerequisite(graph, prerequisite, yes, no),
            Condition::Attribute(name, AttributeTest::Exists(false)) => {
                let slot = self.slot(name);
                graph.test(Test::Exists(slot), no, yes)
            }
            Condition::Attribute(name, test) => {
                let slot = self.slot(name);
                graph.test(attribute_test(slot, test), yes, no)
            }
        }
    }

    fn prerequisite(
        &mut self,
        graph: &mut Graph<'r>,
        prerequisite: &'r Prerequisite,
        yes: NodeId,
        no: NodeId,
    ) -> NodeId {
        // INVARIANT: what a decoded ruleset names is there, and no flag leads back to itself.
        let Some((id, flag)) = self.flag_named(&prerequisite.flag) else { return no };
        let wanted = prerequisite.variants.iter().map(|variant| flag::variant(flag, variant)).collect();
        graph.test(Test::Flag(id, wanted), yes, no)
    }

    fn slot(&mut self, name: &AttributeName) -> Slot {
        let is_private = self.ruleset.private().iter().any(|private| private.covers(name));
        self.builder.attribute(name.as_str(), is_private)
    }
}

fn attribute_test(slot: Slot, test: &AttributeTest) -> Test<'_> {
    let texts = |texts: &'_ [String]| -> Vec<&'_ str> { texts.iter().map(String::as_str).collect() };
    match test {
        AttributeTest::Is(scalar) => Test::OneOf(slot, vec![operand(scalar)]),
        AttributeTest::In(scalars) => Test::OneOf(slot, scalars.iter().map(operand).collect()),
        AttributeTest::Exists(_) => Test::Exists(slot),
        AttributeTest::StartsWith(parts) => Test::StartsWith(slot, texts(parts)),
        AttributeTest::EndsWith(parts) => Test::EndsWith(slot, texts(parts)),
        AttributeTest::Contains(parts) => Test::Contains(slot, texts(parts)),
        AttributeTest::Lt(number) => Test::Less(slot, *number),
        AttributeTest::Lte(number) => Test::LessOrEqual(slot, *number),
        AttributeTest::Gt(number) => Test::Greater(slot, *number),
        AttributeTest::Gte(number) => Test::GreaterOrEqual(slot, *number),
        AttributeTest::Semver(range) => Test::Semver(slot, range.alternatives()),
    }
}

fn operand(scalar: &Scalar) -> Operand<'_> {
    match scalar {
        Scalar::Text(text) => Operand::Text(text),
        Scalar::Number(number) => Operand::Number(*number),
        Scalar::Bool(bool) => Operand::Bool(*bool),
    }
}
