//! A program: the buffer, and how its tables are read in place.

use alloc::vec::Vec;

use xxhash_rust::xxh64::xxh64;

use crate::bytes::{u32_at, u64_at, words_at};
use crate::check::check;
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
        let sections = crate::check::sections(&bytes)?;
        let program = Program { bytes, sections };
        check(&program)?;
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
        let index = self.probe(Section::Keys, key, |index| {
            self.string(Flag::new(self, index).record().key) == key
        })?;
        Some(Flag::new(self, index))
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
        (self.extent(section).offset as usize)
            .saturating_add((index as usize).saturating_mul(bytes))
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
    #[inline]
    pub(crate) fn text(&self, string: u32) -> &[u8] {
        let [start, length] = self.record::<8, 2>(Section::Strings, string);
        let start = (self.extent(Section::Text).offset as usize).saturating_add(start as usize);
        self.bytes
            .get(start..start.saturating_add(length as usize))
            .unwrap_or_default()
    }

    pub(crate) fn string(&self, string: u32) -> &str {
        core::str::from_utf8(self.text(string)).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn number_at(&self, index: u32) -> f64 {
        f64::from_bits(u64_at(&self.bytes, self.offset(Section::Numbers, index)))
    }

    #[inline]
    pub(crate) fn list(&self, at: u32) -> List<'_> {
        List {
            bytes: self
                .bytes
                .get(self.offset(Section::Pool, at)..)
                .unwrap_or_default(),
        }
    }

    /// The number of the string equal to `text` among those that contexts are compared with.
    #[inline]
    pub(crate) fn interned(&self, text: &str) -> Option<u32> {
        self.probe(Section::Interned, text, |string| {
            self.text(string) == text.as_bytes()
        })
    }

    /// Looks `text` up in an open-addressed table of (tag, reference).
    #[inline]
    fn probe(&self, section: Section, text: &str, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let count = self.count(section);
        let mask = count.checked_sub(1)?;
        let (tag, mut at) = split_hash(text);
        for _ in 0..count {
            let [found, reference] = self.record::<8, 2>(section, at & mask);
            if reference == NONE {
                return None;
            }
            if found == tag && is_it(reference) {
                return Some(reference);
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
pub(crate) fn split_hash(text: &str) -> (u32, u32) {
    let hash = xxh64(text.as_bytes(), 0);
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
        let [offset, count] =
            words_at::<8, 2>(bytes, SECTIONS.saturating_add(section.saturating_mul(8)));
        Extent { offset, count }
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
    bytes: &'p [u8],
}

impl<'p> List<'p> {
    /// The item `index`; 0 far outside.
    #[inline]
    pub(crate) fn at(self, index: usize) -> u32 {
        u32_at(self.bytes, index.saturating_add(1).saturating_mul(4))
    }

    #[inline]
    pub(crate) fn len(self) -> u32 {
        u32_at(self.bytes, 0)
    }

    #[inline]
    pub(crate) fn get(self, index: u32) -> Option<u32> {
        (index < self.len()).then(|| {
            u32_at(
                self.bytes,
                (index as usize).saturating_add(1).saturating_mul(4),
            )
        })
    }

    #[inline]
    pub(crate) fn iter(self) -> impl Iterator<Item = u32> + use<'p> {
        self.bytes
            .get(4..)
            .unwrap_or_default()
            .chunks_exact(4)
            .take(self.len() as usize)
            .map(|four| u32_at(four, 0))
    }
}
