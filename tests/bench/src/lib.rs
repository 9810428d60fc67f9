//! The flags that every engine is measured with: one generator, and a writer for each engine.

pub mod context;
pub mod engine;
#[cfg(feature = "peers")]
pub mod peers;
mod random;
pub mod set;
pub mod write;
