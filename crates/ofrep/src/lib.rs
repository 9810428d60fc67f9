//! The OpenFeature remote evaluation protocol as pure functions: a request's body and a [`Snapshot`] in, a
//! [`Response`] out.
//!
//! Source: `service/openapi.yaml` and ADR 0008 of open-feature/protocol, version 0.3. [`single`] and [`bulk`] are
//! its two calls; [`values`] and [`program`] are Vexil's own, which send the same answers in the forms its
//! browser client reads. None of them knows HTTP beyond a status, an entity tag and a body, so all of it runs
//! in a unit test.

mod answer;
pub mod base64url;
mod caps;
mod context;
mod delivery;
mod edge;
mod entries;
mod protocol;
mod question;
mod response;
mod trust;

pub use answer::{LiveState, Snapshot, Visibility};
pub use caps::Excess;
pub use context::resolve;
pub use delivery::{program, program_key, program_reads, values, values_key};
pub use edge::{Fact, reads_facts};
pub use entries::Entries;
pub use protocol::{Conditions, bulk, bulk_failure, single, single_failure};
pub use question::{Fault, Question, context_of, parse_json};
pub use response::{Body, Response};
pub use trust::Trust;

#[cfg(test)]
mod made;
#[cfg(test)]
mod tests;
