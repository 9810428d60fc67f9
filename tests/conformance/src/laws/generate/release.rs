//! Releases, and the live states they can be in.

use super::condition::{self, ATTRIBUTES};
use super::{FLAGS, VARIANTS, object};
use crate::Started;
use crate::laws::State;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// A release whose audiences may need the first flag.
pub(super) fn release() -> impl Strategy<Value = Value> {
    let audience = option::weighted(0.4, condition::condition(1, 2));
    let percent = option::weighted(0.8, percent());
    let stages = vec((audience, percent), STAGES).prop_map(staged);
    let between = (0..VARIANTS.len(), 1..VARIANTS.len());
    (between, option::weighted(0.2, select(ATTRIBUTES)), stages).prop_map(
        |((from, step), by, stages)| {
            object([
                ("from", Some(VARIANTS[from].into())),
                ("to", Some(VARIANTS[(from + step) % VARIANTS.len()].into())),
                ("by", by.map(Value::from)),
                ("stages", Some(stages)),
            ])
        },
    )
}

/// How many stages every release has.
const STAGES: usize = 4;

fn percent() -> impl Strategy<Value = f64> {
    select(vec![
        0.0, 0.00001, 1.0, 5.0, 10.0, 25.0, 33.33333, 50.0, 50.00001, 75.0, 99.99999, 100.0,
    ])
}

/// Only the percents of audiences may fall.
fn staged(stages: Vec<(Option<Value>, Option<f64>)>) -> Value {
    let mut least = 0.0_f64;
    let stages = stages.into_iter().enumerate();
    let stages = stages.map(|(number, (audience, percent))| {
        let percent = match percent {
            Some(percent) if audience.is_none() => {
                least = least.max(percent);
                Some(least)
            }
            percent => percent,
        };
        object([
            ("name", Some(json!(format!("p{number}")))),
            ("audience", audience),
            ("percent", percent.map(Value::from)),
        ])
    });
    stages.collect()
}

/// The live state of a ruleset of [`super::ruleset`], and a time.
pub fn state() -> BoxedStrategy<State> {
    let killed = vec(select(FLAGS), 0..2);
    let exposure = prop_oneof![
        4 => percent().prop_map(|percent| percent / 100.0),
        1 => 0.0..=1.0_f64,
        1 => select(vec![1e-10, 0.1 + 0.2, 1.0 - f64::EPSILON, 0.5 - f64::EPSILON]),
    ];
    let started = vec(option::weighted(0.8, (0..STAGES, exposure)), 3);
    (killed, started, condition::now())
        .prop_map(|(killed, started, now)| {
            let started = started.into_iter().enumerate();
            let started = started.filter_map(|(number, started)| {
                let (stage, exposure) = started?;
                let (release, stage) = (format!("r{number}"), format!("p{stage}"));
                Some(Started {
                    release,
                    stage,
                    exposure,
                })
            });
            State {
                killed: killed.into_iter().map(str::to_owned).collect(),
                started: started.collect(),
                now,
            }
        })
        .boxed()
}
