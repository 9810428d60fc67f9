//! Other vendors' flag files, turned into rulesets and notes.
//!
//! An importer keeps what the ruleset language can say and names the rest: every flag, variant, rule, target and
//! segment of the file is in the ruleset, or in a note that says where it was and why it is not.

mod decimal;
mod draft;
mod eppo;
mod flagd;
mod flipt;
mod growthbook;
mod holds;
mod launchdarkly;
mod note;
mod twice;
mod unleash;
mod vendor;

use vexil_ruleset::Ruleset;

pub use draft::key_for;
pub use flagd::{Fractional, flagd};
pub use growthbook::growthbook;
pub use launchdarkly::launchdarkly;
pub use note::{Effect, Note};
pub use unleash::unleash;
pub use vendor::Vendor;

/// What a vendor's file became.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Valid: it compiles.
    pub ruleset: Ruleset,
    /// What was left out or may mean something else now, in the order of the file.
    pub notes: Vec<Note>,
}
