//! What folding makes of splits, ramps and times.

use super::folds::{add_test, ask, context, holds, left, served, text, written};
use super::{serve, spec};
use crate::build::{Arm, Graph, Leaf, Ramp, RampUnit, Split, StageSpec, Test};
use crate::layout::Section;
use crate::{Expose, Live, Program, Progress, Reason, Recipe, Seed, Value, evaluate};

/// Serves `on` to one half of the users and `spare` to the other, `off` to nobody.
fn split(recipe: Option<Recipe>) -> Program {
    written(|builder| {
        let by = builder.attribute("user", false);
        let mut graph = Graph::default();
        let otherwise = serve(&mut graph, 1, None);
        let arm = |variant, end| Arm {
            variant,
            end,
            boundary: end,
        };
        let arms = [arm(0, 1 << 31), arm(2, 1 << 32)].into();
        let recipe = recipe.map(|recipe| (recipe, "salt-canary"));
        let split = Split {
            seed: Seed::of("salt"),
            recipe,
            by,
            arms,
            rest: 1,
        };
        let entry = graph.leaf(Leaf::Split {
            split,
            rule: None,
            otherwise,
        });
        builder.flag(spec("flag", Expose::Program), &graph, entry);
    })
}

#[test]
fn a_split_whose_unit_is_known_is_the_variant_it_serves() {
    let whole = split(None);
    for unit in ["user-1", "user-2", "user-3", "user-4"] {
        let said = [("user", text(unit))];
        let left = left(&whole, &said);
        assert_eq!(
            (left.count(Section::Splits), holds(&left, unit)),
            (0, false)
        );
        let on = u64::from(Seed::of("salt").place(unit).get()) < 1 << 31;
        assert_eq!(served(&left, "flag", &[]), if on { "on" } else { "spare" });
        assert_eq!(holds(&left, "spare-value"), !on, "{unit}");
        assert_eq!(
            ask(&left, &Live::default(), "flag", &[]).reason,
            Reason::Split
        );
    }
}

#[test]
fn a_split_without_its_unit_is_gone() {
    let left = left(&split(None), &[("user", Value::Missing)]);
    assert_eq!(
        (left.count(Section::Splits), served(&left, "flag", &[])),
        (0, "off".into())
    );
}

#[cfg(feature = "recipes")]
#[test]
fn another_vendors_recipe_never_reaches_a_browser() {
    let whole = split(Some(Recipe::EppoMd5));
    let said = [("user", text("user-1"))];
    let (folded, open) = (left(&whole, &said), left(&whole, &[]));
    for left in [&folded, &open] {
        assert!(left.flag("flag").unwrap().is_decided() && !holds(left, "salt-canary"));
    }
    assert_eq!(served(&folded, "flag", &[]), served(&whole, "flag", &said));
    assert_eq!(served(&open, "flag", &[]), served(&whole, "flag", &[]));
}

/// Moves users from `off` to `on`.
fn ramp(is_private: bool) -> Program {
    written(|builder| {
        let by = builder.attribute("user", is_private);
        let stage = StageSpec {
            name: "first",
            exposure: Some(1 << 31),
            has_audience: false,
        };
        let release = builder.release("ga", &[stage]);
        let mut graph = Graph::default();
        let otherwise = serve(&mut graph, 1, None);
        let unit = RampUnit::By(by, Seed::of("release:ga"));
        let ramp = Ramp {
            unit,
            release,
            from: 1,
            to: 0,
            audience: None,
        };
        let entry = graph.leaf(Leaf::Ramp {
            ramp,
            rule: None,
            otherwise,
        });
        builder.flag(spec("flag", Expose::Program), &graph, entry);
    })
}

#[test]
fn a_ramp_whose_unit_is_known_keeps_the_position_and_follows_live_state() {
    let left = left(&ramp(false), &[("user", text("user-1"))]);
    assert!(!holds(&left, "user-1") && !left.flag("flag").unwrap().is_decided());
    let position = Seed::of("release:ga").place("user-1");
    let share = f64::from(position.get()) / 4_294_967_296.0;
    let at = |exposure| {
        let progress = Progress { stage: 0, exposure };
        let live = Live::new(&left, 1, [], [("ga", progress)], []);
        ask(&left, &live, "flag", &[]).variant
    };
    assert_eq!(
        [at(0.0), at(share - 0.01), at(share + 0.01), at(1.0)],
        [1, 1, 0, 0]
    );
    assert_eq!(served(&left, "flag", &[]), "off", "it has not started");
}

#[test]
fn a_position_would_give_a_private_unit_away() {
    let left = left(&ramp(true), &[("user", text("user-1"))]);
    assert_eq!(left.count(Section::Ramps), 0);
    let flag = left.flag("flag").unwrap();
    assert!(flag.is_decided() && flag.asks_anything());
}

#[test]
fn a_time_is_never_folded() {
    let whole = written(|builder| {
        let (from, until) = (Some(1_000), Some(2_000));
        add_test(builder, Test::Time { from, until });
    });
    let left = left(&whole, &[]);
    let answer = |now| {
        let flag = left.flag("flag").unwrap();
        let answer = evaluate(&left, &Live::default(), flag, &context(&left, &[]), now);
        (answer.variant, answer.next_change)
    };
    assert_eq!(answer(0), (1, Some(1_000)));
    assert_eq!(answer(1_000), (0, Some(2_000)));
    assert_eq!(answer(2_000), (1, None));
}
