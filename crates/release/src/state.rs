//! Where a release stands.

use serde::{Deserialize, Serialize};

use crate::Exposure;

/// All that a host has to keep of a release between two events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// What may happen next.
    pub phase: Phase,
    /// The stage taken last, counted from `0`.
    pub stage: u32,
    /// When the stage's hold began to count, in milliseconds since 1970.
    pub since: i64,
    /// The part of the traffic that gets the new variant now.
    pub exposure: Exposure,
}

/// What a release is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Written, never started.
    #[default]
    Draft,
    /// Moves to the next stage when the hold of the current one is over.
    Running,
    /// Keeps its exposure until resumed.
    Paused,
    /// Taken back; can start again from its first stage.
    RolledBack,
    /// Past its last stage; keeps its exposure.
    Done,
    /// Taken back for good.
    Killed,
}

impl State {
    /// Its stage and exposure, where the new variant is out at all.
    #[must_use]
    pub fn progress(&self) -> Option<(u32, Exposure)> {
        match self.phase {
            Phase::Running | Phase::Paused | Phase::Done => Some((self.stage, self.exposure)),
            Phase::Draft | Phase::RolledBack | Phase::Killed => None,
        }
    }
}

impl Phase {
    /// The wire name: `draft`, `running`, `paused`, `rolledBack`, `done` or `killed`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Phase::Draft => "draft",
            Phase::Running => "running",
            Phase::Paused => "paused",
            Phase::RolledBack => "rolledBack",
            Phase::Done => "done",
            Phase::Killed => "killed",
        }
    }
}
