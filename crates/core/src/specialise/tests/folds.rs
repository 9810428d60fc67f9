//! What folding takes out of a program, one kind at a time.

use alloc::string::String;
use alloc::vec::Vec;

use super::{add, serve, spec};
use crate::build::{Automaton, Builder, FlagId, Graph, Leaf, Operand, Part, Slot, Test};
use crate::layout::Section;
use crate::network::Network;
use crate::semver::{Comparator, Operator, Version};
use crate::specialise::{Known, Recipient, specialise};
use crate::{Context, Evaluation, Expose, Live, Program, Reason, Value, evaluate, long_lists};

/// Attributes, by name; the others are missing.
pub(super) type Said = [(&'static str, Value<'static>)];

/// A text that must be gone.
const CANARY: &str = "canary";

pub(super) fn written(add: impl FnOnce(&mut Builder)) -> Program {
    let mut builder = Builder::new("test", 1, 0);
    add(&mut builder);
    builder.finish().unwrap()
}

pub(super) fn context(program: &Program, said: &Said) -> Context<'static> {
    Context::resolve(program, |name| {
        let found = said.iter().find(|(said, _)| *said == name);
        found.map_or(Value::Missing, |(_, value)| value.clone())
    })
}

/// What a browser is sent of `program` where all that `said` names is folded in.
pub(super) fn left(program: &Program, said: &Said) -> Program {
    let known = Known::new(program, context(program, said), |attribute| {
        said.iter().any(|(name, _)| *name == attribute.name)
    });
    specialise(program, &Live::default(), &known, Recipient::Browser, 0).unwrap()
}

