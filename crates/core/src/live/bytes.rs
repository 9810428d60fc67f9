//! Live state as bytes.
//!
//! Little endian: `VXLV`, number (u64), how many flags are killed, releases and faults (u32 each); the killed flags
//! (u32 each), ascending; for each release its stage (u32) and exposure (u64); for each fault its segment (u32),
//! share, error rate (f64 each), latency (u32), end (i64), the length of its name (u32) and the name.

use alloc::vec::Vec;

use super::{Fault, Live, Ramp};
use crate::bytes::{u32_at, u64_at};
use crate::error::ProgramError;
use crate::flag::some;
use crate::layout::NONE;

const MAGIC: [u8; 4] = *b"VXLV";
const HEADER: usize = 24;
const KILL: usize = 4;
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
        let live = Live {
            bytes: bytes.to_vec(),
            killed: u32_at(bytes, 12),
            ramps: u32_at(bytes, 16),
        };
        if live.is_sound() {
            Ok(live)
        } else {
            Err(ProgramError::Reference)
        }
    }

    /// The bytes that [`Live::from_bytes`] reads: 24, four for each kill, twelve for each release, and the faults.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        if self.bytes.is_empty() {
            return Live::write(0, &[], &[], &[]).bytes;
        }
        self.bytes.clone()
    }

    /// Its number within the environment.
    #[must_use]
    pub fn number(&self) -> u64 {
        u64_at(&self.bytes, 4)
    }

    /// The fault of that name.
    #[must_use]
    pub fn fault(&self, name: &str) -> Option<Fault<'_>> {
        let mut at = self.faults_at();
        for _ in 0..u32_at(&self.bytes, 20) {
            let fault = self.fault_at(at);
            if fault.name == name {
                return Some(fault);
            }
            at = self.fault_end(at);
        }
        None
    }

    #[inline]
    pub(crate) fn killed_at(&self, index: u32) -> u32 {
        u32_at(
            &self.bytes,
            HEADER.saturating_add(KILL.saturating_mul(index as usize)),
        )
    }

    pub(crate) fn ramp(&self, release: u32) -> Ramp {
        if release >= self.ramps {
            return Ramp::UNSTARTED;
        }
        let ramps = self.ramps_at();
        let at = ramps.saturating_add(RAMP.saturating_mul(release as usize));
        Ramp {
            stage: u32_at(&self.bytes, at),
            exposure: u64_at(&self.bytes, at.saturating_add(4)),
        }
    }

    pub(super) fn write(number: u64, killed: &[u32], ramps: &[Ramp], faults: &[Fault<'_>]) -> Live {
        let mut bytes = Vec::from(MAGIC);
        bytes.extend(number.to_le_bytes());
        for count in [killed.len(), ramps.len(), faults.len()] {
            bytes.extend((count as u32).to_le_bytes());
        }
        for flag in killed {
            bytes.extend(flag.to_le_bytes());
        }
        for ramp in ramps {
            bytes.extend(ramp.stage.to_le_bytes());
            bytes.extend(ramp.exposure.to_le_bytes());
        }
        for fault in faults {
            bytes.extend(fault.segment.unwrap_or(NONE).to_le_bytes());
            bytes.extend(fault.share.to_le_bytes());
            bytes.extend(fault.error_rate.to_le_bytes());
            bytes.extend(fault.latency_ms.to_le_bytes());
            bytes.extend(fault.until.to_le_bytes());
            bytes.extend((fault.name.len() as u32).to_le_bytes());
            bytes.extend(fault.name.as_bytes());
        }
        Live {
            bytes,
            killed: killed.len() as u32,
            ramps: ramps.len() as u32,
        }
    }

    fn ramps_at(&self) -> usize {
        HEADER.saturating_add(KILL.saturating_mul(self.killed as usize))
    }

    fn faults_at(&self) -> usize {
        let ramps = RAMP.saturating_mul(self.ramps as usize);
        self.ramps_at().saturating_add(ramps)
    }

    fn fault_at(&self, at: usize) -> Fault<'_> {
        let after = |bytes: usize| at.saturating_add(bytes);
        let number = |bytes: usize| u64_at(&self.bytes, after(bytes));
        let name = self.bytes.get(after(FAULT)..self.fault_end(at));
        Fault {
            name: core::str::from_utf8(name.unwrap_or_default()).unwrap_or_default(),
            segment: some(u32_at(&self.bytes, at)),
            share: f64::from_bits(number(4)),
            error_rate: f64::from_bits(number(12)),
            latency_ms: u32_at(&self.bytes, after(20)),
            until: number(24).cast_signed(),
        }
    }

    fn fault_end(&self, at: usize) -> usize {
        let name = u32_at(&self.bytes, at.saturating_add(32)) as usize;
        at.saturating_add(FAULT).saturating_add(name)
    }

    /// Whether it is whole, and what is killed ascends.
    fn is_sound(&self) -> bool {
        let mut end = self.faults_at();
        for _ in 0..u32_at(&self.bytes, 20) {
            if end > self.bytes.len() {
                break;
            }
            end = self.fault_end(end);
        }
        if end != self.bytes.len() {
            return false;
        }
        for index in 1..self.killed {
            if self.killed_at(index.saturating_sub(1)) > self.killed_at(index) {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Live, Ramp};

    fn live() -> Live {
        let ramps = [
            Ramp::UNSTARTED,
            Ramp {
                stage: 2,
                exposure: 1 << 32,
            },
        ];
        Live::write(7, &[1, 4], &ramps, &[FAULT])
    }

    const FAULT: Fault<'_> = Fault {
        name: "payments",
        segment: Some(3),
        share: 0.5,
        error_rate: 0.1,
        latency_ms: 250,
        until: 1_800_000_000_000,
    };

    #[test]
    fn bytes_come_back() {
        let live = Live::from_bytes(&live().to_bytes()).unwrap();
        assert_eq!(live, self::live());
        assert_eq!(live.number(), 7);
        assert_eq!(
            [0, 1, 4, 5].map(|flag| live.is_killed(flag)),
            [false, true, true, false]
        );
        assert_eq!(
            [0, 2].map(|release| live.ramp(release)),
            [Ramp::UNSTARTED; 2]
        );
        assert_eq!(live.ramp(1).stage, 2);
        assert_eq!(live.ramp(1).exposure, 1 << 32);
        assert_eq!(live.fault("payments"), Some(FAULT));
        assert_eq!(live.fault("other"), None);
    }

    #[test]
    fn nothing_has_bytes_too() {
        let live = Live::from_bytes(&Live::default().to_bytes()).unwrap();
        assert_eq!((live.number(), live.is_killed(0)), (0, false));
        assert_eq!(live.to_bytes(), Live::default().to_bytes());
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
