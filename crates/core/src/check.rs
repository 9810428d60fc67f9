//! Everything that can be wrong with program bytes, found in one pass.
//!
//! Reading is total whatever the bytes say, so what is checked here is what would make an answer meaningless
//! (a reference that leads nowhere), endless (a graph that runs backwards) or too slow.

use alloc::vec::Vec;
use core::cell::Cell;
use core::ops::Range;

use xxhash_rust::xxh64::xxh64;

use crate::automaton;
use crate::bytes::{u32_at, u64_at};
use crate::error::ProgramError;
use crate::evaluate::MAX_LINEAR;
use crate::flag::FlagRecord;
use crate::layout::{
    CHECKSUM, ENVIRONMENT, FORMAT, HEADER_BYTES, MAGIC, NONE, NUMBER, RAMP_WORDS, SECTION_COUNT,
    SPLIT_WORDS, Section, VERSION_WORDS,
};
use crate::limits;
use crate::node::{Node, operation};
use crate::program::{Extent, List, Program};

/// Where the sections lie, once the header is known to be sound.
pub(crate) fn sections(bytes: &[u8]) -> Result<[Extent; SECTION_COUNT], ProgramError> {
    if bytes.get(..4) != Some(MAGIC.as_slice()) {
        return Err(ProgramError::Magic);
    }
    let format = u32_at(bytes, 4);
    if format != FORMAT {
        return Err(ProgramError::Format(format));
    }
    let covered = bytes.get(NUMBER..).ok_or(ProgramError::Checksum)?;
    if bytes.len() < HEADER_BYTES || xxh64(covered, 0) != u64_at(bytes, CHECKSUM) {
        return Err(ProgramError::Checksum);
    }
    let mut sections = [Extent::default(); SECTION_COUNT];
    for (number, section) in sections.iter_mut().enumerate() {
        *section = Extent::read(bytes, number);
        if !section.is_within(bytes, number) {
            return Err(ProgramError::Reference);
        }
    }
    Ok(sections)
}

/// Checks every record of `program`, whose sections are known to lie within it.
pub(crate) fn check(program: &Program) -> Result<(), ProgramError> {
    let check = Check {
        program,
        items_left: Cell::new(program.bytes().len()),
    };
    check.strings()?;
    check.tables()?;
    check.flags()?;
    check.splits()?;
    check.graphs()
}

/// What running an automaton counts for: a step a byte of a text of middling length.
const AUTOMATON_STEPS: u32 = 32;

struct Check<'p> {
    program: &'p Program,
    /// Every item of a list and every byte of a string is its own; bytes in which many nodes share one long list, or
    /// many strings one long text, are not worth the time.
    items_left: Cell<usize>,
}

/// The flag whose graph it is.
#[derive(Clone, Copy)]
struct Owner {
    variants: u32,
    rules: u32,
}

impl Owner {
    fn variant(self, variant: u32) -> Result<(), ProgramError> {
        require(variant < self.variants)
    }

    fn rule(self, rule: u32) -> Result<(), ProgramError> {
        require(rule == NONE || rule < self.rules)
    }
}

/// What a walk of a graph may cost at most.
#[derive(Clone, Copy)]
struct Cost {
    depth: usize,
    steps: u32,
}

