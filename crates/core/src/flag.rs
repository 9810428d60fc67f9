//! A flag of a program, as hosts see it.

use crate::bytes::Word;
use crate::evaluate::ChosenBy;
use crate::layout::{FLAG_WORDS, NONE, Section};
use crate::node::{Node, operation};
use crate::program::{Attribute, Program};
use crate::release::Release;

/// One flag of a program. Copying it costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Flag<'p> {
    program: &'p Program,
    index: u32,
    record: FlagRecord<'p>,
}

/// One of the values that a flag can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant<'p> {
    /// Its name within the flag.
    pub name: &'p str,
    /// Its value, as compact JSON text.
    pub value: &'p str,
}

/// What kind of value a flag has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlagType {
    /// `true` or `false`.
    Boolean,
    /// A string.
    String,
    /// A number.
    Number,
    /// A JSON object or array.
    Object,
}

/// Who may see a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expose {
    /// Servers alone.
    Server,
    /// Browsers get its answer for their context.
    Values,
    /// Browsers may get its rules.
    Program,
}

impl FlagType {
    /// `boolean`, `string`, `number`, `object`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FlagType::Boolean => "boolean",
            FlagType::String => "string",
            FlagType::Number => "number",
            FlagType::Object => "object",
        }
    }
}

impl<'p> Flag<'p> {
    /// Its number within the program.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> &'p str {
        self.program.string(self.record.key())
    }

    /// What kind of value it has.
    #[must_use]
    pub fn kind(&self) -> FlagType {
        match self.record.bits() & KIND_MASK {
            0 => FlagType::Boolean,
            1 => FlagType::String,
            2 => FlagType::Number,
            _ => FlagType::Object,
        }
    }

    /// Who may see it.
    #[must_use]
    pub fn expose(&self) -> Expose {
        match self.record.bits() >> EXPOSE_SHIFT & EXPOSE_MASK {
            0 => Expose::Server,
            1 => Expose::Values,
            _ => Expose::Program,
        }
    }

    /// Whether its rules are used at all; otherwise it serves its off variant.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.record.bits() & ENABLED != 0
    }

    /// Whether exposures of it are recorded.
    #[must_use]
    pub fn track(&self) -> bool {
        self.record.bits() & TRACK != 0
    }

    /// Whether it is here as its answer for the context the program was specialised to, without its rules.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.record.bits() & DECIDED != 0
    }

    /// The attributes that were folded into it: a change of one makes it worth asking again.
    pub fn asks(&self) -> impl Iterator<Item = Attribute<'p>> + use<'p> {
        let program = self.program;
        self.ask_slots().map(move |slot| program.attribute(slot))
    }

    /// Whether something that may not be named was folded in, so that any change makes it worth asking again.
    #[must_use]
    pub fn asks_anything(&self) -> bool {
        self.record.bits() & ASKS_ANYTHING != 0
    }

    /// The number of the variant served while it is disabled, killed, or lacks a prerequisite.
    #[must_use]
    pub fn off_variant(&self) -> u32 {
        self.record.off_variant()
    }

    /// The number of the variant served once the head has not been confirmed for longer than the maximum age.
    #[must_use]
    pub fn failsafe(&self) -> Option<u32> {
        some(self.record.failsafe())
    }

    /// Its variants, by number.
    pub fn variants(&self) -> impl Iterator<Item = Variant<'p>> + use<'p> {
        let flag = *self;
        (0..self.record.variants()).filter_map(move |index| flag.variant(index))
    }

    /// The variant of that number.
    #[must_use]
    pub fn variant(&self, index: u32) -> Option<Variant<'p>> {
        if index >= self.record.variants() {
            return None;
        }
        let [name, value] = self.program.record::<2>(
            Section::Variants,
            self.record.first_variant().wrapping_add(index),
        );
        Some(Variant {
            name: self.program.string(name),
            value: self.program.string(value),
        })
    }

    /// The name of the stage that chose an answer of this flag.
    #[must_use]
    pub fn stage(&self, chosen_by: ChosenBy) -> &'p str {
        self.program.text_at(chosen_by.stage_text())
    }

    /// The releases that serve it; one comes as often as it is led to.
    pub fn releases(&self) -> impl Iterator<Item = Release<'p>> + use<'p> {
        let program = self.program;
        let nodes = self.record.first_node()..self.record.end_node();
        nodes.filter_map(move |index| {
            let node = Node::read(program, index);
            let release = match node.operation() {
                operation::REACHED => node.first(),
                operation::RAMP => program.word(Section::Ramps, node.first(), RAMP_RELEASE),
                _ => return None,
            };
            Some(Release::new(program, release))
        })
    }

    /// How many rules it has.
    #[must_use]
    pub fn rule_count(&self) -> u32 {
        self.program.list(self.record.rules()).len()
    }

    /// The name of the rule of that number; `None` where it has none.
    #[must_use]
    pub fn rule_name(&self, rule: u32) -> Option<&'p str> {
        self.program
            .list(self.record.rules())
            .get(rule)
            .and_then(some)
            .map(|name| self.program.string(name))
    }

    /// Of a flag that is here as its answer: the instant at which that may change by itself, in ms since 1970.
    #[must_use]
    pub fn until(&self) -> Option<i64> {
        some(self.record.until()).map(|number| self.program.number_at(number) as i64)
    }

    pub(crate) fn ask_slots(&self) -> impl Iterator<Item = u32> + use<'p> {
        let program = self.program;
        some(self.record.asks())
            .into_iter()
            .flat_map(move |asks| program.list(asks).iter())
    }

    pub(crate) fn new(program: &'p Program, index: u32) -> Self {
        Flag {
            program,
            index,
            record: FlagRecord::read(program, index),
        }
    }

    pub(crate) fn record(&self) -> FlagRecord<'p> {
        self.record
    }
}

