//! What is done with an input that nobody thought of. The fuzzer looks for one that panics.
//!
//! `tests/conformance/tests/fuzz.rs` runs these over the vectors and over damaged copies of them.

mod corpus;

use std::str;

use serde_json::json;
use twox_hash::XxHash64;
use vexil_conformance::Native;
use vexil_conformance::laws::{self, LAWS, Scene, State};
use vexil_core::{
    Attribute, Context, Evaluation, Intact, Known, Live, Program, Progress, Recipient, Value,
    evaluate_all, explain, specialise,
};
use vexil_ruleset::diff::diff;
use vexil_ruleset::{explain as explanation, lint};

pub use corpus::{Corpus, Seeds};

const NOW: i64 = 1_700_000_000_000;
/// A program's checksum, and where the bytes begin that it is of.
const CHECKSUM: usize = 8;
const COVERED: usize = 16;

/// Law 2: `from_bytes` of any bytes does not panic. Whatever it accepts can be evaluated in any
/// context and specialised; what only an [`Intact`] accepts can be evaluated. Says whether the bytes were accepted.
pub fn program_from_bytes(bytes: &[u8]) -> bool {
    if let Ok(live) = Live::from_bytes(bytes) {
        assert_eq!(Live::from_bytes(&live.to_bytes()).as_ref(), Ok(&live));
    }
    let sealed = with_checksum(bytes.to_vec());
    let mut intact = Vec::new();
    if let Ok(program) = Intact::from_bytes(sealed.clone()) {
        program.evaluate_all(&Live::default(), bytes, NOW, &mut intact);
    }
    let Ok(program) = Program::from_bytes(sealed) else {
        return false;
    };
    let context = Context::from_bytes(&program, bytes);
    let mut checked = Vec::new();
    evaluate_all(&program, &Live::default(), &context, NOW, &mut checked);
    assert_eq!(intact, checked);
    let mut evaluations = Vec::new();
    let mut fill = bytes.iter().copied().cycle();
    let mixed = Context::resolve(&program, |name| match fill.next() {
        None | Some(0..32) => Value::Missing,
        Some(32..64) => Value::Null,
        Some(byte @ 64..96) => Value::Bool(byte % 2 == 0),
        Some(byte @ 96..128) => Value::Number(f64::from(byte) - 100.0),
        Some(128..160) => Value::Text("1.2.3"),
        Some(160..192) => Value::Text("user-é"),
        Some(192..224) => Value::List(vec![Value::Number(1.0), Value::Text("DE"), Value::Object]),
        Some(224..) => {
            if name.is_empty() {
                Value::Missing
            } else {
                Value::Object
            }
        }
    });
    let started: Vec<(&str, Progress)> = program
        .releases()
        .map(|release| {
            let stage = release.stage_count().saturating_sub(1);
            let exposure = 0.5;
            (release.name(), Progress { stage, exposure })
        })
        .collect();
    let live = Live::new(&program, 1, [], started, []);
    let known_bytes = live.to_bytes();
    assert_eq!(Live::from_bytes(&known_bytes).as_ref(), Ok(&live));
    // The live state of another program, of which the numbers mean nothing here.
    let foreign = Live::from_bytes(&overwritten(known_bytes, bytes)).unwrap_or_default();
    assert!(diff(&program, &program).is_empty());
    for context in [
        &mixed,
        &Context::from_bytes(&program, bytes),
        &Context::resolve(&program, |_| Value::Missing),
    ] {
        for live in [&live, &foreign, &Live::default()] {
            evaluate_all(&program, live, context, NOW, &mut evaluations);
            assert_eq!(evaluations.len(), program.flags().count());
            for (flag, answer) in program.flags().zip(&evaluations) {
                let evaluation = Evaluation::from(*answer);
                assert!(flag.variant(evaluation.variant).is_some());
                assert!(evaluation.rule.is_none_or(|rule| rule < flag.rule_count()));
                assert!(evaluation.next_change.is_none_or(|next| next > NOW));
                let explanation = explain(&program, live, flag, context, NOW);
                assert_eq!(explanation.evaluation, evaluation);
                assert!(!explanation::json(&explanation).to_string().is_empty());
            }
        }
        for recipient in [Recipient::Browser, Recipient::Server] {
            let folds = |attribute: Attribute<'_>| attribute.name.len().is_multiple_of(2);
            let known = Known::new(&program, context.clone(), folds);
            if let Ok(smaller) = specialise(&program, &live, &known, recipient, NOW) {
                assert!(Program::from_bytes(smaller.as_bytes().to_vec()).is_ok());
            }
        }
    }
    true
}

