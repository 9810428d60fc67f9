//! JSON as it is read, with what a map would lose, and as JavaScript writes it.

mod layout;
mod text;
mod tree;

pub(crate) use layout::laid_out;
pub(crate) use text::{compact, quoted};
pub(crate) use tree::Node;
