//! Where the sections of a program lie, read from bytes that are as they were when they were written.

use xxhash_rust::xxh64::xxh64;

use crate::bytes::{u32_at, u64_at};
use crate::error::ProgramError;
use crate::layout::{
    CHECKSUM, FORMAT, HEADER_BYTES, MAGIC, NUMBER, RECORD_BYTES, SECTION_COUNT, SECTIONS,
};

/// Where the sections lie, once the header is known to be sound.
pub(crate) fn read(bytes: &[u8]) -> Result<[Extent; SECTION_COUNT], ProgramError> {
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
    let mut number: usize = 0;
    while let Some(section) = sections.get_mut(number) {
        *section = Extent::read(bytes, number);
        if !section.is_within(bytes, number) {
            return Err(ProgramError::Reference);
        }
        number = number.saturating_add(1);
    }
    Ok(sections)
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
