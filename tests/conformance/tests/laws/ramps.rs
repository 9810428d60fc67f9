//! Law 4.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use vexil_conformance::{Native, Started};
use vexil_core::Seed;

use crate::{compiled, law};
use vexil_conformance::laws::State;
use vexil_conformance::laws::generate::{self, RECIPES};

const UNITS: usize = 400;

/// Units of one kind, by chance.
fn units() -> impl Strategy<Value = Vec<String>> {
    let prefix = select(vec!["user-", "", "größe/", "7f9c24e5-0000-4000-8000-"]);
    (prefix, 0..1_000_000_000_u64).prop_map(|(prefix, first)| {
        (first..)
            .take(UNITS)
            .map(|number| format!("{prefix}{number}"))
            .collect()
    })
}

/// Exposures in ascending order, from nobody to everybody.
fn ramp() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.0..1.0, 1..12).prop_map(|mut ramp| {
        ramp.extend([0.0, 0.5, 1.0]);
        ramp.sort_by(f64::total_cmp);
        ramp
    })
}

/// What `unit` is served, of flag `f`.
fn answer(native: &Native, state: &State, unit: &str) -> Value {
    let case = state.case("f", &json!({ "targetingKey": unit }));
    native.answer(&case).expect("an answer")
}

/// Law 4: raising a ramp never takes a unit out, lowering it takes out the last to come in first; and the arms that
/// are compared are within the ramp and outside it, of one size.
#[test]
fn raising_a_ramp_takes_no_unit_out_and_lowering_it_takes_the_last_first() {
    let name = "[a-z]{1,12}";
    law(
        "law 4, ramps",
        24,
        &(name, units(), ramp()),
        |(name, units, ramp)| {
            let ruleset = json!({
                "flags": { "f": {
                    "type": "string", "variants": { "a": "a", "b": "b" }, "offVariant": "a", "default": { "release": name },
                } },
                "releases": { &name: { "from": "a", "to": "b", "stages": [{ "name": "ramp", "percent": 100 }] } },
            });
            let native = compiled(&ruleset)?;
            let mut entered: HashMap<&String, usize> = HashMap::new();
            for (step, exposure) in ramp.iter().enumerate() {
                let state = at(&name, *exposure);
                let mut arms = [0_usize; 2];
                for unit in &units {
                    let answer = answer(&native, &state, unit);
                    let is_in = answer["variant"] == "b";
                    if is_in {
                        entered.entry(unit).or_insert(step);
                    }
                    prop_assert_eq!(
                        is_in,
                        entered.contains_key(unit),
                        "{} left at {}",
                        unit,
                        exposure
                    );
                    match answer.get("arm") {
                        Some(arm) if *arm == "treated" => {
                            prop_assert!(is_in);
                            arms[0] += 1;
                        }
                        Some(_) => {
                            prop_assert!(!is_in);
                            arms[1] += 1;
                        }
                        None => {}
                    }
                }
                // Each arm is a binomial sample of m = min(c, 1 - c) of the units: they differ by six deviations at most.
                let least = exposure.min(1.0 - exposure);
                let deviation = (2.0 * least * UNITS as f64).sqrt();
                let difference = arms[0].abs_diff(arms[1]) as f64;
                prop_assert!(
                    difference <= 6.0 * deviation + 1.0,
                    "{:?} at {}",
                    arms,
                    exposure
                );
            }
            prop_assert_eq!(entered.len(), UNITS, "at 1 all are in");
            // Who came in later is further up, so the way down is the way up backwards.
            let seed = Seed::of(&format!("release:{name}"));
            let mut order: Vec<_> = entered.iter().collect();
            order.sort_by_key(|(unit, _)| seed.place(unit).get());
            prop_assert!(order.is_sorted_by_key(|(_, step)| **step));
            for (step, exposure) in ramp.iter().enumerate().rev() {
                let state = at(&name, *exposure);
                for unit in &units {
                    let is_in = answer(&native, &state, unit)["variant"] == "b";
                    prop_assert_eq!(
                        is_in,
                        entered[unit] <= step,
                        "{} on the way down at {}",
                        unit,
                        exposure
                    );
                }
            }
            Ok(UNITS * ramp.len() * 2)
        },
    );
}

