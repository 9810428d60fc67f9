//! Writing programs: graphs of tests and leaves, and the tables they refer to.
//!
//! The same calls in the same order give the same bytes.

mod graph;
mod nodes;
mod table;

use alloc::vec::Vec;

use xxhash_rust::xxh64::xxh64;

pub use crate::automaton::Automaton;
pub use graph::{
    Arm, FlagId, Graph, Leaf, NodeId, Operand, Part, Ramp, RampUnit, ReleaseId, SegmentId, Slot,
    Split, StageSpec, Test,
};

use crate::error::ProgramError;
use crate::flag::{ASKS_ANYTHING, DECIDED, ENABLED, EXPOSE_SHIFT, Expose, FlagType, TRACK};
use crate::layout::{
    CHECKSUM, FORMAT, HEADER_BYTES, MAGIC, NODE_WORDS, NONE, NUMBER, RECORD_BYTES, SECTION_COUNT,
    Section,
};
use crate::node::NodeSpec;
use crate::program::Program;
use crate::release::{HAS_AUDIENCE, HAS_PERCENT};
use table::{Strings, open_addressed};

/// Collects flags and segments, each after those it leads to, and writes the program.
pub struct Builder {
    number: u64,
    published: i64,
    environment: u32,
    strings: Strings,
    numbers: Vec<f64>,
    pool: Vec<u32>,
    attributes: Vec<[u32; 2]>,
    flags: Vec<u32>,
    keys: Vec<u32>,
    variants: Vec<u32>,
    nodes: Vec<[u32; NODE_WORDS]>,
    segments: Vec<u32>,
    splits: Vec<u32>,
    arms: Vec<u32>,
    ramps: Vec<u32>,
    releases: Vec<u32>,
    stages: Vec<u32>,
    versions: Vec<u32>,
    networks: Vec<u32>,
}

/// What a flag is, beside its graph.
#[derive(Clone, Copy, Debug)]
pub struct FlagSpec<'a> {
    /// Its key.
    pub key: &'a str,
    /// What kind of value it has.
    pub kind: FlagType,
    /// Who may see it.
    pub expose: Expose,
    /// Whether its graph is used at all.
    pub is_enabled: bool,
    /// Whether exposures are recorded.
    pub track: bool,
    /// Name and value (compact JSON text), by number.
    pub variants: &'a [(&'a str, &'a str)],
    /// The variant served while it is off.
    pub off_variant: u32,
    /// The variant served once the head is too old.
    pub failsafe: Option<u32>,
    /// The names of its rules, by number.
    pub rules: &'a [Option<&'a str>],
}

/// What was folded into a flag.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folded {
    /// The attributes of which a change may change it.
    pub(crate) asks: Vec<Slot>,
    /// Whether a change of anything else may.
    pub(crate) asks_anything: bool,
    /// Whether nothing of its rules is left.
    pub(crate) is_decided: bool,
    /// The instant at which it may change by itself.
    pub(crate) until: Option<i64>,
}

impl Builder {
    /// A program without flags.
    #[must_use]
    pub fn new(environment: &str, number: u64, published: i64) -> Builder {
        let mut strings = Strings::default();
        let environment = strings.add(environment);
        Builder {
            number,
            published,
            environment,
            strings,
            numbers: Vec::new(),
            pool: Vec::new(),
            attributes: Vec::new(),
            flags: Vec::new(),
            keys: Vec::new(),
            variants: Vec::new(),
            nodes: Vec::new(),
            segments: Vec::new(),
            splits: Vec::new(),
            arms: Vec::new(),
            ramps: Vec::new(),
            releases: Vec::new(),
            stages: Vec::new(),
            versions: Vec::new(),
            networks: Vec::new(),
        }
    }

    /// The slot of an attribute: a top-level name, or a JSON Pointer when it begins with `/`.
    ///
    /// It is private once any call says so.
    pub fn attribute(&mut self, name: &str, is_private: bool) -> Slot {
        let name = self.strings.add(name);
        let found = self
            .attributes
            .iter()
            .position(|attribute| attribute[0] == name);
        let slot = found.unwrap_or_else(|| {
            self.attributes.push([name, 0]);
            self.attributes.len().saturating_sub(1)
        });
        if let Some(attribute) = self.attributes.get_mut(slot) {
            attribute[1] |= u32::from(is_private);
        }
        Slot(slot as u32)
    }

