//! What it means to be Vexil, tested: the vectors run natively, and a second evaluator that shares nothing with
//! the first.
//!
//! `cargo run -p vexil-conformance --bin vectors -- print` prints the answers that every runtime must give.

mod answer;
pub mod canonical;
mod check;
mod context;
#[expect(clippy::indexing_slicing, reason = "what a vector lacks is null")]
pub mod folded;
#[expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a law that cannot go on does not hold"
)]
pub mod laws;
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "it judges the engine and ships nowhere: what matters is that it is plain"
)]
pub mod oracle;
mod vector;

pub use answer::{Compiled, Native, live};
pub use check::{compile, failures, plain_failures};
pub use context::{look_up, resolve, value};
pub use vector::{
    Bucket, Case, Loaded, NOW, Positions, Started, Vector, Wanted, load, vectors_dir,
};

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
