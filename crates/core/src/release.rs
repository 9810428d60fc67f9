//! A release of a program: its stages, and what one of them exposes.

use crate::layout::Section;
use crate::program::Program;

/// One release of a program. Copying it costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Release<'p> {
    program: &'p Program,
    number: u32,
    name: u32,
    first_stage: u32,
    stages: u32,
}

/// One stage of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    pub(crate) name: u32,
    pub(crate) bits: u32,
    /// The part of 2^32 that its percentage exposes; 0 where it has none.
    pub(crate) exposure: u64,
}

/// In the bits of a stage: it is for an audience.
pub(crate) const HAS_AUDIENCE: u32 = 1;
/// In the bits of a stage: it has a percentage.
pub(crate) const HAS_PERCENT: u32 = 2;
/// The exposure of all units.
pub(crate) const EVERYONE: u64 = 1 << 32;

impl<'p> Release<'p> {
    pub(crate) fn new(program: &'p Program, number: u32) -> Release<'p> {
        let word = |place| program.word(Section::Releases, number, place);
        Release {
            program,
            number,
            name: word(0),
            first_stage: word(1),
            stages: word(2),
        }
    }

    /// Its number within the program.
    #[must_use]
    pub fn index(self) -> u32 {
        self.number
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'p str {
        self.program.string(self.name)
    }

    /// The name of its stage of that number.
    #[must_use]
    pub fn stage_name(self, stage: u32) -> Option<&'p str> {
        (stage < self.stages).then(|| self.program.string(self.stage(stage).name))
    }

    /// How many stages it has.
    #[must_use]
    pub fn stage_count(self) -> u32 {
        self.stages
    }

    /// The stage of that number, which it has.
    pub(crate) fn stage(self, stage: u32) -> Stage {
        let index = self.first_stage.wrapping_add(stage);
        let word = |place| self.program.word(Section::Stages, index, place);
        Stage {
            name: word(0),
            bits: word(1),
            exposure: self.program.wide(Section::Stages, index, 2),
        }
    }

    /// What the stages before `stage` that were for everyone expose.
    pub(crate) fn base(self, stage: u32) -> u64 {
        let mut base = 0;
        for earlier in 0..stage.min(self.stages) {
            let earlier = self.stage(earlier);
            if !earlier.has_audience() {
                base = earlier.exposure.max(base);
            }
        }
        base
    }
}

impl Stage {
    pub(crate) fn has_audience(self) -> bool {
        self.bits & HAS_AUDIENCE != 0
    }

    pub(crate) fn has_percent(self) -> bool {
        self.bits & HAS_PERCENT != 0
    }
}
