//! The statistics of releases beside an implementation that shares nothing with them: `tests/statistics/reference.py`.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

use serde_json::Value;
use vexil_release::statistics::{Failures, Moments, clearance, imbalance, regression, slowdown};

const REFERENCE: &str = include_str!("../../statistics/reference.jsonl");

fn ours(name: &str, arguments: &[Value]) -> f64 {
    let float = |index: usize| arguments[index].as_f64().unwrap();
    let count = |index: usize| arguments[index].as_u64().unwrap();
    let failures = || Failures {
        treated: count(0),
        control: count(1),
    };
    let moments = |index: usize| {
        let [count, mean, squares] = [0, 1, 2].map(|part| &arguments[index][part]);
        Moments {
            count: count.as_u64().unwrap(),
            mean: mean.as_f64().unwrap(),
            squares: squares.as_f64().unwrap(),
        }
    };
    match name {
        "regression" => regression(failures(), float(2)),
        "clearance" => clearance(failures(), float(2)),
        "imbalance" => imbalance(count(0), count(1)),
        "slowdown" => slowdown(&moments(0), &moments(1), float(2)).unwrap(),
        _ => panic!("nothing is called {name}"),
    }
}

#[test]
fn every_number_is_the_reference_s_to_12_digits() {
    let mut count = 0;
    for line in REFERENCE.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let want = case["value"].as_f64().unwrap();
        let found = ours(
            case["name"].as_str().unwrap(),
            case["arguments"].as_array().unwrap(),
        );
        let is_near = (found - want).abs() <= 1e-12 * want.abs().max(1.0);
        assert!(is_near, "{found} instead of {line}");
        count += 1;
    }
    assert_eq!(count, 70);
}

#[test]
fn the_reference_is_what_its_program_prints() {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../statistics/reference.py");
    let printed = std::process::Command::new("python3").arg(program).output();
    let printed = printed
        .expect("Python 3 is needed: `sudo apt-get install python3`")
        .stdout;
    assert_eq!(String::from_utf8(printed).unwrap(), REFERENCE);
}
