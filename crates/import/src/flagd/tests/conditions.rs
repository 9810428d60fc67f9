use serde_json::{Value, json};

use super::{check_condition, flag, import, notes};

#[test]
fn conditions_that_say_the_same_have_no_note() {
    let country = json!({ "var": "country" });
    let check = |condition: Value, when: Value| check_condition(condition, when, &[]);
    let is = json!({ "attr": "country", "is": "DE" });
    check(json!({ "==": ["DE", country] }), is.clone());
    // What converts to a number is equal to a text that does.
    check(
        json!({ "==": [country, "1"] }),
        json!({ "attr": "country", "in": ["1", 1, true] }),
    );
    check(
        json!({ "===": [null, country] }),
        json!({ "attr": "country", "exists": false }),
    );
    check(
        json!({ "!==": [country, 1] }),
        json!({ "not": { "attr": "country", "is": 1 } }),
    );
    check(
        json!({ "===": [{ "var": ["country", "DE"] }, "DE"] }),
        json!({ "any": [{ "attr": "country", "exists": false }, is] }),
    );
    check(
        json!({ "in": [country, { "$ref": "dach" }] }),
        json!({ "attr": "country", "in": ["DE", "AT", "CH"] }),
    );
    check(
        json!({ "in": [country, ["DE", null, "DE"]] }),
        json!({ "any": [{ "attr": "country", "exists": false }, { "attr": "country", "in": ["DE"] }] }),
    );
    check(
        json!({ "starts_with": [{ "var": "app.name" }, "x"] }),
        json!({ "attr": "/app/name", "startsWith": "x" }),
    );
    check(
        json!({ "$ref": "staff" }),
        json!({ "attr": "email", "endsWith": "@example.com" }),
    );
    check(
        json!({ "or": [{ "!": { "$ref": "staff" } }, { "and": [{ "!!": [{ "===": [country, "DE"] }] }] }] }),
        json!({ "any": [{ "not": { "attr": "email", "endsWith": "@example.com" } }, { "attr": "country", "is": "DE" }] }),
    );
    check(
        json!({ "==": [{ "cat": [{ "var": "$flagd.flagKey" }, "-", country] }, "f-1"] }),
        json!({ "attr": "country", "in": ["1", 1] }),
    );
    check(
        json!({ "in": [{ "cat": ["a", country] }, ["ab", "b"]] }),
        json!({ "attr": "country", "is": "b" }),
    );
    check(
        json!({ "if": [{ "===": [country, "DE"] }, { "===": [country, "AT"] }, { "===": [country, "CH"] }] }),
        json!({ "any": [
            { "all": [{ "attr": "country", "is": "DE" }, { "attr": "country", "is": "AT" }] },
            { "all": [{ "not": { "attr": "country", "is": "DE" } }, { "attr": "country", "is": "CH" }] },
        ] }),
    );
}

#[test]
fn the_time_is_a_time_condition_in_whole_seconds() {
    let now = json!({ "var": "$flagd.timestamp" });
    let check = |condition: Value, time: Value| {
        check_condition(condition, json!({ "time": time }), &[]);
    };
    check(json!({ "<": [now, 10] }), json!({ "until": 10_000 }));
    check(json!({ "<=": [now, 10] }), json!({ "until": 11_000 }));
    check(json!({ ">": [now, 10] }), json!({ "from": 11_000 }));
    check(json!({ ">=": [now, 9.5] }), json!({ "from": 10_000 }));
    check(json!({ ">": [10, now] }), json!({ "until": 10_000 }));
    check(
        json!({ "==": [now, 10] }),
        json!({ "from": 10_000, "until": 11_000 }),
    );
    check_condition(
        json!({ "<": [1, now, "10"] }),
        json!({ "all": [{ "time": { "from": 2_000 } }, { "time": { "until": 10_000 } }] }),
        &[],
    );
}

