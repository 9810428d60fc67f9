use alloc::vec;
use alloc::vec::Vec;

use super::{Asked, Explanation, Outcome, Question, Salt, Serving, State, WhyNot, explain};
use crate::build::{
    Builder, FlagSpec, Graph, Leaf, NodeId, Operand, Part, Ramp, RampUnit, Slot, StageSpec, Test,
};
use crate::network::Network;
use crate::semver::{Comparator, Operator, Version};
use crate::{Arm, Context, Expose, FlagType, Live, Program, Progress, Reason, Seed, Value};

fn serve(variant: u32, reason: Reason, rule: Option<u32>) -> Leaf<'static> {
    Leaf::Serve {
        variant,
        reason,
        rule,
        is_missing_unit: false,
        chosen_by: None,
    }
}

fn spec(key: &str) -> FlagSpec<'_> {
    FlagSpec {
        key,
        kind: FlagType::Boolean,
        expose: Expose::Server,
        is_enabled: true,
        track: false,
        variants: &[("off", "false"), ("on", "true")],
        off_variant: 0,
        failsafe: None,
        rules: &[None],
    }
}

/// The flag `f`: its rule 0 serves where `test` holds.
fn program(test: impl FnOnce(&mut Builder) -> Test<'static>) -> Program {
    let mut builder = Builder::new("test", 1, 0);
    let test = test(&mut builder);
    flag(&mut builder, |graph, yes, no| graph.test(test, yes, no));
    builder.finish().unwrap()
}

fn flag(builder: &mut Builder, rule: impl FnOnce(&mut Graph<'static>, NodeId, NodeId) -> NodeId) {
    let mut graph = Graph::default();
    let no = graph.leaf(serve(0, Reason::Default, None));
    let yes = graph.leaf(serve(1, Reason::TargetingMatch, Some(0)));
    graph.begin(Part::Rule(0));
    let entry = rule(&mut graph, yes, no);
    builder.flag(spec("f"), &graph, entry);
}

fn explained<'a>(
    program: &'a Program,
    live: &Live,
    context: &'a Context<'a>,
    now: i64,
) -> Explanation<'a> {
    explain(program, live, program.flag("f").unwrap(), context, now)
}

#[track_caller]
fn check_why(test: fn(Slot) -> Test<'static>, value: &Value<'static>, want: Option<WhyNot>) {
    let program = program(|builder| test(builder.attribute("a", false)));
    let context = Context::resolve(&program, |_| value.clone());
    let explanation = explained(&program, &Live::default(), &context, 0);
    let asked = &explanation.steps[0].asked[0];
    let Question::Attribute {
        name,
        found,
        why_not,
        ..
    } = &asked.question
    else {
        panic!("it tests an attribute");
    };
    assert_eq!((*name, found, *why_not), ("a", value, want));
    assert_eq!(asked.holds, want.is_none());
}

#[test]
fn an_attribute_that_does_not_pass_is_told_why() {
    let is_text = |slot| Test::OneOf(slot, vec![Operand::Text("x")]);
    check_why(is_text, &Value::Text("x"), None);
    check_why(is_text, &Value::Text("y"), Some(WhyNot::Different));
    check_why(is_text, &Value::Missing, Some(WhyNot::Missing));
    check_why(is_text, &Value::Null, Some(WhyNot::Null));
    check_why(is_text, &Value::Number(1.0), Some(WhyNot::Type));
    check_why(is_text, &Value::Object, Some(WhyNot::Type));
    check_why(is_text, &Value::List(vec![]), Some(WhyNot::Empty));

    let one_of = |slot| Test::OneOf(slot, vec![Operand::Text("x"), Operand::Number(1.0)]);
    check_why(one_of, &Value::Number(2.0), Some(WhyNot::Different));
    check_why(one_of, &Value::Bool(true), Some(WhyNot::Type));
    let booleans = Value::List(vec![Value::Bool(true), Value::Bool(false)]);
    check_why(one_of, &booleans, Some(WhyNot::Type));
    let mixed = Value::List(vec![Value::Bool(true), Value::Text("y")]);
    check_why(one_of, &mixed, Some(WhyNot::Different));

    let less = |slot| Test::Less(slot, 5.0);
    check_why(less, &Value::Number(5.0), Some(WhyNot::Different));
    check_why(less, &Value::Text("4"), Some(WhyNot::Type));
    check_why(Test::Exists, &Value::Missing, Some(WhyNot::Missing));
}

