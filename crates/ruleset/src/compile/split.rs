//! How weights become boundaries, in exact integer arithmetic.

use vexil_core::build::Arm;

use crate::amount::Exposure;
use crate::key::VariantName;
use crate::model::Split;

/// One more than the last position.
const POSITIONS: u128 = 1 << 32;

/// The arms of `split`: boundary `i` is `floor((w_0 + … + w_i) * 2^32 / total)`.
pub(super) fn arms(split: &Split, variant: impl Fn(&VariantName) -> u32) -> Vec<Arm> {
    let weights = || split.arms.iter().map(|(_, weight)| u128::from(weight.parts()));
    let total: u128 = weights().sum();
    let exposed = u128::from(split.exposure.parts());
    let mut sum = 0_u128;
    let mut from = 0_u128;
    let mut arms = Vec::with_capacity(split.arms.len());
    for ((name, _), weight) in split.arms.iter().zip(weights()) {
        sum = sum.saturating_add(weight);
        let boundary = floor(sum, POSITIONS, total);
        let served = floor(boundary.saturating_sub(from), exposed, u128::from(Exposure::ALL.parts()));
        let end = from.saturating_add(served) as u64;
        arms.push(Arm { variant: variant(name), end, boundary: boundary as u64 });
        from = boundary;
    }
    arms
}

/// `floor(value * numerator / denominator)`; no product here reaches 2^128.
fn floor(value: u128, numerator: u128, denominator: u128) -> u128 {
    value.saturating_mul(numerator).checked_div(denominator).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use vexil_core::build::Arm;

    use super::arms;
    use crate::amount::{Exposure, Weight};
    use crate::condition::AttributeName;
    use crate::key::VariantName;
    use crate::model::Split;

    #[track_caller]
    fn check(weights: &[f64], exposure: f64, want: &[(u64, u64)]) {
        let name = VariantName::new("v").unwrap();
        let split = Split {
            arms: weights.iter().map(|weight| (name.clone(), Weight::new(*weight).unwrap())).collect(),
            by: AttributeName::targeting_key(),
            salt: None,
            exposure: Exposure::new(exposure).unwrap(),
            rest: Some(name),
        };
        let want: Vec<Arm> = want.iter().map(|(end, boundary)| Arm { variant: 3, end: *end, boundary: *boundary }).collect();
        assert_eq!(arms(&split, |_| 3), want);
    }

    /// 2^32 / 4, and 2^32 / 3 without its fraction.
    const QUARTER: u64 = 1_073_741_824;
    const THIRD: u64 = 1_431_655_765;
    const WHOLE: u64 = 4_294_967_296;

    #[test]
    fn boundaries_are_floors_of_exact_quotients() {
        check(&[25.0, 75.0], 1.0, &[(QUARTER, QUARTER), (WHOLE, WHOLE)]);
        check(&[1.0, 1.0, 1.0], 1.0, &[(THIRD, THIRD), (2_863_311_530, 2_863_311_530), (WHOLE, WHOLE)]);
        check(&[0.1, 0.2], 1.0, &[(THIRD, THIRD), (WHOLE, WHOLE)]);
        check(&[0.0, 5.0, 0.0], 1.0, &[(0, 0), (WHOLE, WHOLE), (WHOLE, WHOLE)]);
    }

    #[test]
    fn exposure_serves_the_first_part_of_each_arm() {
        check(&[50.0, 50.0], 0.5, &[(QUARTER, 2 * QUARTER), (3 * QUARTER, WHOLE)]);
        check(&[1.0, 2.0], 0.0, &[(0, THIRD), (THIRD, WHOLE)]);
        check(&[1.0, 1.0, 1.0], 0.1, &[(143_165_576, THIRD), (1_574_821_341, 2_863_311_530), (3_006_477_106, WHOLE)]);
    }
}