fn at(release: &str, exposure: f64) -> State {
    let started = Started {
        release: release.to_owned(),
        stage: "ramp".to_owned(),
        exposure,
    };
    State {
        killed: Vec::new(),
        started: vec![started],
        now: 0,
    }
}

/// Law 4: growing the exposure of a split takes no unit out and never swaps one variant for another, by any recipe.
#[test]
fn growing_the_exposure_of_a_split_swaps_no_variant() {
    let recipe = prop::option::of(select(RECIPES));
    let weights = prop::collection::vec(1..100_u32, 3);
    let steps = prop::collection::vec(0..=100_000_u32, 1..6);
    let cases = (recipe, weights, steps, units());
    law(
        "law 4, splits",
        60,
        &cases,
        |(recipe, weights, mut steps, units)| {
            steps.sort_unstable();
            let state = State {
                killed: Vec::new(),
                started: Vec::new(),
                now: 0,
            };
            let mut before: HashMap<String, Value> = HashMap::new();
            for step in &steps {
                let parts: Vec<Value> = ["a", "b", "c"]
                    .iter()
                    .zip(&weights)
                    .map(|(name, weight)| json!([name, weight]))
                    .collect();
                let exposure = f64::from(*step) / 100_000.0;
                let mut split = json!({ "split": parts, "exposure": exposure, "rest": "rest" });
                if let Some(recipe) = recipe {
                    split["hash"] = recipe.into();
                }
                let native = compiled(&json!({ "flags": { "f": {
                "type": "string", "variants": { "a": "a", "b": "b", "c": "c", "rest": "rest" }, "offVariant": "rest",
                "default": split,
            } } }))?;
                for unit in &units {
                    let variant = answer(&native, &state, unit)["variant"].clone();
                    match before.get(unit) {
                        Some(earlier) => {
                            prop_assert_eq!(earlier, &variant, "{} at {}", unit, exposure);
                        }
                        None if variant != "rest" => drop(before.insert(unit.clone(), variant)),
                        None => {}
                    }
                }
            }
            Ok(UNITS * steps.len())
        },
    );
}

/// Law 4: a unit's position depends on salt and unit alone.
#[test]
fn a_position_depends_on_salt_and_unit_alone() {
    let cases = (
        prop::option::of(select(RECIPES)),
        "[a-zé]{1,40}",
        "\\PC{1,60}",
        1..(1_u64 << 32),
        generate::context(),
        generate::state(),
    );
    law(
        "law 4, positions",
        300,
        &cases,
        |(recipe, salt, unit, boundary, mut context, state)| {
            let mut split = json!({ "split": [["a", boundary], ["b", (1_u64 << 32) - boundary]], "salt": salt });
            if let Some(recipe) = recipe {
                split["hash"] = recipe.into();
            }
            let variants = json!({ "a": "a", "b": "b" });
            let mut by = split.clone();
            by["by"] = "/deep/unit".into();
            let flag = |serve: &Value| json!({ "type": "string", "variants": variants, "offVariant": "a", "default": serve });
            let rule = json!({ "when": { "attr": "x", "exists": false }, "serve": split });
            let native = compiled(&json!({ "flags": {
            "alone": flag(&split), "f1": flag(&by),
            "f2": { "type": "string", "variants": variants, "offVariant": "b", "default": "a", "rules": [rule] },
        } }))?;
            context["targetingKey"] = unit.as_str().into();
            context["deep"] = json!({ "unit": unit });
            let killed = State {
                killed: Vec::new(),
                ..state
            };
            let variant = |flag, context: &Value| {
                native
                    .answer(&killed.case(flag, context))
                    .expect("an answer")["variant"]
                    .clone()
            };
            let alone = variant("alone", &json!({ "targetingKey": unit }));
            for flag in ["alone", "f1", "f2"] {
                prop_assert_eq!(
                    variant(flag, &context),
                    alone.clone(),
                    "{} of {:?}",
                    flag,
                    context
                );
            }
            Ok(3)
        },
    );
}
