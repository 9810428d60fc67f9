//! The engine, as the npm package loads it: one program, its live state, and the answers for one context.
//!
//! Only numbers cross. Bytes are written to, and answers read from, where the engine says they lie in its memory; what
//! does not depend on the context JavaScript reads from the program itself, whose format `vexil_core` documents.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

#[cfg(target_family = "wasm")]
mod runtime;

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use vexil_core::{Answer, Intact, Live, ProgramError};
use wasm_bindgen::prelude::wasm_bindgen;

/// A program, its live state, and what its flags came to for the last context.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Engine {
    input: Vec<u8>,
    program: Option<Intact>,
    live: Live,
    answers: Vec<Answer>,
}

#[wasm_bindgen]
impl Engine {
    /// An engine without a program.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Engine {
        Engine::default()
    }

    /// Where to write `length` bytes for the next call: a multiple of four, so that JavaScript can read words there.
    pub fn room(&mut self, length: usize) -> *const u8 {
        self.input = vec![0; length];
        self.input.as_ptr()
    }

    /// Takes what was written: a program, which stays where it is, or, once there is one, its live state. Before that
    /// nothing is killed, and every ramp is at 0.
    ///
    /// Returns 0, or what is wrong with it: [`ProgramError::code`]; nothing changes then.
    pub fn take(&mut self) -> u8 {
        let input = mem::take(&mut self.input);
        let taken = if self.program.is_some() {
            Live::from_bytes(&input).map(|live| self.live = live)
        } else {
            Intact::from_bytes(input).map(|program| self.program = Some(program))
        };
        taken.map_or_else(ProgramError::code, |()| 0)
    }

    /// Evaluates every flag at `now`, in ms since 1970, for the context that was written: see
    /// [`vexil_core::Context::from_bytes`].
    ///
    /// Returns the instant at which an answer may change by itself, `Infinity` where none will.
    #[wasm_bindgen(js_name = evaluateAll)]
    pub fn evaluate_all(&mut self, now: f64) -> f64 {
        let Some(program) = &self.program else {
            return f64::INFINITY;
        };
        let next_change =
            program.evaluate_all(&self.live, &self.input, now as i64, &mut self.answers);
        if next_change == i64::MAX {
            f64::INFINITY
        } else {
            next_change as f64
        }
    }

    /// Where the answers lie, by the number of the flag: see [`Answer`].
    pub fn answers(&mut self) -> *const Answer {
        self.answers.as_ptr()
    }
}
