//! A program: the buffer, and how its tables are read in place.

use alloc::vec::Vec;

use xxhash_rust::xxh64::xxh64;

use crate::bytes::{u32_at, u64_at, words_at};
use crate::check;
use crate::error::ProgramError;
use crate::flag::Flag;
use crate::layout::{
    CHECKSUM, ENVIRONMENT, HEADER_BYTES, NONE, NUMBER, PUBLISHED, RECORD_BYTES, SECTION_COUNT,
    SECTIONS, Section,
};
use crate::release::Release;

/// A compiled ruleset: immutable, checked once, read in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    bytes: Vec<u8>,
    sections: [Extent; SECTION_COUNT],
}

/// An attribute that a program reads; its place among its fellows is its slot in a [`crate::Context`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'p> {
    /// A top-level name, or an RFC 6901 JSON Pointer when it begins with `/`.
    pub name: &'p str,
    /// Whether the ruleset lists it as private.
    pub is_private: bool,
}

impl Program {
    /// Reads a program, checking everything once: bounds, references, order, the cost of evaluating it.
    ///
    /// Takes one pass, allocates two words a flag and segment, and is safe for any bytes.
    ///
    /// # Errors
    /// Says what is wrong: see [`ProgramError`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Program, ProgramError> {
        let program = Program::for_answers(bytes)?;
        if check::has_text(&program) {
            Ok(program)
        } else {
            Err(ProgramError::Reference)
        }
    }

    /// As [`Program::from_bytes`], for those who want nothing but answers: what is no UTF-8 reads as the empty string.
    ///
    /// # Errors
    /// Says what is wrong: see [`ProgramError`].
    pub fn for_answers(bytes: Vec<u8>) -> Result<Program, ProgramError> {
        let sections = check::sections(&bytes)?;
        let program = Program { bytes, sections };
        check::check(&program)?;
        Ok(program)
    }

    /// The bytes [`Program::from_bytes`] read.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A hash of all the program says: equal programs have equal checksums.
    #[must_use]
    pub fn checksum(&self) -> u64 {
        u64_at(&self.bytes, CHECKSUM)
    }

    /// The number under which it was published.
    #[must_use]
    pub fn number(&self) -> u64 {
        u64_at(&self.bytes, NUMBER)
    }

    /// When it was published, in ms since 1970.
    #[must_use]
    pub fn published(&self) -> i64 {
        u64_at(&self.bytes, PUBLISHED).cast_signed()
    }

    /// The environment it was published in.
    #[must_use]
    pub fn environment(&self) -> &str {
        self.string(u32_at(&self.bytes, ENVIRONMENT))
    }

    /// The attributes it reads, in the order of their slots.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        (0..self.count(Section::Attributes)).map(|slot| self.attribute(slot))
    }

    /// Its flags; a flag comes after those it depends on.
    pub fn flags(&self) -> impl Iterator<Item = Flag<'_>> {
        (0..self.count(Section::Flags)).map(|index| Flag::new(self, index))
    }

    /// The flag with that key. One hash look-up.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<Flag<'_>> {
        self.probe(Section::Keys, key.as_bytes())
            .map(|index| Flag::new(self, index))
    }

    /// The flag of that number.
    #[must_use]
    pub fn flag_at(&self, index: u32) -> Option<Flag<'_>> {
        (index < self.count(Section::Flags)).then(|| Flag::new(self, index))
    }

    /// The string of that number; empty where there is none.
    #[must_use]
    pub fn text_at(&self, number: u32) -> &str {
        if number < self.count(Section::Strings) {
            self.string(number)
        } else {
            ""
        }
    }

    /// The releases that serve flags, by number.
    pub fn releases(&self) -> impl Iterator<Item = Release<'_>> {
        (0..self.count(Section::Releases)).map(|number| Release::new(self, number))
    }

    /// The number of the segment of that name; a specialised program does not name its segments.
    pub(crate) fn segment(&self, name: &str) -> Option<u32> {
        (0..self.count(Section::Segments)).find(|segment| {
            let [_, _, found] = self.record::<12, 3>(Section::Segments, *segment);
            self.string(found) == name
        })
    }

    pub(crate) fn attribute(&self, slot: u32) -> Attribute<'_> {
        let [name, bits] = self.record::<8, 2>(Section::Attributes, slot);
        Attribute {
            name: self.string(name),
            is_private: bits != 0,
        }
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many records `section` has.
    #[inline]
    pub(crate) fn count(&self, section: Section) -> u32 {
        self.extent(section).count
    }

    /// Where the record `index` of `section` begins.
    #[inline]
    pub(crate) fn offset(&self, section: Section, index: u32) -> usize {
        let bytes = RECORD_BYTES
            .get(section as usize)
            .copied()
            .unwrap_or_default();
        (self.extent(section).offset as usize).wrapping_add((index as usize).wrapping_mul(bytes))
    }

    /// One word of a record.
    pub(crate) fn word(&self, section: Section, index: u32, place: usize) -> u32 {
        let at = self.offset(section, index);
        u32_at(&self.bytes, at.wrapping_add(place.wrapping_mul(4)))
    }

    /// Two words of a record that are one number, the lower first.
    pub(crate) fn wide(&self, section: Section, index: u32, place: usize) -> u64 {
        let at = self.offset(section, index);
        u64_at(&self.bytes, at.wrapping_add(place.wrapping_mul(4)))
    }

    /// The words of a record. `B` is `4 * N`.
    #[inline]
    pub(crate) fn record<const B: usize, const N: usize>(
        &self,
        section: Section,
        index: u32,
    ) -> [u32; N] {
        words_at::<B, N>(&self.bytes, self.offset(section, index))
    }

    /// The bytes of a string.
    pub(crate) fn text(&self, string: u32) -> &[u8] {
        let start = self.offset(Section::Text, self.word(Section::Strings, string, 0));
        let length = self.word(Section::Strings, string, 1) as usize;
        self.bytes
            .get(start..start.wrapping_add(length))
            .unwrap_or_default()
    }

    pub(crate) fn string(&self, string: u32) -> &str {
        core::str::from_utf8(self.text(string)).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn number_at(&self, index: u32) -> f64 {
        f64::from_bits(u64_at(&self.bytes, self.offset(Section::Numbers, index)))
    }

    pub(crate) fn list(&self, at: u32) -> List<'_> {
        List { program: self, at }
    }

    /// The number of the string equal to `text` among those that contexts are compared with.
    pub(crate) fn interned(&self, text: &[u8]) -> Option<u32> {
        self.probe(Section::Interned, text)
    }

    /// Looks `text` up in an open-addressed table of (tag, reference): of strings, or of flags by their keys.
    pub(crate) fn probe(&self, section: Section, text: &[u8]) -> Option<u32> {
        let count = self.count(section);
        let mask = count.checked_sub(1)?;
        let (tag, mut at) = split_hash(text);
        for _ in 0..count {
            let reference = self.word(section, at & mask, 1);
            if reference == NONE {
                break;
            }
            if self.word(section, at & mask, 0) == tag {
                let string = match section {
                    Section::Keys => self.word(Section::Flags, reference, 0),
                    _ => reference,
                };
                if self.text(string) == text {
                    return Some(reference);
                }
            }
            at = at.wrapping_add(1);
        }
        None
    }

    #[inline]
    fn extent(&self, section: Section) -> Extent {
        self.sections
            .get(section as usize)
            .copied()
            .unwrap_or_default()
    }
}

