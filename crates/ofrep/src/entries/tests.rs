use serde_json::json;
use vexil_core::build::{Builder, FlagSpec, Graph, Operand, Test};

use super::*;
use crate::answer::LiveState;
use crate::made::{SPEC, serve};
use crate::trust::Trust;

/// One flag whose variant is the attribute `n`: each of `values` at its number.
fn program(values: &[String]) -> Program {
    let mut builder = Builder::new("production", 1, 0);
    let slot = builder.attribute("n", false);
    let names: Vec<String> = (0..values.len()).map(|n| n.to_string()).collect();
    let variants = names.iter().zip(values);
    let variants: Vec<(&str, &str)> = variants.map(|(name, value)| (&**name, &**value)).collect();
    let mut graph = Graph::default();
    let mut entry = serve(&mut graph, 0);
    for (number, (name, _)) in (0..).zip(&variants) {
        let test = Test::OneOf(slot, vec![Operand::Text(name)]);
        let served = serve(&mut graph, number);
        entry = graph.test(test, served, entry);
    }
    let spec = FlagSpec {
        key: "flag",
        variants: &variants,
        off_variant: 0,
        ..SPEC
    };
    builder.flag(spec, &graph, entry);
    builder.finish().unwrap()
}

/// What is answered where `n` is so, from what `entries` has.
fn answer(program: &Program, entries: &mut Entries, n: usize) -> Response {
    let live = LiveState::default();
    let snapshot = Snapshot {
        program,
        live: &live,
        version: 1,
        now: 0,
        trust: Trust::Caller,
        facts: None,
        is_expired: false,
    };
    let Json::Object(context) = json!({ "n": n.to_string() }) else {
        panic!("no object")
    };
    crate::values(&snapshot, Visibility::Exposed, &context, entries)
}

/// Asks twice for each of `values`, of which `kept` are kept then.
#[track_caller]
fn check_kept(values: &[String], kept: usize) {
    let program = program(values);
    let mut entries = Entries::default();
    for n in (0..values.len()).chain(0..values.len()) {
        let got = answer(&program, &mut entries, n);
        assert_eq!(got, answer(&program, &mut Entries::default(), n));
        let Body::Json(text) = got.body else {
            panic!("no JSON")
        };
        let start = format!(r#"{{"flags":{{"flag":{{"value":{},"#, values[n]);
        assert!(text.starts_with(&start), "{n} is not {start}");
    }
    assert_eq!(entries.kept[0][0].len(), kept);
    assert!(entries.bytes <= MOST_BYTES);
}

#[test]
fn an_answer_is_the_same_whether_its_entries_are_kept_or_have_no_room() {
    let numbers = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
    check_kept(&numbers(MOST_OF_FLAG), MOST_OF_FLAG);
    check_kept(&numbers(MOST_OF_FLAG + 3), MOST_OF_FLAG);
    let long = |size: usize| format!("\"{}\"", "x".repeat(size));
    check_kept(&[long(MOST_BYTES), long(10)], 1);
    check_kept(
        &[long(MOST_BYTES / 2), long(MOST_BYTES / 2 - 1), long(10)],
        2,
    );
}

#[test]
fn another_program_begins_anew() {
    let values = |word: &str| vec![format!("\"{word}\"")];
    let (first, second) = (program(&values("first")), program(&values("second")));
    let mut entries = Entries::default();
    for program in [&first, &second, &first] {
        let want = answer(program, &mut Entries::default(), 0);
        assert_eq!(answer(program, &mut entries, 0), want);
        assert_eq!(entries.kept[0][0].len(), 1);
    }
}

#[test]
fn the_hash_of_two_is_of_both_and_of_their_order() {
    let of = |hashes: [u64; 2]| hashes.into_iter().fold(0, followed);
    for other in [[1, 3], [3, 2], [2, 1], [1, 1], [0, 0]] {
        assert_ne!(of([1, 2]), of(other), "{other:?}");
    }
}
