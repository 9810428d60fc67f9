//! `cargo fuzz run patterns`

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    targets::patterns(text);
});
