//! Whether those who got the new variant fail more often.

/// The units that failed, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// Of those who got the new variant.
    pub treated: u64,
    /// Of as many who could have got it, and got the old one.
    pub control: u64,
}

/// How many alternatives there are, and the least and the greatest: how many times as likely a failure is as the margin
/// allows.
const ALTERNATIVES: u32 = 16;
const LEAST: f64 = 1.25;
const GREATEST: f64 = 64.0;

/// The evidence that failures are more than `1 + margin` times as likely with the new variant, as a logarithm.
///
/// While both arms fail equally often a failing unit is a treated one with chance one half, whatever the rate of failure
/// is, and however it changes by the hour. The evidence is the average over alternatives of how much better each explains
/// on which side units failed. It is the same for the counts of one stage and for the sums over several.
///
/// Source: Lindon and Malek, "Anytime-Valid Inference for Multinomial Count Data", `NeurIPS` 2022, arXiv 2011.03567; Lindon,
/// Sanden and Shirikian, "Rapid Regression Detection in Software Deployments through Sequential Testing", KDD 2022, arXiv
/// 2205.14762.
#[must_use]
pub fn regression(failures: Failures, margin: f64) -> f64 {
    let allowed = 1.0 + margin;
    let evidence = |index: u32| {
        let step = f64::from(index) / f64::from(ALTERNATIVES.saturating_sub(1));
        let times = LEAST * (GREATEST / LEAST).powf(step);
        ratio(failures, allowed * times, allowed)
    };
    let alternatives = || (0..ALTERNATIVES).map(evidence);
    let greatest = alternatives().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = alternatives().map(|it| (it - greatest).exp()).sum();
    greatest + (sum / f64::from(ALTERNATIVES)).ln()
}

/// The evidence that failures are less than `harm` times as likely with the new variant, as a logarithm: that of a release
/// which changes nothing against one that does the harm.
#[must_use]
pub fn clearance(failures: Failures, harm: f64) -> f64 {
    ratio(failures, 1.0, harm)
}

/// How much better failures are explained by being `one` times as likely with the new variant than by `other` times, as a
/// logarithm.
fn ratio(Failures { treated, control }: Failures, one: f64, other: f64) -> f64 {
    // A failing unit is a treated one with chance `times / (times + 1)`.
    let chances = ((other + 1.0) / (one + 1.0)).ln();
    let total = treated as f64 + control as f64;
    treated as f64 * (one / other).ln() + total * chances
}
