//! `cargo fuzz run laws`

#![no_main]

use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target, fuzzer_mutate};
use targets::{bred, mutated};

fuzz_target!(|text: &str| {
    targets::laws(text);
});

// Damaged JSON is mostly no JSON: what is changed is the scene.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    match mutated(&data[..size], u64::from(seed)) {
        Some(text) if text.len() <= max_size => copied(&text, data),
        _ => fuzzer_mutate(data, size, max_size),
    }
});

fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    match bred(one, other, u64::from(seed)) {
        Some(text) if text.len() <= out.len() => copied(&text, out),
        _ => 0,
    }
});

fn copied(text: &str, out: &mut [u8]) -> usize {
    out[..text.len()].copy_from_slice(text.as_bytes());
    text.len()
}
