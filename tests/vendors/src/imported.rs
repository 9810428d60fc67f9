//! A vendor's file, imported and compiled, and its answers.

use serde_json::{Map, Value};
use vexil_core::{FlagType, Live, Program, ask, evaluate};
use vexil_import::{Effect, Note, Vendor};
use vexil_ofrep::resolve;
use vexil_ruleset::compile;

/// When every question is asked: in November 2027, in milliseconds since 1970.
pub const NOW: i64 = 1_826_000_000_000;

/// A vendor's file as a program.
pub struct Subject {
    vendor: Vendor,
    program: Program,
    notes: Vec<Note>,
}

/// What a flag came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// By name.
    pub variant: String,
    /// As JSON.
    pub value: Value,
    /// As OpenFeature names it.
    pub reason: &'static str,
}

impl Subject {
    /// Imports and compiles.
    ///
    /// # Errors
    ///
    /// What is wrong, a line for each thing.
    pub fn new(vendor: Vendor, file: &str) -> Result<Subject, String> {
        let imported = vendor.import(file).map_err(|notes| lines(&notes))?;
        let program = compile(&imported.ruleset, "vendors", 1, 0).map_err(|it| lines(&it))?;
        let notes = imported.notes;
        Ok(Subject {
            vendor,
            program,
            notes,
        })
    }

    /// The answer in a context of the vendor's; `None` where the flag was not imported.
    ///
    /// # Errors
    ///
    /// What is wrong with the context.
    pub fn answer(&self, flag: &str, context: &Value) -> Result<Option<Answer>, String> {
        let context: Map<String, Value> = self.vendor.context(context)?;
        let Ok(flag) = ask(&self.program, flag, None) else {
            return Ok(None);
        };
        let resolved = resolve(&self.program, &context);
        let evaluation = evaluate(&self.program, &Live::default(), flag, &resolved, NOW);
        Ok(flag.variant(evaluation.variant).map(|variant| Answer {
            variant: variant.name.to_owned(),
            value: serde_json::from_str(variant.value).unwrap_or_default(),
            reason: evaluation.reason.name(),
        }))
    }

    /// Whether a caller that asks for a value of that type gets the flag's answer, and not the default of its own.
    pub fn has(&self, flag: &str, kind: Option<FlagType>) -> bool {
        ask(&self.program, flag, kind).is_ok()
    }

    /// The first note by which answers may differ at or below `path` of the vendor's file: `/flags/checkout`.
    pub fn note_below(&self, path: &str) -> Option<&Note> {
        self.notes.iter().find(|note| {
            let below = note.path.as_str().strip_prefix(path);
            note.effect == Effect::Answers
                && below.is_some_and(|it| it.is_empty() || it.starts_with('/'))
        })
    }
}

fn lines<T: ToString>(things: &[T]) -> String {
    let lines: Vec<_> = things.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
