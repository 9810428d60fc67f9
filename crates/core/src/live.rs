//! What operations changed since the ruleset was written: a small buffer read beside a program.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use crate::bytes::{u32_at, u64_at};
use crate::error::ProgramError;
use crate::program::Program;

/// Killed flags and ramp exposures, by their numbers in the program they belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    number: u64,
    /// Ascending.
    killed: Vec<u32>,
    /// By release: the part of 2^32 that a ramp exposes.
    ramps: Vec<u64>,
}

const MAGIC: [u8; 4] = *b"VXLV";
const HEADER: usize = 20;
/// The whole of what a ramp can expose.
const WHOLE: f64 = 4_294_967_296.0;

impl Live {
    /// The live state of that number: the keys of `killed` flags, and the exposure (0 to 1) of `ramps` by release.
    ///
    /// What the program does not know is left out: a kill outlives the ruleset that had the flag.
    pub fn new<'k>(
        program: &Program,
        number: u64,
        killed: impl IntoIterator<Item = &'k str>,
        ramps: impl IntoIterator<Item = (&'k str, f64)>,
    ) -> Live {
        let killed: BTreeSet<u32> = killed
            .into_iter()
            .filter_map(|key| Some(program.flag(key)?.index()))
            .collect();
        let names: Vec<&str> = program.releases().collect();
        let mut exposures = vec![0; names.len()];
        for (release, exposure) in ramps {
            for (name, slot) in names.iter().zip(&mut exposures) {
                if *name == release {
                    *slot = (exposure.clamp(0.0, 1.0) * WHOLE) as u64;
                }
            }
        }
        Live {
            number,
            killed: killed.into_iter().collect(),
            ramps: exposures,
        }
    }

    /// Reads what [`Live::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`ProgramError`] where the bytes are no live state.
    pub fn from_bytes(bytes: &[u8]) -> Result<Live, ProgramError> {
        if bytes.get(..4) != Some(MAGIC.as_slice()) {
            return Err(ProgramError::Magic);
        }
        let (killed, ramps) = (u32_at(bytes, 12) as usize, u32_at(bytes, 16) as usize);
        let ramps_at = killed
            .checked_mul(4)
            .and_then(|length| length.checked_add(HEADER))
            .ok_or(ProgramError::Reference)?;
        let end = ramps
            .checked_mul(8)
            .and_then(|length| length.checked_add(ramps_at))
            .ok_or(ProgramError::Reference)?;
        if end != bytes.len() {
            return Err(ProgramError::Reference);
        }
        let live = Live {
            number: u64_at(bytes, 4),
            killed: bytes
                .get(HEADER..ramps_at)
                .unwrap_or_default()
                .chunks_exact(4)
                .map(|four| u32_at(four, 0))
                .collect(),
            ramps: bytes
                .get(ramps_at..)
                .unwrap_or_default()
                .chunks_exact(8)
                .map(|eight| u64_at(eight, 0))
                .collect(),
        };
        if live.killed.is_sorted() {
            Ok(live)
        } else {
            Err(ProgramError::Reference)
        }
    }

    /// The bytes that [`Live::from_bytes`] reads: 20, four for each kill, eight for each release.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from(MAGIC);
        bytes.extend(self.number.to_le_bytes());
        bytes.extend((self.killed.len() as u32).to_le_bytes());
        bytes.extend((self.ramps.len() as u32).to_le_bytes());
        bytes.extend(self.killed.iter().flat_map(|flag| flag.to_le_bytes()));
        bytes.extend(
            self.ramps
                .iter()
                .flat_map(|exposure| exposure.to_le_bytes()),
        );
        bytes
    }

    /// Its number within the environment.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    #[inline]
    pub(crate) fn is_killed(&self, flag: u32) -> bool {
        !self.killed.is_empty() && self.killed.binary_search(&flag).is_ok()
    }

    /// The part of 2^32 that the ramp of `release` exposes.
    #[inline]
    pub(crate) fn exposure(&self, release: u32) -> u64 {
        self.ramps
            .get(release as usize)
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Live;

    #[test]
    fn bytes_come_back() {
        let live = Live {
            number: 7,
            killed: [1, 4].into(),
            ramps: [0, 1 << 32].into(),
        };
        assert_eq!(Live::from_bytes(&live.to_bytes()), Ok(live));
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = Live {
            number: 7,
            killed: [1, 4].into(),
            ramps: [5].into(),
        }
        .to_bytes();
        for length in 0..bytes.len() {
            assert!(Live::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
    }
}
