//! Law 5.

use vexil_conformance::oracle;
use vexil_core::Seed;

use vexil_conformance::laws::generate::RECIPES;

const UNITS: u32 = 1_000_000;
const SALTS: &[&str] = &[
    "checkout",
    "release:checkout",
    "release:checkout-2",
    "a",
    "größe",
];
const CELLS: usize = 256;

/// How far the counts are from uniform, in standard deviations of the chi-squared distribution.
fn deviations(counts: &[u32]) -> f64 {
    let total: u32 = counts.iter().sum();
    let expected = f64::from(total) / counts.len() as f64;
    let squares = counts
        .iter()
        .map(|count| (f64::from(*count) - expected).powi(2) / expected);
    let freedom = counts.len() as f64 - 1.0;
    (squares.sum::<f64>() - freedom) / (2.0 * freedom).sqrt()
}

#[track_caller]
fn check(what: &str, counts: &[u32]) {
    let deviations = deviations(counts);
    assert!(
        deviations.abs() < 5.0,
        "{what}: {deviations} deviations from uniform, {counts:?}"
    );
}

fn units() -> impl Iterator<Item = String> {
    (0..UNITS).map(|number| format!("user-{number}"))
}

/// Law 5: positions are uniform, by chi-squared over 10^6 units.
#[test]
fn positions_are_uniform() {
    for salt in SALTS {
        let seed = Seed::of(salt);
        let mut counts = [[0; CELLS]; 2];
        for unit in units() {
            let position = seed.place(&unit).get();
            // The highest bits, which splits divide by, and the lowest.
            counts[0][(position >> 24) as usize] += 1;
            counts[1][(position & 0xFF) as usize] += 1;
        }
        check(&format!("{salt}, high"), &counts[0]);
        check(&format!("{salt}, low"), &counts[1]);
    }
    println!("law 5, uniform: {} cases", UNITS as usize * SALTS.len());
}

/// Law 5: two salts are independent, by chi-squared over 10^6 units.
#[test]
fn two_salts_are_independent() {
    let pairs = SALTS.windows(2).map(|pair| (pair[0], pair[1]));
    let mut cases = 0;
    for (one, other) in pairs {
        let (first, second) = (Seed::of(one), Seed::of(other));
        let mut counts = [0; CELLS];
        for unit in units() {
            let (row, column) = (
                first.place(&unit).get() >> 28,
                second.place(&unit).get() >> 28,
            );
            counts[(row * 16 + column) as usize] += 1;
            cases += 1;
        }
        check(&format!("{one} and {other}"), &counts);
    }
    println!("law 5, independent: {cases} cases");
}

/// Law 5 for the recipes of other vendors, which the engine shares with the plain evaluator by law 1: uniform over
/// what divides their buckets.
#[test]
fn positions_by_recipes_of_other_vendors_are_plausible() {
    let mut cases = 0;
    for recipe in RECIPES {
        let mut counts = [0; 20];
        for unit in units().take(100_000) {
            let position = oracle::position(recipe, "checkout", &unit);
            assert!(position < 1 << 32);
            // A bucket begins just below its share of all, being rounded down.
            counts[(((position + 1) * 20 - 1) >> 32) as usize] += 1;
            cases += 1;
        }
        check(recipe, &counts);
    }
    println!("law 5, recipes: {cases} cases");
}
