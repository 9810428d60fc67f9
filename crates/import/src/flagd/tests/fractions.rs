use serde_json::{Value, json};

use super::{Fractional, flag, flagd, import, notes};

/// What `fractional` becomes: the rules, and the default.
#[track_caller]
fn check(fractional: Value, rules: Value, default: Value) {
    let imported = import(&json!({ "fractional": fractional }));
    let flag = flag(&imported);
    assert_eq!(
        flag.get("rules").unwrap_or(&json!([])),
        &rules,
        "{fractional}"
    );
    assert_eq!(flag.get("default"), Some(&default), "{fractional}");
}

fn split(arms: Value, more: Value) -> Value {
    let mut split = json!({ "split": arms, "hash": "flagd-murmur3-v2" });
    for (name, value) in more.as_object().into_iter().flatten() {
        split[name] = value.clone();
    }
    split
}

#[test]
fn shares_are_a_split_of_the_targeting_key() {
    let arms = json!([["on", 25], ["off", 75]]);
    check(arms.clone(), json!([]), split(arms, json!({})));
    // A weight is 1 unless given, and never below 0; a share of nobody has the default.
    check(
        json!([["on"], ["off", -5], [null, 2]]),
        json!([]),
        split(json!([["on", 1], ["off", 0], ["off", 2]]), json!({})),
    );
}

#[test]
fn the_first_operand_says_what_is_placed() {
    let arms = [json!(["on", 1]), json!(["off", 1])];
    let with = |unit: Value| Value::from([&[unit], arms.as_slice()].concat());
    let whole = Value::from(arms.as_slice());
    // By the `imurmurhash` package, `f`, the flag's key alone, is at 16.9 %, and `b` at 58.5 %; nothing is at 0.
    let (there, by) = (
        json!({ "attr": "email", "exists": true }),
        json!({ "by": "email" }),
    );
    check(
        with(json!({ "cat": [{ "var": "$flagd.flagKey" }, { "var": "email" }] })),
        json!([{ "when": there, "serve": split(whole.clone(), by) }]),
        json!("on"),
    );
    check(
        with(json!({ "cat": ["b", { "var": "email" }] })),
        json!([]),
        split(whole.clone(), json!({ "by": "email", "salt": "b" })),
    );
    check(
        with(json!({ "cat": ["", { "var": "email" }] })),
        json!([{ "when": there, "serve": split(whole.clone(), json!({ "by": "email", "salt": "" })) }]),
        json!("on"),
    );
    check(
        with(json!({ "var": "email" })),
        json!([{ "when": { "attr": "email", "is": "" }, "serve": "on" }]),
        split(whole.clone(), json!({ "by": "email", "salt": "" })),
    );
    check(with(json!("b")), json!([]), json!("off"));
}

#[test]
fn who_has_no_unit_gets_the_default_and_not_the_next_rule() {
    let arms = json!([["on", 1], ["off", 1]]);
    let imported =
        import(&json!({ "if": [{ "===": [{ "var": "a" }, 1] }, { "fractional": arms }, "on"] }));
    let when = json!({ "attr": "a", "is": 1 });
    assert_eq!(
        flag(&imported).get("rules"),
        Some(
            &json!([{ "when": when, "serve": split(arms, json!({})) }, { "when": when, "serve": "off" }])
        )
    );
    assert_eq!(flag(&imported).get("default"), Some(&json!("on")));
}

#[test]
fn a_choice_within_shares_is_a_choice_of_shares() {
    let choice = json!({ "if": [{ "===": [{ "var": "a" }, 1] }, "on", "true"] });
    check(
        json!([[choice, 1], ["off", 3]]),
        json!([
            { "when": { "attr": "a", "is": 1 }, "serve": split(json!([["on", 1], ["off", 3]]), json!({})) },
            { "when": { "attr": "a", "is": 1 }, "serve": "off" },
        ]),
        split(json!([["true", 1], ["off", 3]]), json!({})),
    );
}

#[test]
fn shares_within_shares_divide_them_where_a_unit_is() {
    // The lower half is the outer first; the inner boundary at a quarter is within it, that at three quarters is not.
    let inner =
        |first: u32, second: u32| json!({ "fractional": [["on", first], ["true", second]] });
    check(
        json!([[inner(1, 3), 1], [inner(3, 1), 1]]),
        json!([]),
        split(
            json!([["on", 1], ["true", 1], ["on", 1], ["true", 1]]),
            json!({}),
        ),
    );
    let imported = import(&json!({ "fractional": [{ "var": "id" }, [inner(1, 1), 1], ["on", 1]] }));
    assert_eq!(
        notes(&imported),
        ["/fractional: no split divides a share by another unit: `off` is served instead"]
    );
}

#[test]
fn what_flagd_refuses_is_the_default() {
    for fractional in [
        json!([]),
        json!([["on", 0]]),
        json!([["on", 0.5]]),
        json!([["on", 1, 2]]),
        json!(["x", "on"]),
        json!([["on", 2_147_483_647], ["off", 1]]),
    ] {
        let imported = import(&json!({ "fractional": fractional }));
        assert_eq!(
            flag(&imported).get("default"),
            Some(&json!("off")),
            "{fractional}"
        );
        let notes = notes(&imported);
        assert!(notes.concat().starts_with("-/fractional: "), "{notes:?}");
    }
}

#[test]
fn the_older_flagd_placed_units_otherwise() {
    let file = json!({ "flags": { "f": {
        "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off",
        "targeting": { "fractional": [["on", 1], ["off", 1]] },
    } } });
    let imported = flagd(&file.to_string(), Fractional::V1).expect("it is a flagd file");
    let hash = flag(&imported).pointer("/default/hash").cloned();
    assert_eq!(hash, Some(json!("flagd-murmur3-v1")));
}
