//! Keys, types and words.

use super::{check, check_condition, check_flag, check_serve};

#[test]
fn what_is_no_json_is_one_issue() {
    check(
        "",
        &["syntax eof while parsing a value at line 1, column 0"],
    );
    check(
        "{\n  \"flags\": }",
        &["syntax expected value at line 2, column 12"],
    );
    check("{} {}", &["syntax trailing characters at line 1, column 4"]);
    check("[]", &["wrong-type expected an object, found a list"]);
}

#[test]
fn every_duplicate_key_is_reported_and_nothing_else_is_lost() {
    check(
        r#"{ "flags": { "a/b": 1, "a/b": true, "a/b": null },
             "segments": { "s": { "excpet": ["u"], "members": [], "members": 1 } },
             "teams": {}, "teams": {} }"#,
        &[
            "duplicate-key /flags/a~1b: `a/b` is written more than once, expected once",
            "duplicate-key /segments/s/members: `members` is written more than once, expected once",
            "duplicate-key /teams: `teams` is written more than once, expected once",
            "bad-key /flags/a~1b: `a/b` is no key, expected 1 to 128 of letters, digits, `.`, `_` and `-`",
            "wrong-type /flags/a~1b: expected an object, found a number",
            "bad-key /flags/a~1b: `a/b` is no key, expected 1 to 128 of letters, digits, `.`, `_` and `-`",
            "wrong-type /flags/a~1b: expected an object, found a boolean",
            "bad-key /flags/a~1b: `a/b` is no key, expected 1 to 128 of letters, digits, `.`, `_` and `-`",
            "wrong-type /flags/a~1b: expected an object, found null",
            "unknown-key /segments/s/excpet: unknown key `excpet` (did you mean `except`?)",
        ],
    );
    check_flag(
        r#""description": "", "type": "object""#,
        &["duplicate-key /flags/f/type: `type` is written more than once, expected once"],
    );
}

#[test]
fn duplicates_inside_values_are_found() {
    check(
        r#"{ "tests": [{ "context": { "a": { "b": 1, "b": 1 } }, "expect": {} }] }"#,
        &["duplicate-key /tests/0/context/a/b: `b` is written more than once, expected once"],
    );
}

#[test]
fn an_unknown_key_is_reported_with_what_was_meant() {
    check(
        r#"{ "flag": {} }"#,
        &["unknown-key /flag: unknown key `flag` (did you mean `flags`?)"],
    );
    check_flag(
        r#""colour": "blue", "failsave": "off""#,
        &[
            "unknown-key /flags/f/colour: unknown key `colour`",
            "unknown-key /flags/f/failsave: unknown key `failsave` (did you mean `failsafe`?)",
        ],
    );
}

#[test]
fn missing_keys_are_named() {
    check(
        r#"{ "flags": { "f": {} }, "releases": { "r": {} }, "metrics": { "m": {} }, "tests": [{}] }"#,
        &[
            "missing-key /flags/f: missing `type`",
            "missing-key /flags/f: missing `variants`",
            "missing-key /flags/f: missing `offVariant`",
            "missing-key /flags/f: missing `default`",
            "missing-key /releases/r: missing `from`",
            "missing-key /releases/r: missing `to`",
            "missing-key /releases/r: missing `stages`",
            "missing-key /metrics/m: missing `kind`",
            "missing-key /tests/0: missing `context`",
            "missing-key /tests/0: missing `expect`",
        ],
    );
    check_flag(
        r#""rules": [{ "name": "r" }], "requires": [{}]"#,
        &[
            "missing-key /flags/f/requires/0: missing `flag`",
            "missing-key /flags/f/requires/0: missing `variant`",
            "missing-key /flags/f/rules/0: missing `when`",
            "missing-key /flags/f/rules/0: missing `serve`",
        ],
    );
}

#[test]
fn wrong_types_say_what_was_expected() {
    check_flag(
        r#""description": 1, "tags": "a", "enabled": "yes", "track": null, "targets": [], "requires": true, "rules": {}"#,
        &[
            "wrong-type /flags/f/description: expected a string, found a number",
            "wrong-type /flags/f/tags: expected a list, found a string",
            "wrong-type /flags/f/enabled: expected a boolean, found a string",
            "wrong-type /flags/f/track: expected a boolean, found null",
            "wrong-type /flags/f/targets: expected an object, found a list",
            "wrong-type /flags/f/requires: expected an object or a list, found a boolean",
            "wrong-type /flags/f/rules: expected a list, found an object",
        ],
    );
    check_serve(
        "true",
        &[
            "wrong-type /flags/f/rules/0/serve: expected the name of a variant, a split or a release, found a boolean",
        ],
    );
}

#[test]
fn words_are_suggested() {
    check_flag(
        r#""expose": "vales""#,
        &[
            "unknown-word /flags/f/expose: unknown word `vales` (did you mean `values`?), expected `server`, `values` or `program`",
        ],
    );
    check(
        r#"{ "metrics": { "m": { "kind": "latency" } } }"#,
        &["unknown-word /metrics/m/kind: unknown word `latency`, expected `failure`"],
    );
}

