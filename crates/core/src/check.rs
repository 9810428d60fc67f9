//! Everything that can be wrong with program bytes, found in one pass.
//!
//! Reading is total whatever the bytes say, so what is checked here is what would make an answer meaningless
//! (a reference that leads nowhere), endless (a graph that runs backwards) or too slow.

mod node;

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::bytes::u32_at;
use crate::error::ProgramError;
use crate::evaluate::DEPTH;
use crate::flag::FlagRecord;
use crate::layout::{ENVIRONMENT, NONE, Section};
use crate::limits;
use crate::node::Node;
use crate::program::Program;
use crate::release::EVERYONE;

/// Checks every record of `program`, whose sections are known to lie within it.
pub(crate) fn check(program: &Program) -> Result<(), ProgramError> {
    let mut check = Check {
        program,
        items_left: program.bytes().len(),
        wrong: ProgramError::Reference,
        costs: Vec::new(),
        variants: 0,
        rules: 0,
        depth: 0,
        steps: 0,
    };
    check.all().ok_or(check.wrong)
}

/// All strings of a checked program after each other, if each is UTF-8.
pub(crate) fn text(program: &Program) -> Option<String> {
    let start = program.offset(Section::Text, 0);
    let end = program.offset(Section::Text, program.count(Section::Text));
    let text = core::str::from_utf8(program.bytes().get(start..end)?).ok()?;
    for string in 0..program.count(Section::Strings) {
        let [start, length] = program.record::<2>(Section::Strings, string);
        text.get(start as usize..start.saturating_add(length) as usize)?;
    }
    Some(String::from(text))
}

/// What a word of a record says.
#[derive(Clone, Copy)]
enum Kind {
    /// The number of another record.
    Reference,
    /// That, or none.
    Optional,
    /// The first of several records; the next word says how many.
    Range,
}

/// A record of the first section says at that place something about the second. What is not here has code below.
const WORDS: [(Section, u8, Kind, Section); 19] = [
    (Section::Strings, 0, Kind::Range, Section::Text),
    (Section::Interned, 1, Kind::Optional, Section::Strings),
    (Section::Keys, 1, Kind::Optional, Section::Flags),
    (Section::Attributes, 0, Kind::Reference, Section::Strings),
    (Section::Flags, 0, Kind::Reference, Section::Strings),
    (Section::Flags, 3, Kind::Range, Section::Variants),
    (Section::Flags, 10, Kind::Optional, Section::Numbers),
    (Section::Variants, 0, Kind::Reference, Section::Strings),
    (Section::Variants, 1, Kind::Reference, Section::Strings),
    (Section::Segments, 2, Kind::Reference, Section::Strings),
    (Section::Splits, 2, Kind::Reference, Section::Attributes),
    (Section::Splits, 3, Kind::Range, Section::Arms),
    (Section::Splits, 7, Kind::Optional, Section::Strings),
    (Section::Ramps, 2, Kind::Optional, Section::Attributes),
    (Section::Ramps, 3, Kind::Reference, Section::Releases),
    (Section::Releases, 0, Kind::Reference, Section::Strings),
    (Section::Releases, 1, Kind::Range, Section::Stages),
    (Section::Stages, 0, Kind::Reference, Section::Strings),
    (Section::Versions, 7, Kind::Reference, Section::Strings),
];

/// Each part is `None` where something is wrong, which is a reference unless `wrong` was told otherwise.
struct Check<'p> {
    program: &'p Program,
    /// Every item of a list and every byte of a string is its own; bytes in which many nodes share one long list, or
    /// many strings one long text, are not worth the time.
    items_left: usize,
    wrong: ProgramError,
    /// Depth (the upper half) and steps of the graphs that were checked already: of flags, then of segments. 0 is not yet.
    costs: Vec<u64>,
    /// Of the flag whose graph it is; a segment has none.
    variants: u32,
    rules: u32,
    /// What a walk of the graph may cost at most, so far.
    depth: u32,
    steps: u32,
}

