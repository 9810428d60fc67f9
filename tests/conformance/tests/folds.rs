//! The vectors of `specialise`: what is left of a program when a part of the context is known, and what is not.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use vexil_conformance::folded::{Folded, questions};
use vexil_conformance::{Native, canonical, vectors_dir};

#[test]
fn what_is_left_is_as_written() {
    let files = Folded::load(&vectors_dir()).expect("files of folded programs");
    let mut answers: usize = 0;
    for file in files {
        for case in &file.cases {
            let name = format!("{}: {}", file.name, case["name"]);
            let left = file.left(case).expect("within every limit");
            answers = answers.saturating_add(check(&left, case, &name));
        }
    }
    println!("{answers} answers of specialised programs");
    assert!(answers >= 50);
}

/// Checks one case; says how many answers it has.
fn check(left: &Native, case: &Json, name: &str) -> usize {
    let program = &left.program;
    for (texts, is_there) in [("absent", false), ("present", true)] {
        for text in list(&case[texts]) {
            let text = text.as_str().expect("a text").as_bytes();
            let mut parts = program.as_bytes().windows(text.len());
            let found = parts.any(|part| part == text);
            assert_eq!(found, is_there, "{name}: {}", String::from_utf8_lossy(text));
        }
    }
    for (key, want) in members(&case["asks"]) {
        let flag = program.flag(key).expect("a flag that is left");
        let names: BTreeSet<&str> = flag.asks().map(|attribute| attribute.name).collect();
        let asks = if flag.asks_anything() {
            json!("anything")
        } else {
            json!(names)
        };
        assert_eq!(&asks, want, "{name}: {key} asks");
    }
    let questions = questions(case);
    for question in &questions {
        let got = left.answer(question).expect("an answer");
        let want = canonical::text(&question.expect);
        assert_eq!(canonical::text(&got), want, "{name}: {question:?}");
    }
    questions.len()
}

fn members(json: &Json) -> &Map<String, Json> {
    json.as_object().expect("an object")
}

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}
