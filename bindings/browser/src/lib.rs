//! The engine, as the npm package loads it: one program, its live state, and the answers for one context.
//!
//! JavaScript asks for everything about a flag at most once ([`Engine::describe`]) and from then on reads numbers,
//! so a read of a flag never comes here.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod json;
#[cfg(target_family = "wasm")]
mod runtime;

use alloc::string::String;
use alloc::vec::Vec;

use vexil_core::{Arm, ChosenBy, Context, Evaluation, Live, Program, ProgramError, evaluate_all};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// A program, its live state, and what its flags came to for the last context.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Engine {
    program: Program,
    live: Live,
    evaluations: Vec<Evaluation>,
}

/// In the place of a number: none.
const NONE: u32 = u32::MAX;

#[wasm_bindgen]
impl Engine {
    /// Reads a program; nothing is killed yet, and every ramp is at 0.
    ///
    /// # Errors
    /// A JavaScript `Error` whose message says what is wrong with the bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(program: Vec<u8>) -> Result<Engine, JsError> {
        let program = Program::from_bytes(program).map_err(thrown)?;
        Ok(Engine {
            program,
            live: Live::default(),
            evaluations: Vec::new(),
        })
    }

    /// The number under which the program was published.
    pub fn number(&self) -> f64 {
        self.program.number() as f64
    }

    /// The attributes that the program reads, in the order of their slots, as a JSON array of their names.
    pub fn attributes(&self) -> String {
        let mut out = String::new();
        json::array(&mut out, self.program.attributes(), |out, attribute| {
            json::text(out, attribute.name);
        });
        out
    }

    /// How many flags the program has.
    pub fn count(&self) -> u32 {
        self.program.flags().count() as u32
    }

    /// The number of the flag with that key; -1 where there is none.
    pub fn find(&self, key: &str) -> i32 {
        self.program
            .flag(key)
            .map_or(-1, |flag| flag.index().cast_signed())
    }

    /// All that does not depend on the context: `{"key","type","variants":[[name,value]…],"rules":[name or null…]}`.
    pub fn describe(&self, index: u32) -> String {
        let mut out = String::new();
        let Some(flag) = self.program.flag_at(index) else {
            return out;
        };
        out.push_str("{\"key\":");
        json::text(&mut out, flag.key());
        out.push_str(",\"type\":");
        json::text(&mut out, flag.kind().name());
        out.push_str(",\"variants\":");
        json::array(&mut out, flag.variants(), |out, variant| {
            out.push('[');
            json::text(out, variant.name);
            out.push(',');
            out.push_str(variant.value);
            out.push(']');
        });
        out.push_str(",\"rules\":");
        json::array(&mut out, 0..flag.rule_count(), |out, rule| {
            match flag.rule_name(rule) {
                Some(name) => json::text(out, name),
                None => out.push_str("null"),
            }
        });
        out.push('}');
        out
    }

    /// By flag, the attributes of which a change makes it worth asking the edge again, as a JSON array of arrays of their
    /// names; `null` where a change of anything does.
    pub fn asks(&self) -> String {
        let mut out = String::new();
        json::array(&mut out, self.program.flags(), |out, flag| {
            if flag.asks_anything() {
                out.push_str("null");
            } else {
                json::array(out, flag.asks(), |out, attribute| {
                    json::text(out, attribute.name);
                });
            }
        });
        out
    }

    /// The instant at which it is worth asking the edge again, since what it decided may change by itself; `Infinity`
    /// where nothing will.
    pub fn until(&self) -> f64 {
        instant(self.program.flags().filter_map(|flag| flag.until()).min())
    }

    /// Replaces the live state: kills and ramps.
    ///
    /// # Errors
    /// A JavaScript `Error` whose message says what is wrong with the bytes; the old live state stays.
    #[wasm_bindgen(js_name = setLive)]
    pub fn set_live(&mut self, live: &[u8]) -> Result<(), JsError> {
        self.live = Live::from_bytes(live).map_err(thrown)?;
        Ok(())
    }

    /// Evaluates every flag for a context of slots ([`Context::from_bytes`]) at `now`, in ms since 1970.
    ///
    /// Returns the instant at which an answer may change by itself, `Infinity` where none will.
    #[wasm_bindgen(js_name = evaluateAll)]
    pub fn evaluate_all(&mut self, context: &[u8], now: f64) -> f64 {
        let context = Context::from_bytes(&self.program, context);
        evaluate_all(
            &self.program,
            &self.live,
            &context,
            now as i64,
            &mut self.evaluations,
        );
        let evaluations = self.evaluations.iter();
        instant(
            evaluations
                .filter_map(|evaluation| evaluation.next_change)
                .min(),
        )
    }

    /// What each flag came to, by its number, in three words: the variant (16 bits), the reason (8), whether the unit
    /// was missing (1) and the arm (2: 1 treated, 2 control); the rule; the text that is the name of the stage. 2^32 - 1
    /// stands for no rule and no stage.
    pub fn answers(&self) -> Vec<u32> {
        let mut words = Vec::with_capacity(self.evaluations.len().saturating_mul(3));
        for evaluation in &self.evaluations {
            let arm = evaluation.chosen_by.and_then(|chosen| chosen.arm);
            words.push(
                evaluation.variant
                    | u32::from(evaluation.reason.code()) << 16
                    | u32::from(evaluation.is_missing_unit) << 24
                    | u32::from(Arm::code(arm)) << 25,
            );
            words.push(evaluation.rule.unwrap_or(NONE));
            let stage = evaluation.chosen_by.map(ChosenBy::stage_text);
            words.push(stage.unwrap_or(NONE));
        }
        words
    }

    /// The text of that number.
    pub fn text(&self, number: u32) -> String {
        self.program.text_at(number).into()
    }
}

fn instant(at: Option<i64>) -> f64 {
    at.map_or(f64::INFINITY, |at| at as f64)
}

fn thrown(error: ProgramError) -> JsError {
    JsError::new(error.message())
}
