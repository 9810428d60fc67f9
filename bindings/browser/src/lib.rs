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

use spin::Mutex;
use vexil_core::{Answer, Intact, Live, ProgramError};
use wasm_bindgen::prelude::wasm_bindgen;

/// A program, its live state, and what its flags came to for the last context.
#[derive(Debug, Default)]
struct Engine {
    input: Vec<u8>,
    program: Option<Intact>,
    live: Live,
    answers: Vec<Answer>,
}

/// By number. One that was freed is empty, and is given away again.
static ENGINES: Mutex<Vec<Option<Engine>>> = Mutex::new(Vec::new());

/// What `look` says of the engine of that number; its default where there is none.
fn with<T: Default>(engine: usize, look: impl FnOnce(&mut Engine) -> T) -> T {
    let mut engines = ENGINES.lock();
    let engine = engines.get_mut(engine).and_then(Option::as_mut);
    engine.map(look).unwrap_or_default()
}

/// Makes an engine without a program; returns its number.
#[wasm_bindgen]
pub fn make() -> usize {
    let mut engines = ENGINES.lock();
    let number = engines.iter().position(Option::is_none);
    let number = number.unwrap_or(engines.len());
    if number == engines.len() {
        engines.push(None);
    }
    if let Some(place) = engines.get_mut(number) {
        *place = Some(Engine::default());
    }
    number
}

/// Gives the memory of an engine back.
#[wasm_bindgen]
pub fn free(engine: usize) {
    if let Some(place) = ENGINES.lock().get_mut(engine) {
        *place = None;
    }
}

/// Where to write `length` bytes for the next call: a multiple of four, so that JavaScript can read words there.
#[wasm_bindgen]
pub fn room(engine: usize, length: usize) -> usize {
    with(engine, |engine| {
        engine.input = vec![0; length];
        engine.input.as_ptr() as usize
    })
}

/// Takes what was written: a program, which stays where it is, or, once there is one, its live state. Before that
/// nothing is killed, and every ramp is at 0.
///
/// Returns 0, or what is wrong with it: [`ProgramError::code`]; nothing changes then.
#[wasm_bindgen]
pub fn take(engine: usize) -> u8 {
    with(engine, |engine| {
        let input = mem::take(&mut engine.input);
        let taken = if engine.program.is_some() {
            Live::from_bytes(&input).map(|live| engine.live = live)
        } else {
            Intact::from_bytes(input).map(|program| engine.program = Some(program))
        };
        taken.map_or_else(ProgramError::code, |()| 0)
    })
}

/// Evaluates every flag at `now`, in ms since 1970, for the context that was written: see
/// [`vexil_core::Context::from_bytes`].
///
/// Returns the instant at which an answer may change by itself, `Infinity` where none will.
#[wasm_bindgen(js_name = evaluateAll)]
pub fn evaluate_all(engine: usize, now: f64) -> f64 {
    let next_change = with(engine, |engine| {
        let program = engine.program.as_ref()?;
        let (live, input) = (&engine.live, &engine.input);
        let next_change = program.evaluate_all(live, input, now as i64, &mut engine.answers);
        (next_change != i64::MAX).then_some(next_change as f64)
    });
    next_change.unwrap_or(f64::INFINITY)
}

/// Where the answers lie, by the number of the flag: see [`Answer`].
#[wasm_bindgen]
pub fn answers(engine: usize) -> usize {
    with(engine, |engine| engine.answers.as_ptr() as usize)
}
