//! What is odd about a ruleset that is right: what never happens, and what nothing uses.

mod allow;
mod code;
mod conditions;
mod flags;
mod logic;
mod moot;
mod splits;
mod uses;

use std::fmt;

use serde_json::json;

pub use code::Lint;

use crate::model::Ruleset;
use crate::path::Path;
use logic::Logic;

/// One thing that is odd about a ruleset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where, as an RFC 6901 JSON Pointer: `/flags/checkout/rules/2`.
    pub path: Path,
    /// What, for programs.
    pub lint: Lint,
    /// What, for people.
    pub message: String,
}

/// Everything odd that is not allowed in its place, in the order of the ruleset.
///
/// What it finds is so; not all that is so is found. Attributes can be lists, which pass two tests that
/// no single value passes, and every flag can be killed. `enabled: false` is taken for a switch that somebody threw:
/// such a flag is not called constant. The work is bounded: of conditions too intricate to decide, nothing is said.
///
/// ```
/// let ruleset = vexil_ruleset::decode(r#"{ "flags": { "banner": {
///     "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off",
///     "rules": [{ "when": { "attr": "plan", "is": "club" }, "serve": "on" },
///               { "when": { "all": [{ "attr": "plan", "is": "club" }, { "attr": "age", "gt": 17 }] }, "serve": "off" }],
///     "default": "off"
/// } } }"#)?;
/// let findings = vexil_ruleset::lint(&ruleset);
/// assert_eq!(
///     findings[0].to_string(),
///     "/flags/banner/rules/1: is never reached: rule 0 serves everybody whom it is for",
/// );
/// # Ok::<(), Vec<vexil_ruleset::Issue>>(())
/// ```
#[must_use]
pub fn lint(ruleset: &Ruleset) -> Vec<Finding> {
    let logic = Logic::new(ruleset);
    let mut findings = Vec::new();
    flags::check(&logic, &mut findings);
    conditions::check(&logic, &mut findings);
    splits::check(ruleset, &mut findings);
    uses::check(ruleset, &mut findings);
    // Last, for it asks the most questions, and says nothing where something else was said.
    moot::check(&logic, &mut findings);
    let mut findings = allow::apply(ruleset, findings);
    findings.sort_by_cached_key(|finding| steps(&finding.path));
    findings
}

impl Finding {
    fn new(path: Path, lint: Lint, message: impl Into<String>) -> Finding {
        Finding {
            path,
            lint,
            message: message.into(),
        }
    }

    /// `{"path":"/flags/…","code":"unused-variant","message":"…"}`
    #[must_use]
    pub fn to_json(&self) -> String {
        let path = self.path.as_str();
        json!({ "path": path, "code": self.lint.name(), "message": self.message }).to_string()
    }
}

impl fmt::Display for Finding {
    /// The place, if it is not the whole, then the sentence.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_str();
        if !path.is_empty() {
            write!(formatter, "{path}: ")?;
        }
        formatter.write_str(&self.message)
    }
}

/// The steps of a place, such that the second item comes before the tenth.
fn steps(path: &Path) -> Vec<(Option<usize>, String)> {
    let steps = path.as_str().split('/').skip(1);
    steps
        .map(|step| (step.parse().ok(), step.to_owned()))
        .collect()
}

/// The place `name` of the section `section`.
fn place(section: &str, name: impl fmt::Display) -> Path {
    Path::default().join(section).join(&name.to_string())
}

#[cfg(test)]
mod tests;
