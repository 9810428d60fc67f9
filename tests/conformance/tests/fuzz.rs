//! The short share of `tests/fuzz`: its targets over the vectors, over damaged copies of them, and over
//! every input that once failed.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::cell::Cell;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use vexil_conformance::{load, vectors_dir};

#[expect(unreachable_pub, reason = "the fuzzer uses them from outside")]
#[path = "../../fuzz/src/targets.rs"]
mod targets;

/// Damage: at a place, so many bytes (`None`: as many) are replaced by others.
type Damage = Vec<(Index, Option<u8>, Vec<u8>)>;

/// Mostly bytes that are overwritten: whatever moves the rest of a program is found out soon.
fn any_damage() -> impl Strategy<Value = Damage> {
    let length = prop_oneof![4 => Just(None), 1 => (0..9_u8).prop_map(Some)];
    let byte = prop_oneof![1 => 0..4_u8, 1 => any::<u8>()];
    let others = prop::collection::vec(byte, 0..5);
    prop::collection::vec((any::<Index>(), length, others), 1..4)
}

fn damaged(bytes: &[u8], damage: Damage) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, length, others) in damage {
        let from = place.index(bytes.len().max(1)).min(bytes.len());
        let length = length.map_or(others.len(), usize::from);
        let until = from.saturating_add(length).min(bytes.len());
        drop(bytes.splice(from..until, others));
    }
    bytes
}

fn rulesets() -> Vec<String> {
    let loaded = load(&vectors_dir()).expect("the vectors can be read");
    let broken = loaded.issues.into_iter().map(|wanted| wanted.ruleset);
    loaded
        .vectors
        .into_iter()
        .map(|vector| vector.ruleset)
        .chain(broken)
        .collect()
}

fn programs() -> Vec<Vec<u8>> {
    let rulesets = rulesets();
    let valid = rulesets
        .iter()
        .filter_map(|text| vexil_ruleset::decode(text).ok());
    let programs = valid.filter_map(|ruleset| vexil_ruleset::compile(&ruleset, "test", 1, 0).ok());
    programs
        .map(|program| program.as_bytes().to_vec())
        .collect()
}

/// How many of many damaged copies of `seeds` the target accepts.
fn damage_and_run(seeds: &[Vec<u8>], target: fn(&[u8]) -> bool) -> usize {
    let accepted = Cell::new(0_usize);
    let config = Config {
        cases: 4_000,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&(any::<Index>(), any_damage()), |(seed, damage)| {
            let seed = seed.index(seeds.len());
            if target(&damaged(&seeds[seed], damage)) {
                accepted.set(accepted.get().saturating_add(1));
            }
            Ok(())
        })
        .expect("no input panics");
    accepted.get()
}

fn decode(bytes: &[u8]) -> bool {
    targets::decode(&String::from_utf8_lossy(bytes))
}

// Law 2.
#[test]
fn any_bytes_are_refused_or_harmless() {
    let programs = programs();
    assert!(
        programs
            .iter()
            .all(|bytes| targets::program_from_bytes(bytes))
    );
    let accepted = damage_and_run(&programs, targets::program_from_bytes);
    assert!(
        accepted > 100,
        "damage that leaves a program sound is tried as well: {accepted}"
    );
}

// Law 2.
#[test]
fn any_text_is_refused_or_survives_being_written_and_read() {
    let seeds: Vec<_> = rulesets().into_iter().map(String::into_bytes).collect();
    let accepted = damage_and_run(&seeds, decode);
    assert!(
        accepted > 10,
        "damage that leaves a ruleset valid is tried as well: {accepted}"
    );
}

#[test]
fn what_once_failed_does_not_fail_again() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/found");
    for file in fs::read_dir(found).expect("the folder is there") {
        let bytes = fs::read(file.expect("it can be listed").path()).expect("it can be read");
        targets::program_from_bytes(&bytes);
        decode(&bytes);
    }
}