impl Check<'_> {
    fn all(&mut self) -> Option<()> {
        for &(section, place, kind, target) in &WORDS {
            for index in 0..self.program.count(section) {
                let word = |place| self.program.word(section, index, place);
                let place = usize::from(place);
                self.refers(kind, target, word(place), word(place.saturating_add(1)))?;
            }
        }
        let environment = u32_at(self.program.bytes(), ENVIRONMENT);
        self.refers(Kind::Reference, Section::Strings, environment, 0)?;
        for section in [Section::Interned, Section::Keys] {
            let count = self.program.count(section);
            require(count == 0 || count.is_power_of_two())?;
            let mut run: u32 = 0;
            for index in 0..count {
                run = match self.program.word(section, index, 1) {
                    NONE => 0,
                    _ => run.saturating_add(1),
                };
                if run > limits::RUN {
                    return self.fail(ProgramError::TooComplex);
                }
            }
        }
        for string in 0..self.program.count(Section::Strings) {
            self.spend(self.program.word(Section::Strings, string, 1))?;
        }
        self.at_most(Section::Releases, 2, limits::STAGES as u32)?;
        self.at_most(Section::Networks, 4, 128)?;
        for stage in 0..self.program.count(Section::Stages) {
            require(self.program.wide(Section::Stages, stage, 2) <= EVERYONE)?;
        }
        require(self.program.count(Section::Attributes) as usize <= limits::ATTRIBUTES)?;
        require(self.program.count(Section::Flags) as usize <= limits::FLAGS)?;
        self.flags()?;
        self.choices()?;
        self.graphs()
    }

    /// Whether no record has a larger number at that place.
    fn at_most(&self, section: Section, place: usize, most: u32) -> Option<()> {
        for index in 0..self.program.count(section) {
            require(self.program.word(section, index, place) <= most)?;
        }
        Some(())
    }

    fn flags(&mut self) -> Option<()> {
        let program = self.program;
        for index in 0..self.program.count(Section::Flags) {
            let word = |place| program.word(Section::Flags, index, place);
            let (off, variants, failsafe) = (word(2), word(4), word(8));
            require(variants as usize <= limits::VARIANTS && off < variants)?;
            require(failsafe == NONE || failsafe < variants)?;
            self.list(word(5), Some((Kind::Optional, Section::Strings)))?;
            if word(9) != NONE {
                self.list(word(9), Some((Kind::Reference, Section::Attributes)))?;
            }
            let key = program.text(word(0));
            require(program.probe(Section::Keys, key) == Some(index))?;
        }
        Some(())
    }

    fn choices(&mut self) -> Option<()> {
        for index in 0..self.program.count(Section::Splits) {
            let recipe = self.program.word(Section::Splits, index, 6);
            if recipe != NONE && !is_known(recipe) {
                return self.fail(ProgramError::Recipe);
            }
        }
        for index in 0..self.program.count(Section::Ramps) {
            let word = |place| self.program.word(Section::Ramps, index, place);
            require(word(6) == NONE || word(6) < self.stages(word(3)))?;
        }
        Some(())
    }

    /// How many stages a release has.
    fn stages(&self, release: u32) -> u32 {
        self.program.word(Section::Releases, release, 2)
    }

    /// Flags and segments own consecutive runs of nodes, each after the runs it leads to.
    fn graphs(&mut self) -> Option<()> {
        let flags = self.program.count(Section::Flags);
        let segments = self.program.count(Section::Segments);
        self.costs = vec![0; flags.saturating_add(segments) as usize];
        let (mut next, mut flag, mut segment) = (0, 0, 0);
        while flag < flags || segment < segments {
            let word = |place| self.program.word(Section::Segments, segment, place);
            let end;
            if segment < segments && word(0) == next {
                end = word(1);
                self.variants = 0;
                self.graph(next, end, flags.saturating_add(segment))?;
                segment = segment.saturating_add(1);
            } else {
                let record = FlagRecord::read(self.program, flag);
                require(flag < flags && record.first_node() == next)?;
                end = record.end_node();
                self.variants = record.variants();
                self.rules = self.program.list(record.rules()).len();
                self.graph(next, end, flag)?;
                flag = flag.saturating_add(1);
            }
            next = end;
        }
        require(next == self.program.count(Section::Nodes))
    }

    /// Checks the graph of a flag or a segment, and notes in `costs` what walking it costs.
    fn graph(&mut self, first: u32, end: u32, owner: u32) -> Option<()> {
        require(first < end && end <= self.program.count(Section::Nodes))?;
        (self.depth, self.steps) = (0, 0);
        for index in first..end {
            let node = Node::read(self.program, index);
            let within = |target: u32| require(target > index && target < end);
            self.node(node)?;
            if node.is_test() {
                within(node.yes())?;
            }
            if node.has_no(self.program) {
                within(node.no())?;
            }
            self.spend_steps(1);
        }
        let depth = self.depth.saturating_add(1);
        if depth > DEPTH || self.steps > limits::STEPS {
            return self.fail(ProgramError::TooComplex);
        }
        *self.costs.get_mut(owner as usize)? = u64::from(depth) << 32 | u64::from(self.steps);
        Some(())
    }

    fn refers(&self, kind: Kind, target: Section, first: u32, second: u32) -> Option<()> {
        let count = self.program.count(target);
        require(match kind {
            Kind::Reference => first < count,
            Kind::Optional => first == NONE || first < count,
            Kind::Range => first.checked_add(second).is_some_and(|end| end <= count),
        })
    }

    /// The length of the list at `at`, which lies within the pool; what its items say, where they say something.
    fn list(&mut self, at: u32, items: Option<(Kind, Section)>) -> Option<u32> {
        self.refers(Kind::Reference, Section::Pool, at, 0)?;
        let length = self.program.word(Section::Pool, at, 0);
        self.refers(Kind::Range, Section::Pool, at.saturating_add(1), length)?;
        let list = self.program.list(at);
        self.spend(list.len())?;
        if let Some((kind, target)) = items {
            for item in 0..list.len() {
                self.refers(kind, target, list.at(item as usize), 0)?;
            }
        }
        Some(list.len())
    }

    fn spend(&mut self, items: u32) -> Option<()> {
        match self.items_left.checked_sub(items as usize) {
            Some(left) => {
                self.items_left = left;
                Some(())
            }
            None => self.fail(ProgramError::TooComplex),
        }
    }

    fn spend_steps(&mut self, steps: u32) {
        self.steps = self.steps.saturating_add(steps);
    }

    fn fail(&mut self, wrong: ProgramError) -> Option<()> {
        self.wrong = wrong;
        None
    }
}

#[cfg(feature = "recipes")]
fn is_known(recipe: u32) -> bool {
    crate::recipe::Recipe::from_code(recipe).is_some()
}

#[cfg(not(feature = "recipes"))]
fn is_known(_: u32) -> bool {
    false
}

fn require(holds: bool) -> Option<()> {
    holds.then_some(())
}

#[cfg(test)]
mod tests;
