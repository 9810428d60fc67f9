//! Whether what is measured is greater with the new variant.

use super::Moments;

/// How many units each side needs before the evidence says anything.
pub const LEAST_UNITS: u64 = 100;

/// How large a difference is looked for, in standard deviations.
const SCALE: f64 = 0.1;

/// The evidence that values are greater by more than `margin` with the new variant, as a logarithm; `None` below
/// [`LEAST_UNITS`] on a side, and where nothing varies.
///
/// The values of both sides are the logarithms of what was measured, one a unit, and `margin` is the logarithm of the ratio
/// that is allowed. It holds as the means come to be normal, not exactly as it does of failures: never let it decide alone.
///
/// Source: Howard, Ramdas, `McAuliffe` and Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", 2021,
/// arXiv 1810.08240; Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic
/// confidence sequences", 2024, arXiv 2103.06476: a mixture over differences above nothing, by half of a normal.
#[must_use]
pub fn slowdown(treated: &Moments, control: &Moments, margin: f64) -> Option<f64> {
    if treated.count.min(control.count) < LEAST_UNITS {
        return None;
    }
    let (of_treated, of_control) = (treated.variance(), control.variance());
    let precision = 1.0 / (of_treated / treated.count as f64 + of_control / control.count as f64);
    let scale = SCALE * (f64::midpoint(of_treated, of_control)).sqrt();
    if !precision.is_finite() {
        return None;
    }
    let difference = treated.mean - control.mean - margin;
    let spread = 1.0 + scale * scale * precision;
    // How many standard deviations the difference is from nothing, once the mixture is taken into account.
    let score = scale * difference * precision / spread.sqrt();
    Some(core::f64::consts::LN_2 - 0.5 * spread.ln() + mills(score))
}

/// `x * x / 2`, and the logarithm of the chance that a normal variable is below `x`.
fn mills(x: f64) -> f64 {
    // There the chance is less than a number can be, and its series as good as exact.
    if x < -37.0 {
        let square = 1.0 / (x * x);
        let series = square * (1.0 - square * (3.0 - square * (15.0 - 105.0 * square)));
        return (-series).ln_1p() - (-x * core::f64::consts::TAU.sqrt()).ln();
    }
    0.5 * x * x + (0.5 * libm::erfc(-x / core::f64::consts::SQRT_2)).ln()
}
