//! Whether the vectors hold, natively.

use std::error::Error;

use crate::answer::Native;
use crate::canonical;
use crate::oracle;
use crate::vector::{Loaded, Vector};

/// What went against the vectors: one line for what, and two for the answers.
///
/// # Errors
/// A ruleset of a vector that is refused, with its issues.
pub fn failures(loaded: &Loaded) -> Result<Vec<String>, Box<dyn Error>> {
    let mut failures = Vec::new();
    for vector in &loaded.vectors {
        let native = compile(vector)?;
        for (number, case) in vector.cases.iter().enumerate() {
            let want = canonical::text(&case.expect);
            let answers = [
                ("engine", native.answer(case)?),
                ("oracle", oracle::answer(&native.ruleset, case)),
            ];
            for (who, answer) in answers {
                let got = canonical::text(&answer);
                if got != want {
                    failures.push(format!(
                        "{}#{number} {who}: {}\n  want {want}\n  got  {got}",
                        vector.name, case.name
                    ));
                }
            }
        }
    }
    Ok(failures)
}

/// Compiles the ruleset of a vector, which has no issues.
///
/// # Errors
/// The issues it has.
pub fn compile(vector: &Vector) -> Result<Native, Box<dyn Error>> {
    Native::compile(&vector.ruleset).map_err(|issues| {
        let issues: Vec<String> = issues.iter().map(ToString::to_string).collect();
        format!("{}: {}", vector.name, issues.join("\n")).into()
    })
}
