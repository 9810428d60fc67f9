//! Whose share a unit is in.

/// The largest sum of weights of flagd: that of a signed number of 32 bits.
pub(super) const WEIGHTS: u128 = 2_147_483_647;

/// A variant, or none, so the default, and its weight.
pub(super) type Arm = (Option<String>, u128);

/// Shares within shares as one row of shares: a unit has one place in both, so the inner boundaries within an outer
/// share divide it. `None` where the weights grow beyond what a ruleset has.
pub(super) fn flatten(outer: &[(Vec<Arm>, u128)]) -> Option<Vec<Arm>> {
    let sum = |arms: &[Arm]| -> u128 { arms.iter().map(|(_, weight)| weight).sum() };
    let total: u128 = outer.iter().map(|(_, weight)| weight).sum();
    let all = outer.iter().try_fold(total, |all, (inner, _)| {
        let inner = sum(inner);
        all.checked_div(gcd(all, inner))?.checked_mul(inner)
    })?;
    let mut flat: Vec<Arm> = Vec::new();
    let mut begins: u128 = 0;
    for (inner, weight) in outer {
        let ends = begins.checked_add(weight.checked_mul(all.checked_div(total)?)?)?;
        let scale = all.checked_div(sum(inner))?;
        let mut from: u128 = 0;
        for (variant, weight) in inner {
            let to = from.checked_add(weight.checked_mul(scale)?)?;
            let size = to.min(ends).saturating_sub(from.max(begins));
            if size > 0 || inner.len() == 1 {
                flat.push((variant.clone(), size));
            }
            from = to;
        }
        begins = ends;
    }
    let common = flat
        .iter()
        .fold(0, |common, (_, weight)| gcd(common, *weight));
    if all != total {
        for (_, weight) in &mut flat {
            *weight = weight.checked_div(common)?;
        }
    }
    (sum(&flat) <= WEIGHTS).then_some(flat)
}

fn gcd(one: u128, other: u128) -> u128 {
    match one.checked_rem(other) {
        Some(rest) => gcd(other, rest),
        None => one,
    }
}

/// Whose share `position` is in.
pub(super) fn placed<'v>(arms: &[(&'v str, u128)], position: u32) -> Option<&'v str> {
    let total: u128 = arms.iter().map(|(_, weight)| weight).sum();
    let bucket = u128::from(position).checked_mul(total)? >> 32;
    let mut sum: u128 = 0;
    arms.iter()
        .find(|(_, weight)| {
            sum = sum.saturating_add(*weight);
            bucket < sum
        })
        .map(|(name, _)| *name)
}