pub(super) fn holds(program: &Program, text: &str) -> bool {
    let bytes = program.as_bytes();
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

pub(super) fn ask(program: &Program, live: &Live, key: &str, said: &Said) -> Evaluation {
    let flag = program.flag(key).unwrap();
    evaluate(program, live, flag, &context(program, said), 0)
}

/// The name of the variant that a flag serves while nothing is killed.
pub(super) fn served(program: &Program, key: &str, said: &Said) -> String {
    let answer = ask(program, &Live::default(), key, said);
    let flag = program.flag(key).unwrap();
    flag.variant(answer.variant).unwrap().name.into()
}

/// A flag `flag` that serves `on` where the test holds, else `off`.
pub(super) fn add_test(builder: &mut Builder, test: Test<'_>) -> FlagId {
    let mut graph = Graph::default();
    let (on, off) = (serve(&mut graph, 0, Some(0)), serve(&mut graph, 1, None));
    graph.begin(Part::Rule(0));
    let entry = graph.test(test, on, off);
    builder.flag(spec("flag", Expose::Program), &graph, entry)
}

/// Where the attribute is known the test is gone, with what it compares, and the flag is decided.
#[track_caller]
fn check_test(test: impl Fn(Slot) -> Test<'static>, yes: Value<'static>, no: Value<'static>) {
    let program = written(|builder| {
        let slot = builder.attribute("a", false);
        add_test(builder, test(slot));
    });
    for (value, want) in [(yes, "on"), (no, "off"), (Value::Missing, "off")] {
        let left = left(&program, &[("a", value)]);
        assert!(!holds(&left, CANARY), "{want}");
        assert!(left.flag("flag").unwrap().is_decided(), "{want}");
        assert_eq!(served(&left, "flag", &[]), want);
    }
}

pub(super) fn text(text: &'static str) -> Value<'static> {
    Value::Text(text)
}

#[test]
fn a_test_of_a_known_attribute_is_gone() {
    let number = Value::Number;
    check_test(Test::Exists, Value::Bool(false), Value::Null);
    let one_of = |operands: &[Operand<'static>]| {
        let operands = operands.to_vec();
        move |slot| Test::OneOf(slot, operands.clone())
    };
    let canary = Operand::Text(CANARY);
    check_test(one_of(&[canary]), text(CANARY), text("other"));
    check_test(one_of(&[Operand::Number(3.0)]), number(3.0), text("3"));
    check_test(
        one_of(&[Operand::Bool(true)]),
        Value::Bool(true),
        Value::Bool(false),
    );
    let several = [
        canary,
        Operand::Text("b"),
        Operand::Number(3.0),
        Operand::Bool(false),
    ];
    check_test(one_of(&several), text("b"), text("other"));
    check_test(one_of(&several), Value::Bool(false), Value::Bool(true));
    check_test(
        one_of(&several),
        Value::List([number(1.0), number(3.0)].into()),
        Value::List([].into()),
    );
    check_test(
        |slot| Test::StartsWith(slot, [CANARY].into()),
        text("canary-1"),
        text("a canary"),
    );
    check_test(
        |slot| Test::EndsWith(slot, [CANARY].into()),
        text("a canary"),
        text("canary-1"),
    );
    check_test(
        |slot| Test::Contains(slot, [CANARY].into()),
        text("a canary?"),
        text("can"),
    );
    check_test(|slot| Test::Less(slot, 3.0), number(2.0), number(3.0));
    check_test(
        |slot| Test::LessOrEqual(slot, 3.0),
        number(3.0),
        number(4.0),
    );
    check_test(|slot| Test::Greater(slot, 3.0), number(4.0), number(3.0));
    check_test(
        |slot| Test::GreaterOrEqual(slot, 3.0),
        number(3.0),
        number(2.0),
    );
    check_test(
        |slot| Test::Before(slot, 1_000),
        text("1970-01-01T00:00:00Z"),
        number(1_000.0),
    );
    check_test(
        |slot| Test::After(slot, 1_000),
        number(1_001.0),
        text("1970-01-01T00:00:01Z"),
    );
    let version = Version::parse("1.0.0-canary").unwrap();
    let operator = Operator::GreaterOrEqual;
    let comparator = Comparator { operator, version };
    check_test(
        move |slot| Test::Semver(slot, [[comparator].into()].into()),
        text("1.0.0"),
        text("0.9.0"),
    );
    let network = Network::parse("10.0.0.0/8").unwrap();
    check_test(
        move |slot| Test::Cidr(slot, [network].into()),
        text("10.1.2.3"),
        text("11.0.0.0"),
    );
}

#[test]
fn a_pattern_of_a_known_attribute_is_gone() {
    let mut classes = [0; 256];
    classes[usize::from(b'a')] = 1;
    // Somewhere an `a`.
    let automaton = Automaton::new(&classes, 2, &[[2, 1, 0].into()], 2).unwrap();
    let test = |slot| Test::Matches {
        slot,
        automaton: automaton.clone(),
        source: CANARY,
    };
    check_test(test, text("bab"), text("bbb"));
}

/// `flag` is on for who is in the segment: members, and everyone in Germany.
fn segment() -> Program {
    written(|builder| {
        let (user, country) = (
            builder.attribute("user", false),
            builder.attribute("country", false),
        );
        let mut graph = Graph::default();
        let (yes, no) = (
            graph.leaf(Leaf::Holds(true)),
            graph.leaf(Leaf::Holds(false)),
        );
        let germany = graph.test(Test::OneOf(country, [Operand::Text("DE")].into()), yes, no);
        let names: Vec<String> = (0..1_000)
            .map(|number| alloc::format!("member-{number}"))
            .collect();
        let members = names.iter().map(|name| Operand::Text(name)).collect();
        let entry = graph.test(Test::OneOf(user, members), yes, germany);
        let segment = builder.segment("segment-canary", &graph, entry);
        add_test(builder, Test::Segment(segment));
    })
}

#[test]
fn members_of_a_segment_are_gone_once_it_is_known_that_one_is_none() {
    let whole = segment();
    let left = left(&whole, &[("user", text("visitor"))]);
    assert!(holds(&whole, "member-") && !holds(&left, "member-") && holds(&left, "DE"));
    assert!(left.as_bytes().len() < 1_000, "{}", left.as_bytes().len());
    assert_eq!(left.count(Section::Segments), 1);
    assert_eq!(served(&left, "flag", &[("country", text("DE"))]), "on");
    assert_eq!(served(&left, "flag", &[]), "off");
}

#[test]
fn a_segment_that_is_decided_is_gone() {
    for (said, want) in [
        (&[("user", text("member-7"))][..], "on"),
        (&[("country", text("DE"))], "on"),
        (&[("user", text("visitor")), ("country", text("FR"))], "off"),
    ] {
        let left = left(&segment(), said);
        assert_eq!(
            (left.count(Section::Segments), served(&left, "flag", &[])),
            (0, want.into())
        );
        assert!(!holds(&left, "member-") && !holds(&left, "segment-canary"));
    }
}

/// `flag` is on where `gate` is; `gate` is on for the plan `pro`.
fn prerequisite() -> Program {
    written(|builder| {
        let gate = add(builder, "gate", Expose::Program, ("plan", false), "pro");
        add_test(builder, Test::Flag(gate, [0].into()));
    })
}

#[test]
fn a_prerequisite_that_can_never_be_met_is_gone() {
    let left = left(&prerequisite(), &[("plan", text("free"))]);
    assert!(left.flag("flag").unwrap().is_decided());
    assert_eq!(served(&left, "flag", &[]), "off");
}

#[test]
fn a_prerequisite_that_is_met_stays_since_it_may_be_killed() {
    let left = left(&prerequisite(), &[("plan", text("pro"))]);
    let decided = ["gate", "flag"].map(|key| left.flag(key).unwrap().is_decided());
    assert_eq!(decided, [true, false]);
    assert_eq!(served(&left, "flag", &[]), "on");
    let killed = Live::new(&left, 1, ["gate"], [], []);
    assert_eq!(ask(&left, &killed, "flag", &[]).variant, 1);
}

#[test]
fn a_decided_flag_that_keeps_no_rules_can_be_killed() {
    let left = left(&prerequisite(), &[("plan", text("pro"))]);
    let killed = Live::new(&left, 1, ["gate"], [], []);
    assert_eq!(ask(&left, &killed, "gate", &[]).reason, Reason::Disabled);
}

/// Two rules: by plan, then by country; the second serves the variant that nothing else does.
fn rules() -> Program {
    written(|builder| {
        let (plan, country) = (
            builder.attribute("plan", false),
            builder.attribute("country", false),
        );
        let mut graph = Graph::default();
        let off = serve(&mut graph, 1, None);
        let spare = serve(&mut graph, 2, Some(1));
        graph.begin(Part::Rule(1));
        let second = graph.test(
            Test::OneOf(country, [Operand::Text("DE")].into()),
            spare,
            off,
        );
        let on = serve(&mut graph, 0, Some(0));
        graph.begin(Part::Rule(0));
        let first = graph.test(Test::OneOf(plan, [Operand::Text("pro")].into()), on, second);
        builder.flag(spec("flag", Expose::Program), &graph, first);
    })
}

/// Of the texts of the two rules, those that are `gone` and no others.
#[track_caller]
fn check_rules(said: &Said, gone: &[&str]) {
    let left = left(&rules(), said);
    for text in [
        "pro",
        "the rule",
        "DE",
        "another rule",
        "spare-value",
        "country",
    ] {
        assert_eq!(!holds(&left, text), gone.contains(&text), "{text}");
    }
}

#[test]
fn what_nothing_leads_to_any_more_is_gone() {
    check_rules(&[], &[]);
    let second = ["pro", "DE", "another rule", "spare-value", "country"];
    check_rules(&[("plan", text("pro"))], &second);
    check_rules(&[("plan", text("free"))], &["pro", "the rule"]);
    check_rules(
        &[("country", text("FR"))],
        &["DE", "another rule", "spare-value"],
    );
    check_rules(&[("country", text("DE"))], &["DE"]);
}

#[track_caller]
fn check_asks(said: &Said, asks: &[&str], open: &[&str]) {
    let left = left(&rules(), said);
    let flag = left.flag("flag").unwrap();
    let asked: Vec<&str> = flag.asks().map(|attribute| attribute.name).collect();
    assert_eq!(asked, asks);
    let others = left.attributes().map(|attribute| attribute.name);
    let mut others: Vec<&str> = others.filter(|name| !asks.contains(name)).collect();
    others.sort_unstable();
    assert_eq!((others.as_slice(), flag.asks_anything()), (open, false));
}

#[test]
fn a_flag_that_keeps_rules_asks_about_what_was_folded_into_it_alone() {
    check_asks(&[], &[], &["country", "plan"]);
    check_asks(&[("plan", text("free"))], &["plan"], &["country"]);
    check_asks(&[("plan", text("pro"))], &["plan"], &[]);
    // A rule that is not reached asks about nothing.
    check_asks(
        &[("plan", text("pro")), ("country", text("DE"))],
        &["plan"],
        &[],
    );
    check_asks(&[("other", text("x"))], &[], &["country", "plan"]);
}

/// Whether an attribute is compared with a list of more than four values in what a flag leads to.
#[track_caller]
fn check_list(
    expose: Expose,
    count: usize,
    test: fn(Slot, Vec<&'static str>) -> Test<'static>,
    want: bool,
) {
    let texts = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let program = written(|builder| {
        let slots = ["other", "a"].map(|name| builder.attribute(name, false));
        let mut graph = Graph::default();
        let (yes, no) = (
            graph.leaf(Leaf::Holds(true)),
            graph.leaf(Leaf::Holds(false)),
        );
        let first = graph.test(test(slots[1], texts[..count].to_vec()), yes, no);
        let entry = graph.test(Test::Exists(slots[0]), first, no);
        let segment = builder.segment("segment", &graph, entry);
        let mut graph = Graph::default();
        let (on, off) = (serve(&mut graph, 0, Some(0)), serve(&mut graph, 1, None));
        let entry = graph.test(Test::Segment(segment), on, off);
        let flag = builder.flag(spec("flag", Expose::Values), &graph, entry);
        let mut graph = Graph::default();
        let (on, off) = (serve(&mut graph, 0, Some(0)), serve(&mut graph, 1, None));
        let entry = graph.test(Test::Flag(flag, [0].into()), on, off);
        builder.flag(spec("dependent", expose), &graph, entry);
    });
    assert_eq!(long_lists(&program, 4), [false, want]);
}

#[test]
fn an_attribute_that_is_compared_with_a_long_list_is_known_for_it() {
    let one_of = |slot, texts: Vec<&'static str>| {
        Test::OneOf(slot, texts.into_iter().map(Operand::Text).collect())
    };
    check_list(Expose::Program, 4, one_of, false);
    check_list(Expose::Program, 5, one_of, true);
    check_list(Expose::Program, 12, one_of, true);
    check_list(Expose::Program, 5, Test::Contains, true);
    check_list(Expose::Program, 4, Test::EndsWith, false);
    check_list(Expose::Program, 5, |slot, _| Test::Exists(slot), false);
    // What no browser is sent need not be folded.
    check_list(Expose::Values, 12, one_of, false);
    check_list(Expose::Server, 12, one_of, false);
}