#[test]
fn a_string_that_cannot_be_read_is_told_from_one_that_differs() {
    let before = |slot| Test::Before(slot, 0);
    check_why(
        before,
        &Value::Text("1970-01-01T00:00:00Z"),
        Some(WhyNot::Different),
    );
    check_why(before, &Value::Text("1970-01-01"), Some(WhyNot::Unreadable));
    check_why(before, &Value::Number(1.0), Some(WhyNot::Different));

    let cidr = |slot| Test::Cidr(slot, vec![Network::parse("10.0.0.0/8").unwrap()]);
    check_why(cidr, &Value::Text("11.0.0.1"), Some(WhyNot::Different));
    check_why(cidr, &Value::Text("localhost"), Some(WhyNot::Unreadable));

    let semver = |slot| {
        let comparator = Comparator {
            operator: Operator::GreaterOrEqual,
            version: Version::parse("2.0.0").unwrap(),
        };
        Test::Semver(slot, vec![vec![comparator]])
    };
    check_why(semver, &Value::Text("1.0.0"), Some(WhyNot::Different));
    check_why(semver, &Value::Text("2.0"), Some(WhyNot::Unreadable));
    check_why(semver, &Value::Number(2.0), Some(WhyNot::Type));
}

#[track_caller]
fn check_time(now: i64, holds: bool, changes_at: Option<i64>) {
    let program = program(|_| Test::Time {
        from: Some(10),
        until: Some(20),
    });
    let context = Context::resolve(&program, |_| Value::Missing);
    let explanation = explained(&program, &Live::default(), &context, now);
    let asked = &explanation.steps[0].asked[0];
    let Question::Time {
        changes_at: found, ..
    } = asked.question
    else {
        panic!("it tests the time");
    };
    assert_eq!((asked.holds, found), (holds, changes_at), "at {now}");
}

#[test]
fn a_time_says_when_it_changes() {
    check_time(9, false, Some(10));
    check_time(10, true, Some(20));
    check_time(20, false, None);
}

/// `f` needs `g` to serve `on`, which it serves to everybody.
fn needs(is_enabled: bool) -> Program {
    program(|builder| {
        let mut graph = Graph::default();
        let on = graph.leaf(serve(1, Reason::Static, None));
        let spec = FlagSpec {
            is_enabled,
            ..spec("g")
        };
        Test::Flag(builder.flag(spec, &graph, on), vec![1])
    })
}

#[track_caller]
fn check_prerequisite(is_enabled: bool, killed: &[&str], want: (bool, State, usize)) {
    let program = needs(is_enabled);
    let live = Live::new(&program, 1, killed.iter().copied(), [], []);
    let context = Context::resolve(&program, |_| Value::Missing);
    let explanation = explained(&program, &live, &context, 0);
    let asked = &explanation.steps[0].asked[0];
    let Question::Flag {
        flag,
        wanted,
        state,
        steps,
    } = &asked.question
    else {
        panic!("it asks for a flag");
    };
    assert_eq!((flag.key(), wanted.as_slice()), ("g", [1].as_slice()));
    assert_eq!((asked.holds, *state, steps.len()), want);
}

#[test]
fn a_prerequisite_says_how_it_came_to_its_variant_or_why_it_is_off() {
    check_prerequisite(true, &[], (true, State::On, 1));
    check_prerequisite(true, &["g"], (false, State::Killed, 0));
    check_prerequisite(false, &[], (false, State::Disabled, 0));
    check_prerequisite(false, &["g"], (false, State::Disabled, 0));
}

#[test]
fn segments_nest() {
    let program = program(|builder| {
        let slot = builder.attribute("a", false);
        let mut graph = Graph::default();
        let (yes, no) = (
            graph.leaf(Leaf::Holds(true)),
            graph.leaf(Leaf::Holds(false)),
        );
        let entry = graph.test(Test::Exists(slot), yes, no);
        let inner = builder.segment("inner", &graph, entry);
        let mut graph = Graph::default();
        let (yes, no) = (
            graph.leaf(Leaf::Holds(true)),
            graph.leaf(Leaf::Holds(false)),
        );
        let later = graph.test(Test::Less(slot, 0.0), yes, no);
        let entry = graph.test(Test::Segment(inner), later, no);
        Test::Segment(builder.segment("outer", &graph, entry))
    });
    let context = Context::resolve(&program, |_| Value::Number(1.0));
    let explanation = explained(&program, &Live::default(), &context, 0);
    assert_eq!(
        names(&explanation.steps[0].asked),
        [("outer", false), ("inner", true), ("a", true), ("a", false)]
    );
}

