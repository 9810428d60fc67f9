//! The format of program bytes, number 2: a header, a table of sections, the sections.
//!
//! Everything is little endian and begins at a multiple of four bytes. A section is an offset from the start
//! of the buffer and a count of records; a reference is the number of a record. `NONE` stands for no record.

/// The first four bytes.
pub(crate) const MAGIC: [u8; 4] = *b"VEXL";
/// The format this version writes.
pub(crate) const FORMAT: u32 = 2;
/// No record.
pub(crate) const NONE: u32 = u32::MAX;

/// Offset of the checksum: xxHash64 with seed 0 of all that follows it.
pub(crate) const CHECKSUM: usize = 8;
/// Offset of the program number, the first byte the checksum covers.
pub(crate) const NUMBER: usize = 16;
/// Offset of the time of publishing, in ms since 1970.
pub(crate) const PUBLISHED: usize = 24;
/// Offset of the environment's name, a string.
pub(crate) const ENVIRONMENT: usize = 32;
/// Offset of the table of sections.
pub(crate) const SECTIONS: usize = 40;

/// The sections, in the order of their table; the comment gives the words (of four bytes) of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Section {
    /// UTF-8, all strings after each other. A record is one byte; all others are words.
    Text,
    /// 2: offset into the text, length.
    Strings,
    /// 2: hash tag, string. An open-addressed table of the strings that contexts are compared with, a power of two long.
    Interned,
    /// 2: an f64.
    Numbers,
    /// 1: lists, each its length and then its items.
    Pool,
    /// 2: name, 1 if private.
    Attributes,
    /// [`FLAG_WORDS`].
    Flags,
    /// 2: hash tag, flag. An open-addressed table, a power of two long.
    Keys,
    /// 2: name, value as JSON text.
    Variants,
    /// [`NODE_WORDS`].
    Nodes,
    /// 3: first node, the node after the last, name.
    Segments,
    /// [`SPLIT_WORDS`].
    Splits,
    /// 5 for each arm of a split: variant, the end of what it serves (u64), the boundary (u64).
    Arms,
    /// [`RAMP_WORDS`].
    Ramps,
    /// 3: name, first stage, stages.
    Releases,
    /// 4: name, 1 if it has an audience and 2 if it has a percentage, the exposure of that percentage (u64).
    Stages,
    /// [`VERSION_WORDS`].
    Versions,
    /// 5: an address (four words, the lowest first), the length of its prefix.
    Networks,
}

/// How many sections there are.
pub(crate) const SECTION_COUNT: usize = 18;

/// Bytes of a record, by section.
pub(crate) const RECORD_BYTES: [usize; SECTION_COUNT] = [
    1,
    8,
    8,
    8,
    4,
    8,
    FLAG_WORDS * 4,
    8,
    8,
    NODE_WORDS * 4,
    12,
    SPLIT_WORDS * 4,
    20,
    RAMP_WORDS * 4,
    12,
    16,
    VERSION_WORDS * 4,
    20,
];

/// Where the sections begin.
pub(crate) const HEADER_BYTES: usize = SECTIONS + SECTION_COUNT * 8;

/// key, bits, off variant, first variant, variants, list of rule names, first node, the node after the last, failsafe,
/// list of the attributes that were folded in, the instant until which that holds.
pub(crate) const FLAG_WORDS: usize = 11;
/// operation and options and attribute, two operands, target if it holds, target if not, rule.
pub(crate) const NODE_WORDS: usize = 6;
/// seed or, for the recipe that asks for it, the sum of the weights (2 words), slot of the unit, first arm, arms, variant
/// of the rest, recipe, salt of the recipe.
pub(crate) const SPLIT_WORDS: usize = 8;
/// seed (2 words) or position and 0, slot of the unit or none, release, variant served below the exposure, variant
/// served above, the stage whose audience it is for or none.
pub(crate) const RAMP_WORDS: usize = 7;
/// operator and whether it ends an alternative, major, minor, patch (2 words each), pre-release.
pub(crate) const VERSION_WORDS: usize = 8;
