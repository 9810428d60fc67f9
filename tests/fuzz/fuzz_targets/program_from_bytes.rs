//! `cargo fuzz run program_from_bytes`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    targets::program_from_bytes(bytes);
});
