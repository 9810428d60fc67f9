//! What costs most still ends soon: the largest contexts and rulesets that are taken, and those that are refused.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::fmt::Write;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use vexil_core::limits::DEPTH;
use vexil_core::{
    Context, Known, Live, Program, Recipient, Value, evaluate, evaluate_all, explain, specialise,
};
use vexil_ruleset::explain::Text;
use vexil_ruleset::{Ruleset, compile, decode, lint};

/// Far more than any of this takes without optimisation, and far less than it took where it was quadratic.
const PATIENCE: Duration = Duration::from_mins(1);

/// What `work` gives, if it does not take too long.
#[track_caller]
fn soon<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(PATIENCE).expect("it takes too long")
}

fn flag(condition: &str) -> String {
    format!(
        r#""f": {{ "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off",
            "rules": [{{ "when": {condition}, "serve": "on" }}], "default": "off" }}"#
    )
}

fn program(json: &str) -> Program {
    let ruleset: Ruleset = decode(json).unwrap();
    compile(&ruleset, "test", 1, 0).unwrap()
}

/// Which variant the one flag of `program` serves where its attribute is a list of `count` times `number`.
fn with_list(program: &Program, count: usize, number: f64) -> u32 {
    let list = Value::List(vec![Value::Number(number); count]);
    let context = Context::resolve(program, |_| list.clone());
    let mut answers = Vec::new();
    evaluate_all(program, &Live::default(), &context, 0, &mut answers);
    answers[0].variant()
}

fn numbers(count: usize) -> String {
    (0..count).fold(String::from("0.5"), |mut list, number| {
        write!(list, ",{number}").unwrap();
        list
    })
}

#[test]
fn a_list_of_numbers_is_looked_up_among_many_members() {
    let members = (0..200_000).fold(String::from("\"m\""), |mut list, number| {
        write!(list, ",\"user-{number}\"").unwrap();
        list
    });
    let program = program(&format!(
        r#"{{ "segments": {{ "s": {{ "members": [{members}] }} }}, "flags": {{ {} }} }}"#,
        flag(r#"{ "segment": "s" }"#)
    ));
    assert_eq!(soon(move || with_list(&program, 32_000, 7.0)), 0);
}

#[test]
fn a_list_of_numbers_is_looked_up_among_many_numbers() {
    let condition = format!(r#"{{ "attr": "a", "in": [{}] }}"#, numbers(200_000));
    let program = program(&format!(r#"{{ "flags": {{ {} }} }}"#, flag(&condition)));
    let answers = soon(move || {
        [
            with_list(&program, 32_000, 7.25),
            with_list(&program, 1, 199_999.0),
            with_list(&program, 1, 0.5),
        ]
    });
    assert_eq!(answers, [0, 1, 1]);
}

/// `count` members of an object, the text of each made by `member`.
fn members(count: usize, member: impl Fn(usize) -> String) -> String {
    (0..count).map(member).collect::<Vec<_>>().join(",")
}

/// How many issues `json` has, and the first.
fn issues(json: String) -> (usize, String) {
    let issues = soon(move || decode(&json)).unwrap_err();
    (issues.len(), issues[0].to_string())
}

#[test]
fn an_object_of_unknown_keys_is_refused() {
    let json = format!("{{{}}}", members(100_000, |n| format!(r#""k{n}": 1"#)));
    let first = "/k0: unknown key `k0`".to_owned();
    assert_eq!(issues(json), (1_001, first));
}

#[test]
fn a_thousand_references_to_flags_that_are_not_there_are_refused() {
    let flags = members(5_000, |n| {
        let requires = format!(
            r#"{{ "flag": "{}-{}", "variant": ["on"] }}"#,
            "flog".repeat(25),
            n % 2_000
        );
        format!(
            r#""{}-{n}": {{ "type": "boolean", "variants": {{ "on": true }}, "offVariant": "on",
                "requires": {requires}, "default": "on" }}"#,
            "flag".repeat(25)
        )
    });
    let (count, first) = issues(format!(r#"{{ "flags": {{ {flags} }} }}"#));
    assert_eq!(count, 1_001);
    assert!(first.contains("unknown flag"), "{first}");
}

#[test]
fn segments_that_all_lead_back_are_refused() {
    let count = 30_000;
    let segments = members(count, |n| {
        let next = (n + 1) % count;
        format!(
            r#""s{n}": {{ "when": {{ "any": [{{ "segment": "s0" }}, {{ "segment": "s{next}" }}] }} }}"#
        )
    });
    let json = format!(r#"{{ "segments": {{ {segments} }} }}"#);
    let issues = soon(move || decode(&json)).unwrap_err();
    assert_eq!(issues.len(), 1_001);
    assert_eq!(
        issues[0].to_string(),
        "/segments/s0: needs itself: segment `s0` → segment `s0`"
    );
    let longest = issues.iter().map(|issue| issue.to_string().len()).max();
    assert!(longest.unwrap() < 1_000, "{longest:?}");
}

/// The longest chain of flags, each asking for the next below as many levels as there may be, and the first of them read
/// first: as deep as anything goes.
fn deepest() -> String {
    let chain = members(DEPTH, |n| {
        let next = n.saturating_add(1);
        let asked = if next == DEPTH {
            r#"{ "attr": "a", "is": 1 }"#.to_owned()
        } else {
            format!(r#"{{ "flag": "f{next:02}", "variant": ["on"] }}"#)
        };
        let levels = DEPTH.saturating_sub(1);
        let when = format!(
            "{}{asked}{}",
            r#"{ "all": ["#.repeat(levels),
            "] }".repeat(levels)
        );
        format!(
            r#""f{n:02}": {{ "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off",
                "expose": "program", "rules": [{{ "when": {when}, "serve": "on" }}], "default": "off" }}"#
        )
    });
    format!(r#"{{ "flags": {{ {chain} }} }}"#)
}

#[test]
fn the_deepest_ruleset_takes_a_small_stack() {
    let work = || {
        let ruleset = decode(&deepest()).unwrap();
        let program = compile(&ruleset, "test", 1, 0).unwrap();
        let findings = lint(&ruleset);
        let context = Context::resolve(&program, |_| Value::Number(1.0));
        let (live, now) = (Live::default(), 0);
        let first = program.flag("f00").unwrap();
        let explanation = explain(&program, &live, first, &context, now);
        let explained = Text(&explanation).to_string();
        let context = Context::resolve(&program, |_| Value::Number(1.0));
        let known = Known::new(&program, context, |_| true);
        let left = specialise(&program, &live, &known, Recipient::Browser, now).unwrap();
        let context = Context::resolve(&left, |_| Value::Missing);
        let first = left.flag("f00").unwrap();
        let served = evaluate(&left, &live, first, &context, now);
        (findings, explained.lines().count(), served.rule)
    };
    // As large as the stack of a WebAssembly module.
    let thread = thread::Builder::new().stack_size(1 << 20).spawn(work);
    // The answer, two lines a flag, and what the last one asks.
    let lines = DEPTH.saturating_mul(2).saturating_add(1);
    assert_eq!(thread.unwrap().join().unwrap(), (vec![], lines, Some(0)));
}
