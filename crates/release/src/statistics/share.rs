//! Whether as many units are on one side as on the other.

/// How many units a belief in equal shares is worth.
const CONCENTRATION: f64 = 1_000.0;

/// The evidence that the two sides, which ought to be of the same size, are not, as a logarithm: then something is lost on
/// the way of one of them, and nothing that is compared can be trusted.
///
/// Source: Lindon and Malek, "Anytime-Valid Inference for Multinomial Count Data", `NeurIPS` 2022, arXiv 2011.03567: the
/// ratio of the Dirichlet-multinomial to the multinomial.
#[must_use]
pub fn imbalance(treated: u64, control: u64) -> f64 {
    let half = CONCENTRATION / 2.0;
    let (one, other) = (half + treated as f64, half + control as f64);
    let sum = one + other;
    // The ratio of beta functions by Stirling's series, whose large terms are left out: they add up to nothing.
    (one - 0.5) * excess(one, other) + (other - 0.5) * excess(other, one)
        - 0.5 * (sum / CONCENTRATION).ln()
        + rest(one)
        + rest(other)
        - rest(sum)
        - 2.0 * rest(half)
        + rest(CONCENTRATION)
}

/// The logarithm of how many times its fair share `one` is; exact where it is nearly that.
fn excess(one: f64, other: f64) -> f64 {
    let sum = one + other;
    let skew = (one - other) / sum;
    if skew.abs() < 0.5 {
        skew.ln_1p()
    } else {
        (2.0 * one / sum).ln()
    }
}

/// What Stirling's series adds to the logarithm of the gamma function at `x`, which is at least 500: the next term is
/// below 1e-22.
fn rest(x: f64) -> f64 {
    let square = x * x;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / (1680.0 * square)) / square) / square) / x
}
