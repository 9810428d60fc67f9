//! What the papers promise, tried on releases by chance. `cargo xtask guards` does so at length.

use super::{Failures, Moments, alarm, clearance, imbalance, regression, slowdown};

/// Numbers from 0 to below 1, the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Failing units, one after the other, where failures are `times` as likely with the new variant.
fn fail(chance: &mut Chance, times: f64) -> impl Iterator<Item = Failures> {
    let treated = if times.is_infinite() {
        1.0
    } else {
        times / (times + 1.0)
    };
    let mut failures = Failures::default();
    std::iter::repeat_with(move || {
        let side = if chance.next() < treated {
            &mut failures.treated
        } else {
            &mut failures.control
        };
        *side += 1;
        failures
    })
}

/// How many failures it takes until `is_enough`, in the middle of `runs` runs and in nine of ten; a run ends after `most`.
fn until(
    runs: usize,
    most: usize,
    times: f64,
    is_enough: impl Fn(Failures) -> bool,
) -> (usize, usize) {
    let mut chance = Chance(times.to_bits() | 1);
    let count = |_| {
        fail(&mut chance, times)
            .take(most)
            .position(&is_enough)
            .map_or(most, |it| it + 1)
    };
    let mut counts: Vec<usize> = (0..runs).map(count).collect();
    counts.sort_unstable();
    (counts[runs / 2], counts[runs * 9 / 10])
}

#[test]
fn without_an_effect_it_alarms_no_more_often_than_it_may_however_often_it_is_looked_at() {
    let mut chance = Chance(7);
    let (runs, most) = (1_000_u32, 1_000);
    let mut alarms = [0.0; 3];
    for _ in 0..runs {
        let greatest = fail(&mut chance, 1.0)
            .take(most)
            .map(|it| regression(it, 0.0))
            .fold(f64::MIN, f64::max);
        for (count, alpha) in alarms.iter_mut().zip([0.05, 0.01, 0.001]) {
            *count += f64::from(greatest >= alarm(alpha, 1));
        }
    }
    let rate = alarms.map(|it| it / f64::from(runs));
    // Three standard deviations above what may be.
    let most = [0.05, 0.01, 0.001].map(|alpha: f64| alpha + 3.0 * (alpha / f64::from(runs)).sqrt());
    assert!(
        rate.iter().zip(most).all(|(rate, most)| *rate <= most),
        "{rate:?}"
    );
    assert!(
        rate[0] > 0.015,
        "{rate:?} is far below what is known of it: 0.034"
    );
}

#[test]
fn a_regression_is_seen_after_as_few_failures_as_the_design_says() {
    for (times, want) in [
        (1.5, 293),
        (2.0, 96),
        (3.0, 40),
        (5.0, 17),
        (10.0, 13),
        (f64::INFINITY, 8),
    ] {
        let (found, _) = until(400, 5_000, times, |it| {
            regression(it, 0.0) >= alarm(0.01, 1)
        });
        let off = found as f64 / f64::from(want) - 1.0;
        assert!(
            off.abs() <= 0.15,
            "{times} times as likely: {found} failures instead of {want}"
        );
    }
}

#[test]
fn healthy_traffic_is_cleared_and_a_doubling_is_not() {
    let is_clear = |it| clearance(it, 2.0) >= 20.0_f64.ln();
    let (median, nine_of_ten) = until(2_000, 5_000, 1.0, is_clear);
    assert!(
        (34..=46).contains(&median) && (95..=129).contains(&nine_of_ten),
        "{median}, {nine_of_ten}"
    );
    let mut chance = Chance(3);
    let cleared = (0..1_000)
        .filter(|_| fail(&mut chance, 2.0).take(1_000).any(is_clear))
        .count();
    assert!(
        cleared <= 70,
        "{cleared} of 1000 are cleared, of at most 50"
    );
}

#[test]
fn shares_that_are_equal_stay_trusted_and_others_do_not() {
    let mut chance = Chance(5);
    let suspected = (0..200).filter(|_| {
        fail(&mut chance, 1.0)
            .take(3_000)
            .any(|it| imbalance(it.treated, it.control) >= alarm(0.001, 1))
    });
    assert!(suspected.count() <= 2);
    assert!(imbalance(5_000, 4_500) >= alarm(0.001, 1));
    assert!(imbalance(0, 60) < imbalance(0, 600));
}

#[test]
fn values_that_grow_are_seen_and_values_that_do_not_are_not() {
    let mut chance = Chance(13);
    // The sum of twelve uniform numbers is nearly normal.
    let mut value = |mean: f64| mean + (0..12).map(|_| chance.next()).sum::<f64>() - 6.0;
    let mut greatest = |lift: f64| {
        let (mut treated, mut control) = (Moments::default(), Moments::default());
        let looks = (0..2_000).filter_map(|_| {
            treated = treated.with(value(lift));
            control = control.with(value(0.0));
            slowdown(&treated, &control, 0.0)
        });
        looks.fold(f64::MIN, f64::max)
    };
    let limit = alarm(0.01, 1);
    assert!((0..50).filter(|_| greatest(0.0) >= limit).count() <= 3);
    assert!((0..20).all(|_| greatest(0.3) >= limit));
}

#[test]
fn nothing_is_no_number() {
    let most = u64::MAX;
    for (treated, control) in [(0, 0), (most, 0), (0, most), (most, most)] {
        let failures = Failures { treated, control };
        for found in [
            regression(failures, 0.0),
            clearance(failures, 2.0),
            imbalance(treated, control),
        ] {
            assert!(found.is_finite(), "{failures:?}: {found}");
        }
    }
    let same = Moments {
        count: 200,
        mean: 1.0,
        squares: 0.0,
    };
    assert_eq!(slowdown(&same, &same, 0.0), None);
    let far = Moments {
        mean: -1e9,
        squares: 1.0,
        ..same
    };
    assert!(slowdown(&far, &same, 0.0).is_some_and(|it| it < -10.0 && it.is_finite()));
}