    /// Adds a segment: whoever `graph` leads to a [`Leaf::Holds`] of `true` from `entry` on is in it.
    pub fn segment(&mut self, name: &str, graph: &Graph<'_>, entry: NodeId) -> SegmentId {
        let (first, end) = self.graph(graph, entry);
        let name = self.strings.add(name);
        self.segments.extend([first, end, name]);
        SegmentId(last(&self.segments, 3))
    }

    /// Adds a release with its stages, in order; it must be used by a flag.
    pub fn release(&mut self, name: &str, stages: &[StageSpec<'_>]) -> ReleaseId {
        let name = self.strings.add(name);
        let first = (self.stages.len() / 4) as u32;
        for stage in stages {
            let has_percent = if stage.exposure.is_some() {
                HAS_PERCENT
            } else {
                0
            };
            let bits = has_percent | if stage.has_audience { HAS_AUDIENCE } else { 0 };
            let [low, high] = halves(stage.exposure.unwrap_or_default());
            let name = self.strings.add(stage.name);
            self.stages.extend([name, bits, low, high]);
        }
        self.releases.extend([name, first, stages.len() as u32]);
        ReleaseId(last(&self.releases, 3))
    }

    /// Adds a flag: `graph` leads to what it serves from `entry` on.
    pub fn flag(&mut self, spec: FlagSpec<'_>, graph: &Graph<'_>, entry: NodeId) -> FlagId {
        self.folded_flag(spec, &Folded::default(), graph, entry)
    }

    /// Adds a flag into which something was folded.
    pub(crate) fn folded_flag(
        &mut self,
        spec: FlagSpec<'_>,
        folded: &Folded,
        graph: &Graph<'_>,
        entry: NodeId,
    ) -> FlagId {
        let mut slots: Vec<u32> = folded.asks.iter().map(|slot| slot.0).collect();
        // The order in which a copy of this program will read them, so that it has the same bytes.
        slots.sort_unstable();
        let asks = if slots.is_empty() {
            NONE
        } else {
            self.list(&slots)
        };
        let until = folded
            .until
            .map_or(NONE, |instant| self.number(instant as f64));
        let is_decided = if folded.is_decided { DECIDED } else { 0 };
        let bits = is_decided
            | if folded.asks_anything {
                ASKS_ANYTHING
            } else {
                0
            };
        self.flag_of(spec, bits, asks, until, graph, entry)
    }

    /// Writes the program.
    ///
    /// # Errors
    /// [`ProgramError::TooComplex`] where evaluating a flag could exceed the limits; others only where a graph
    /// was given an id of another builder.
    pub fn finish(self) -> Result<Program, ProgramError> {
        let interned = open_addressed(self.strings.compared());
        let keys = open_addressed(
            self.keys
                .iter()
                .zip(0..)
                .map(|(key, flag)| (self.strings.get(*key), flag)),
        );
        let (text, strings) = self.strings.into_sections();
        let nodes: Vec<u32> = self.nodes.into_iter().flatten().collect();
        let numbers: Vec<u32> = self
            .numbers
            .iter()
            .flat_map(|number| halves(number.to_bits()))
            .collect();
        let attributes: Vec<u32> = self.attributes.into_iter().flatten().collect();
        let mut sections: [(Section, Vec<u32>); SECTION_COUNT - 1] = [
            (Section::Strings, strings),
            (Section::Interned, interned),
            (Section::Numbers, numbers),
            (Section::Pool, self.pool),
            (Section::Attributes, attributes),
            (Section::Flags, self.flags),
            (Section::Keys, keys),
            (Section::Variants, self.variants),
            (Section::Nodes, nodes),
            (Section::Segments, self.segments),
            (Section::Splits, self.splits),
            (Section::Arms, self.arms),
            (Section::Ramps, self.ramps),
            (Section::Releases, self.releases),
            (Section::Stages, self.stages),
            (Section::Versions, self.versions),
            (Section::Networks, self.networks),
        ];
        sections.sort_by_key(|(section, _)| *section as usize);

        let mut table = Vec::new();
        let mut body = Vec::new();
        let words_length: usize = sections
            .iter()
            .map(|(_, words)| words.len().saturating_mul(4))
            .sum();
        // The text comes last, so that everything before it is aligned; its entry in the table comes first.
        table.extend([
            HEADER_BYTES.saturating_add(words_length) as u32,
            text.len() as u32,
        ]);
        for (section, words) in sections {
            let size = RECORD_BYTES.get(section as usize).copied().unwrap_or(4);
            let records = words
                .len()
                .saturating_mul(4)
                .checked_div(size)
                .unwrap_or_default();
            table.extend([
                HEADER_BYTES.saturating_add(body.len()) as u32,
                records as u32,
            ]);
            body.extend(words.into_iter().flat_map(u32::to_le_bytes));
        }
        body.extend(text);

        let mut covered = Vec::with_capacity(body.len().saturating_add(HEADER_BYTES));
        covered.extend(self.number.to_le_bytes());
        covered.extend(self.published.to_le_bytes());
        covered.extend(self.environment.to_le_bytes());
        covered.extend(0_u32.to_le_bytes());
        covered.extend(table.into_iter().flat_map(u32::to_le_bytes));
        covered.extend(body);

        let mut bytes = Vec::with_capacity(covered.len().saturating_add(NUMBER));
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        debug_assert_eq!(bytes.len(), CHECKSUM);
        bytes.extend(xxh64(&covered, 0).to_le_bytes());
        bytes.extend(covered);
        Program::from_bytes(bytes)
    }

    fn flag_of(
        &mut self,
        spec: FlagSpec<'_>,
        bits: u32,
        asks: u32,
        until: u32,
        graph: &Graph<'_>,
        entry: NodeId,
    ) -> FlagId {
        let (first_node, end_node) = self.graph(graph, entry);
        let key = self.strings.add(spec.key);
        let bits = bits
            | spec.kind as u32
            | (spec.expose as u32) << EXPOSE_SHIFT
            | if spec.is_enabled { ENABLED } else { 0 }
            | if spec.track { TRACK } else { 0 };
        let first_variant = (self.variants.len() / 2) as u32;
        for (name, value) in spec.variants {
            let variant = [self.strings.add(name), self.strings.add(value)];
            self.variants.extend(variant);
        }
        let rules: Vec<u32> = spec
            .rules
            .iter()
            .map(|name| name.map_or(NONE, |name| self.strings.add(name)))
            .collect();
        let rules = self.list(&rules);
        let variants = spec.variants.len() as u32;
        let failsafe = spec.failsafe.unwrap_or(NONE);
        self.flags.extend([
            key,
            bits,
            spec.off_variant,
            first_variant,
            variants,
            rules,
            first_node,
            end_node,
            failsafe,
            asks,
            until,
        ]);
        self.keys.push(key);
        FlagId(self.keys.len().saturating_sub(1) as u32)
    }

    /// Writes what of `graph` is reached from `entry`, entry first, and returns the run of nodes it became.
    fn graph(&mut self, graph: &Graph<'_>, entry: NodeId) -> (u32, u32) {
        let first = self.nodes.len() as u32;
        let order = graph.reachable(entry);
        let place = |id: NodeId| {
            order
                .get(&id)
                .map_or(NONE, |place| first.saturating_add(*place))
        };
        // A graph is built from its leaves to its entry, so the later an id, the earlier it stands.
        for id in order.keys().rev() {
            let node = match graph.node(*id) {
                graph::GraphNode::Test(test, yes, no, part) => NodeSpec {
                    yes: place(*yes),
                    no: place(*no),
                    rule: part.code(),
                    ..self.test(test)
                },
                graph::GraphNode::Leaf(leaf) => {
                    let node = self.leaf(leaf);
                    NodeSpec {
                        no: leaf.otherwise().map_or(NONE, place),
                        ..node
                    }
                }
            };
            self.nodes.push(node.words());
        }
        (first, self.nodes.len() as u32)
    }
}

/// The number of the record of `words` words that was added last.
fn last(records: &[u32], words: usize) -> u32 {
    let count = records.len().checked_div(words).unwrap_or_default();
    count.saturating_sub(1) as u32
}

fn halves(wide: u64) -> [u32; 2] {
    [wide as u32, (wide >> 32) as u32]
}
