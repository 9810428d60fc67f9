//! The engine, as the npm package loads it.
