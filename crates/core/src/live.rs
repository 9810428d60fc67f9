//! What operations changed since the ruleset was written: a small buffer read beside a program.

mod bytes;

use alloc::vec;
use alloc::vec::Vec;

use crate::program::Program;

/// Killed flags, the state of releases, and faults, by their numbers in the program they belong to.
///
/// It is its bytes, checked once and read in place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    bytes: Vec<u8>,
    killed: u32,
    ramps: u32,
}

/// How far a release has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The number of its stage, from 0 on.
    pub stage: u32,
    /// The part of the units that the stage exposes, 0 to 1.
    pub exposure: f64,
}

/// A rehearsed failure: calls that ask for it fail or wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault<'l> {
    /// What it is asked for by.
    pub name: &'l str,
    /// The segment it is limited to, by its number; `None` is everyone.
    pub(crate) segment: Option<u32>,
    /// The part of the units that it strikes, 0 to 1.
    pub share: f64,
    /// The part of the calls that fail, 0 to 1.
    pub error_rate: f64,
    /// How long a call waits, in ms.
    pub latency_ms: u32,
    /// The instant at which it ends, in ms since 1970.
    pub until: i64,
}

/// [`Fault`], with its segment by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaultSpec<'a> {
    /// What it is asked for by.
    pub name: &'a str,
    /// The segment it is limited to.
    pub segment: Option<&'a str>,
    /// The part of the units that it strikes, 0 to 1.
    pub share: f64,
    /// The part of the calls that fail, 0 to 1.
    pub error_rate: f64,
    /// How long a call waits, in ms.
    pub latency_ms: u32,
    /// The instant at which it ends, in ms since 1970.
    pub until: i64,
}

/// Where a release stands, as the walk reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ramp {
    /// The number of its stage; [`crate::layout::NONE`] before it starts.
    pub(crate) stage: u32,
    /// The part of 2^32 that the stage exposes.
    pub(crate) exposure: u64,
}

impl Ramp {
    pub(crate) const UNSTARTED: Ramp = Ramp {
        stage: crate::layout::NONE,
        exposure: 0,
    };
}

/// The whole of what a ramp can expose.
const WHOLE: f64 = 4_294_967_296.0;

impl Live {
    /// The live state of that number for `program`.
    ///
    /// `killed` are the keys of flags, `started` the releases that have begun, by name. What the program does not
    /// know is left out: a kill outlives the ruleset that had the flag. So is a fault whose segment it lacks.
    pub fn new<'k>(
        program: &Program,
        number: u64,
        killed: impl IntoIterator<Item = &'k str>,
        started: impl IntoIterator<Item = (&'k str, Progress)>,
        faults: impl IntoIterator<Item = FaultSpec<'k>>,
    ) -> Live {
        let mut flags: Vec<u32> = killed
            .into_iter()
            .filter_map(|key| Some(program.flag(key)?.index()))
            .collect();
        flags.sort_unstable();
        flags.dedup();
        let mut ramps = vec![Ramp::UNSTARTED; program.releases().count()];
        for (name, progress) in started {
            for (release, ramp) in program.releases().zip(&mut ramps) {
                if release.name() == name && progress.stage < release.stage_count() {
                    *ramp = Ramp {
                        stage: progress.stage,
                        exposure: (progress.exposure.clamp(0.0, 1.0) * WHOLE) as u64,
                    };
                }
            }
        }
        let faults: Vec<Fault<'_>> = faults
            .into_iter()
            .filter_map(|spec| fault(program, spec))
            .collect();
        Live::write(number, &flags, &ramps, &faults)
    }

    #[inline]
    pub(crate) fn is_killed(&self, flag: u32) -> bool {
        let (mut low, mut high) = (0, self.killed);
        while low < high {
            let middle = low.midpoint(high);
            let killed = self.killed_at(middle);
            if killed == flag {
                return true;
            }
            if killed < flag {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        false
    }
}

fn fault<'s>(program: &Program, spec: FaultSpec<'s>) -> Option<Fault<'s>> {
    let segment = match spec.segment {
        Some(name) => Some(program.segment(name)?),
        None => None,
    };
    Some(Fault {
        name: spec.name,
        segment,
        share: spec.share,
        error_rate: spec.error_rate,
        latency_ms: spec.latency_ms,
        until: spec.until,
    })
}

#[cfg(test)]
mod tests;
