//! Laws of `crates/README.md` as properties. The comment of each test is the law.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod generate;
mod specialise;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use serde_json::Value;
use vexil_conformance::{Case, Native, canonical, oracle};
use vexil_core::{Context, Evaluation, Live, Program, evaluate, evaluate_all};

/// The same cases in every run; the seed is printed with a failure.
fn config(cases: u32) -> Config {
    Config {
        cases,
        rng_seed: RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        ..Config::default()
    }
}

fn compiled(ruleset: &Value) -> Native {
    Native::compile(&ruleset.to_string()).unwrap_or_else(|issues| {
        let issues: Vec<String> = issues.iter().map(ToString::to_string).collect();
        panic!("{ruleset}\n{}", issues.join("\n"))
    })
}

proptest! {
    #![proptest_config(config(160))]

    /// Law 1: `evaluate(compile(r), c, t) == oracle(r, c, t)` for every valid ruleset.
    #[test]
    fn the_engine_answers_as_the_plain_evaluator(ruleset in generate::ruleset(), contexts in prop::collection::vec(generate::context(), 8), killed in generate::killed()) {
        let native = compiled(&ruleset);
        for context in contexts {
            for flag in ["f0", "f1", "f2", "f3"] {
                let case = Case { name: String::new(), flag: flag.to_owned(), killed: killed.clone(), started: Vec::new(), now: vexil_conformance::NOW, context: context.clone(), expect: Value::Null };
                let answer = canonical::text(&native.answer(&case).expect("an answer"));
                let plain = canonical::text(&oracle::answer(&native.ruleset, &case));
                prop_assert_eq!(answer, plain, "killed {:?} context {} of {}", killed, context, ruleset);
            }
        }
    }

    /// All flags at once answer as each flag alone.
    #[test]
    fn all_flags_at_once_answer_as_each_alone(ruleset in generate::ruleset(), context in generate::context(), killed in generate::killed()) {
        let Native { program, .. } = compiled(&ruleset);
        let live = Live::new(&program, 1, killed.iter().map(String::as_str), [], []);
        let context = vexil_conformance::resolve(&program, &context);
        let mut all = Vec::new();
        evaluate_all(&program, &live, &context, 0, &mut all);
        let each: Vec<Evaluation> = program.flags().map(|flag| evaluate(&program, &live, flag, &context, 0)).collect();
        prop_assert_eq!(all, each);
    }

<<<<<<< HEAD
=======
    /// Law 3, as far as specialising goes: what a caller is sent answers as the whole does, for this context, and
    /// for every other where the rules are sent; it is a program like any other, and nothing of it is private.
    #[test]
    fn what_a_caller_is_sent_answers_as_the_whole(ruleset in generate::ruleset(), context in generate::context(), other in generate::context(), killed in generate::killed()) {
        let native = compiled(&ruleset);
        let case = |flag: &str, context: &Value| Case { name: String::new(), flag: flag.to_owned(), killed: killed.clone(), started: Vec::new(), now: vexil_conformance::NOW, context: context.clone(), expect: Value::Null };
        let resolved = vexil_conformance::resolve(&native.program, &context);
        let live = native.live(&case("f0", &context));
        let program = specialise(&native.program, &live, &Known::new(&native.program, resolved, |_| false), Recipient::Browser, 0).expect("within every limit");
        let program = Program::from_bytes(program.as_bytes().to_vec()).expect("its own bytes");
        prop_assert!(program.attributes().all(|attribute| !attribute.is_private), "{}", ruleset);
        let sent = Native { program, ruleset };
        for flag in native.program.flags() {
            let Some(found) = sent.program.flag(flag.key()) else {
                prop_assert_eq!(flag.expose(), Expose::Server);
                continue;
            };
            prop_assert_ne!(flag.expose(), Expose::Server);
            let contexts = if found.is_decided() { [&context, &context] } else { [&context, &other] };
            for asked in contexts {
                let case = case(flag.key(), asked);
                let (whole, part) = (native.answer(&case).expect("an answer"), sent.answer(&case).expect("an answer"));
                prop_assert_eq!(canonical::text(&part), canonical::text(&whole), "killed {:?} sent for {}, asked for {} of {}", killed, context, asked, sent.ruleset);
            }
        }
        let resolved = vexil_conformance::resolve(&sent.program, &context);
        let again = specialise(&sent.program, &sent.live(&case("f0", &context)), &Known::new(&sent.program, resolved, |_| false), Recipient::Browser, 0).expect("within every limit");
        prop_assert_eq!(again.as_bytes(), sent.program.as_bytes(), "{}", sent.ruleset);
    }

>>>>>>> 40e2e84 (conformance: the plain evaluator speaks the whole language)
    /// Law 2: `decode(encode(r)) == r`.
    #[test]
    fn a_ruleset_survives_being_written(ruleset in generate::ruleset()) {
        let ruleset = vexil_ruleset::decode(&ruleset.to_string()).expect("valid");
        prop_assert_eq!(vexil_ruleset::decode(&vexil_ruleset::encode(&ruleset)).expect("valid"), ruleset);
    }

    /// Law 2: `from_bytes(to_bytes(p)) == p`, and compiling is deterministic.
    #[test]
    fn a_program_survives_its_bytes(ruleset in generate::ruleset(), killed in generate::killed()) {
        let Native { program, .. } = compiled(&ruleset);
        let again = Program::from_bytes(program.as_bytes().to_vec()).expect("its own bytes");
        prop_assert_eq!(again.as_bytes(), program.as_bytes());
        prop_assert_eq!(again.checksum(), program.checksum());
        let twice = compiled(&ruleset).program;
        prop_assert_eq!(twice.as_bytes(), program.as_bytes());
        let live = Live::new(&program, 7, killed.iter().map(String::as_str), [], []);
        prop_assert_eq!(Live::from_bytes(&live.to_bytes()).expect("its own bytes"), live);
    }

    /// Law 2: `from_bytes(any bytes)` does not panic, and what it takes can be evaluated.
    #[test]
    fn damaged_bytes_are_refused_or_harmless(ruleset in generate::ruleset(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>(), is_cut in prop::bool::weighted(0.2)) {
        let Native { program, .. } = compiled(&ruleset);
        let mut bytes = program.as_bytes().to_vec();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        visit(bytes.clone());
        resealed(&mut bytes);
        visit(bytes);
    }

    /// Law 2: `from_bytes(any bytes)` does not panic.
    #[test]
    fn arbitrary_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Program::from_bytes(bytes.clone()).is_err());
        drop(Live::from_bytes(&bytes));
    }
}

/// Evaluates all that a program claims to hold, if the bytes are one.
fn visit(bytes: Vec<u8>) {
    let Ok(program) = Program::from_bytes(bytes) else {
        return;
    };
    let live = Live::default();
    let slots = [
        5, 2, 0, 0, 0, b'u', b'1', 4, 0, 0, 0, 0, 0, 0, 240, 63, 6, 1, 0, 0, 0, 3,
    ];
    let context = Context::from_bytes(&program, &slots);
    for flag in program.flags() {
        std::hint::black_box((
            flag.key(),
            flag.kind(),
            flag.expose(),
            flag.variants().count(),
            flag.rule_name(0),
        ));
        let answer = evaluate(&program, &live, flag, &context, 0);
        assert!(
            flag.variant(answer.variant).is_some(),
            "a checked program serves what it has"
        );
    }
}

/// Damage beneath a right checksum: what a careless writer, not a bad line, would produce.
fn resealed(bytes: &mut [u8]) {
    const CHECKSUM: usize = 8;
    if let Some((head, covered)) = bytes.split_at_mut_checked(CHECKSUM + 8) {
        head[CHECKSUM..].copy_from_slice(&twox_hash::XxHash64::oneshot(0, covered).to_le_bytes());
    }
}
