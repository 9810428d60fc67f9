//! Programs, and what they answer.

mod conditions;
mod serves;

use proptest::prelude::*;
use vexil_core::limits::DEPTH;
use vexil_core::{Context, Live, Program, Release, Value, evaluate};

use crate::generate::{Choices, ruleset};
use crate::{compile, decode};

proptest! {
    /// Every valid ruleset compiles, twice to the same bytes, and each of its flags is in the program.
    #[test]
    fn compiling_is_total_and_deterministic(choices in prop::collection::vec(any::<u32>(), 0..600)) {
        let ruleset = ruleset(&mut Choices::new(&choices));
        let program = compile(&ruleset, "production", 7, 1_000).unwrap();
        let again = compile(&ruleset, "production", 7, 1_000).unwrap();
        prop_assert_eq!(program.as_bytes(), again.as_bytes());
        for (key, flag) in ruleset.flags() {
            let compiled = program.flag(key.as_str()).unwrap();
            prop_assert_eq!(compiled.variants().count(), flag.variants.len());
            prop_assert_eq!(compiled.rule_count() as usize, flag.rules.len());
        }
    }
}

fn program(json: &str) -> Program {
    compile(&decode(json).unwrap(), "production", 1, 0).unwrap()
}

/// Variant, reason and rule of `flag` for the given user.
#[track_caller]
fn check(program: &Program, flag: &str, user: Option<&str>, want: (&str, &str, Option<u32>)) {
    let flag = program.flag(flag).unwrap();
    let context = Context::resolve(program, |name| match (name, user) {
        ("targetingKey", Some(user)) => Value::Text(user),
        _ => Value::Missing,
    });
    let found = evaluate(program, &Live::default(), flag, &context, 0);
    let variant = flag.variant(found.variant).unwrap().name;
    assert_eq!((variant, found.reason.name(), found.rule), want, "{user:?}");
}

#[test]
fn a_flag_comes_after_those_it_needs() {
    let flag = |more: &str| {
        format!(
            r#"{{ "type": "boolean", "variants": {{ "on": true }}, "offVariant": "on", "default": "on"{more} }}"#
        )
    };
    let a = flag(r#", "requires": { "flag": "c", "variant": ["on"] }"#);
    let c = flag(r#", "rules": [{ "when": { "segment": "s" }, "serve": "on" }]"#);
    let program = program(&format!(
        r#"{{ "flags": {{ "a": {a}, "b": {}, "c": {c}, "z": {} }},
             "segments": {{ "s": {{ "when": {{ "flag": "z", "variant": ["on"] }} }} }} }}"#,
        flag(""),
        flag(""),
    ));
    let keys: Vec<&str> = program.flags().map(|flag| flag.key()).collect();
    assert_eq!(keys, ["z", "c", "a", "b"]);
}

#[test]
fn empty_targets_are_none() {
    let program = program(
        r#"{ "flags": { "f": {
            "type": "number", "variants": { "one": 1, "two": 2.0 }, "offVariant": "one", "targets": { "two": [] },
            "default": "two"
        } } }"#,
    );
    check(&program, "f", Some("u"), ("two", "STATIC", None));
    let values: Vec<&str> = program
        .flag("f")
        .unwrap()
        .variants()
        .map(|it| it.value)
        .collect();
    assert_eq!(values, ["1", "2"]);
}

#[test]
fn a_release_at_no_exposure_serves_what_it_comes_from() {
    let program = program(
        r#"{
            "flags": { "f": {
                "type": "boolean", "variants": { "on": true, "off": false, "none": false }, "offVariant": "none",
                "rules": [{ "when": { "attr": "targetingKey", "is": "u" }, "serve": { "release": "ga" } }],
                "default": { "release": "ga" }
            } },
            "releases": { "ga": { "from": "off", "to": "on", "stages": [{ "name": "all", "percent": 100 }] } }
        }"#,
    );
    check(&program, "f", Some("u"), ("off", "SPLIT", Some(0)));
    check(&program, "f", Some("v"), ("off", "SPLIT", None));
    check(&program, "f", None, ("none", "DEFAULT", None));
    assert_eq!(
        program.releases().map(Release::name).collect::<Vec<_>>(),
        ["ga"]
    );
    assert!(program.flag("f").unwrap().track());
}

