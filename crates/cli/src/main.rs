//! The `vexil` command line.

fn main() {}
