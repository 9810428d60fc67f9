//! One flag, as its targeting is read.

use vexil_ruleset::Path;

use super::Fractional;
use crate::note::Effect;

/// What the parts of a flag's targeting need to know of it, and what there is to say of them.
pub(super) struct Reader<'f> {
    /// As flagd calls the flag: `$flagd.flagKey`.
    pub(super) flag_key: &'f str,
    /// As the ruleset calls it.
    pub(super) key: String,
    pub(super) fractional: Fractional,
    pub(super) notes: Vec<(Path, Effect, String)>,
}

impl Reader<'_> {
    /// Answers may differ because of what is at `path`.
    pub(super) fn note(&mut self, path: Path, reason: impl Into<String>) {
        self.push(path, Effect::Answers, reason.into());
    }

    /// What is at `path` is not in the ruleset, and no answer differs for it.
    pub(super) fn note_dropped(&mut self, path: Path, reason: impl Into<String>) {
        self.push(path, Effect::None, reason.into());
    }

    fn push(&mut self, path: Path, effect: Effect, reason: String) {
        let note = (path, effect, reason);
        // A chain of comparisons says the same of each pair.
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
