//! Staged releases as pure decisions.
//!
//! [`step`] is the whole automation: it takes a plan, a state, what happened and the time, and
//! returns the next state and what the host has to do. It reads no clock and does no I/O, so a
//! release can be replayed from its log and tried on a simulated clock before it meets users.
//! [`events`] reads what clients report of it, and [`statistics`] says what that shows.

mod edit;
pub mod events;
mod plan;
mod state;
pub mod statistics;
mod step;

pub use edit::underway;
pub use plan::{Exposure, Plan, Stage};
pub use state::{Phase, State};
pub use step::{Command, Entry, Event, What, due, replay, step};
