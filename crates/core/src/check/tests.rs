use alloc::string::String;
use alloc::vec::Vec;

use xxhash_rust::xxh64::xxh64;

use crate::build::{
    Arm, Automaton, Builder, FlagSpec, Graph, Leaf, Operand, Part, Ramp, RampUnit, Split,
    StageSpec, Test,
};
use crate::bytes::u32_at;
use crate::layout::{CHECKSUM, NUMBER, SECTIONS, Section};
use crate::limits::RUN;
use crate::network::Network;
use crate::semver::{Comparator, Operator, Version};
use crate::{
    Answer, Context, Expose, FlagType, Intact, Known, Live, Program, ProgramError, Progress,
    Reason, Recipient, Seed, Value, evaluate_all, specialise,
};

/// A program with every kind of node.
#[expect(clippy::too_many_lines, reason = "one of everything")]
fn sample() -> Program {
    let mut builder = Builder::new("test", 1, 2);
    let (key, plan, secret) = (
        builder.attribute("targetingKey", false),
        builder.attribute("/account/plan", false),
        builder.attribute("email", true),
    );

    let mut graph = Graph::default();
    let (yes, no) = (
        graph.leaf(Leaf::Holds(true)),
        graph.leaf(Leaf::Holds(false)),
    );
    let entry = graph.test(Test::EndsWith(secret, ["@example.com"].into()), yes, no);
    let staff = builder.segment("staff", &graph, entry);
    let stages = [
        StageSpec {
            name: "inside",
            exposure: None,
            has_audience: true,
        },
        StageSpec {
            name: "half",
            exposure: Some(1 << 31),
            has_audience: false,
        },
    ];
    let release = builder.release("r", &stages);

    let spec = |key| FlagSpec {
        key,
        kind: FlagType::Number,
        expose: Expose::Program,
        is_enabled: true,
        track: true,
        variants: &[("one", "1"), ("two", "2")],
        off_variant: 0,
        failsafe: Some(1),
        rules: &[Some("a rule"), None],
    };
    let version = |text| Version::parse(text).unwrap();
    let bound = |operator, text| Comparator {
        operator,
        version: version(text),
    };
    let mut graph = Graph::default();
    let rest = graph.leaf(Leaf::Serve {
        variant: 0,
        reason: Reason::Default,
        rule: None,
        is_missing_unit: true,
        chosen_by: None,
    });
    let arms = [
        Arm {
            variant: 0,
            end: 1 << 30,
            boundary: 1 << 31,
        },
        Arm {
            variant: 1,
            end: 3 << 30,
            boundary: 1 << 32,
        },
    ];
    let split = Split {
        seed: Seed::of("salt"),
        recipe: None,
        by: key,
        arms: arms.into(),
        rest: 1,
    };
    let ramp = Ramp {
        unit: RampUnit::By(key, Seed::of("release:r")),
        release,
        from: 0,
        to: 1,
        audience: None,
    };
    let inside = Ramp {
        audience: Some(0),
        ..ramp
    };
    let mut next = graph.leaf(Leaf::Split {
        split,
        rule: None,
        otherwise: rest,
    });
    let ramp = graph.leaf(Leaf::Ramp {
        ramp,
        rule: Some(1),
        otherwise: next,
    });
    let inside = graph.leaf(Leaf::Ramp {
        ramp: inside,
        rule: Some(1),
        otherwise: ramp,
    });
    let mut classes = [0; 256];
    classes[usize::from(b'p')] = 1;
    let automaton = Automaton::new(&classes, 2, &[[2, 1, 0].into()], 2).unwrap();
    let network = |text| Network::parse(text).unwrap();
    let many: Vec<String> = (0..20)
        .map(|number| alloc::format!("member-{number}"))
        .collect();
    let one_of = [
        Operand::Text("pro"),
        Operand::Text("team"),
        Operand::Number(7.0),
        Operand::Bool(true),
    ];
    let alternatives = [
        [
            bound(Operator::GreaterOrEqual, "2.1.0"),
            bound(Operator::Less, "3.0.0-0"),
        ]
        .into(),
        [bound(Operator::Equal, "4.0.0-rc.1")].into(),
    ];
    for test in [
        Test::Exists(plan),
        Test::OneOf(plan, one_of.into()),
        Test::OneOf(plan, [Operand::Text("free")].into()),
        Test::OneOf(plan, [Operand::Number(1.0)].into()),
        Test::OneOf(plan, [Operand::Bool(false)].into()),
        Test::StartsWith(plan, ["p", "q"].into()),
        Test::Contains(plan, ["x"].into()),
        Test::Less(plan, 1.0),
        Test::LessOrEqual(plan, 2.0),
        Test::Greater(plan, 30.0),
        Test::GreaterOrEqual(plan, 40.0),
        Test::Semver(plan, alternatives.into()),
        Test::Before(plan, 1_000),
        Test::After(plan, 2_000),
        Test::Cidr(
            plan,
            [network("10.0.0.0/8"), network("2001:db8::/32")].into(),
        ),
        Test::Matches {
            slot: plan,
            automaton,
            source: "matches \"p\"",
        },
        Test::Time {
            from: Some(10),
            until: None,
        },
        Test::OneOf(plan, many.iter().map(|text| Operand::Text(text)).collect()),
        Test::Reached(release, 1),
        Test::Segment(staff),
    ] {
        graph.begin(Part::Rule(1));
        next = graph.test(test, inside, next);
    }
    let first = builder.flag(spec("first"), &graph, next);

    let mut graph = Graph::default();
    let (on, off) = (
        graph.leaf(Leaf::Serve {
            variant: 1,
            reason: Reason::TargetingMatch,
            rule: Some(0),
            is_missing_unit: false,
            chosen_by: Some(("half", Some(crate::Arm::Control))),
        }),
        graph.leaf(Leaf::Serve {
            variant: 0,
            reason: Reason::PrerequisiteFailed,
            rule: None,
            is_missing_unit: false,
            chosen_by: None,
        }),
    );
    let entry = graph.test(Test::Flag(first, [1].into()), on, off);
    builder.flag(spec("second"), &graph, entry);
    builder.finish().unwrap()
}