#[test]
fn conditions_that_hold_for_other_contexts_have_a_note() {
    let spelling = "as it is written here";
    check_condition(
        json!({ "==": [{ "var": "age" }, 5] }),
        json!({ "attr": "age", "in": [5, "5"] }),
        &[spelling],
    );
    check_condition(
        json!({ "==": [{ "var": "beta" }, false] }),
        json!({ "attr": "beta", "in": [false, 0, "0", ""] }),
        &["flagd's JavaScript evaluator takes a missing attribute"],
    );
    check_condition(
        json!({ "<=": [18, { "var": "age" }] }),
        json!({ "attr": "age", "gte": 18 }),
        &["/if/0/<=: compares numbers only"],
    );
    // A missing attribute is null, which is 0 among numbers.
    check_condition(
        json!({ "<": [{ "var": "age" }, 65] }),
        json!({ "any": [{ "attr": "age", "exists": false }, { "attr": "age", "lt": 65 }] }),
        &["compares numbers only"],
    );
    check_condition(
        json!({ "<": [18, { "var": "age" }, 65] }),
        json!({ "all": [
            { "attr": "age", "gt": 18 },
            { "any": [{ "attr": "age", "exists": false }, { "attr": "age", "lt": 65 }] },
        ] }),
        &["compares numbers only"],
    );
    check_condition(
        json!({ "in": ["beta", { "var": "groups" }] }),
        json!({ "attr": "groups", "contains": "beta" }),
        &["has to equal it"],
    );
    check_condition(
        json!({ "in": [7, { "var": ["ids"] }] }),
        json!({ "attr": "ids", "is": 7 }),
        &["a text with `7` in it"],
    );
    check_condition(
        json!({ "in": [{ "var": "x" }, "aba"] }),
        json!({ "attr": "x", "in": ["", "a", "ab", "aba", "b", "ba"] }),
        &["only text is looked for"],
    );
    check_condition(
        json!({ "var": "beta" }),
        json!({ "all": [{ "attr": "beta", "exists": true }, { "not": { "attr": "beta", "in": [false, 0, ""] } }] }),
        &["/if/0/var: a list"],
    );
    check_condition(
        json!({ "missing": ["a", "b.c"] }),
        json!({ "any": [{ "attr": "a", "exists": false }, { "attr": "/b/c", "exists": false }] }),
        &["null counts as missing"],
    );
}

#[test]
fn what_is_the_same_in_every_context_is_not_written_out() {
    let imported = import(&json!({ "if": [{ "<": [1, 2] }, "on", "off"] }));
    assert_eq!(flag(&imported).pointer("/rules"), None);
    assert_eq!(flag(&imported).pointer("/default"), Some(&json!("on")));
    assert_eq!(
        notes(&imported),
        [
            "-/if/0/<: this is true in every context, and not written out",
            "-/if/2: what comes before it is true, so this is not in the ruleset",
        ]
    );
    // flagd compares nothing with what is no version.
    let imported = import(&json!({ "if": [{ "sem_ver": [{ "var": "v" }, ">", "x.y"] }, "on"] }));
    assert_eq!(flag(&imported).pointer("/default"), Some(&json!("off")));
}

#[test]
fn versions_compare_as_flagd_compares_them() {
    let check = |comparison: &str, bound: Value, range: &str| {
        let condition = json!({ "sem_ver": [{ "var": "v" }, comparison, bound] });
        check_condition(
            condition,
            json!({ "attr": "v", "semver": range }),
            &["full versions only"],
        );
    };
    check("=", json!("2.1.0"), "=2.1.0");
    check("!=", json!("2.1.0"), "<2.1.0 || >2.1.0");
    check(">=", json!("2.1.0-rc.1+b"), ">=2.1.0-rc.1");
    check("^", json!("2.1.3"), ">=2.0.0-0 <3.0.0-0");
    check("~", json!("v2.1"), ">=2.1.0-0 <2.2.0-0");
    check("<", json!(2), "<2.0.0");
}
