//! What each figure has to be.

use std::fmt;

use super::Measurement;

/// A bound of a figure, or of its ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    /// The ratio is at least this.
    RatioFrom(f64),
    /// The ratio is at most this.
    RatioTo(f64),
    /// The value is at most this, in its unit.
    ValueTo(f64),
}

const TARGETS: [(&str, Target); 12] = [
    ("values hit", Target::RatioFrom(0.7)),
    ("values get", Target::RatioFrom(0.7)),
    ("values 304", Target::RatioFrom(0.85)),
    (
        "ofrep bulk miss, @openfeature/flagd-core",
        Target::RatioFrom(5.0),
    ),
    (
        "ofrep bulk miss, @growthbook/growthbook",
        Target::RatioFrom(5.0),
    ),
    // Else not the constant worker was measured, but what asks it.
    ("generator processor", Target::RatioTo(1.0)),
    (
        "kill acknowledged to last stream told p50",
        Target::ValueTo(50.0),
    ),
    (
        "kill acknowledged to last stream told p99",
        Target::ValueTo(250.0),
    ),
    ("start-up in node", Target::ValueTo(30.0)),
    ("start-up in workerd", Target::ValueTo(30.0)),
    ("memory, resident", Target::ValueTo(24.0)),
    ("memory, WebAssembly", Target::ValueTo(24.0)),
];

impl Target {
    /// That of the figure named so, if it has one.
    pub(super) fn of(name: &str) -> Option<Target> {
        let (_, target) = TARGETS.iter().find(|(of, _)| *of == name)?;
        Some(*target)
    }

    /// The target, and whether it is met or how many times what it allows was needed.
    pub(super) fn verdict(self, measurement: &Measurement) -> String {
        let excess = match self {
            Target::RatioFrom(least) => measurement.ratio.map(|ratio| least / ratio),
            Target::RatioTo(most) => measurement.ratio.map(|ratio| ratio / most),
            Target::ValueTo(most) => measurement.value.map(|value| value / most),
        };
        match excess {
            Some(excess) if excess <= 1.0 => format!("{self}: met"),
            Some(excess) => format!("{self}: missed, {excess:.1}×"),
            None => format!("{self}: not measured"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::RatioFrom(least) => write!(f, "ratio >= {least}"),
            Target::RatioTo(most) => write!(f, "ratio <= {most}"),
            Target::ValueTo(most) => write!(f, "value <= {most}"),
        }
    }
}

/// The figures that have a target.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TARGETS.iter().map(|(name, _)| *name)
}