impl Check<'_> {
    fn strings(&self) -> Result<(), ProgramError> {
        let extent = self.program.count(Section::Text);
        for string in 0..self.program.count(Section::Strings) {
            let [start, length] = self.program.record::<8, 2>(Section::Strings, string);
            require(start.checked_add(length).is_some_and(|end| end <= extent))?;
            self.spend(length)?;
            require(core::str::from_utf8(self.program.text(string)).is_ok())?;
        }
        self.reference(Section::Strings, u32_at(self.program.bytes(), ENVIRONMENT))
    }

    /// The tables whose records only refer to strings and flags.
    fn tables(&self) -> Result<(), ProgramError> {
        for (section, target) in [
            (Section::Interned, Section::Strings),
            (Section::Keys, Section::Flags),
        ] {
            let count = self.program.count(section);
            require(count == 0 || count.is_power_of_two())?;
            let mut run = 0_u32;
            for index in 0..count {
                let [_, reference] = self.program.record::<8, 2>(section, index);
                self.optional(target, reference)?;
                run = if reference == NONE {
                    0
                } else {
                    run.saturating_add(1)
                };
                if run > limits::RUN {
                    return Err(ProgramError::TooComplex);
                }
            }
        }
        for section in [Section::Attributes, Section::Variants] {
            for index in 0..self.program.count(section) {
                let [name, other] = self.program.record::<8, 2>(section, index);
                self.reference(Section::Strings, name)?;
                if section == Section::Variants {
                    self.reference(Section::Strings, other)?;
                }
            }
        }
        for index in 0..self.program.count(Section::Releases) {
            let [name, first, stages] = self.program.record::<12, 3>(Section::Releases, index);
            self.reference(Section::Strings, name)?;
            self.range(Section::Stages, first, stages)?;
            require(stages as usize <= limits::STAGES)?;
        }
        for index in 0..self.program.count(Section::Stages) {
            let [name, _, low, high] = self.program.record::<16, 4>(Section::Stages, index);
            self.reference(Section::Strings, name)?;
            require(high == 0 || (high, low) == (1, 0))?;
        }
        for index in 0..self.program.count(Section::Networks) {
            let [_, _, _, _, prefix] = self.program.record::<20, 5>(Section::Networks, index);
            require(prefix <= 128)?;
        }
        for index in 0..self.program.count(Section::Versions) {
            let record = self
                .program
                .record::<{ VERSION_WORDS * 4 }, VERSION_WORDS>(Section::Versions, index);
            self.reference(Section::Strings, record[7])?;
        }
        require(self.program.count(Section::Attributes) as usize <= limits::ATTRIBUTES)?;
        require(self.program.count(Section::Flags) as usize <= limits::FLAGS)
    }

    fn flags(&self) -> Result<(), ProgramError> {
        for index in 0..self.program.count(Section::Flags) {
            let flag = FlagRecord::read(self.program, index);
            self.reference(Section::Strings, flag.key)?;
            self.range(Section::Variants, flag.first_variant, flag.variants)?;
            require(flag.variants as usize <= limits::VARIANTS)?;
            require(flag.off_variant < flag.variants)?;
            require(flag.failsafe == NONE || flag.failsafe < flag.variants)?;
            self.optional(Section::Numbers, flag.until)?;
            for name in self.list(flag.rules)?.iter() {
                self.optional(Section::Strings, name)?;
            }
            if flag.asks != NONE {
                let slots = self.list(flag.asks)?;
                slots
                    .iter()
                    .try_for_each(|slot| self.reference(Section::Attributes, slot))?;
            }
            require(
                self.program
                    .flag(self.program.string(flag.key))
                    .is_some_and(|found| found.index() == index),
            )?;
        }
        Ok(())
    }

    fn splits(&self) -> Result<(), ProgramError> {
        for index in 0..self.program.count(Section::Splits) {
            let [_, _, slot, first, arms, _, recipe, salt] = self
                .program
                .record::<{ SPLIT_WORDS * 4 }, SPLIT_WORDS>(Section::Splits, index);
            self.reference(Section::Attributes, slot)?;
            self.range(Section::Arms, first, arms)?;
            if recipe != NONE {
                self.reference(Section::Strings, salt)?;
                recipe_is_known(recipe)?;
            }
        }
        for index in 0..self.program.count(Section::Ramps) {
            let [_, _, slot, release, _, _, audience] = self
                .program
                .record::<{ RAMP_WORDS * 4 }, RAMP_WORDS>(Section::Ramps, index);
            self.optional(Section::Attributes, slot)?;
            self.reference(Section::Releases, release)?;
            require(audience == NONE || audience < self.stages(release))?;
        }
        Ok(())
    }

    /// How many stages a release has.
    fn stages(&self, release: u32) -> u32 {
        let [_, _, stages] = self.program.record::<12, 3>(Section::Releases, release);
        stages
    }

    /// Flags and segments own consecutive runs of nodes, each after the runs it leads to.
    fn graphs(&self) -> Result<(), ProgramError> {
        let (flags, segments) = (
            self.program.count(Section::Flags),
            self.program.count(Section::Segments),
        );
        let mut costs = Costs {
            flags: Vec::with_capacity(flags as usize),
            segments: Vec::with_capacity(segments as usize),
        };
        let mut next = 0;
        let (mut flag, mut segment) = (0, 0);
        while flag < flags || segment < segments {
            let record = FlagRecord::read(self.program, flag);
            let [first, end, name] = self.program.record::<12, 3>(Section::Segments, segment);
            if segment < segments && first == next {
                self.reference(Section::Strings, name)?;
                costs.segments.push(self.graph(first..end, None, &costs)?);
                (next, segment) = (end, segment.saturating_add(1));
            } else {
                require(flag < flags && record.first_node == next)?;
                costs.flags.push(self.graph(
                    record.first_node..record.end_node,
                    Some(Owner {
                        variants: record.variants,
                        rules: self.program.list(record.rules).len(),
                    }),
                    &costs,
                )?);
                (next, flag) = (record.end_node, flag.saturating_add(1));
            }
        }
        require(next == self.program.count(Section::Nodes))
    }

    /// Checks the graph of a flag, or of a segment where it has no `owner`, and returns what walking it costs.
    fn graph(
        &self,
        nodes: Range<u32>,
        owner: Option<Owner>,
        costs: &Costs,
    ) -> Result<Cost, ProgramError> {
        require(nodes.start < nodes.end)?;
        self.range(
            Section::Nodes,
            nodes.start,
            nodes.end.saturating_sub(nodes.start),
        )?;
        let mut total = Cost { depth: 0, steps: 0 };
        for index in nodes.clone() {
            let node = Node::read(self.program, index);
            let within = |target: u32| require(target > index && target < nodes.end);
            if node.is_test() {
                within(node.yes)?;
            }
            if node.has_no(self.program) {
                within(node.no)?;
            }
            let reached = self.node(node, owner, costs)?;
            total.depth = total.depth.max(reached.depth);
            total.steps = total.steps.saturating_add(reached.steps).saturating_add(1);
        }
        let cost = Cost {
            depth: total.depth.saturating_add(1),
            ..total
        };
        // A chain of flags may lead into a chain of segments, each within its own limit.
        if cost.depth > limits::DEPTH.saturating_mul(2) || cost.steps > limits::STEPS {
            return Err(ProgramError::TooComplex);
        }
        Ok(cost)
    }

    fn node(&self, node: Node, owner: Option<Owner>, costs: &Costs) -> Result<Cost, ProgramError> {
        let free = Cost { depth: 0, steps: 0 };
        let linear = |items: u32| Cost {
            depth: 0,
            steps: items,
        };
        if node.reads_attribute() {
            self.reference(Section::Attributes, u32::from(node.slot))?;
        }
        match (node.operation, owner) {
            (operation::EXISTS | operation::IS_BOOL, _) | (operation::HOLDS, None) => Ok(free),
            (operation::IS_TEXT, _) => self.reference(Section::Strings, node.first).map(|()| free),
            (
                operation::IS_NUMBER
                | operation::LESS..=operation::GREATER_OR_EQUAL
                | operation::BEFORE
                | operation::AFTER,
                _,
            ) => self.reference(Section::Numbers, node.first).map(|()| free),
            (operation::IN, _) => self.one_of(node).map(linear),
            (operation::CIDR, _) => self
                .range(Section::Networks, node.first, node.second)
                .map(|()| free),
            (operation::MATCHES, _) => {
                self.reference(Section::Strings, node.second)?;
                let table = self.list(node.first)?;
                require(automaton::is_sound(table.len() as usize, |at| table.at(at)))?;
                Ok(linear(AUTOMATON_STEPS))
            }
            (operation::TIME, _) => {
                self.optional(Section::Numbers, node.first)?;
                self.optional(Section::Numbers, node.second).map(|()| free)
            }
            (operation::REACHED, _) => self.reference(Section::Releases, node.first).map(|()| free),
            (operation::STARTS_WITH | operation::ENDS_WITH | operation::CONTAINS, _) => {
                let strings = self.list(node.first)?;
                strings
                    .iter()
                    .try_for_each(|string| self.reference(Section::Strings, string))?;
                Ok(linear(strings.len()))
            }
            (operation::SEMVER, _) => self
                .range(Section::Versions, node.first, node.second)
                .map(|()| linear(node.second)),
            (operation::SEGMENT, _) => cost_of(&costs.segments, node.first),
            (operation::FLAG, _) => {
                let cost = cost_of(&costs.flags, node.first)?;
                Ok(Cost {
                    steps: cost.steps.saturating_add(self.list(node.second)?.len()),
                    ..cost
                })
            }
            (operation::SERVE, Some(owner)) => {
                owner.rule(node.rule)?;
                if node.second != NONE {
                    let chosen = self.list(node.second)?;
                    require(chosen.len() == 2)?;
                    self.reference(Section::Strings, chosen.at(0))?;
                }
                owner.variant(node.first).map(|()| free)
            }
            (operation::SPLIT, Some(owner)) => {
                owner.rule(node.rule)?;
                self.reference(Section::Splits, node.first)?;
                let [_, _, _, first, arms, rest, _, _] = self
                    .program
                    .record::<{ SPLIT_WORDS * 4 }, SPLIT_WORDS>(Section::Splits, node.first);
                owner.variant(rest)?;
                self.spend(arms)?;
                for arm in first..first.saturating_add(arms) {
                    let [variant] = self.program.record::<4, 1>(Section::Arms, arm);
                    owner.variant(variant)?;
                }
                Ok(linear(arms))
            }
            (operation::RAMP, Some(owner)) => {
                owner.rule(node.rule)?;
                self.reference(Section::Ramps, node.first)?;
                let [_, _, _, release, from, to, _] = self
                    .program
                    .record::<{ RAMP_WORDS * 4 }, RAMP_WORDS>(Section::Ramps, node.first);
                owner.variant(from)?;
                owner.variant(to).map(|()| linear(self.stages(release)))
            }
            _ => Err(ProgramError::Reference),
        }
    }

    /// An `in` test, and how many of its items one look at it may compare.
    fn one_of(&self, node: Node) -> Result<u32, ProgramError> {
        let (list, strings) = (self.list(node.first)?, node.second);
        require(strings <= list.len())?;
        let is_table = strings > MAX_LINEAR;
        require(!is_table || strings.is_power_of_two())?;
        let (mut run, mut longest) = (0_u32, 0);
        for at in 0..list.len() {
            let item = list.at(at as usize);
            if at >= strings {
                self.reference(Section::Numbers, item)?;
            } else if is_table && item == NONE {
                run = 0;
            } else {
                self.reference(Section::Strings, item)?;
                run = run.saturating_add(1);
                longest = run.max(longest);
            }
        }
        // A run may go on at the beginning of its table.
        Ok(longest.saturating_mul(2).min(strings))
    }

    fn reference(&self, section: Section, reference: u32) -> Result<(), ProgramError> {
        require(reference < self.program.count(section))
    }

    fn optional(&self, section: Section, reference: u32) -> Result<(), ProgramError> {
        if reference == NONE {
            Ok(())
        } else {
            self.reference(section, reference)
        }
    }

    fn range(&self, section: Section, first: u32, count: u32) -> Result<(), ProgramError> {
        require(
            first
                .checked_add(count)
                .is_some_and(|end| end <= self.program.count(section)),
        )
    }

    /// The list at `at`, which lies within the pool.
    fn list(&self, at: u32) -> Result<List<'_>, ProgramError> {
        self.reference(Section::Pool, at)?;
        let list = self.program.list(at);
        self.range(Section::Pool, at.saturating_add(1), list.len())?;
        self.spend(list.len())?;
        Ok(list)
    }

    fn spend(&self, items: u32) -> Result<(), ProgramError> {
        let left = self
            .items_left
            .get()
            .checked_sub(items as usize)
            .ok_or(ProgramError::TooComplex)?;
        self.items_left.set(left);
        Ok(())
    }
}

/// What the graphs cost that were checked already.
struct Costs {
    flags: Vec<Cost>,
    segments: Vec<Cost>,
}

fn cost_of(costs: &[Cost], index: u32) -> Result<Cost, ProgramError> {
    costs
        .get(index as usize)
        .copied()
        .ok_or(ProgramError::Reference)
}

#[cfg(feature = "recipes")]
fn recipe_is_known(code: u32) -> Result<(), ProgramError> {
    crate::recipe::Recipe::from_code(code)
        .map(|_| ())
        .ok_or(ProgramError::Recipe)
}

#[cfg(not(feature = "recipes"))]
fn recipe_is_known(_: u32) -> Result<(), ProgramError> {
    Err(ProgramError::Recipe)
}

fn require(holds: bool) -> Result<(), ProgramError> {
    if holds {
        Ok(())
    } else {
        Err(ProgramError::Reference)
    }
}

#[cfg(test)]
mod tests;
