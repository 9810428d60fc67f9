//! What becomes of flags where one ruleset takes another's place, before it does.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;
use vexil_core::Program;
use vexil_ofrep::resolve;
use vexil_ruleset::diff::{Contexts, Difference, Moves, Text, What, diff, json, moves};

use crate::edge::{Edge, plain};
use crate::failure::Failure;
use crate::style::WARNING;
use crate::time::Instant;

/// How many units are asked for, as in `vexil diff`.
const UNITS: usize = 10_000;
const SEED: u64 = 0;

/// What changes from one program to another.
pub(super) struct Change<'p> {
    differences: Vec<Difference<'p>>,
    moves: BTreeMap<&'p str, Moves>,
}

impl<'p> Change<'p> {
    pub(super) fn between(old: &'p Program, new: &'p Program) -> Change<'p> {
        let differences = diff(old, new);
        let can_differ = differences.iter().filter(|it| {
            matches!(
                it.what,
                What::Changed {
                    can_differ: true,
                    ..
                }
            )
        });
        let can_differ: Vec<&str> = can_differ.map(|it| it.key).collect();
        let contexts = Contexts::of(&[old, new], SEED).take(UNITS);
        let now = Instant::now().0;
        let moves = moves(old, new, &can_differ, contexts, &[], resolve, now);
        Change { differences, moves }
    }

    /// How many flags can answer differently.
    pub(super) fn count(&self) -> usize {
        let differences = self.differences.iter();
        differences.filter(|it| it.what.can_differ()).count()
    }

    /// As `vexil diff` prints it, and how many flags that concerns.
    pub(super) fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        let text = Text {
            differences: &self.differences,
            moves: &self.moves,
            counted: "units",
        };
        write!(out, "{text}")?;
        Ok(writeln!(out, "{}", self.summary())?)
    }

    pub(super) fn json(&self) -> Value {
        json(&self.differences, &self.moves)
    }

    /// Says which of the flags that change are killed, which hides what becomes of them.
    pub(super) fn note_killed(
        &self,
        edge: &Edge,
        version: u64,
        notes: &mut impl Write,
    ) -> Result<(), Failure> {
        if version == 0 || self.count() == 0 {
            return Ok(());
        }
        let newest = edge.get_json(&format!("/admin/v1/versions/{version}"))?;
        let killed = newest.get("killed").and_then(Value::as_array);
        let killed = killed.into_iter().flatten().filter_map(Value::as_str);
        for key in killed {
            if self.differences.iter().any(|it| it.key == key) {
                writeln!(
                    notes,
                    "{WARNING}note{WARNING:#}: {} is killed, and stays so: it serves its offVariant until somebody restores it",
                    plain(key)
                )?;
            }
        }
        Ok(())
    }

    fn summary(&self) -> String {
        match self.count() {
            0 => "every flag answers as before".to_owned(),
            1 => "1 flag can answer differently".to_owned(),
            count => format!("{count} flags can answer differently"),
        }
    }
}
