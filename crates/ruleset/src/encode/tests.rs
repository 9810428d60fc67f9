//! That what is written reads back as the same.

use proptest::prelude::*;
use serde_json::Value;

use crate::generate::{Choices, ruleset};
use crate::{decode, encode};

proptest! {
    /// Law 2: `decode(encode(r)) == r`.
    #[test]
    fn a_ruleset_reads_back_as_it_was(choices in prop::collection::vec(any::<u32>(), 0..600)) {
        let ruleset = ruleset(&mut Choices::new(&choices));
        let json = encode(&ruleset);
        prop_assert_eq!(decode(&json), Ok(ruleset), "{}", json);
    }
}

#[track_caller]
fn check(json: &str, want: &str) {
    assert_eq!(encode(&decode(json).unwrap()), want);
}

#[test]
fn what_says_no_more_than_its_absence_is_left_out() {
    check(
        r#"{ "flags": { "f": {
            "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off",
            "enabled": true, "expose": "server", "tags": [], "targets": {}, "requires": [], "rules": [],
            "default": { "split": [["on", 25.0], ["off", 0.5]], "by": "targetingKey", "exposure": 1.0 }
        } }, "segments": {}, "private": [] }"#,
        r#"{
  "flags": {
    "f": {
      "type": "boolean",
      "variants": { "off": false, "on": true },
      "offVariant": "off",
      "default": { "split": [["on", 25], ["off", 0.5]] }
    }
  }
}"#,
    );
}

#[test]
fn times_networks_and_case_are_written_as_they_were_read() {
    let condition = |written: &str, want: &str| {
        let json = format!(r#"{{ "segments": {{ "s": {{ "when": {written} }} }} }}"#);
        let found: Value = serde_json::from_str(&encode(&decode(&json).unwrap())).unwrap();
        assert_eq!(found["segments"]["s"]["when"].to_string(), want);
    };
    condition(
        r#"{ "time": { "until": 1e3, "from": "1970-01-01t00:00:00z" } }"#,
        r#"{"time":{"from":"1970-01-01t00:00:00z","until":1000}}"#,
    );
    condition(
        r#"{ "attr": "a", "cidr": ["10.0.0.1/32", "::ffff:10.0.0.0/104", "2001:DB8::/32"] }"#,
        r#"{"attr":"a","cidr":["10.0.0.1","10.0.0.0/8","2001:db8::/32"]}"#,
    );
    condition(
        r#"{ "ignoreCase": true, "contains": ["É"], "attr": "a" }"#,
        r#"{"attr":"a","contains":"É","ignoreCase":true}"#,
    );
    condition(
        r#"{ "attr": "a", "contains": "É", "ignoreCase": false }"#,
        r#"{"attr":"a","contains":"É"}"#,
    );
}
