use alloc::vec;
use alloc::vec::Vec;

use xxhash_rust::xxh64::xxh64;

use super::Intact;
use crate::build::{Builder, FlagId, FlagSpec, Graph, Leaf, NodeId, Operand, Slot, Split, Test};
use crate::layout::{CHECKSUM, NONE, NUMBER, Section};
use crate::{
    Evaluation, Expose, FlagType, Live, Program, ProgramError, Reason, Seed, evaluate_all,
};

/// The attribute is there: 1.
const CONTEXT: [u8; 9] = [4, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f];

fn leaf(graph: &mut Graph<'_>, variant: u32) -> NodeId {
    graph.leaf(Leaf::Serve {
        variant,
        reason: Reason::TargetingMatch,
        rule: None,
        is_missing_unit: false,
        chosen_by: None,
    })
}

/// A flag with one test: if it holds `on`, else `off`, which is also served while the flag is off.
fn flag(builder: &mut Builder, key: &str, test: Test<'_>) -> FlagId {
    let mut graph = Graph::default();
    let (yes, no) = (leaf(&mut graph, 0), leaf(&mut graph, 1));
    let entry = graph.test(test, yes, no);
    finish(builder, key, &graph, entry)
}

fn finish(builder: &mut Builder, key: &str, graph: &Graph<'_>, entry: NodeId) -> FlagId {
    let spec = FlagSpec {
        key,
        kind: FlagType::Boolean,
        expose: Expose::Program,
        is_enabled: true,
        track: false,
        variants: &[("on", "true"), ("off", "false")],
        off_variant: 1,
        failsafe: None,
        rules: &[],
    };
    builder.flag(spec, graph, entry)
}

/// A program of one test of one attribute, and of what else `more` adds.
fn program(
    test: impl FnOnce(Slot) -> Test<'static>,
    more: impl FnOnce(&mut Builder, FlagId),
) -> Program {
    let mut builder = Builder::new("test", 1, 0);
    let slot = builder.attribute("a", false);
    let first = flag(&mut builder, "first", test(slot));
    more(&mut builder, first);
    builder.finish().unwrap()
}

