use serde_json::json;
use vexil_core::build::Operand;
use vexil_core::network::Network;
use vexil_core::{Context, Live, Progress, Shown, Value, Wanted, explain};

use super::words::{found, relation};
use super::{Text, json};
use crate::{compile, decode};

const RULESET: &str = r#"{
  "flags": {
    "payments-api": {
      "type": "string", "variants": { "v1": "1", "v2": "2" }, "offVariant": "v1", "default": "v2"
    },
    "checkout": {
      "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off",
      "targets": { "on": ["user-17"] },
      "requires": { "flag": "payments-api", "variant": ["v2"] },
      "rules": [
        { "name": "employees", "when": { "segment": "employees" }, "serve": "on" },
        {
          "name": "dach, new app",
          "when": { "all": [
            { "attr": "country", "in": ["DE", "AT", "CH"] },
            { "attr": "/app/version", "semver": ">=2.1.0 <3" }
          ] },
          "serve": { "split": [["on", 1], ["off", 3]], "by": "account" }
        }
      ],
      "default": { "release": "ga" }
    }
  },
  "segments": {
    "employees": { "except": ["user-9"], "when": { "attr": "email", "endsWith": "@example.com" } }
  },
  "releases": {
    "ga": { "from": "off", "to": "on", "stages": [{ "name": "half", "percent": 50 }] }
  }
}"#;

