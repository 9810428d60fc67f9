//! What a release intends to do.

use serde::{Deserialize, Serialize};

/// The stages of a release, in the order in which they are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Any number: a plan without stages cannot start.
    pub stages: Vec<Stage>,
}

/// One step of a plan: a part of the traffic, held for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// As the ruleset calls it, for people.
    pub name: String,
    /// The part of the traffic exposed during the stage.
    pub exposure: Exposure,
    /// Milliseconds to stay before the next stage; `0` moves on at the next tick.
    pub hold_ms: i64,
}

/// A part of the traffic, in ten-millionths: exact for percentages of up to five places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Exposure(u32);

impl Exposure {
    /// No traffic.
    pub const NONE: Exposure = Exposure(0);
    /// All traffic.
    pub const ALL: Exposure = Exposure(10_000_000);

    /// `None` when `parts` is more than ten million.
    #[must_use]
    pub fn from_parts(parts: u32) -> Option<Exposure> {
        (parts <= Exposure::ALL.0).then_some(Exposure(parts))
    }

    /// Ten-millionths of the traffic.
    #[must_use]
    pub fn parts(self) -> u32 {
        self.0
    }

    /// As live state takes it: from `0.0` to `1.0`.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(Exposure::ALL.0)
    }
}

impl TryFrom<u32> for Exposure {
    type Error = &'static str;

    fn try_from(parts: u32) -> Result<Exposure, Self::Error> {
        Exposure::from_parts(parts).ok_or("an exposure is at most 10000000 parts")
    }
}

impl From<Exposure> for u32 {
    fn from(exposure: Exposure) -> u32 {
        exposure.0
    }
}
