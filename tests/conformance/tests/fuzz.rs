//! The short share of `tests/fuzz`: its targets over the vectors, over damaged copies of them, and over
//! every input that once failed.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

use std::cell::Cell;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
#[expect(unreachable_pub, reason = "the fuzzer uses them from outside")]
#[path = "../../fuzz/src/targets.rs"]
mod targets;

use targets::{Corpus, Seeds};

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

/// How many of so many damaged copies of `seeds` the target accepts.
fn damage_and_run(seeds: &[Vec<u8>], cases: u32, target: fn(&[u8]) -> bool) -> usize {
    let accepted = Cell::new(0_usize);
    run(cases, &(any::<Index>(), any_damage()), |(seed, damage)| {
        let seed = seed.index(seeds.len());
        if target(&damaged(&seeds[seed], damage)) {
            accepted.set(accepted.get().saturating_add(1));
        }
    });
    accepted.get()
}

fn run<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value)) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let test = |value| {
        test(value);
        Ok(())
    };
    TestRunner::new(config)
        .run(strategy, test)
        .expect("no input panics");
}

fn text(target: fn(&str) -> bool, bytes: &[u8]) -> bool {
    target(&String::from_utf8_lossy(bytes))
}

fn decode(bytes: &[u8]) -> bool {
    text(targets::decode, bytes)
}

fn laws(bytes: &[u8]) -> bool {
    text(targets::laws, bytes)
}

fn patterns(bytes: &[u8]) -> bool {
    text(targets::patterns, bytes)
}

fn corpus() -> Corpus {
    Corpus::load().expect("the vectors can be read")
}

/// Runs `target` on so many damaged copies of `seeds`, of which it accepts at least so many.
#[track_caller]
fn check(seeds: Seeds, cases: u32, accepted: usize, target: fn(&[u8]) -> bool) {
    let seeds: Vec<_> = seeds.into_values().collect();
    let of = damage_and_run(&seeds, cases, target);
    assert!(
        of >= accepted,
        "damage that leaves an input sound is tried as well: {of}"
    );
}

// Law 2.
#[test]
fn any_bytes_are_refused_or_harmless() {
    let mut programs = corpus().program_from_bytes;
    programs.retain(|name, _| !name.ends_with("-live"));
    assert!(
        programs
            .values()
            .all(|bytes| targets::program_from_bytes(bytes))
    );
    check(programs, 1_000, 50, targets::program_from_bytes);
}

// Law 2.
#[test]
fn any_text_is_refused_or_survives_being_written_and_read() {
    let texts = corpus().decode;
    assert!(texts.values().any(|bytes| decode(bytes)));
    check(texts, 4_000, 10, decode);
}

// Laws 1, 3, 6, 11 and 12.
#[test]
fn laws_hold_in_the_scenes_of_vectors_and_in_others_made_of_them() {
    let scenes: Vec<_> = corpus().laws.into_values().collect();
    let mut some = scenes.iter().step_by(12);
    assert!(some.all(|bytes| laws(bytes)), "each vector is a scene");
    let accepted = Cell::new(0_usize);
    let strategy = (any::<Index>(), any::<Index>(), any::<u64>());
    run(40, &strategy, |(one, other, seed)| {
        let [one, other] = [one, other].map(|index| &scenes[index.index(scenes.len())]);
        let [mutated, bred] = [targets::mutated(one, seed), targets::bred(one, other, seed)];
        for text in [mutated, bred] {
            if targets::laws(&text.expect("a scene")) {
                accepted.set(accepted.get().saturating_add(1));
            }
        }
    });
    assert!(
        accepted.get() > 20,
        "what is valid is made as well: {accepted:?}"
    );
}

// Law 1.
#[test]
fn patterns_find_what_the_crate_regex_finds() {
    let seeds = corpus().patterns;
    assert!(seeds.values().all(|bytes| patterns(bytes)));
    check(seeds, 500, 150, patterns);
}

#[test]
fn what_once_failed_does_not_fail_again() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/found");
    for file in fs::read_dir(found).expect("the folder is there") {
        let bytes = fs::read(file.expect("it can be listed").path()).expect("it can be read");
        targets::program_from_bytes(&bytes);
        decode(&bytes);
        laws(&bytes);
        patterns(&bytes);
    }
}