/// What was asked, from the outside in, and how it came out.
fn names<'a>(asked: &[Asked<'a>]) -> Vec<(&'a str, bool)> {
    let mut names = Vec::new();
    for asked in asked {
        match &asked.question {
            Question::Attribute { name, .. } => names.push((*name, asked.holds)),
            Question::Segment {
                name,
                asked: within,
            } => {
                names.push((*name, asked.holds));
                names.extend(self::names(within));
            }
            _ => panic!("it asks for attributes and segments alone"),
        }
    }
    names
}

/// `f` serves a release to those whose `b` is there, by `u`.
fn ramped() -> Program {
    let mut builder = Builder::new("test", 1, 0);
    let stage = |name, exposure| StageSpec {
        name,
        exposure: Some(exposure),
        has_audience: false,
    };
    let release = builder.release("r", &[stage("few", 1 << 30), stage("half", 1 << 31)]);
    let ramp = Ramp {
        unit: RampUnit::By(builder.attribute("u", false), Seed::of("release:r")),
        release,
        from: 0,
        to: 1,
        audience: None,
    };
    flag(&mut builder, |graph, _, no| {
        graph.leaf(Leaf::Ramp {
            ramp,
            rule: Some(0),
            otherwise: no,
        })
    });
    builder.finish().unwrap()
}

#[test]
fn a_release_says_where_the_unit_fell_and_what_is_exposed() {
    let program = ramped();
    let context = Context::resolve(&program, |_| Value::Text("user-1"));
    let progress = Progress {
        stage: 1,
        exposure: 0.5,
    };
    let live = Live::new(&program, 1, [], [("r", progress)], []);
    let explanation = explained(&program, &live, &context, 0);
    let [step] = explanation.steps.as_slice() else {
        panic!("it goes no further");
    };
    let position = Seed::of("release:r").place("user-1").get();
    let is_exposed = position < 1 << 31;
    let Outcome::Serves {
        variant,
        how:
            Serving::Release {
                unit: Some(unit),
                position: found,
                stage,
                exposure,
                arm,
                ..
            },
    } = &step.outcome
    else {
        panic!("a release serves");
    };
    assert_eq!(
        (step.part, *variant),
        (Part::Rule(0), u32::from(is_exposed))
    );
    assert_eq!((unit.attribute, unit.salt), ("u", Salt::Release));
    assert_eq!(
        (*found, *stage, *exposure),
        (position, Some("half"), Some(1 << 31))
    );
    let want = if is_exposed {
        Arm::Treated
    } else {
        Arm::Control
    };
    assert_eq!(*arm, Some(want));
}

#[test]
fn without_a_unit_the_walk_goes_on_and_says_so() {
    let program = ramped();
    let context = Context::resolve(&program, |_| Value::Number(0.5));
    let explanation = explained(&program, &Live::default(), &context, 0);
    let [rule, default] = explanation.steps.as_slice() else {
        panic!("it goes on with the default");
    };
    let Outcome::NoUnit(unit) = &rule.outcome else {
        panic!("there is no unit");
    };
    assert_eq!((unit.attribute, &unit.found), ("u", &Value::Number(0.5)));
    assert_eq!(default.part, Part::Default);
    assert!(matches!(
        default.outcome,
        Outcome::Serves {
            variant: 0,
            how: Serving::Plain
        }
    ));
}

#[test]
fn a_long_list_is_cut_short() {
    let keys: Vec<alloc::string::String> = (0..1_000).map(|n| alloc::format!("user-{n}")).collect();
    let mut builder = Builder::new("test", 1, 0);
    let slot = builder.attribute("u", false);
    let mut graph = Graph::default();
    let no = graph.leaf(serve(0, Reason::Default, None));
    let yes = graph.leaf(serve(1, Reason::TargetingMatch, Some(0)));
    let operands = keys.iter().map(|key| Operand::Text(key)).collect();
    let entry = graph.test(Test::OneOf(slot, operands), yes, no);
    builder.flag(spec("f"), &graph, entry);
    let program = builder.finish().unwrap();
    let context = Context::resolve(&program, |_| Value::Text("user-7"));
    let explanation = explained(&program, &Live::default(), &context, 0);
    let Question::Attribute {
        wanted: super::Wanted::OneOf(operands),
        ..
    } = &explanation.steps[0].asked[0].question
    else {
        panic!("it tests an attribute");
    };
    assert_eq!((operands.some.len(), operands.count), (8, 1_000));
}
