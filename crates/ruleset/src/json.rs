//! JSON as it is read, with what a map would lose, and as JavaScript writes it.

mod text;
mod tree;

pub(crate) use text::{compact, quoted};
pub(crate) use tree::Node;