/// The bytes of `program` with other words in them, and a right checksum.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a test that overflows fails"
)]
fn forged(program: &Program, words: &[(Section, u32, usize, u32)]) -> Vec<u8> {
    let mut bytes = program.as_bytes().to_vec();
    for (section, index, place, word) in words {
        let at = program.offset(*section, *index) + 4 * place;
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
    }
    let checksum = xxh64(&bytes[NUMBER..], 0);
    bytes[CHECKSUM..NUMBER].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

fn answers(bytes: Vec<u8>) -> Vec<Evaluation> {
    let mut answers = vec![];
    let program = Intact::from_bytes(bytes).unwrap();
    program.evaluate_all(&Live::default(), &CONTEXT, 0, &mut answers);
    answers.into_iter().map(Evaluation::from).collect()
}

/// With these words no check would take the program; its last flag is off then.
#[track_caller]
fn check_is_off(program: &Program, words: &[(Section, u32, usize, u32)]) {
    let before = answers(program.as_bytes().to_vec());
    assert_eq!(before.last().unwrap().reason, Reason::TargetingMatch);
    let bytes = forged(program, words);
    assert!(Program::from_bytes(bytes.clone()).is_err());
    let after = answers(bytes);
    assert_eq!(after.last().unwrap().reason, Reason::Disabled);
    assert_eq!(after.last().unwrap().variant, 1);
}

// Words of a node.
const FIRST: usize = 1;
const SECOND: usize = 2;
const YES: usize = 3;
const NO: usize = 4;
// Words of a split.
const ARMS: usize = 4;
const RECIPE: usize = 6;
const SALT: usize = 7;

fn alone(_: &mut Builder, _: FlagId) {}

#[test]
fn a_sound_program_gives_the_same_answers() {
    let program = program(Test::Exists, |builder, first| {
        flag(builder, "second", Test::Flag(first, [0].into()));
    });
    let context = crate::Context::from_bytes(&program, &CONTEXT);
    let mut want = vec![];
    evaluate_all(&program, &Live::default(), &context, 0, &mut want);
    let want: Vec<_> = want.into_iter().map(Evaluation::from).collect();
    assert_eq!(answers(program.as_bytes().to_vec()), want);
    assert_eq!(want.iter().map(|answer| answer.variant).sum::<u32>(), 0);
}

#[test]
fn a_graph_that_runs_in_circles_ends() {
    check_is_off(
        &program(Test::Exists, alone),
        &[(Section::Nodes, 0, YES, 0)],
    );
}

#[test]
fn a_table_that_claims_to_be_huge_is_looked_through_as_far_as_it_is_there() {
    let texts = ["b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let list = texts.map(Operand::Text).to_vec();
    let program = program(|slot| Test::OneOf(slot, list), alone);
    let bytes = forged(&program, &[(Section::Nodes, 0, SECOND, 1 << 31)]);
    assert!(Program::from_bytes(bytes.clone()).is_err());
    let forged = Intact::from_bytes(bytes).unwrap();
    let mut answers = vec![];
    for text in texts {
        let context = [5, 1, 0, 0, 0, text.as_bytes()[0]];
        // To look at as many places as it claims takes most of a minute.
        forged.evaluate_all(&Live::default(), &context, 0, &mut answers);
        assert_eq!(answers.len(), 1);
    }
}

#[test]
fn a_graph_without_a_leaf_ends() {
    check_is_off(
        &program(Test::Exists, alone),
        &[(Section::Nodes, 0, YES, NONE)],
    );
}

#[test]
fn flags_that_lead_to_themselves_end() {
    let program = program(Test::Exists, |builder, first| {
        flag(builder, "second", Test::Flag(first, [0].into()));
    });
    // Nodes 0 to 2 are of the first flag.
    let bytes = forged(&program, &[(Section::Nodes, 3, FIRST, 1)]);
    assert!(Program::from_bytes(bytes.clone()).is_err());
    let itself = answers(bytes);
    assert_eq!([itself[0].variant, itself[1].variant], [0, 1]);
}

#[test]
fn segments_that_lead_to_themselves_end() {
    let mut builder = Builder::new("test", 1, 0);
    let slot = builder.attribute("a", false);
    let segment = |builder: &mut Builder, name, test| {
        let mut graph = Graph::default();
        let (yes, no) = (
            graph.leaf(Leaf::Holds(true)),
            graph.leaf(Leaf::Holds(false)),
        );
        let entry = graph.test(test, yes, no);
        builder.segment(name, &graph, entry)
    };
    let inner = segment(&mut builder, "inner", Test::Exists(slot));
    let outer = segment(&mut builder, "outer", Test::Segment(inner));
    flag(&mut builder, "flag", Test::Segment(outer));
    let program = builder.finish().unwrap();
    assert_eq!(answers(program.as_bytes().to_vec())[0].variant, 0);
    // Both ways lead into it again: without a limit of steps the deepest limit is reached 2^64 times.
    let again = [
        (Section::Nodes, 3, FIRST, 1),
        (Section::Nodes, 3, NO, 3),
        (Section::Nodes, 3, YES, 3),
    ];
    let bytes = forged(&program, &again);
    assert_eq!(
        Program::from_bytes(bytes.clone()),
        Err(ProgramError::Reference)
    );
    assert_eq!(answers(bytes)[0].reason, Reason::Disabled);
}

/// A flag that splits by an attribute, without arms.
fn split() -> Program {
    let mut builder = Builder::new("test", 1, 0);
    let by = builder.attribute("a", false);
    let mut graph = Graph::default();
    let otherwise = leaf(&mut graph, 0);
    let split = Split {
        seed: Seed::of("salt"),
        recipe: None,
        by,
        arms: [].into(),
        rest: 0,
    };
    let entry = graph.leaf(Leaf::Split {
        split,
        rule: None,
        otherwise,
    });
    finish(&mut builder, "flag", &graph, entry);
    builder.finish().unwrap()
}

#[test]
fn a_node_that_would_look_at_everything_is_not_looked_at() {
    let whole = answers(split().as_bytes().to_vec());
    assert_eq!(whole[0].reason, Reason::Split);
    let forged = answers(forged(&split(), &[(Section::Splits, 0, ARMS, NONE)]));
    assert_eq!(forged[0].reason, Reason::Disabled);
}

#[test]
fn a_list_beyond_the_buffer_has_no_items() {
    let program = program(
        |slot| Test::OneOf(slot, [Operand::Number(1.0), Operand::Number(2.0)].into()),
        alone,
    );
    assert_eq!(answers(program.as_bytes().to_vec())[0].variant, 0);
    let list = crate::node::Node::read(&program, 0).first();
    let bytes = forged(&program, &[(Section::Pool, list, 0, NONE)]);
    assert!(Program::from_bytes(bytes.clone()).is_err());
    assert_eq!(answers(bytes)[0].variant, 1);
}

#[test]
fn what_was_damaged_on_the_way_is_refused() {
    let bytes = program(Test::Exists, alone).as_bytes().to_vec();
    for length in 0..bytes.len() {
        assert!(
            Intact::from_bytes(bytes[..length].to_vec()).is_err(),
            "{length}"
        );
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        assert!(Intact::from_bytes(changed).is_err(), "{at}");
    }
}

#[test]
fn the_hashes_of_other_vendors_are_refused_without_them() {
    let bytes = forged(
        &split(),
        &[
            (Section::Splits, 0, RECIPE, 0),
            (Section::Splits, 0, SALT, 0),
        ],
    );
    let refused = Intact::from_bytes(bytes).err();
    let want = (!cfg!(feature = "recipes")).then_some(ProgramError::Recipe);
    assert_eq!(refused, want);
}
