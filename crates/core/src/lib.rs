//! Programs, and how they are evaluated: no I/O, no clock, no randomness.

#![no_std]

extern crate alloc;
