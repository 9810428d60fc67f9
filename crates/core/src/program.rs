//! A program: the buffer, and how its tables are read in place.

use alloc::string::String;
use alloc::vec::Vec;

use xxhash_rust::xxh64::xxh64;

use crate::bytes::{Word, u32_at, u64_at, words_at};
use crate::check;
use crate::error::ProgramError;
use crate::flag::Flag;
use crate::header::{self, Extent};
use crate::layout::{
    CHECKSUM, ENVIRONMENT, NONE, NUMBER, PUBLISHED, RECORD_BYTES, SECTION_COUNT, Section,
};
use crate::release::Release;

/// A compiled ruleset: immutable, checked once, read in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    bytes: Vec<u8>,
    sections: [Extent; SECTION_COUNT],
    /// All strings once more, as text: whoever reads one pays for its bounds, not for its characters.
    text: String,
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
    /// Takes one pass, allocates two words a flag and segment and the strings once more, and is safe for any bytes.
    ///
    /// # Errors
    /// Says what is wrong: see [`ProgramError`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Program, ProgramError> {
        let mut program = Program::unchecked(bytes)?;
        check::check(&program)?;
        program.text = check::text(&program).ok_or(ProgramError::Reference)?;
        Ok(program)
    }

    /// Bytes that are as they were when they were written, whatever that was. Has no strings.
    pub(crate) fn unchecked(bytes: Vec<u8>) -> Result<Program, ProgramError> {
        let sections = header::read(&bytes)?;
        Ok(Program {
            bytes,
            sections,
            text: String::new(),
        })
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
            let [_, _, found] = self.record::<3>(Section::Segments, *segment);
            self.string(found) == name
        })
    }

    pub(crate) fn attribute(&self, slot: u32) -> Attribute<'_> {
        let [name, bits] = self.record::<2>(Section::Attributes, slot);
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

    /// The words of a record.
    #[inline]
    pub(crate) fn record<const N: usize>(&self, section: Section, index: u32) -> [u32; N] {
        self.words(section, index).map(u32::from_le_bytes)
    }

    /// The words of a record, as they lie in the buffer.
    #[inline]
    pub(crate) fn words<const N: usize>(&self, section: Section, index: u32) -> &[Word; N] {
        words_at(&self.bytes, self.offset(section, index))
    }

    /// The words of a record that has two.
    #[inline]
    fn pair(&self, section: Section, index: u32) -> [u32; 2] {
        let [first, second] = self.words(section, index);
        [u32::from_le_bytes(*first), u32::from_le_bytes(*second)]
    }

    /// The bytes of a string.
    pub(crate) fn text(&self, string: u32) -> &[u8] {
        let [start, length] = self.pair(Section::Strings, string);
        let start = self.offset(Section::Text, start);
        self.bytes
            .get(start..start.wrapping_add(length as usize))
            .unwrap_or_default()
    }

    /// A string; the empty one where it is no text.
    #[inline]
    pub(crate) fn string(&self, string: u32) -> &str {
        let [start, length] = self.pair(Section::Strings, string);
        let start = start as usize;
        self.text
            .get(start..start.wrapping_add(length as usize))
            .unwrap_or_default()
    }

    #[inline]
    pub(crate) fn number_at(&self, index: u32) -> f64 {
        f64::from_bits(u64_at(&self.bytes, self.offset(Section::Numbers, index)))
    }

    /// The list at `at`; none that would reach outside the buffer.
    #[inline]
    pub(crate) fn list(&self, at: u32) -> List<'_> {
        let (words, _) = self
            .bytes
            .get(self.offset(Section::Pool, at)..)
            .unwrap_or_default()
            .as_chunks();
        let items = words.split_first().and_then(|(length, items)| {
            let length = u32::from_le_bytes(*length) as usize;
            items.get(..length)
        });
        List {
            items: items.unwrap_or_default(),
        }
    }

    /// The number of the string equal to `text` among those that contexts are compared with.
    pub(crate) fn interned(&self, text: &[u8]) -> Option<u32> {
        self.probe(Section::Interned, text)
    }

    /// Looks `text` up in an open-addressed table of (tag, reference): of strings, or of flags by their keys.
    #[inline]
    pub(crate) fn probe(&self, section: Section, text: &[u8]) -> Option<u32> {
        let count = self.count(section);
        let mask = count.checked_sub(1)?;
        let (tag, mut at) = split_hash(text);
        for _ in 0..count {
            let [found, reference] = self.pair(section, at & mask);
            if reference == NONE {
                break;
            }
            if found == tag {
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

/// The items of a list in the pool.
#[derive(Clone, Copy)]
pub(crate) struct List<'p> {
    items: &'p [Word],
}

impl<'p> List<'p> {
    /// The item `index`; 0 outside.
    #[inline]
    pub(crate) fn at(self, index: usize) -> u32 {
        self.get(index as u32).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn len(self) -> u32 {
        self.items.len() as u32
    }

    #[inline]
    pub(crate) fn get(self, index: u32) -> Option<u32> {
        let item = self.items.get(index as usize)?;
        Some(u32::from_le_bytes(*item))
    }

    #[inline]
    pub(crate) fn iter(self) -> impl Iterator<Item = u32> + use<'p> {
        self.items.iter().map(|item| u32::from_le_bytes(*item))
    }

    #[inline]
    pub(crate) fn has(self, item: u32) -> bool {
        self.iter().any(|other| other == item)
    }

    /// Its first `count` items.
    #[inline]
    pub(crate) fn first(self, count: u32) -> List<'p> {
        List {
            items: self.items.get(..count as usize).unwrap_or_default(),
        }
    }
}