#[track_caller]
fn check_private(private: &str, attribute: &str, want: bool) {
    let program = program(&format!(
        r#"{{ "private": ["{private}"], "flags": {{ "f": {{
            "type": "boolean", "variants": {{ "on": true }}, "offVariant": "on", "default": "on",
            "rules": [{{ "when": {{ "attr": "{attribute}", "exists": true }}, "serve": "on" }}]
        }} }} }}"#
    ));
    let found = program
        .attributes()
        .find(|it| it.name == attribute)
        .unwrap();
    assert_eq!(found.is_private, want, "{attribute} under {private}");
}

#[test]
fn a_private_attribute_is_private_however_it_is_written_and_so_are_its_parts() {
    check_private("email", "email", true);
    check_private("email", "/email", true);
    check_private("/email", "email", true);
    check_private("/account", "/account/ltv", true);
    check_private("account", "/account/ltv", true);
    check_private("/a~1b", "a/b", true);
    check_private("/account/ltv", "/account/plan", false);
    check_private("/account/ltv", "/account", false);
    check_private("email", "emails", false);
}

/// Checks where flags `a`, `b` and `c` could take too long, of which each asks so often for 9,950 texts and needs a flag.
#[track_caller]
fn check_complex(flags: [(usize, Option<&str>); 3], want: &str) {
    let texts: Vec<String> = (0..9_950).map(|n| format!("\"{n}\"")).collect();
    let texts = texts.join(",");
    let flag = |(rules, needs): (usize, Option<&str>)| {
        let rules = vec![r#"{ "when": { "segment": "s" }, "serve": "on" }"#; rules].join(",");
        let needs = needs.map_or_else(String::new, |flag| {
            format!(r#", "requires": {{ "flag": "{flag}", "variant": ["on"] }}"#)
        });
        format!(
            r#"{{ "type": "boolean", "variants": {{ "on": true }}, "offVariant": "on", "default": "on", "rules": [{rules}]{needs} }}"#
        )
    };
    let [a, b, c] = flags.map(flag);
    let ruleset = decode(&format!(
        r#"{{ "segments": {{ "s": {{ "when": {{ "attr": "a", "contains": [{texts}] }} }} }},
              "flags": {{ "a": {a}, "b": {b}, "c": {c} }} }}"#
    ));
    let issues = compile(&ruleset.unwrap(), "production", 1, 0).unwrap_err();
    let message = "evaluating the flag could take too many steps, expected fewer or shorter lists";
    assert_eq!(issues[0].to_string(), format!("{want}: {message}"));
}

#[test]
fn what_could_take_too_long_is_an_issue_of_its_flag() {
    // 100 times 9,950 texts, and some steps to each, are fewer than 1,000,000; 101 times are more.
    check_complex([(1, None), (120, None), (1, None)], "/flags/b/rules/100");
    check_complex(
        [(1, Some("c")), (1, None), (120, None)],
        "/flags/c/rules/100",
    );
    // Each alone would do.
    check_complex(
        [(60, Some("c")), (1, None), (60, None)],
        "/flags/a/rules/40",
    );
    check_complex(
        [(1, None), (60, Some("c")), (100, None)],
        "/flags/b/rules/0",
    );
}

#[test]
fn the_deepest_ruleset_there_may_be_compiles_on_a_small_stack() {
    let (open, close) = (r#"{ "not": "#.repeat(DEPTH - 1), "}".repeat(DEPTH - 1));
    let mut segments = vec![r#""s0": { "members": ["u"] }"#.to_owned()];
    for index in 1..DEPTH {
        let next = index - 1;
        let when = format!(r#"{open}{{ "segment": "s{next}" }}{close}"#);
        segments.push(format!(r#""s{index}": {{ "when": {when} }}"#));
    }
    segments.reverse();
    let last = DEPTH - 2;
    let json = format!(
        r#"{{ "segments": {{ {} }}, "flags": {{ "f": {{
            "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off", "default": "off",
            "rules": [{{ "when": {{ "segment": "s{last}" }}, "serve": "on" }}]
        }} }} }}"#,
        segments.join(",")
    );
    // As large as the stack of a WebAssembly module.
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let found = thread.spawn(move || compile(&decode(&json).unwrap(), "production", 1, 0).is_ok());
    assert!(found.unwrap().join().unwrap());
}
