//! The one door for building, testing and measuring.

fn main() {}
