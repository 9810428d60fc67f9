//! Other vendors' flag files, turned into rulesets and notes.
//!
//! An importer keeps what the ruleset language can say and names the rest: every flag, variant and
//! rule of the file is in the ruleset, or in a note that says where it was and why it is not.

mod flagd;

use std::fmt;

use vexil_ruleset::{Path, Ruleset};

pub use flagd::flagd;

/// What a vendor's file became.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Valid: it compiles.
    pub ruleset: Ruleset,
    /// What was left out or may mean something else now, in the order of the file.
    pub notes: Vec<Note>,
}

/// One thing of a vendor's file that the ruleset does not say as the file did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where, in the vendor's file.
    pub path: Path,
    /// What is different now, and why.
    pub reason: String,
}

impl fmt::Display for Note {
    /// The place, if it is not the whole, then the sentence.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.as_str().is_empty() {
            write!(formatter, "{}: ", self.path)?;
        }
        formatter.write_str(&self.reason)
    }
}
