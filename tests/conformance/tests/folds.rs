//! The vectors of `specialise`: what is left of a program when a part of the context is known, and what is not.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Map, Value as Json, json};
use vexil_conformance::{NOW, Native, canonical, look_up, resolve, value, vectors_dir};
use vexil_core::{
    Arm, Context, Evaluation, Flag, Known, Live, Program, Progress, Recipient, Value, evaluate,
    specialise,
};

#[test]
fn what_is_left_is_as_written() {
    let mut files: Vec<_> = fs::read_dir(vectors_dir().join("specialise"))
        .expect("a folder")
        .map(|file| file.expect("a file").path())
        .collect();
    files.sort();
    let mut answers: usize = 0;
    for file in files {
        let text = fs::read_to_string(&file).expect("text");
        let vector: Json = serde_json::from_str(&text).expect("JSON");
        let compiled = Native::compile(&vector["ruleset"].to_string());
        let Native { program, .. } = compiled.expect("a ruleset without issues");
        for case in list(&vector["cases"]) {
            let name = format!("{}: {}", file.display(), case["name"]);
            answers = answers.saturating_add(check(&program, case, &name));
        }
    }
    println!("{answers} answers of specialised programs");
    assert!(answers >= 50);
}

/// Checks one case; says how many answers it has.
fn check(program: &Program, case: &Json, name: &str) -> usize {
    let whole = merged(&[&case["known"], &case["asked"]]);
    let known = Known::new(program, looked_up(program, &whole), |attribute| {
        members(&case["known"]).contains_key(attribute.name)
    });
    let left = specialise(program, &Live::default(), &known, Recipient::Browser, NOW)
        .expect("within every limit");
    for (texts, is_there) in [("absent", false), ("present", true)] {
        for text in list(&case[texts]) {
            let text = text.as_str().expect("a text").as_bytes();
            let found = left.as_bytes().windows(text.len()).any(|part| part == text);
            assert_eq!(found, is_there, "{name}: {}", String::from_utf8_lossy(text));
        }
    }
    for (key, want) in members(&case["asks"]) {
        let flag = left.flag(key).expect("a flag that is left");
        let names: BTreeSet<&str> = flag.asks().map(|attribute| attribute.name).collect();
        let asks = if flag.asks_anything() {
            json!("anything")
        } else {
            json!(names)
        };
        assert_eq!(&asks, want, "{name}: {key} asks");
    }
    let answers = list(&case["answers"]);
    for answer in answers {
        let got = answer_of(&left, answer);
        let want = canonical::text(&answer["expect"]);
        assert_eq!(canonical::text(&got), want, "{name}: {answer}");
    }
    answers.len()
}

fn answer_of(program: &Program, question: &Json) -> Json {
    let Some(flag) = program.flag(question["flag"].as_str().expect("a key")) else {
        return json!({ "errorCode": "FLAG_NOT_FOUND" });
    };
    let context = resolve(program, &question["rest"]);
    let now = question["now"].as_i64().unwrap_or(NOW);
    let live = live(program, question);
    said(flag, evaluate(program, &live, flag, &context, now))
}

fn said(flag: Flag<'_>, answer: Evaluation) -> Json {
    let variant = flag.variant(answer.variant).expect("a variant of the flag");
    let value: Json = serde_json::from_str(variant.value).expect("JSON");
    let mut said =
        json!({ "variant": variant.name, "value": value, "reason": answer.reason.name() });
    if let Some(rule) = answer.rule {
        said["rule"] = flag.rule_name(rule).expect("every rule has a name").into();
    }
    if let Some(chosen_by) = answer.chosen_by {
        said["stage"] = flag.stage(chosen_by).into();
        if let Some(arm) = chosen_by.arm.map(Arm::name) {
            said["arm"] = arm.into();
        }
    }
    if answer.is_missing_unit {
        said["missingUnit"] = true.into();
    }
    said
}

fn live(program: &Program, question: &Json) -> Live {
    let killed = question["killed"].as_array().into_iter().flatten();
    let started = program.releases().filter_map(|release| {
        let started = question["started"].get(release.name())?;
        let mut stages = 0..release.stage_count();
        let stage = stages.find(|stage| release.stage_name(*stage) == started["stage"].as_str())?;
        let exposure = started["exposure"].as_f64()?;
        Some((release.name(), Progress { stage, exposure }))
    });
    Live::new(program, 1, killed.filter_map(Json::as_str), started, [])
}

/// `context`, of which a member may be named by the JSON Pointer that a ruleset names it by.
fn looked_up<'c>(program: &Program, context: &'c Json) -> Context<'c> {
    let whole = members(context);
    Context::resolve(program, |name| match whole.get(name) {
        Some(Json::Null) => Value::Missing,
        Some(known) => value(Some(known)),
        None => value(look_up(context, name)),
    })
}

fn merged(contexts: &[&Json]) -> Json {
    let members = contexts
        .iter()
        .filter_map(|context| context.as_object())
        .flatten();
    Json::Object(
        members
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Map<_, _>>(),
    )
}

fn members(json: &Json) -> &Map<String, Json> {
    json.as_object().expect("an object")
}

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}
