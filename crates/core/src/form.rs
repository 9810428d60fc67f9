//! What flags of programs say, as numbers that can be compared across programs.
//!
//! A graph is read from its last node to its first; nodes that say the same get the same number, whatever program they
//! are of. So two flags have the same number exactly where their decisions are the same, all they lead to included.

mod read;
mod say;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::build::Part;
use crate::layout::Section;
use crate::program::Program;
use read::Reader;

/// Gives equal numbers to what says the same.
#[derive(Debug, Default)]
pub struct Forms {
    numbers: BTreeMap<Vec<u8>, u32>,
}

/// What a flag says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagForm<'p> {
    /// All that decides its answers, but for live state, which names flags and releases.
    ///
    /// Where this is equal, the answers are: variant, value, reason, rule, stage, arm, and when they change.
    pub answers: u32,
    /// Its parts, in the order of evaluation.
    pub parts: Vec<PartForm>,
    /// The segments, flags and releases that it names, each once.
    pub names: Vec<Named<'p>>,
}

/// What a part of a flag says, what it names taken as the same wherever it has the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartForm {
    /// Which part.
    pub part: Part,
    /// All it says.
    pub whole: u32,
    /// All it says, but for the arms of its splits.
    pub without_arms: u32,
}

/// Something that a flag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named<'p> {
    /// Of which kind it is.
    pub kind: NameKind,
    /// Its name or key.
    pub name: &'p str,
    /// All it says, what it leads to included.
    pub form: u32,
}

/// What a name can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// A flag that is asked for.
    Flag,
    /// A segment.
    Segment,
    /// A release.
    Release,
}

impl Forms {
    /// What the flags of `program` say, by their numbers. A look-up for each node.
    pub fn read<'p>(&mut self, program: &'p Program) -> Vec<FlagForm<'p>> {
        let mut reader = Reader::new(self, program);
        for (first, end, owner) in graphs(program) {
            reader.graph(first, end, owner);
        }
        let mut forms = Vec::new();
        for flag in program.flags() {
            forms.push(reader.form(flag));
        }
        forms
    }

    fn number(&mut self, said: Vec<u8>) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(said).or_insert(next)
    }
}

/// Whose graph it is.
#[derive(Clone, Copy)]
enum Owner {
    Flag(u32),
    Segment(u32),
}

/// All graphs, each after those that it leads to: its first node, the node after its last, whose it is.
fn graphs(program: &Program) -> Vec<(u32, u32, Owner)> {
    let flags = program.flags().map(|flag| {
        let record = flag.record();
        (
            record.first_node(),
            record.end_node(),
            Owner::Flag(flag.index()),
        )
    });
    let segments = (0..program.count(Section::Segments)).map(|segment| {
        let [first, end, _] = program.record::<3>(Section::Segments, segment);
        (first, end, Owner::Segment(segment))
    });
    let mut graphs: Vec<_> = flags.chain(segments).collect();
    graphs.sort_unstable_by_key(|(first, ..)| *first);
    graphs
}
