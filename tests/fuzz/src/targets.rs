//! What is done with an input that nobody thought of. The fuzzer looks for one that panics.
//!
//! `tests/conformance/tests/fuzz.rs` runs these over the vectors and over damaged copies of them.

use twox_hash::XxHash64;
use vexil_core::{
    Attribute, Context, Evaluation, Known, Live, Program, Progress, Recipient, Value, evaluate_all,
    specialise,
};

/// A program's checksum, and where the bytes begin that it is of.
const CHECKSUM: usize = 8;
const COVERED: usize = 16;

/// Law 2: `from_bytes` of any bytes does not panic. Whatever it accepts can be evaluated in any
/// context and specialised. Says whether the bytes were accepted.
pub fn program_from_bytes(bytes: &[u8]) -> bool {
    let _ = Live::from_bytes(bytes);
    let Ok(program) = Program::from_bytes(with_checksum(bytes.to_vec())) else {
        return false;
    };
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
    for context in [
        &mixed,
        &Context::from_bytes(&program, bytes),
        &Context::resolve(&program, |_| Value::Missing),
    ] {
        for live in [&live, &Live::default()] {
            evaluate_all(&program, live, context, 1_700_000_000_000, &mut evaluations);
            assert_eq!(evaluations.len(), program.flags().count());
            for (flag, answer) in program.flags().zip(&evaluations) {
                let evaluation = Evaluation::from(*answer);
                assert!(flag.variant(evaluation.variant).is_some());
                assert!(evaluation.rule.is_none_or(|rule| rule < flag.rule_count()));
            }
        }
        for recipient in [Recipient::Browser, Recipient::Server] {
            let folds = |attribute: Attribute<'_>| attribute.name.len().is_multiple_of(2);
            let known = Known::new(&program, context.clone(), folds);
            let now = 1_700_000_000_000;
            if let Ok(smaller) = specialise(&program, &live, &known, recipient, now) {
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
    true
}

/// Random bytes would all be refused for their checksum, and nothing behind it would be tried.
fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(covered) = bytes.get(COVERED..) {
        let checksum = XxHash64::oneshot(0, covered).to_le_bytes();
        bytes[CHECKSUM..COVERED].copy_from_slice(&checksum);
    }
    bytes
}
