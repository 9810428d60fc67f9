//! Explanations, for people and for programs.
//!
//! ```
//! use vexil_core::{Context, Live, Value, explain};
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
//! let flag = program.flag("checkout").expect("it was just compiled");
//!
//! let context = Context::resolve(&program, |_| Value::Text("FR"));
//! let explanation = explain(&program, &Live::default(), flag, &context, 0);
//! assert_eq!(
//!     vexil_ruleset::explain::Text(&explanation).to_string(),
//!     "checkout: off (DEFAULT)\n  rule 0: no\n    country is \"FR\", not \"DE\"\n  default: off\n"
//! );
//! # Ok::<(), Vec<vexil_ruleset::Issue>>(())
//! ```

mod json;
mod question;
mod serving;
mod text;
mod words;

pub use json::json;
pub use text::Text;
pub(crate) use words::{grouped, quoted};

#[cfg(test)]
mod tests;
