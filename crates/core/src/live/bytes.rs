//! Live state as bytes.
//!
//! Little endian: `VXLV`, number (u64), how many flags are killed, releases and faults (u32 each); the killed flags
//! (u32 each), ascending; for each release its stage (u32) and exposure (u64); for each fault its segment (u32),
//! share, error rate (f64 each), latency (u32), end (i64), the length of its name (u32) and the name.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{Fault, Live, Ramp};
use crate::bytes::{u32_at, u64_at};
use crate::error::ProgramError;
use crate::flag::some;
use crate::layout::NONE;

const MAGIC: [u8; 4] = *b"VXLV";
const HEADER: usize = 24;
const RAMP: usize = 12;
/// A fault without its name.
const FAULT: usize = 36;

impl Live {
    /// Reads what [`Live::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`ProgramError`] where the bytes are no live state.
    pub fn from_bytes(bytes: &[u8]) -> Result<Live, ProgramError> {
        if bytes.get(..4) != Some(MAGIC.as_slice()) {
            return Err(ProgramError::Magic);
        }
        read(bytes).ok_or(ProgramError::Reference)
    }

    /// The bytes that [`Live::from_bytes`] reads: 24, four for each kill, twelve for each release, and the faults.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::from(MAGIC);
        bytes.extend(self.number.to_le_bytes());
        for count in [self.killed.len(), self.ramps.len(), self.faults.len()] {
            bytes.extend((count as u32).to_le_bytes());
        }
        for flag in &self.killed {
            bytes.extend(flag.to_le_bytes());
        }
        for ramp in &self.ramps {
            bytes.extend(ramp.stage.to_le_bytes());
            bytes.extend(ramp.exposure.to_le_bytes());
        }
        for fault in &self.faults {
            bytes.extend(fault.segment.unwrap_or(NONE).to_le_bytes());
            bytes.extend(fault.share.to_le_bytes());
            bytes.extend(fault.error_rate.to_le_bytes());
            bytes.extend(fault.latency_ms.to_le_bytes());
            bytes.extend(fault.until.to_le_bytes());
            bytes.extend((fault.name.len() as u32).to_le_bytes());
            bytes.extend(fault.name.as_bytes());
        }
        bytes
    }
}

fn read(bytes: &[u8]) -> Option<Live> {
    let mut live = Live {
        number: u64_at(bytes, 4),
        ..Live::default()
    };
    let [killed, ramps, faults] = [12, 16, 20].map(|at| u32_at(bytes, at) as usize);
    let mut rest = bytes.get(HEADER..)?;
    let mut take = |length: usize| {
        let (taken, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(taken)
    };
    for four in take(killed.checked_mul(4)?)?.chunks_exact(4) {
        live.killed.push(u32_at(four, 0));
    }
    for ramp in take(ramps.checked_mul(RAMP)?)?.chunks_exact(RAMP) {
        live.ramps.push(Ramp {
            stage: u32_at(ramp, 0),
            exposure: u64_at(ramp, 4),
        });
    }
    for _ in 0..faults {
        let fault = take(FAULT)?;
        let name = take(u32_at(fault, 32) as usize)?;
        live.faults.push(Fault {
            name: core::str::from_utf8(name).ok()?.to_string(),
            segment: some(u32_at(fault, 0)),
            share: f64::from_bits(u64_at(fault, 4)),
            error_rate: f64::from_bits(u64_at(fault, 12)),
            latency_ms: u32_at(fault, 20),
            until: u64_at(fault, 24).cast_signed(),
        });
    }
    (rest.is_empty() && live.killed.is_sorted()).then_some(live)
}

#[cfg(test)]
mod tests {
    use super::{Fault, Live, Ramp};

    fn live() -> Live {
        Live {
            number: 7,
            killed: [1, 4].into(),
            ramps: [
                Ramp::UNSTARTED,
                Ramp {
                    stage: 2,
                    exposure: 1 << 32,
                },
            ]
            .into(),
            faults: [Fault {
                name: "payments".into(),
                segment: Some(3),
                share: 0.5,
                error_rate: 0.1,
                latency_ms: 250,
                until: 1_800_000_000_000,
            }]
            .into(),
        }
    }

    #[test]
    fn bytes_come_back() {
        assert_eq!(Live::from_bytes(&live().to_bytes()), Ok(live()));
        assert_eq!(
            Live::from_bytes(&Live::default().to_bytes()),
            Ok(Live::default())
        );
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = live().to_bytes();
        for length in 0..bytes.len() {
            assert!(Live::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Live::from_bytes(&longer).is_err());
        let mut unsorted = bytes;
        unsorted[24] = 9;
        assert!(Live::from_bytes(&unsorted).is_err());
    }
}
