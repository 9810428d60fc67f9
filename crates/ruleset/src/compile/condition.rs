//! Conditions as decision graphs: each leads to one node where it holds, and to another where it does not.

use vexil_core::build::{Graph, Leaf, NodeId, Operand, SegmentId, Slot, Test};

use super::Compiler;
use crate::automaton::Search;
use crate::condition::{AttributeName, AttributeTest, Condition, Scalar};
use crate::instant::Instant;
use crate::key::SegmentName;
use crate::texts::Texts;

impl<'r> Compiler<'r> {
    pub(super) fn condition(
        &mut self,
        graph: &mut Graph<'r>,
        condition: &'r Condition,
        yes: NodeId,
        no: NodeId,
    ) -> NodeId {
        match condition {
            Condition::All(all) => all
                .iter()
                .rev()
                .fold(yes, |yes, it| self.condition(graph, it, yes, no)),
            Condition::Any(any) => any
                .iter()
                .rev()
                .fold(no, |no, it| self.condition(graph, it, yes, no)),
            Condition::Not(negated) => self.condition(graph, negated, no, yes),
            Condition::Segment(name) => match self.segment(name) {
                Some(segment) => graph.test(Test::Segment(segment), yes, no),
                None => no,
            },
            Condition::Flag(prerequisite) => self.prerequisite(graph, prerequisite, yes, no),
            Condition::Time(interval) => {
                let from = interval.from().map(Instant::ms);
                let until = interval.until().map(Instant::ms);
                graph.test(Test::Time { from, until }, yes, no)
            }
            Condition::Attribute(name, test) => self.attribute(graph, name, test, yes, no),
        }
    }

    fn attribute(
        &mut self,
        graph: &mut Graph<'r>,
        name: &'r AttributeName,
        test: &'r AttributeTest,
        yes: NodeId,
        no: NodeId,
    ) -> NodeId {
        let slot = self.slot(name);
        let test = match test {
            AttributeTest::Is(scalar) => Test::OneOf(slot, vec![operand(scalar)]),
            AttributeTest::In(scalars) => Test::OneOf(slot, scalars.iter().map(operand).collect()),
            AttributeTest::Exists(true) => Test::Exists(slot),
            AttributeTest::Exists(false) => return graph.test(Test::Exists(slot), no, yes),
            AttributeTest::StartsWith(texts) => texts_test(slot, texts, Test::StartsWith),
            AttributeTest::EndsWith(texts) => texts_test(slot, texts, Test::EndsWith),
            AttributeTest::Contains(texts) => texts_test(slot, texts, Test::Contains),
            AttributeTest::Matches(pattern) => matches(slot, pattern.search()),
            AttributeTest::Lt(than) => Test::Less(slot, *than),
            AttributeTest::Lte(than) => Test::LessOrEqual(slot, *than),
            AttributeTest::Gt(than) => Test::Greater(slot, *than),
            AttributeTest::Gte(than) => Test::GreaterOrEqual(slot, *than),
            AttributeTest::Before(than) => Test::Before(slot, than.ms()),
            AttributeTest::After(than) => Test::After(slot, than.ms()),
            AttributeTest::Semver(range) => Test::Semver(slot, range.alternatives()),
            AttributeTest::Cidr(networks) => {
                Test::Cidr(slot, networks.iter().map(|it| it.get()).collect())
            }
        };
        graph.test(test, yes, no)
    }

    /// Adds a segment, after what it needs, unless it was added before.
    fn segment(&mut self, name: &'r SegmentName) -> Option<SegmentId> {
        if let Some(id) = self.segments.get(name) {
            return Some(*id);
        }
        // INVARIANT: what a ruleset names is there.
        let segment = self.ruleset.segments.get(name)?;
        let mut graph = Graph::default();
        let yes = graph.leaf(Leaf::Holds(true));
        let no = graph.leaf(Leaf::Holds(false));
        let mut entry = match &segment.when {
            Some(when) => self.condition(&mut graph, when, yes, no),
            None => no,
        };
        for (keys, holds) in [(&segment.members, yes), (&segment.except, no)] {
            if !keys.is_empty() {
                let is_one_of_them = self.is_one_of(keys);
                entry = graph.test(is_one_of_them, holds, entry);
            }
        }
        let id = self.builder.segment(name.as_str(), &graph, entry);
        self.segments.insert(name, id);
        Some(id)
    }
}

/// The test `exact` of these texts, or an automaton where case does not count.
fn texts_test<'r>(
    slot: Slot,
    texts: &'r Texts,
    exact: impl FnOnce(Slot, Vec<&'r str>) -> Test<'r>,
) -> Test<'r> {
    match texts.search() {
        Some(search) => matches(slot, search),
        None => exact(slot, texts.as_slice().iter().map(String::as_str).collect()),
    }
}

fn matches(slot: Slot, search: &Search) -> Test<'_> {
    Test::Matches {
        slot,
        automaton: search.automaton.clone(),
        source: &search.source,
    }
}

fn operand(scalar: &Scalar) -> Operand<'_> {
    match scalar {
        Scalar::Text(text) => Operand::Text(text),
        Scalar::Number(number) => Operand::Number(*number),
        Scalar::Bool(bool) => Operand::Bool(*bool),
    }
}
