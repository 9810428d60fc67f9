//! Laws of `crates/README.md`, each defined once: what is tried and what must hold. The comment of each is the law.
//!
//! `tests/laws` tries them on what is generated, `tests/fuzz` on what a fuzzer makes of the vectors.

mod answers;
mod changed;
mod differs;
mod explained;
pub mod generate;
mod left;
mod reads;
mod scene;
mod sent;
mod specialise;
mod time;
mod written;

use proptest::test_runner::TestCaseError;

use crate::answer::Native;

pub use answers::{all_flags_at_once, the_plain_evaluator};
pub use changed::{changed, crossed};
pub use differs::what_cannot_differ;
pub use explained::an_explanation;
pub use left::left_by_lint;
pub use reads::what_is_not_read;
pub use scene::{Scene, State};
pub use sent::what_decides_what_is_sent;
pub use specialise::{nothing_hidden, nothing_known, what_is_left};
pub use time::until_it_changes;
pub use written::what_was_written_before;

/// How many cases there were, in all of which the law held.
pub type Holds = Result<usize, TestCaseError>;

/// Whether a law holds in a scene, whose ruleset is valid and compiled.
pub type Law = fn(&Scene, &Native) -> Holds;

/// Every law that is about one scene, with what it is called.
pub const LAWS: &[(&str, Law)] = &[
    ("law 1", the_plain_evaluator),
    ("all at once", all_flags_at_once),
    ("law 3", what_is_left),
    ("law 3, nothing", nothing_known),
    ("law 3, hidden", nothing_hidden),
    ("law 6", an_explanation),
    ("law 11", what_is_not_read),
    ("law 12", until_it_changes),
    ("differences", what_cannot_differ),
    ("written before", what_was_written_before),
    ("sent", what_decides_what_is_sent),
];

/// The engine's answer in its canonical form, and the next instant at which it may change.
fn answer(native: &Native, case: &crate::Case) -> (String, Option<i64>) {
    let (answer, next_change) = native.evaluate(case).expect("an answer");
    (crate::canonical::text(&answer), next_change)
}
