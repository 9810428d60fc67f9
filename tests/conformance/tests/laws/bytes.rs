//! Law 2.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use vexil_conformance::Native;
use vexil_core::{Context, Live, Program, evaluate};

use crate::{compiled, law};
use vexil_conformance::laws::generate;

/// Law 2: `decode(encode(r)) == r`.
#[test]
fn a_ruleset_survives_being_written() {
    law("law 2, ruleset", 400, &generate::ruleset(), |ruleset| {
        let ruleset = vexil_ruleset::decode(&ruleset.to_string()).expect("valid");
        let written = vexil_ruleset::encode(&ruleset);
        prop_assert_eq!(
            vexil_ruleset::decode(&written).expect("valid"),
            ruleset,
            "{}",
            written
        );
        Ok(1)
    });
}

/// Law 2: `from_bytes(to_bytes(p)) == p`, and compiling is deterministic.
#[test]
fn a_program_and_its_live_state_survive_their_bytes() {
    let cases = (generate::ruleset(), generate::state());
    law("law 2, program", 200, &cases, |(ruleset, state)| {
        let native = compiled(&ruleset)?;
        let Native { program, .. } = &native;
        let again = Program::from_bytes(program.as_bytes().to_vec()).expect("its own bytes");
        prop_assert_eq!(again.as_bytes(), program.as_bytes());
        prop_assert_eq!(again.checksum(), program.checksum());
        let twice = compiled(&ruleset)?.program;
        prop_assert_eq!(twice.as_bytes(), program.as_bytes());
        let live = native.live(&state.case("f0", &json!({})));
        prop_assert_eq!(
            Live::from_bytes(&live.to_bytes()).expect("its own bytes"),
            live
        );
        Ok(1)
    });
}

/// Law 2: `from_bytes(any bytes)` does not panic, and what it takes can be evaluated.
#[test]
fn damaged_bytes_are_refused_or_harmless() {
    let edits = vec((any::<Index>(), any::<u8>()), 1..8);
    let cut = prop::option::weighted(0.2, any::<Index>());
    let cases = (generate::ruleset(), edits, cut);
    law("law 2, damage", 800, &cases, |(ruleset, edits, cut)| {
        let Native { program, .. } = compiled(&ruleset)?;
        let mut bytes = program.as_bytes().to_vec();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        visit(bytes.clone());
        resealed(&mut bytes);
        visit(bytes);
        Ok(2)
    });
}

/// Law 2: `from_bytes(any bytes)` does not panic.
#[test]
fn arbitrary_bytes_are_refused() {
    law(
        "law 2, bytes",
        2_000,
        &vec(any::<u8>(), 0..400),
        |mut bytes| {
            prop_assert!(Program::from_bytes(bytes.clone()).is_err());
            drop(Live::from_bytes(&bytes));
            resealed(&mut bytes);
            prop_assert!(Program::from_bytes(bytes).is_err());
            Ok(2)
        },
    );
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
