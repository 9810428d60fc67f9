//! Laws of `crates/README.md` as properties. The comment of each test is the law.
//!
//! `cargo test -p vexil-conformance --test laws -- --nocapture` says how many cases each ran.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and one that was asked says what it ran"
)]

mod bytes;
mod coverage;
mod differences;
mod positions;
mod ramps;
mod scenes;
mod shown;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use serde_json::Value;
use vexil_conformance::Native;

/// The same cases in every run; the seed is printed with a failure.
fn config(cases: u32) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..Config::default()
    }
}

/// Runs `test`, which says how many cases there were in each, and prints how many there were in all.
#[track_caller]
fn law<S: Strategy>(
    name: &str,
    samples: u32,
    strategy: &S,
    test: impl Fn(S::Value) -> Result<usize, TestCaseError>,
) {
    let cases = Cell::new(0);
    let run = |value| {
        cases.set(cases.get() + test(value)?);
        Ok(())
    };
    match TestRunner::new(config(samples)).run(strategy, run) {
        Ok(()) => {}
        // The reason names what it is about: the smallest case that was found.
        Err(TestError::Fail(reason, _)) => panic!("{name}: {reason}"),
        Err(error @ TestError::Abort(_)) => panic!("{name}: {error}"),
    }
    println!("{name}: {} cases", cases.get());
}

fn compiled(ruleset: &Value) -> Result<Native, TestCaseError> {
    Native::compile(&ruleset.to_string()).map_err(|issues| {
        let issues: Vec<String> = issues.iter().map(ToString::to_string).collect();
        TestCaseError::fail(format!("{ruleset}\n{}", issues.join("\n")))
    })
}
