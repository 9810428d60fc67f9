//! Answers, and nothing else, from a program that somebody else has checked.

use alloc::vec::Vec;

use crate::context::Context;
use crate::error::ProgramError;
use crate::evaluate::{Answer, evaluate_all};
use crate::layout::{NONE, Section};
use crate::live::Live;
use crate::program::Program;

/// A program of which only the checksum was checked: it is what its writer meant, whatever that was.
///
/// It gives the answers of [`Program::from_bytes`] where that would take the bytes. For any others too it ends: a flag
/// whose walk would take more than [`crate::limits::STEPS`] tests, nest deeper than twice [`crate::limits::DEPTH`] or
/// come to no leaf is as if it were off. What an answer says of such a program may not be there.
#[derive(Debug)]
pub struct Intact(Program);

impl Intact {
    /// Reads what a checked program's [`Program::as_bytes`] gave. One hash of the bytes, and no copy.
    ///
    /// # Errors
    /// [`ProgramError`] where they were damaged on the way, or need what this build does not have.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Intact, ProgramError> {
        let program = Program::unchecked(bytes)?;
        let has_recipe = (0..program.count(Section::Splits))
            .any(|split| program.word(Section::Splits, split, 6) != NONE);
        if has_recipe && !cfg!(feature = "recipes") {
            return Err(ProgramError::Recipe);
        }
        Ok(Intact(program))
    }

    /// As [`crate::evaluate_all`], for a context as [`Context::from_bytes`] reads it.
    pub fn evaluate_all(
        &self,
        live: &Live,
        context: &[u8],
        now: i64,
        answers: &mut Vec<Answer>,
    ) -> i64 {
        let context = Context::from_bytes(&self.0, context);
        evaluate_all(&self.0, live, &context, now, answers)
    }
}

#[cfg(test)]
mod tests;
