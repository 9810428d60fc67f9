//! The decision: what a release does when something happens.

use serde::{Deserialize, Serialize};

use crate::{Exposure, Phase, Plan, State};

/// What happened to a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// Someone begins a draft, or begins a rolled back release again.
    Start,
    /// Time passed.
    Tick,
    /// Someone takes the next stage without waiting for the hold.
    Advance,
    /// Someone stops the clock.
    Pause,
    /// Someone lets it run again.
    Resume,
    /// Take it back; it may start again.
    Rollback,
    /// Take it back for good.
    Kill,
}

/// What the host has to do after a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Write this exposure to the live state.
    SetExposure(Exposure),
    /// Add this to the release's log.
    Log(Entry),
}

/// One line of a release's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What was decided.
    pub what: What,
    /// The phase after it.
    pub phase: Phase,
    /// The name of the stage after it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The exposure after it.
    pub exposure: Exposure,
}

/// What a step decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// Took the first stage.
    Started,
    /// Took the next stage.
    Advanced,
    /// Passed the last stage.
    Finished,
    /// Stopped the clock.
    Paused,
    /// Let it run again.
    Resumed,
    /// Took it back.
    RolledBack,
    /// Took it back for good.
    Killed,
    /// Did nothing: the event has no meaning in this phase.
    Refused(Event),
}

/// Decides what `event` does to a release at `now` (milliseconds since 1970).
///
/// Total and deterministic: an event without meaning in the current phase changes nothing and is
/// logged as refused; a tick that comes early, or from a clock that went back, does nothing at all.
///
/// A tick takes at most one stage, and the new stage's hold counts from `now`: a host that was away
/// for a week still holds every stage for as long as the plan says. Resuming begins the hold anew.
/// A last stage without a hold is done as soon as it is taken.
#[must_use]
pub fn step(plan: &Plan, state: &State, event: Event, now: i64) -> (State, Vec<Command>) {
    let refused = (*state, What::Refused(event));
    let (next, what) = match (event, state.phase) {
        (Event::Tick, _) if due(plan, state).is_some_and(|due| now >= due) => {
            take_next(plan, state, now)
        }
        (Event::Tick, _) => return (*state, Vec::new()),
        (Event::Start, Phase::Draft | Phase::RolledBack) => {
            take(plan, 0, now).map_or(refused, |next| (next, What::Started))
        }
        // A stage that the plan lacks is one that an edit removed: nothing says what comes after it.
        (Event::Advance, Phase::Running) if stage_at(plan, state.stage).is_some() => {
            take_next(plan, state, now)
        }
        (Event::Pause, Phase::Running) => (
            State {
                phase: Phase::Paused,
                ..*state
            },
            What::Paused,
        ),
        (Event::Resume, Phase::Paused) => (
            State {
                phase: Phase::Running,
                since: now,
                ..*state
            },
            What::Resumed,
        ),
        (Event::Rollback, Phase::Running | Phase::Paused | Phase::Done) => {
            (take_back(state, Phase::RolledBack, now), What::RolledBack)
        }
        (
            Event::Kill,
            Phase::Draft | Phase::Running | Phase::Paused | Phase::RolledBack | Phase::Done,
        ) => (take_back(state, Phase::Killed, now), What::Killed),
        (
            Event::Start
            | Event::Advance
            | Event::Pause
            | Event::Resume
            | Event::Rollback
            | Event::Kill,
            _,
        ) => refused,
    };
    (next, commands(plan, state, &next, what, now))
}

/// When a tick will next move the release, in milliseconds since 1970; `None` when none will.
#[must_use]
pub fn due(plan: &Plan, state: &State) -> Option<i64> {
    let hold_ms = stage_at(plan, state.stage)?.hold_ms;
    (state.phase == Phase::Running).then(|| state.since.saturating_add(hold_ms.max(0)))
}

/// The state that a log of events with their times leads to, from a draft.
#[must_use]
pub fn replay(plan: &Plan, events: impl IntoIterator<Item = (Event, i64)>) -> State {
    events
        .into_iter()
        .fold(State::default(), |state, (event, now)| {
            step(plan, &state, event, now).0
        })
}

fn stage_at(plan: &Plan, index: u32) -> Option<&crate::Stage> {
    plan.stages.get(usize::try_from(index).ok()?)
}

/// The state on taking stage `index`, where the plan has one.
fn take(plan: &Plan, index: u32, now: i64) -> Option<State> {
    let stage = stage_at(plan, index)?;
    let is_last = stage_at(plan, index.saturating_add(1)).is_none();
    let phase = if is_last && stage.hold_ms <= 0 {
        Phase::Done
    } else {
        Phase::Running
    };
    Some(State {
        phase,
        stage: index,
        since: now,
        exposure: stage.exposure,
    })
}

fn take_next(plan: &Plan, state: &State, now: i64) -> (State, What) {
    match take(plan, state.stage.saturating_add(1), now) {
        Some(next) => (next, What::Advanced),
        None => (
            State {
                phase: Phase::Done,
                since: now,
                ..*state
            },
            What::Finished,
        ),
    }
}

fn take_back(state: &State, phase: Phase, now: i64) -> State {
    State {
        phase,
        since: now,
        exposure: Exposure::NONE,
        ..*state
    }
}

fn commands(plan: &Plan, before: &State, after: &State, what: What, now: i64) -> Vec<Command> {
    let entry = Entry {
        at: now,
        what,
        phase: after.phase,
        stage: stage_at(plan, after.stage).map(|stage| stage.name.clone()),
        exposure: after.exposure,
    };
    let set = (before.exposure != after.exposure).then_some(Command::SetExposure(after.exposure));
    set.into_iter().chain([Command::Log(entry)]).collect()
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]
mod tests;
