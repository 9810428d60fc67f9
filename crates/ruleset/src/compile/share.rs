//! Weights and exposures as positions, in exact integer arithmetic.

use vexil_core::build::Arm;

use crate::amount::{Exposure, Percent, Weight};

/// How many positions there are: 2^32.
const POSITIONS: u128 = 1 << 32;

/// The arms that serve something: boundary i is `floor(sum(w_0..w_i) * 2^32 / total)`, and an arm ends at
/// `floor(exposure * its size)` after its beginning.
pub(super) fn arms(
    weights: impl Iterator<Item = (u32, Weight)> + Clone,
    exposure: Exposure,
) -> Vec<Arm> {
    let parts = |weight: Weight| u128::from(weight.parts());
    let total: u128 = weights.clone().map(|(_, weight)| parts(weight)).sum();
    let mut sum: u128 = 0;
    let mut start: u64 = 0;
    let mut arms = Vec::new();
    for (variant, weight) in weights {
        // A weight is at most 2^53 and a ruleset below 2^25 bytes, so the product stays below 2^(53 + 25 + 32).
        sum = sum.saturating_add(parts(weight));
        let boundary = sum.saturating_mul(POSITIONS).checked_div(total);
        let boundary = u64::try_from(boundary.unwrap_or_default()).unwrap_or(u64::MAX);
        if boundary > start {
            let end = start.saturating_add(exposed(boundary.saturating_sub(start), exposure));
            arms.push(Arm {
                variant,
                end,
                boundary,
            });
        }
        start = boundary;
    }
    arms
}

/// The part of 2^32 that `percent` of all units is.
pub(super) fn share_of(percent: Percent) -> u64 {
    // At most 10,000,000 * 2^32, which is below 2^56.
    let product = u64::from(percent.parts()) << 32;
    product
        .checked_div(u64::from(Percent::ALL.parts()))
        .unwrap_or_default()
}

/// `floor(exposure * size)`.
fn exposed(size: u64, exposure: Exposure) -> u64 {
    // At most 2^32 * 100,000, which is below 2^49.
    let product = size.saturating_mul(u64::from(exposure.parts()));
    product
        .checked_div(u64::from(Exposure::ALL.parts()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use vexil_core::build::Arm;

    use super::arms;
    use crate::amount::{Exposure, Weight};

    #[track_caller]
    fn check(weights: &[f64], exposure: f64, want: &[(u32, u64, u64)]) {
        let weights = weights
            .iter()
            .zip(0..)
            .map(|(weight, variant)| (variant, Weight::new(*weight).unwrap()));
        let want: Vec<Arm> = want
            .iter()
            .map(|(variant, end, boundary)| Arm {
                variant: *variant,
                end: *end,
                boundary: *boundary,
            })
            .collect();
        assert_eq!(arms(weights, Exposure::new(exposure).unwrap()), want);
    }

    #[test]
    fn boundaries_are_the_floor_of_exact_shares() {
        check(&[1.0], 1.0, &[(0, 4_294_967_296, 4_294_967_296)]);
        // 2^32 / 4 = 1,073,741,824.
        check(
            &[25.0, 75.0],
            1.0,
            &[
                (0, 1_073_741_824, 1_073_741_824),
                (1, 4_294_967_296, 4_294_967_296),
            ],
        );
        // 2^32 / 3 = 1,431,655,765.33…, and twice that is 2,863,311,530.66…
        check(
            &[1.0, 1.0, 1.0],
            1.0,
            &[
                (0, 1_431_655_765, 1_431_655_765),
                (1, 2_863_311_530, 2_863_311_530),
                (2, 4_294_967_296, 4_294_967_296),
            ],
        );
        // 0.1 of 0.3 is a third, exactly: as doubles the sum would be off.
        check(
            &[0.1, 0.2],
            1.0,
            &[
                (0, 1_431_655_765, 1_431_655_765),
                (1, 4_294_967_296, 4_294_967_296),
            ],
        );
        // 2^32 * 0.00001 / 100 = 429.49…
        check(
            &[0.00001, 99.99999],
            1.0,
            &[(0, 429, 429), (1, 4_294_967_296, 4_294_967_296)],
        );
        // Weights of 2^32 in all: each weight is a number of positions.
        check(
            &[3_294_122_671.0, 1_000_844_625.0],
            1.0,
            &[
                (0, 3_294_122_671, 3_294_122_671),
                (1, 4_294_967_296, 4_294_967_296),
            ],
        );
    }

    #[test]
    fn an_exposure_ends_each_arm_before_its_boundary() {
        // Half of 1,431,655,765 is 715,827,882.5, and of the next 1,431,655,765 as well; of the last, one more, 715,827,883.
        check(
            &[1.0, 1.0, 1.0],
            0.5,
            &[
                (0, 715_827_882, 1_431_655_765),
                (1, 2_147_483_647, 2_863_311_530),
                (2, 3_579_139_413, 4_294_967_296),
            ],
        );
        // 2^31 * 0.1 = 214,748,364.8.
        check(
            &[1.0, 1.0],
            0.1,
            &[
                (0, 214_748_364, 2_147_483_648),
                (1, 2_362_232_012, 4_294_967_296),
            ],
        );
        check(&[1.0], 0.0, &[(0, 0, 4_294_967_296)]);
        // 2^32 * 0.00001 = 42,949.67…
        check(&[1.0], 0.00001, &[(0, 42_949, 4_294_967_296)]);
    }

    #[test]
    fn an_arm_without_positions_is_left_out() {
        check(&[0.0, 1.0, 0.0], 1.0, &[(1, 4_294_967_296, 4_294_967_296)]);
        check(
            &[0.00001, 90_000_000_000.0],
            1.0,
            &[(1, 4_294_967_296, 4_294_967_296)],
        );
    }
}
