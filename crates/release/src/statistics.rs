//! What counts say about a release, valid however often it is looked at.
//!
//! Each function gives the natural logarithm of an e-process: a number that, if nothing is wrong, exceeds `ln(1 / alpha)`
//! at any time at all with a chance of at most `alpha`. So evidence can be looked at after every event, and a decision
//! needs no plan of when to look.
//!
//! Treated and control are of the same size at every exposure, so a unit that fails is a treated one with chance one half
//! where the release changes nothing.

mod failures;
mod moments;
mod share;
mod values;

pub use failures::{Failures, clearance, regression};
pub use moments::Moments;
pub use share::imbalance;
pub use values::{LEAST_UNITS, slowdown};

/// The evidence at which one of `guards` that share a chance of `alpha` of a false alarm alarms, as a logarithm.
#[must_use]
pub fn alarm(alpha: f64, guards: usize) -> f64 {
    (guards.max(1) as f64 / alpha).ln()
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "numbers of a test are small"
)]
mod tests;