pub(crate) const KIND_MASK: u32 = 3;
pub(crate) const EXPOSE_SHIFT: u32 = 2;
pub(crate) const EXPOSE_MASK: u32 = 3;
pub(crate) const ENABLED: u32 = 1 << 4;
pub(crate) const TRACK: u32 = 1 << 5;
pub(crate) const DECIDED: u32 = 1 << 6;
pub(crate) const ASKS_ANYTHING: u32 = 1 << 7;

/// The place of the release in a record of [`Section::Ramps`].
const RAMP_RELEASE: usize = 3;

/// A record of [`Section::Flags`], read where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlagRecord<'p>(&'p [Word; FLAG_WORDS]);

impl<'p> FlagRecord<'p> {
    #[inline]
    pub(crate) fn read(program: &'p Program, index: u32) -> Self {
        FlagRecord(program.words(Section::Flags, index))
    }

    #[inline]
    pub(crate) fn key(self) -> u32 {
        self.word::<0>()
    }

    #[inline]
    pub(crate) fn bits(self) -> u32 {
        self.word::<1>()
    }

    #[inline]
    pub(crate) fn off_variant(self) -> u32 {
        self.word::<2>()
    }

    #[inline]
    pub(crate) fn first_variant(self) -> u32 {
        self.word::<3>()
    }

    #[inline]
    pub(crate) fn variants(self) -> u32 {
        self.word::<4>()
    }

    #[inline]
    pub(crate) fn rules(self) -> u32 {
        self.word::<5>()
    }

    #[inline]
    pub(crate) fn first_node(self) -> u32 {
        self.word::<6>()
    }

    #[inline]
    pub(crate) fn end_node(self) -> u32 {
        self.word::<7>()
    }

    #[inline]
    pub(crate) fn failsafe(self) -> u32 {
        self.word::<8>()
    }

    #[inline]
    pub(crate) fn asks(self) -> u32 {
        self.word::<9>()
    }

    #[inline]
    pub(crate) fn until(self) -> u32 {
        self.word::<10>()
    }

    #[inline]
    fn word<const PLACE: usize>(self) -> u32 {
        self.0
            .get(PLACE)
            .map_or(0, |word| u32::from_le_bytes(*word))
    }
}

/// A reference that may be none.
pub(crate) fn some(reference: u32) -> Option<u32> {
    (reference != NONE).then_some(reference)
}
