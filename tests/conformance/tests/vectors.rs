//! The vectors, natively: the engine, the plain evaluator, the positions and the issues.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use vexil_conformance::{Loaded, compile, failures, load, oracle, plain_failures, vectors_dir};
use vexil_core::{Program, Seed};

fn loaded() -> Loaded {
    load(&vectors_dir()).expect("the vectors can be read")
}

fn none(failures: &[String]) {
    assert!(
        failures.is_empty(),
        "{} answers differ\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn the_plain_evaluator_answers_every_vector_as_written() {
    none(&plain_failures(&loaded()).expect("every ruleset is JSON"));
}

#[test]
fn the_engine_answers_every_vector_as_written() {
    let loaded = loaded();
    none(&failures(&loaded).expect("every ruleset compiles"));
    let cases: usize = loaded.vectors.iter().map(|vector| vector.cases.len()).sum();
    println!("{cases} cases in {} files", loaded.vectors.len());
    assert!(cases >= 2_000, "only {cases} cases");
}

#[test]
fn positions_are_those_of_independent_implementations() {
    for positions in loaded().positions {
        let source = &positions.source;
        for case in &positions.cases {
            let recipe = case.hash.as_deref().unwrap_or_default();
            let place = format!(
                "{:?} in {:?} by {recipe:?} of {source}",
                case.unit, case.salt
            );
            let plain = oracle::position(recipe, &case.salt, &case.unit);
            assert_eq!(plain, u64::from(case.position), "{place}");
            if let Some(hash) = case.seed {
                let seed = Seed::of(&case.salt);
                assert_eq!(seed.to_bits(), hash, "seed: {place}");
                assert_eq!(seed.place(&case.unit).get(), case.position, "{place}");
            }
        }
        println!("{} positions by {source}", positions.cases.len());
    }
}

#[test]
fn broken_rulesets_have_the_issues_written_down() {
    let broken = loaded().issues;
    let differences: Vec<String> = broken
        .iter()
        .filter_map(|wanted| difference(&wanted.name, &wanted.ruleset, &wanted.issues))
        .collect();
    assert!(
        differences.is_empty(),
        "{} of {} differ\n{}",
        differences.len(),
        broken.len(),
        differences.join("\n")
    );
    println!("{} broken rulesets", broken.len());
    assert!(broken.len() >= 100);
}

fn difference(name: &str, ruleset: &str, want: &[Value]) -> Option<String> {
    let found = match vexil_ruleset::decode(ruleset) {
        Err(issues) => issues,
        Ok(ruleset) => match vexil_ruleset::compile(&ruleset, "production", 1, 0) {
            Ok(_) => Vec::new(),
            Err(issues) => issues,
        },
    };
    let found: Vec<Value> = found
        .iter()
        .map(|issue| serde_json::from_str(&issue.to_json()).expect("JSON"))
        .collect();
    let show = |issues: &[Value]| {
        let lines: Vec<String> = issues.iter().map(Value::to_string).collect();
        lines.join("\n    ")
    };
    (found != want).then(|| {
        format!(
            "{name}:\n  want\n    {}\n  got\n    {}",
            show(want),
            show(&found)
        )
    })
}

#[test]
fn every_program_is_its_bytes() {
    for vector in &loaded().vectors {
        let program = compile(vector).expect("compiles").program;
        let again = Program::from_bytes(program.as_bytes().to_vec()).expect("its own bytes");
        assert_eq!(again.as_bytes(), program.as_bytes(), "{}", vector.name);
    }
}