#[test]
fn the_value_of_a_variant_is_of_the_flags_type_or_null() {
    check(
        r#"{ "flags": { "f": {
            "type": "string", "variants": { "a": "", "b": 1, "c d": true, "e": null }, "offVariant": "a", "default": "b"
        } } }"#,
        &[
            "value-type /flags/f/variants/b: expected a string in a flag of type `string`, found a number",
            "bad-key /flags/f/variants/c d: `c d` is no key, expected 1 to 128 of letters, digits, `.`, `_` and `-`",
            "value-type /flags/f/variants/c d: expected a string in a flag of type `string`, found a boolean",
        ],
    );
    check(
        r#"{ "flags": { "f": { "type": "object", "variants": {}, "offVariant": "a", "default": "a" } } }"#,
        &["empty-list /flags/f/variants: expected a list that is not empty"],
    );
}

#[test]
fn a_condition_tests_one_thing() {
    check_condition(
        "{}",
        &[
            "one-test /flags/f/rules/0/when: expected one of `all`, `any`, `not`, `segment`, `flag`, `time` or `attr`, found none",
        ],
    );
    check_condition(
        r#"{ "attr": "age", "gte": 18, "lt": "65" }"#,
        &[
            "wrong-type /flags/f/rules/0/when/lt: expected a number, found a string",
            "one-test /flags/f/rules/0/when: expected one test, found `lt` and `gte` (join tests with `all` or `any`)",
        ],
    );
    check_condition(
        r#"{ "all": [], "attr": "a", "is": 1 }"#,
        &[
            "empty-list /flags/f/rules/0/when/all: expected a list that is not empty",
            "one-test /flags/f/rules/0/when: expected one test, found `all` and `attr` (join tests with `all` or `any`)",
        ],
    );
    check_condition(
        r#"{ "is": "DE" }"#,
        &["missing-key /flags/f/rules/0/when: missing `attr`"],
    );
    check_condition(
        r#"{ "atr": "country", "is": "DE" }"#,
        &[
            "unknown-key /flags/f/rules/0/when/atr: unknown key `atr` (did you mean `attr`?)",
            "missing-key /flags/f/rules/0/when: missing `attr`",
        ],
    );
    check_condition(
        r#"{ "attr": "a", "startswith": "x" }"#,
        &[
            "unknown-key /flags/f/rules/0/when/startswith: unknown key `startswith` (did you mean `startsWith`?)",
        ],
    );
    check_condition(
        r#"{ "not": { "any": [] } }"#,
        &["empty-list /flags/f/rules/0/when/not/any: expected a list that is not empty"],
    );
}

#[test]
fn operands_are_what_the_test_takes() {
    check_condition(
        r#"{ "attr": "a", "is": null }"#,
        &[
            "null-operand /flags/f/rules/0/when/is: expected a string, a number or a boolean, found null (for a missing attribute write `\"exists\": false`)",
        ],
    );
    check_condition(
        r#"{ "attr": "a", "in": ["x", [], null] }"#,
        &[
            "wrong-type /flags/f/rules/0/when/in/1: expected a string, a number or a boolean, found a list",
            "null-operand /flags/f/rules/0/when/in/2: expected a string, a number or a boolean, found null (for a missing attribute write `\"exists\": false`)",
        ],
    );
    check_condition(
        r#"{ "attr": "", "contains": 1 }"#,
        &[
            "empty-text /flags/f/rules/0/when/attr: expected a text that is not empty",
            "wrong-type /flags/f/rules/0/when/contains: expected a string or a list of strings, found a number",
        ],
    );
    check_condition(
        r#"{ "attr": "/a/~b", "exists": true }"#,
        &[
            "bad-attribute /flags/f/rules/0/when/attr: `/a/~b` is no attribute, expected a name, or a JSON Pointer with `~` as `~0` and `/` as `~1`",
        ],
    );
    check_condition(
        r#"{ "attr": "v", "semver": "^2.x.1 || >> 3" }"#,
        &[
            "bad-range /flags/f/rules/0/when/semver: `^2.x.1 || >> 3` is no range of versions, expected a version at character 12",
        ],
    );
}

#[test]
fn splits_are_exact() {
    check_serve(
        r#"{ "split": [] }"#,
        &["empty-list /flags/f/rules/0/serve/split: expected a list that is not empty"],
    );
    check_serve(
        r#"{ "split": [["on", 0], ["off", 0.0]] }"#,
        &["weight-sum /flags/f/rules/0/serve/split: weights add up to 0, expected more"],
    );
    check_serve(
        r#"{ "split": [["on", -1], ["off", 0.000001], ["on"], "off"], "exposure": 1.5, "salt": "" }"#,
        &[
            "bad-weight /flags/f/rules/0/serve/split/0/1: `-1` is no weight, expected 0 or more with at most five decimal places",
            "bad-weight /flags/f/rules/0/serve/split/1/1: `0.000001` is no weight, expected 0 or more with at most five decimal places",
            "pair-length /flags/f/rules/0/serve/split/2: expected a pair of a variant and a weight, found a list of 1",
            "wrong-type /flags/f/rules/0/serve/split/3: expected a pair of a variant and a weight, found a string",
            "empty-text /flags/f/rules/0/serve/salt: expected a text that is not empty",
            "bad-exposure /flags/f/rules/0/serve/exposure: `1.5` is no exposure, expected 0 to 1 with at most five decimal places",
        ],
    );
    check_serve(
        r#"{ "split": [["on", 1]], "hash": "flagd-murmur3-v2", "salt": "" }"#,
        &[],
    );
    check_serve(
        r#"{ "split": [["on", 1]], "exposure": 0.5 }"#,
        &[
            "missing-rest /flags/f/rules/0/serve: missing `rest`, expected the variant for those outside an `exposure` below 1",
        ],
    );
    check_serve(
        r#"{ "splits": [["on", 1]] }"#,
        &[
            "unknown-key /flags/f/rules/0/serve/splits: unknown key `splits` (did you mean `split`?)",
        ],
    );
    check_serve(
        "{}",
        &["missing-key /flags/f/rules/0/serve: missing `split`"],
    );
}

