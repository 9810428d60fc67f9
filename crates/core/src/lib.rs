//! Vexil's engine: programs, and how they are evaluated.
//!
//! A [`Program`] is a ruleset compiled to one flat, immutable buffer. [`Program::from_bytes`] finds
//! everything that can be wrong with it; after that [`evaluate`] is total. Nothing here does I/O, reads a
//! clock, draws a random number or logs: `now` and the context are arguments, the answer is a value.
//!
//! ```
//! use vexil_core::build::{Builder, FlagSpec, Graph, Leaf};
//! use vexil_core::{Context, Expose, FlagType, Live, Reason, Value, evaluate};
//!
//! let mut builder = Builder::new("production", 1, 0);
//! let mut graph = Graph::default();
//! let on = graph.leaf(Leaf::Serve { variant: 0, reason: Reason::Static, rule: None, is_missing_unit: false, chosen_by: None });
//! builder.flag(FlagSpec {
//!     key: "banner", kind: FlagType::Boolean, expose: Expose::Program, is_enabled: true, track: false,
//!     variants: &[("on", "true"), ("off", "false")], off_variant: 1, failsafe: None, rules: &[],
//! }, &graph, on);
//! let program = builder.finish()?;
//!
//! let flag = program.flag("banner").ok_or("no such flag")?;
//! let context = Context::resolve(&program, |_| Value::Missing);
//! assert_eq!(evaluate(&program, &Live::default(), flag, &context, 0).reason, Reason::Static);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![no_std]

extern crate alloc;

mod automaton;
mod bucket;
pub mod build;
mod bytes;
mod check;
mod context;
mod cursor;
mod error;
mod evaluate;
#[cfg(feature = "explain")]
pub mod explain;
mod flag;
#[cfg(feature = "explain")]
pub mod form;
mod header;
pub mod instant;
mod intact;
mod layout;
pub mod limits;
mod live;
pub mod network;
mod node;
mod program;
mod recipe;
mod release;
pub mod semver;
mod specialise;
mod wanted;

pub use bucket::{Position, Seed};
pub use context::{Context, Value};
pub use error::{ErrorCode, ProgramError};
pub use evaluate::{Answer, Arm, ChosenBy, Evaluation, Reason, ask, evaluate, evaluate_all, fault};
#[cfg(feature = "explain")]
pub use explain::{Explanation, explain};
pub use flag::{Expose, Flag, FlagType, Variant};
pub use intact::Intact;
pub use live::{Fault, FaultSpec, Live, Progress};
pub use program::{Attribute, Program};
pub use recipe::Recipe;
pub use release::Release;
pub use specialise::{Known, Reads, Recipient, long_lists, private_readers, specialise};
pub use wanted::{Shown, Wanted};
