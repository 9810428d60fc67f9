//! Records that nobody alters unseen.
//!
//! Each record carries a hash of itself and of the hash before it, so that a record that is changed, left out, added or
//! moved breaks the chain from there on. Whoever kept the newest hash elsewhere also sees a chain that was cut short
//! or written anew.
//!
//! A record is a JSON object without fractions. Its hash is `SHA-256(previous ‖ canonical)`: the 32 bytes of the hash
//! before it (zeros before the first), then the record without its `hash` in UTF-8, members sorted by name and nothing
//! between the tokens, which for such records is RFC 8785.

mod canonical;
mod chain;
mod hash;

pub use canonical::canonical;
pub use chain::{Broken, Why, link, verify};
pub use hash::Hash;