/// The tag kept in a table for `text`, and where its search begins.
#[inline]
pub(crate) fn split_hash(text: &[u8]) -> (u32, u32) {
    let hash = xxh64(text, 0);
    ((hash >> 32) as u32, hash as u32)
}

/// Where a section lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) offset: u32,
    pub(crate) count: u32,
}

impl Extent {
    pub(crate) fn read(bytes: &[u8], section: usize) -> Extent {
        let at = SECTIONS.wrapping_add(section.wrapping_mul(8));
        Extent {
            offset: u32_at(bytes, at),
            count: u32_at(bytes, at.wrapping_add(4)),
        }
    }

    pub(crate) fn is_within(self, bytes: &[u8], section: usize) -> bool {
        let size = RECORD_BYTES.get(section).copied().unwrap_or_default();
        let end = (self.count as usize)
            .checked_mul(size)
            .and_then(|length| length.checked_add(self.offset as usize));
        self.offset as usize >= HEADER_BYTES
            && self.offset.is_multiple_of(4)
            && end.is_some_and(|end| end <= bytes.len())
    }
}

/// A list in the pool: its length, then its items.
#[derive(Clone, Copy)]
pub(crate) struct List<'p> {
    program: &'p Program,
    at: u32,
}

impl<'p> List<'p> {
    /// The item `index`; 0 far outside.
    pub(crate) fn at(self, index: usize) -> u32 {
        let at = self.at.wrapping_add(index as u32).wrapping_add(1);
        self.program.word(Section::Pool, at, 0)
    }

    pub(crate) fn len(self) -> u32 {
        self.program.word(Section::Pool, self.at, 0)
    }

    pub(crate) fn get(self, index: u32) -> Option<u32> {
        (index < self.len()).then(|| self.at(index as usize))
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u32> + use<'p> {
        (0..self.len()).map(move |index| self.at(index as usize))
    }
}
