//! Answers, and how they are written as JSON.

use serde_json::Value as Json;
use vexil_core::{Evaluation, Expose, Flag, Live, Program, Progress, Reason};

use crate::edge::Fact;
use crate::trust::Trust;

/// What all answers of one request come from.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot<'a> {
    /// The rules.
    pub program: &'a Program,
    /// What operations changed since.
    pub live: &'a LiveState,
    /// The version of the environment that names both.
    pub version: u64,
    /// Ms since 1970.
    pub now: i64,
    /// What of the caller's context is believed.
    pub trust: Trust<'a>,
    /// What the edge knows of the request, in place of all that the caller says of it; `None` for a server, which says
    /// itself what it knows of those for whom it asks.
    pub facts: Option<&'a [Fact]>,
    /// Whether nobody has confirmed the version for longer than answers may be old: each says so, and a flag that declares
    /// a failsafe serves that.
    pub is_expired: bool,
}

impl Snapshot<'_> {
    /// Whether a caller with a key of this visibility, so far as its context is believed, may know that `flag` exists.
    pub(crate) fn shows(&self, visibility: Visibility, flag: Flag<'_>) -> bool {
        let withheld = self.withheld().get(flag.index() as usize);
        visibility.shows(flag) && !withheld.copied().unwrap_or_default()
    }

    /// What `flag` serves for what it came to.
    pub(crate) fn served(&self, flag: Flag<'_>, evaluation: Evaluation) -> Evaluation {
        match flag.failsafe() {
            Some(variant) if self.is_expired => Evaluation {
                variant,
                reason: Reason::Default,
                rule: None,
                chosen_by: None,
                is_missing_unit: false,
                next_change: None,
            },
            Some(_) | None => evaluation,
        }
    }
}

/// What operations changed since the ruleset was written, by name: a program numbers its flags, and so does each
/// that is specialised from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveState {
    /// Its number.
    pub number: u64,
    /// The keys of the killed flags.
    pub killed: Vec<String>,
    /// How far the releases have come that have started, by name.
    pub started: Vec<(String, Progress)>,
}

impl LiveState {
    /// The live state as `program` reads it; names that it lacks are left out.
    #[must_use]
    pub fn resolve(&self, program: &Program) -> Live {
        let killed = self.killed.iter().map(String::as_str);
        let started = self.started.iter();
        let started = started.map(|(name, progress)| (name.as_str(), *progress));
        Live::new(program, self.number, killed, started, [])
    }
}

/// What the caller's key may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Visibility {
    /// The flags exposed to browsers.
    Exposed,
    /// Every flag.
    All,
}

impl Visibility {
    /// Whether this caller may know that `flag` exists.
    #[must_use]
    pub fn shows(self, flag: Flag<'_>) -> bool {
        match self {
            Visibility::All => true,
            Visibility::Exposed => match flag.expose() {
                Expose::Server => false,
                Expose::Values | Expose::Program => true,
            },
        }
    }
}

/// A flag and what it came to.
pub(crate) type Answer<'p> = (Flag<'p>, Evaluation);

/// Writes what was chosen, each member before its comma, where anything was: `"value":…,"variant":…,`.
///
/// The value is the program's own text, so its bytes are the same wherever it is evaluated.
pub(crate) fn write_choice(out: &mut String, (flag, evaluation): Answer<'_>) {
    if let Some(variant) = flag.variant(evaluation.variant) {
        out.push_str("\"value\":");
        out.push_str(variant.value);
        out.push_str(",\"variant\":");
        write_text(out, variant.name);
        out.push(',');
    }
}

/// What else explains an answer, each member after its comma: the rule that chose, the stage of a release and the arm,
/// whether a unit was missing.
pub(crate) fn write_explanation(out: &mut String, (flag, evaluation): Answer<'_>) {
    if let Some(rule) = evaluation.rule {
        out.push_str(",\"rule\":");
        match flag.rule_name(rule) {
            Some(name) => write_text(out, name),
            None => write_text(out, &rule.to_string()),
        }
    }
    if let Some(chosen_by) = evaluation.chosen_by {
        out.push_str(",\"stage\":");
        write_text(out, flag.stage(chosen_by));
        if let Some(arm) = chosen_by.arm {
            out.push_str(",\"arm\":\"");
            out.push_str(arm.name());
            out.push('"');
        }
    }
    if evaluation.is_missing_unit {
        out.push_str(",\"missingUnit\":true");
    }
}

/// Writes `text` as a JSON string.
pub(crate) fn write_text(out: &mut String, text: &str) {
    out.push_str(&Json::from(text).to_string());
}