/// Evaluates whatever was accepted, for a few contexts; the test is that it ends, and without a panic.
fn use_it(program: &Program) -> usize {
    let mut answers = Vec::new();
    let progress = Progress {
        stage: 1,
        exposure: 0.5,
    };
    let live = Live::new(program, 1, ["second"], [("r", progress)], []);
    let values = [
        Value::Missing,
        Value::Text("pro"),
        Value::Text("2.5.0"),
        Value::Text("10.0.0.1"),
        Value::Text("member-7"),
        Value::Number(7.0),
        Value::List([Value::Bool(true), Value::Text("x"), Value::Object].into()),
    ];
    for value in values {
        let context = Context::resolve(program, |_| value.clone());
        evaluate_all(program, &live, &context, 0, &mut answers);
        for recipient in [Recipient::Browser, Recipient::Server] {
            let known = Known::new(program, context.clone(), |attribute| {
                attribute.name != "targetingKey"
            });
            let residual = specialise(program, &live, &known, recipient, 0);
            assert!(residual.is_err() || residual.unwrap().flags().count() <= 2);
        }
    }
    answers.len()
}

/// For `targetingKey`, `/account/plan` and `email`: two texts and a list.
const CONTEXT: &[u8] = b"\x05\x02\0\0\0u1\x05\x03\0\0\0pro\x06\x01\0\0\0\x02";

fn answers_of(bytes: Vec<u8>) -> Result<Vec<Answer>, ProgramError> {
    let mut answers = Vec::new();
    Intact::from_bytes(bytes)?.evaluate_all(&Live::default(), CONTEXT, 0, &mut answers);
    Ok(answers)
}

fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = xxh64(&bytes[NUMBER..], 0);
    bytes[CHECKSUM..NUMBER].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

#[test]
fn bytes_come_back() {
    let program = sample();
    assert_eq!(
        Program::from_bytes(program.as_bytes().to_vec()),
        Ok(program.clone())
    );
    assert_eq!(use_it(&program), 2);
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    assert_eq!(sample().as_bytes(), sample().as_bytes());
}

#[test]
fn cut_off_or_changed_bytes_are_refused() {
    let bytes = sample().as_bytes().to_vec();
    for length in 0..bytes.len() {
        assert!(
            Program::from_bytes(bytes[..length].to_vec()).is_err(),
            "{length}"
        );
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        assert!(Program::from_bytes(changed).is_err(), "{at}");
    }
}

#[test]
fn forged_bytes_are_refused_or_harmless() {
    let bytes = sample().as_bytes().to_vec();
    let mut accepted = 0;
    for at in (4..CHECKSUM).chain(NUMBER..bytes.len()) {
        for value in [0, 1, 20, 25, 0xFF, bytes[at].wrapping_add(1)] {
            let mut forged = bytes.clone();
            forged[at] = value;
            let forged = with_checksum(forged);
            // The lowest byte of each word: a walk that runs up to its limits takes its time.
            let answers = at.is_multiple_of(4).then(|| answers_of(forged.clone()));
            if let Ok(program) = Program::from_bytes(forged) {
                use_it(&program);
                let live = Live::default();
                let mut want = Vec::new();
                let context = Context::from_bytes(&program, CONTEXT);
                evaluate_all(&program, &live, &context, 0, &mut want);
                assert!(answers.is_none_or(|answers| answers == Ok(want)), "{at}");
                accepted += 1;
            }
        }
    }
    assert!(
        accepted > 1_000,
        "some forgeries say something else that is sound: {accepted}"
    );
}

/// Reads the sample with `count` more records of two words in a section.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a test that overflows fails"
)]
fn with_more(section: Section, record: [u32; 2], count: usize) -> Result<(), ProgramError> {
    let mut bytes = sample().as_bytes().to_vec();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let entry = SECTIONS + 8 * section as usize;
    let (from, records) = (
        u32_at(&bytes, entry) as usize,
        u32_at(&bytes, entry + 4) as usize,
    );
    let extent = [bytes.len(), records + count].map(|number| (number as u32).to_le_bytes());
    bytes.extend_from_within(from..from + 8 * records);
    bytes.extend(record.map(u32::to_le_bytes).as_flattened().repeat(count));
    bytes[entry..entry + 8].copy_from_slice(extent.as_flattened());
    Program::from_bytes(with_checksum(bytes)).map(|_| ())
}

#[test]
fn strings_that_share_one_text_are_refused() {
    let text = sample().count(Section::Text);
    assert_eq!(with_more(Section::Strings, [0, 0], 1_000), Ok(()));
    assert_eq!(
        with_more(Section::Strings, [0, text], 1_000),
        Err(ProgramError::TooComplex)
    );
}

#[test]
fn a_table_without_gaps_is_refused() {
    for section in [Section::Interned, Section::Keys] {
        let places = RUN.saturating_mul(4);
        let more = places.saturating_sub(sample().count(section)) as usize;
        assert_eq!(
            with_more(section, [7, 0], more),
            Err(ProgramError::TooComplex)
        );
    }
}

#[test]
fn other_formats_are_named() {
    let mut bytes = sample().as_bytes().to_vec();
    bytes[4] = 9;
    assert_eq!(Program::from_bytes(bytes), Err(ProgramError::Format(9)));
    assert_eq!(
        Program::from_bytes(b"{}".to_vec()),
        Err(ProgramError::Magic)
    );
}
