//! What costs most still ends soon: the largest contexts and rulesets that are taken, and those that are refused.

use std::fmt::Write;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use vexil_core::{Context, Live, Program, Value, evaluate_all};
use vexil_ruleset::{Ruleset, compile, decode};

/// Far more than any of this takes without optimisation, and far less than it took where it was quadratic.
const PATIENCE: Duration = Duration::from_secs(20);

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
    answers[0].variant
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