#[test]
fn the_hash_of_a_split_is_a_recipe() {
    check_serve(
        r#"{ "split": [["on", 1]], "hash": "launchdarkly-sha" }"#,
        &[
            "unknown-word /flags/f/rules/0/serve/hash: unknown word `launchdarkly-sha` (did you mean `launchdarkly-sha1`?), expected `launchdarkly-sha1`, `unleash-murmur3`, `unleash-murmur3-variant`, `growthbook-fnv1a-v1`, `growthbook-fnv1a-v2`, `flagd-murmur3-v1`, `flagd-murmur3-v2`, `eppo-md5`, `flipt-crc32`, `flipt-crc32-threshold` or `unleash-murmur3-weights`",
        ],
    );
    check_serve(
        r#"{ "split": [["on", 1]], "hash": null, "hahs": "eppo-md5" }"#,
        &[
            "unknown-key /flags/f/rules/0/serve/hahs: unknown key `hahs`",
            "wrong-type /flags/f/rules/0/serve/hash: expected a string, found null",
        ],
    );
    check_serve(
        r#"{ "release": "ga", "hash": "eppo-md5" }"#,
        &[
            "unknown-key /flags/f/rules/0/serve/hash: unknown key `hash`",
            "unknown-release /flags/f/rules/0/serve/release: unknown release `ga`",
        ],
    );
}

#[test]
fn releases_move_forward() {
    check(
        r#"{ "releases": { "r": { "from": "on", "to": "on", "stages": [
            { "name": "all", "percent": 100, "hold": "1 day" },
            { "name": "all", "percent": 10, "audiences": {} },
            { "percent": 101 }
        ] } } }"#,
        &[
            "same-variant /releases/r/to: the release comes from `on` already, expected another variant",
            "bad-duration /releases/r/stages/0/hold: `1 day` is no duration, expected digits and one of `s`, `m`, `h`, `d`, `w`, such as `4h`",
            "unknown-key /releases/r/stages/1/audiences: unknown key `audiences` (did you mean `audience`?)",
            "missing-key /releases/r/stages/2: missing `name`",
            "bad-percent /releases/r/stages/2/percent: `101` is no percentage, expected 0 to 100 with at most five decimal places",
        ],
    );
    check(
        r#"{ "releases": { "r": { "from": "on", "to": "off", "stages": [
            { "name": "all", "percent": 100 }, { "name": "hold" }, { "name": "all", "percent": 10 }
        ] } } }"#,
        &[
            "stage-order /releases/r/stages/2: exposes less than an earlier stage, expected at least as much",
            "duplicate-stage /releases/r/stages/2: an earlier stage is called `all` too, expected another name",
        ],
    );
}

#[test]
fn audiences_are_conditions_and_their_stages_are_of_no_order() {
    let stages = |stages: &str| {
        format!(
            r#"{{ "releases": {{ "r": {{ "from": "on", "to": "off", "stages": [{stages}] }} }} }}"#
        )
    };
    let audience = r#""audience": { "attr": "a", "is": 1 }"#;
    check(
        &stages(&format!(
            r#"{{ "name": "all of some", {audience} }}, {{ "name": "many of some", "percent": 90, {audience} }},
               {{ "name": "few", "percent": 5 }}, {{ "name": "fewer of some", "percent": 1, {audience} }},
               {{ "name": "less", "percent": 4 }}"#
        )),
        &[
            "stage-order /releases/r/stages/4: exposes less than an earlier stage, expected at least as much",
        ],
    );
    check(
        &stages(
            r#"{ "name": "a", "audience": {} }, { "name": "b", "audience": { "segment": "staf" } },
               { "name": "c", "audience": "staff", "percent": "1" }"#,
        ),
        &[
            "one-test /releases/r/stages/0/audience: expected one of `all`, `any`, `not`, `segment`, `flag`, `time` or `attr`, found none",
            "unknown-segment /releases/r/stages/1/audience/segment: unknown segment `staf`",
            "wrong-type /releases/r/stages/2/audience: expected an object, found a string",
            "wrong-type /releases/r/stages/2/percent: expected a number, found a string",
        ],
    );
}
