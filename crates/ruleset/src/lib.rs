//! The language in which flags are written: rulesets, as JSON.
//!
//! [`decode`] reads one, and finds everything that is wrong with it, each issue with its place. [`encode`]
//! writes it back. [`lint`] finds what is right and odd nevertheless. [`compile`] makes the [`vexil_core::Program`] that
//! machines run. [`explain`] and [`mod@diff`] say how a program comes to its answers, and what becomes of them in another.
//!
//! ```
//! use vexil_core::{Context, Live, Reason, Value, evaluate};
//!
//! let ruleset = vexil_ruleset::decode(r#"{
//!     "flags": {
//!         "checkout": {
//!             "type": "boolean",
//!             "variants": { "on": true, "off": false },
//!             "offVariant": "off",
//!             "rules": [{ "when": { "attr": "country", "is": "DE" }, "serve": "on" }],
//!             "default": "off"
//!         }
//!     }
//! }"#)?;
//! let program = vexil_ruleset::compile(&ruleset, "production", 1, 0)?;
//!
//! let context = Context::resolve(&program, |name| match name {
//!     "country" => Value::Text("DE"),
//!     _ => Value::Missing,
//! });
//! let flag = program.flag("checkout").expect("it was just compiled");
//! let evaluation = evaluate(&program, &Live::default(), flag, &context, 0);
//! assert_eq!(flag.variant(evaluation.variant).expect("evaluation is total").value, "true");
//! assert_eq!(evaluation.reason, Reason::TargetingMatch);
//! # Ok::<(), Vec<vexil_ruleset::Issue>>(())
//! ```

mod amount;
mod automaton;
mod compile;
mod condition;
mod decode;
pub mod diff;
mod encode;
pub mod explain;
#[cfg(test)]
mod generate;
mod instant;
mod issue;
mod json;
mod key;
mod lint;
mod model;
mod network;
mod path;
mod pattern;
mod rfc3339;
mod semver;
mod suggest;
mod texts;

pub use amount::{Duration, Exposure, Percent, Weight};
pub use compile::compile;
pub use condition::{AttributeName, AttributeTest, Condition, Interval, Prerequisite, Scalar};
pub use decode::{decode, schema};
pub use encode::encode;
pub use instant::Instant;
pub use issue::{Code, Issue, Unknown};
pub use key::{FlagKey, MetricName, ReleaseName, SegmentName, TeamName, VariantName};
pub use lint::{Finding, Lint, lint};
pub use model::{
    Flag, Metric, MetricKind, Release, Rule, Ruleset, Segment, Serve, Split, Stage, Team, Test,
};
pub use network::{Network, NetworkError};
pub use path::Path;
pub use pattern::{Pattern, PatternError};
pub use semver::{Range, RangeError};
pub use suggest::suggest;
pub use texts::Texts;
pub use vexil_core::{Recipe, limits};
