mod folds;
mod serves;

use alloc::string::String;
use alloc::vec::Vec;

use super::{Known, Recipient, specialise};
use crate::build::{Builder, FlagId, FlagSpec, Graph, Leaf, NodeId, Operand, Test};
use crate::{Context, Evaluation, Expose, FlagType, Live, Program, Reason, Value, evaluate};

const VARIANTS: &[(&str, &str)] = &[
    ("on", "true"),
    ("off", "false"),
    ("spare", "\"spare-value\""),
];

fn serve(graph: &mut Graph<'_>, variant: u32, rule: Option<u32>) -> NodeId {
    let reason = if rule.is_some() {
        Reason::TargetingMatch
    } else {
        Reason::Default
    };
    graph.leaf(Leaf::Serve {
        variant,
        reason,
        rule,
        is_missing_unit: false,
        chosen_by: None,
    })
}

fn spec(key: &str, expose: Expose) -> FlagSpec<'_> {
    FlagSpec {
        key,
        kind: FlagType::Boolean,
        expose,
        is_enabled: true,
        track: false,
        variants: VARIANTS,
        off_variant: 1,
        failsafe: None,
        rules: &[Some("the rule"), Some("another rule")],
    }
}

/// A flag that is on where the attribute equals the operand.
fn add(
    builder: &mut Builder,
    key: &str,
    expose: Expose,
    attribute: (&str, bool),
    operand: &str,
) -> FlagId {
    let slot = builder.attribute(attribute.0, attribute.1);
    let mut graph = Graph::default();
    let (on, off) = (serve(&mut graph, 0, Some(0)), serve(&mut graph, 1, None));
    let entry = graph.test(Test::OneOf(slot, [Operand::Text(operand)].into()), on, off);
    builder.flag(spec(key, expose), &graph, entry)
}

/// A flag that is on where another serves its variant 0.
fn add_dependent(builder: &mut Builder, key: &str, on: FlagId) {
    let mut graph = Graph::default();
    let (yes, no) = (serve(&mut graph, 0, Some(0)), serve(&mut graph, 1, None));
    let entry = graph.test(Test::Flag(on, [0].into()), yes, no);
    builder.flag(spec(key, Expose::Program), &graph, entry);
}

fn program() -> Program {
    let mut builder = Builder::new("test", 3, 5);
    add(
        &mut builder,
        "open",
        Expose::Program,
        ("country", false),
        "DE",
    );
    add(
        &mut builder,
        "by-mail",
        Expose::Program,
        ("email", true),
        "private-literal",
    );
    add(
        &mut builder,
        "answer",
        Expose::Values,
        ("plan", false),
        "hidden-literal",
    );
    let hidden = add(
        &mut builder,
        "hidden-flag",
        Expose::Server,
        ("country", false),
        "hidden-literal",
    );
    add_dependent(&mut builder, "on-hidden", hidden);
    builder.finish().unwrap()
}

fn context(program: &Program) -> Context<'static> {
    Context::resolve(program, |name| match name {
        "country" => Value::Text("DE"),
        "plan" => Value::Text("hidden-literal"),
        _ => Value::Missing,
    })
}

fn ask(program: &Program, live: &Live, key: &str) -> Evaluation {
    evaluate(
        program,
        live,
        program.flag(key).unwrap(),
        &context(program),
        0,
    )
}

fn residual(live: &Live) -> Program {
    sent(&program(), live)
}

fn sent(program: &Program, live: &Live) -> Program {
    let known = Known::new(program, context(program), |_| false);
    specialise(program, live, &known, Recipient::Browser, 0).unwrap()
}

#[test]
fn flags_of_the_server_are_gone() {
    assert_eq!(
        residual(&Live::default())
            .flag("hidden-flag")
            .map(|flag| flag.index()),
        None
    );
}

#[test]
fn only_open_rules_are_kept() {
    let residual = residual(&Live::default());
    let decided: Vec<(&str, bool)> = residual
        .flags()
        .map(|flag| (flag.key(), flag.is_decided()))
        .collect();
    assert_eq!(
        decided,
        [
            ("open", false),
            ("by-mail", true),
            ("answer", true),
            ("on-hidden", true)
        ]
    );
    let attributes: Vec<&str> = residual
        .attributes()
        .map(|attribute| attribute.name)
        .collect();
    assert_eq!(attributes, ["country", "plan"]);
}

#[test]
fn answers_stay_the_same() {
    let (whole, residual) = (program(), residual(&Live::default()));
    for flag in residual.flags() {
        let want = ask(&whole, &Live::default(), flag.key());
        let got = ask(&residual, &Live::default(), flag.key());
        let names = |program: &Program, answer: Evaluation| {
            let flag = program.flag(flag.key()).unwrap();
            let rule = answer
                .rule
                .and_then(|rule| flag.rule_name(rule))
                .map(String::from);
            (
                String::from(flag.variant(answer.variant).unwrap().name),
                answer.reason,
                rule,
            )
        };
        assert_eq!(names(&residual, got), names(&whole, want), "{}", flag.key());
    }
}

#[test]
fn nothing_hidden_survives_in_the_bytes() {
    let bytes = residual(&Live::default()).as_bytes().to_vec();
    let text = String::from_utf8_lossy(&bytes);
    for canary in ["hidden-flag", "hidden-literal", "private-literal", "email"] {
        assert!(!text.contains(canary), "{canary}");
    }
    assert!(text.contains("DE"), "rules that may be sent are");
}

#[test]
fn a_decided_flag_carries_what_it_can_serve_alone() {
    let residual = residual(&Live::default());
    let flag = residual.flag("answer").unwrap();
    let variants: Vec<&str> = flag.variants().map(|variant| variant.name).collect();
    assert_eq!(variants, ["on", "off"]);
    assert_eq!(
        (flag.rule_name(0), flag.rule_count()),
        (Some("the rule"), 1)
    );
}

#[test]
fn a_decided_flag_can_still_be_killed_and_restored() {
    let whole = program();
    let killed = Live::new(&whole, 1, ["answer"], [], []);
    let residual = residual(&killed);
    assert_eq!(
        ask(&residual, &Live::default(), "answer").reason,
        Reason::TargetingMatch
    );
    let live = Live::new(&residual, 1, ["answer"], [], []);
    assert_eq!(ask(&residual, &live, "answer").reason, Reason::Disabled);
}

#[test]
fn the_kill_of_a_hidden_prerequisite_is_in_the_answer() {
    let killed = Live::new(&program(), 1, ["hidden-flag"], [], []);
    assert_eq!(
        ask(&residual(&killed), &Live::default(), "on-hidden").rule,
        None
    );
}

#[track_caller]
fn check_asks(key: &str, want: &[&str], anything: bool) {
    let first = residual(&Live::default());
    let again = sent(&first, &Live::default());
    for residual in [first, again] {
        let flag = residual.flag(key).unwrap();
        let names: Vec<&str> = flag.asks().map(|attribute| attribute.name).collect();
        assert_eq!((names.as_slice(), flag.asks_anything()), (want, anything));
    }
}

#[test]
fn a_decided_flag_says_what_it_asks_about() {
    check_asks("answer", &["plan"], false);
    check_asks("on-hidden", &["country"], false);
}

#[test]
fn a_private_attribute_is_asked_about_without_its_name() {
    check_asks("by-mail", &[], true);
}

#[test]
fn a_flag_with_its_rules_asks_about_nothing() {
    check_asks("open", &[], false);
}
