//! `cargo fuzz run decode`

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    targets::decode(text);
});
