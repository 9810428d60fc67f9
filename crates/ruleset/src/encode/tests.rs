//! That what is written reads back as the same.

use proptest::prelude::*;

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
      "variants": {
        "off": false,
        "on": true
      },
      "offVariant": "off",
      "default": {
        "split": [
          [
            "on",
            25
          ],
          [
            "off",
            0.5
          ]
        ]
      }
    }
  }
}"#,
    );
}
