//! Whether the vectors hold, natively.

use std::error::Error;

use serde_json::Value;

use crate::answer::Native;
use crate::canonical;
use crate::oracle;
use crate::vector::{Case, Loaded, Vector};

/// What the engine answers otherwise than it is written: one line for what, and two for the answers.
///
/// # Errors
/// A ruleset of a vector that is refused, with its issues.
pub fn failures(loaded: &Loaded) -> Result<Vec<String>, Box<dyn Error>> {
    let mut failures = Vec::new();
    for vector in &loaded.vectors {
        let native = compile(vector)?;
        failures.extend(differences(vector, "engine", |case| native.answer(case))?);
    }
    Ok(failures)
}

/// What the plain evaluator answers otherwise than it is written.
///
/// # Errors
/// A ruleset of a vector that is no JSON.
pub fn plain_failures(loaded: &Loaded) -> Result<Vec<String>, Box<dyn Error>> {
    let mut failures = Vec::new();
    for vector in &loaded.vectors {
        let ruleset = serde_json::from_str(&vector.ruleset)?;
        failures.extend(differences(vector, "oracle", |case| {
            Ok(oracle::answer(&ruleset, case))
        })?);
    }
    Ok(failures)
}

fn differences(
    vector: &Vector,
    who: &str,
    answer: impl Fn(&Case) -> Result<Value, Box<dyn Error>>,
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut differences = Vec::new();
    for (number, case) in vector.cases.iter().enumerate() {
        let want = canonical::text(&case.expect);
        let got = canonical::text(&answer(case)?);
        if got != want {
            differences.push(format!(
                "{}#{number} {who}: {}\n  want {want}\n  got  {got}",
                vector.name, case.name
            ));
        }
    }
    Ok(differences)
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