/// Law 2: decoding any text does not panic, and what is accepted survives being written and read
/// again, and compiles. Says whether the text was accepted.
pub fn decode(text: &str) -> bool {
    let ruleset = match vexil_ruleset::decode(text) {
        Ok(ruleset) => ruleset,
        Err(issues) => {
            assert!(!issues.is_empty());
            assert!(issues.iter().all(|issue| !issue.to_string().is_empty()));
            return false;
        }
    };
    let again = vexil_ruleset::decode(&vexil_ruleset::encode(&ruleset));
    assert_eq!(again.as_ref(), Ok(&ruleset));
    let _ = vexil_ruleset::compile(&ruleset, "test", 1, 0);
    for finding in lint(&ruleset) {
        assert!(!finding.to_json().is_empty());
    }
    true
}

/// Laws 1, 3, 6, 11 and 12 in a scene, and what differences say of others made of it. Says whether `text` is one, of a valid ruleset.
pub fn laws(text: &str) -> bool {
    let Some(scene) = Scene::read(text) else {
        return false;
    };
    let Ok(native) = Native::compile(&scene.ruleset.to_string()) else {
        return false;
    };
    for (name, law) in LAWS {
        if let Err(error) = law(&scene, &native) {
            panic!("{name}: {error}");
        }
    }
    true
}

/// How many texts a pattern is tried on: the plain evaluator compiles it again for each.
const TEXTS: usize = 16;

/// Law 1 for a pattern and the texts after it, all separated by NUL: its automaton finds what the crate `regex`
/// finds. Says whether it is a pattern.
pub fn patterns(text: &str) -> bool {
    let mut parts = text.split('\0');
    let pattern = parts.next().unwrap_or_default();
    let contexts = parts.take(TEXTS).map(|text| json!({ "text": text }));
    let scene = Scene {
        ruleset: json!({ "flags": { "f": {
            "type": "boolean", "variants": { "yes": true, "no": false }, "offVariant": "no", "default": "no",
            "rules": [{ "when": { "attr": "text", "matches": pattern }, "serve": "yes" }],
        } } }),
        contexts: contexts.collect(),
        states: vec![State::default()],
        folds: Vec::new(),
        changes: Vec::new(),
    };
    let Ok(native) = Native::compile(&scene.ruleset.to_string()) else {
        return false;
    };
    if let Err(error) = laws::the_plain_evaluator(&scene, &native) {
        panic!("{error}");
    }
    true
}

/// Another scene, made of the one that is `bytes`.
pub fn mutated(bytes: &[u8], seed: u64) -> Option<String> {
    bred(bytes, bytes, seed)
}

/// Another scene, made of two.
pub fn bred(one: &[u8], other: &[u8], seed: u64) -> Option<String> {
    let [one, other] = [one, other].map(|bytes| Scene::read(str::from_utf8(bytes).ok()?));
    Some(laws::crossed(&one?, &other?, seed).to_json().to_string())
}

/// The bytes, of which those behind the header are overwritten by some of `by`.
fn overwritten(mut bytes: Vec<u8>, by: &[u8]) -> Vec<u8> {
    const HEADER: usize = 24;
    let places = bytes.iter_mut().skip(HEADER);
    for (place, byte) in places.zip(by.iter().rev()) {
        *place = *byte;
    }
    bytes
}

/// Random bytes would all be refused for their checksum, and nothing behind it would be tried.
fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(covered) = bytes.get(COVERED..) {
        let checksum = XxHash64::oneshot(0, covered).to_le_bytes();
        bytes[CHECKSUM..COVERED].copy_from_slice(&checksum);
    }
    bytes
}
