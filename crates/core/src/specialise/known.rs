//! What is known of a context, and for whom a program is specialised.

use alloc::vec::Vec;

use crate::context::{Context, Value};
use crate::program::{Attribute, Program};

/// A part of an evaluation context: what its holder knows, and which of it is folded in.
#[derive(Clone, Debug)]
pub struct Known<'c> {
    context: Context<'c>,
    /// By slot.
    folds: Vec<bool>,
    /// By flag.
    withheld: &'c [bool],
}

/// For whom a program is specialised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// Gets what is exposed; private attributes are folded in, or count as missing.
    Browser,
    /// May have everything.
    Server,
}

impl<'c> Known<'c> {
    /// Of all that `context` says, the attributes that `folds` are folded in, missing ones as missing. The others only
    /// decide flags of which a browser gets the answer.
    pub fn new(
        program: &Program,
        context: Context<'c>,
        folds: impl FnMut(Attribute<'_>) -> bool,
    ) -> Known<'c> {
        Known {
            context,
            folds: program.attributes().map(folds).collect(),
            withheld: &[],
        }
    }

    /// A browser is not sent those of `flags`, which says of each by index whether it is withheld.
    ///
    /// What leads to a flag that is withheld has to be withheld too, as [`private_readers`](super::private_readers) is.
    #[must_use]
    pub fn withhold(self, flags: &'c [bool]) -> Known<'c> {
        Known {
            withheld: flags,
            ..self
        }
    }

    /// Nothing at all.
    #[must_use]
    pub fn nothing(program: &Program) -> Known<'c> {
        Known::new(
            program,
            Context::resolve(program, |_| Value::Missing),
            |_| false,
        )
    }

    pub(super) fn context(&self) -> &Context<'c> {
        &self.context
    }

    pub(super) fn withholds(&self, flag: u32) -> bool {
        self.withheld
            .get(flag as usize)
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn folds(&self, slot: u32) -> bool {
        self.folds.get(slot as usize).copied().unwrap_or_default()
    }
}