#[track_caller]
fn check(attributes: &[(&str, Value<'static>)], killed: &[&str], want: &str) {
    let program = compile(&decode(RULESET).unwrap(), "test", 1, 0).unwrap();
    let context = Context::resolve(&program, |name| {
        let found = attributes.iter().find(|(known, _)| *known == name);
        found.map_or(Value::Missing, |(_, value)| value.clone())
    });
    let half = Progress {
        stage: 0,
        exposure: 0.5,
    };
    let live = Live::new(&program, 1, killed.iter().copied(), [("ga", half)], []);
    let flag = program.flag("checkout").unwrap();
    let explanation = explain(&program, &live, flag, &context, 0);
    assert_eq!(Text(&explanation).to_string(), want);
}

#[test]
fn a_rule_that_holds_says_what_it_asked_and_where_the_unit_fell() {
    // By the reference implementation: XXH64("7", XXH64("checkout", 0)) >> 32 is 1,076,673,601, 25.0683 % of 2^32.
    check(
        &[
            ("targetingKey", Value::Text("user-1")),
            ("email", Value::Text("a@example.org")),
            ("country", Value::Text("DE")),
            ("/app/version", Value::Text("2.4.0")),
            ("account", Value::Number(7.0)),
        ],
        &[],
        r#"checkout: off (SPLIT, rule "dach, new app")
  requires: yes
    flag payments-api serves v2, v2
      default: v2
  targets: "user-1" is not listed for on
  rule 0 "employees": no
    segment employees: no
      targetingKey is "user-1", not "user-9"
      email is "a@example.org", does not end with "@example.com"
  rule 1 "dach, new app": yes
    country is "DE", one of "DE", "AT", "CH"
    /app/version is "2.4.0", within >=2.1.0 <3.0.0-0
    split by account 7: at 25.0683 %, in 25 % to 100 %: off
"#,
    );
}

#[test]
fn what_is_off_says_so_and_no_more() {
    check(
        &[],
        &["checkout"],
        "checkout: off (DISABLED)\n  it is killed\n",
    );
    check(
        &[],
        &["payments-api"],
        "checkout: off (PREREQUISITE_FAILED)\n  requires: no\n    flag payments-api is killed, not v2\n",
    );
}

#[test]
fn without_a_unit_the_next_part_is_tried() {
    check(
        &[
            ("country", Value::Text("DE")),
            ("/app/version", Value::Text("2.4.0")),
        ],
        &[],
        r#"checkout: off (DEFAULT, no unit)
  requires: yes
    flag payments-api serves v2, v2
      default: v2
  targets: targetingKey, which is missing, is not listed for on
  rule 0 "employees": no
    segment employees: no
      targetingKey is missing, not "user-9"
      email is missing, does not end with "@example.com"
  rule 1 "dach, new app": no unit: account is missing
    country is "DE", one of "DE", "AT", "CH"
    /app/version is "2.4.0", within >=2.1.0 <3.0.0-0
  default: no unit: targetingKey is missing
  default: off
"#,
    );
}

#[test]
fn a_target_is_told_by_its_key() {
    check(
        &[("targetingKey", Value::Text("user-17"))],
        &[],
        r#"checkout: on (TARGETING_MATCH)
  requires: yes
    flag payments-api serves v2, v2
      default: v2
  targets: "user-17" is listed for on
"#,
    );
}

#[test]
fn a_release_says_its_stage_and_the_side_of_the_comparison() {
    // By the reference implementation: XXH64("user-1", XXH64("release:ga", 0)) >> 32 is 516,958,274, 12.0364 % of 2^32.
    check(
        &[("targetingKey", Value::Text("user-1"))],
        &[],
        r#"checkout: on (SPLIT, stage "half", treated)
  requires: yes
    flag payments-api serves v2, v2
      default: v2
  targets: "user-1" is not listed for on
  rule 0 "employees": no
    segment employees: no
      targetingKey is "user-1", not "user-9"
      email is missing, does not end with "@example.com"
  rule 1 "dach, new app": no
    country is missing, not one of "DE", "AT", "CH"
  default: on
    release ga, stage "half" by targetingKey "user-1": at 12.0364 %, below 50 %: on, compared as treated
"#,
    );
}

#[test]
fn times_audiences_and_other_hashes_are_told() {
    let ruleset = r#"{
      "flags": { "f": {
        "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off",
        "rules": [
          { "when": { "time": { "from": 1000, "until": 2000 } }, "serve": "off" },
          {
            "when": { "attr": "mail", "endsWith": "@Example.com", "ignoreCase": true },
            "serve": { "split": [["on", 1], ["off", 1]], "hash": "launchdarkly-sha1", "salt": "s" }
          }
        ],
        "default": { "release": "r" }
      } },
      "releases": { "r": { "from": "off", "to": "on", "stages": [
        { "name": "us", "audience": { "attr": "country", "is": "US" } }, { "name": "half", "percent": 50 }
      ] } }
    }"#;
    let program = compile(&decode(ruleset).unwrap(), "test", 1, 0).unwrap();
    let flag = program.flag("f").unwrap();
    let us = Progress {
        stage: 0,
        exposure: 0.0,
    };
    let live = Live::new(&program, 1, [], [("r", us)], []);
    let explained = |key: &'static str, text: &'static str| {
        let context = Context::resolve(&program, |name| match name {
            "targetingKey" => Value::Text("u"),
            name if name == key => Value::Text(text),
            _ => Value::Missing,
        });
        Text(&explain(&program, &live, flag, &context, 0)).to_string()
    };
    // The first 15 hex digits of SHA-1 of `s.u`, cut to 32 bits, are 0x7535fe58: 45.7855 % of 2^32.
    assert_eq!(
        explained("mail", "a@EXAMPLE.com"),
        r#"f: on (SPLIT, rule 1)
  rule 0: no
    time from 1970-01-01T00:00:01Z until 1970-01-01T00:00:02Z: no, changes at 1970-01-01T00:00:01Z
  rule 1: yes
    mail is "a@EXAMPLE.com", ends with "@Example.com" ignoring case
    split by targetingKey "u", by launchdarkly-sha1 with salt "s": at 45.7855 %, in 0 % to 50 %: on
  may change at 1970-01-01T00:00:01Z
"#
    );
    // By the reference implementation: XXH64("u", XXH64("release:r", 0)) >> 32.
    assert_eq!(
        explained("country", "US"),
        r#"f: on (SPLIT, stage "us")
  rule 0: no
    time from 1970-01-01T00:00:01Z until 1970-01-01T00:00:02Z: no, changes at 1970-01-01T00:00:01Z
  rule 1: no
    mail is missing, does not end with "@Example.com" ignoring case
  default: on
    release r is at stage "us": "us" is reached
    country is "US", as wanted
    release r, stage "us", audience of "us" by targetingKey "u": at 43.2514 %, below 100 %: on
  may change at 1970-01-01T00:00:01Z
"#
    );
}

#[test]
fn json_has_the_answer_and_the_steps() {
    let program = compile(&decode(RULESET).unwrap(), "test", 1, 0).unwrap();
    let context = Context::resolve(&program, |name| match name {
        "email" => Value::Text("a@example.com"),
        _ => Value::Missing,
    });
    let flag = program.flag("checkout").unwrap();
    let explanation = explain(&program, &Live::default(), flag, &context, 0);
    let targeting_key =
        json!({ "holds": false, "attr": "targetingKey", "in": ["user-9"], "why": "missing" });
    let email = json!({ "holds": true, "attr": "email", "endsWith": ["@example.com"], "found": "a@example.com" });
    assert_eq!(
        json(&explanation),
        json!({
            "flag": "checkout", "variant": "on", "value": true, "reason": "TARGETING_MATCH", "rule": "employees",
            "state": "on",
            "steps": [
                { "part": "requires", "asked": [{
                    "holds": true, "flag": "payments-api", "variant": ["v2"], "state": "on",
                    "steps": [{ "part": "default", "serves": "v2" }]
                }] },
                { "part": "targets", "asked": [{ "holds": false, "target": "on", "count": 1 }] },
                {
                    "part": "rule", "rule": 0, "name": "employees", "serves": "on",
                    "asked": [{ "holds": true, "segment": "employees", "asked": [targeting_key, email] }]
                }
            ]
        })
    );
}

#[track_caller]
fn check_relation(wanted: &Wanted<'_>, holds: &str, does_not: &str) {
    assert_eq!(relation(wanted, true), holds);
    assert_eq!(relation(wanted, false), does_not);
}

fn all<T>(some: Vec<T>) -> Shown<T> {
    let count = some.len();
    Shown { some, count }
}

#[test]
fn what_is_wanted_is_told_in_the_words_of_the_language() {
    check_relation(&Wanted::Exists, "there", "not there");
    let one = Wanted::OneOf(all(vec![Operand::Bool(true)]));
    check_relation(&one, "as wanted", "not true");
    let long = Shown {
        some: vec![Operand::Text("a"), Operand::Number(0.5)],
        count: 1_000_000,
    };
    check_relation(
        &Wanted::OneOf(long),
        r#"one of "a", 0.5, … (1,000,000 in all)"#,
        r#"not one of "a", 0.5, … (1,000,000 in all)"#,
    );
    let texts = all(vec!["a", "b"]);
    check_relation(
        &Wanted::StartsWith(texts.clone()),
        r#"begins with "a" or "b""#,
        r#"does not begin with "a" or "b""#,
    );
    check_relation(
        &Wanted::Contains(texts),
        r#"contains "a" or "b""#,
        r#"does not contain "a" or "b""#,
    );
    check_relation(&Wanted::LessOrEqual(5.0), "at most 5", "not at most 5");
    check_relation(
        &Wanted::After(1_500),
        "after 1970-01-01T00:00:01.500Z",
        "not after 1970-01-01T00:00:01.500Z",
    );
    let networks =
        ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1"].map(|text| Network::parse(text).unwrap());
    check_relation(
        &Wanted::Cidr(all(networks.to_vec())),
        "in 10.0.0.0/8 or 2001:db8::/32 or 192.0.2.1",
        "not in 10.0.0.0/8 or 2001:db8::/32 or 192.0.2.1",
    );
    check_relation(
        &Wanted::Matches("matches \"^a\""),
        "matches \"^a\"",
        "does not match \"^a\"",
    );
    check_relation(
        &Wanted::Matches("endsWith \"a\" ignoring case"),
        "ends with \"a\" ignoring case",
        "does not end with \"a\" ignoring case",
    );
}

#[test]
fn long_values_are_cut_short() {
    let long = "é".repeat(101);
    assert_eq!(
        found(&Value::Text(&long)),
        format!("\"{}\"…", "é".repeat(100))
    );
    let list = Value::List(vec![Value::Null; 9]);
    let nulls = ["null"; 8].join(", ");
    assert_eq!(found(&list), format!("[{nulls}, … (9 in all)]"));
}
