//! What a batch adds to the counts.

use super::event::Event;
use super::{Batch, Counts, Exposed, Reason};

/// How long ago an event can have been, in ms: what a client kept for longer counts as of then.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What whoever sends a batch may know of what an exposure names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Not the flag or the variant: they are hidden, or not there.
    Nothing,
    /// Both, while no release that serves the flag has the stage.
    Variant,
    /// All of it.
    Stage,
}

/// What came of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// What it adds, if it is new.
    pub counts: Counts,
    /// How many events are counted.
    pub accepted: u64,
    /// The other events.
    pub refused: Vec<Refusal>,
    /// The newest version of which an event is whose flag or variant is unknown; 0 where all are known.
    pub unknown_since: u64,
}

/// An event that is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its place in the batch, from 0 on.
    pub index: usize,
    /// Why.
    pub reason: Reason,
}

impl Batch {
    /// Counts the events at `now` (ms since 1970, by the clock of whoever receives them).
    ///
    /// What a client's clock says is put right by how far it is off where the batch was sent. An exposure whose stage is
    /// unknown counts as one of no stage, without a word: an answer would tell what stages there are.
    pub fn tally(&self, now: i64, mut known: impl FnMut(&Exposed) -> Known) -> Tally {
        let mut counts = Counts {
            dropped: self.dropped,
            ..Counts::default()
        };
        let (mut accepted, mut refused) = (0_u64, Vec::new());
        let mut unknown_since = 0;
        for (index, event) in self.events.iter().enumerate() {
            let counted = match event {
                Ok(Event::Exposed(exposed)) => match known(exposed) {
                    Known::Nothing => {
                        unknown_since = exposed.version.max(unknown_since);
                        Err(Reason::Unknown)
                    }
                    is_known @ (Known::Variant | Known::Stage) => {
                        let at = self.corrected(exposed.at, now);
                        counts.expose(exposed, at, is_known == Known::Stage);
                        Ok(())
                    }
                },
                Ok(Event::Measured(measured)) => {
                    counts.measure(measured, self.corrected(measured.at, now));
                    Ok(())
                }
                Err(reason) => Err(*reason),
            };
            match counted {
                Ok(()) => accepted = accepted.saturating_add(1),
                Err(reason) => refused.push(Refusal { index, reason }),
            }
        }
        counts.settle();
        counts.refused = refused.len() as u64;
        Tally {
            counts,
            accepted,
            refused,
            unknown_since,
        }
    }

    /// The instant that the client's clock called `at`, by the clock that says `now`; none of the future, and none long gone.
    fn corrected(&self, at: i64, now: i64) -> i64 {
        let off = now.saturating_sub(self.sent);
        at.saturating_add(off)
            .clamp(now.saturating_sub(DAY_MS), now)
    }
}
