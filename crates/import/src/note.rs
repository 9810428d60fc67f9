//! What an importer has to say about a file.

use std::fmt;

use vexil_ruleset::Path;

/// One thing of a vendor's file that the ruleset does not say as the file did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where, in the vendor's file.
    pub path: Path,
    /// What of the ruleset it became; `None` where nothing of it is left.
    pub to: Option<Path>,
    /// Whether it matters to answers.
    pub effect: Effect,
    /// What is different now, and why.
    pub reason: String,
}

/// Whether the ruleset may answer otherwise than the vendor did because of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Every answer is the same: what is gone is for people, or says where data goes.
    None,
    /// Some context may get another answer.
    Answers,
}

impl Note {
    /// Nothing of what was at `path` is in the ruleset, and answers may differ for it.
    pub(crate) fn left_out(path: Path, reason: impl Into<String>) -> Note {
        Note {
            path,
            to: None,
            effect: Effect::Answers,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Note {
    /// The place, if it is not the whole, then the sentence, then what became of it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.as_str().is_empty() {
            write!(formatter, "{}: ", self.path)?;
        }
        formatter.write_str(&self.reason)?;
        match &self.to {
            Some(to) => write!(formatter, " (now {to})"),
            None => Ok(()),
        }
    }
}
