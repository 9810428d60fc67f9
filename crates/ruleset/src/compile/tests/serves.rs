//! Recipes of splits, and audiences of releases.

use vexil_core::{Context, Live, Program, Progress, Release, Value, evaluate};

use super::program;
use crate::{compile, decode};

/// The variant of `flag` for a user, with the release `ga` at a stage and an exposure.
fn variant<'p>(
    program: &'p Program,
    flag: &str,
    user: &str,
    group: &str,
    at: Option<(u32, f64)>,
) -> &'p str {
    let flag = program.flag(flag).unwrap();
    let context = Context::resolve(program, |name| match name {
        "targetingKey" => Value::Text(user),
        "group" => Value::Text(group),
        _ => Value::Missing,
    });
    let started = at.map(|(stage, exposure)| ("ga", Progress { stage, exposure }));
    let live = Live::new(program, 1, [], started, []);
    let found = evaluate(program, &live, flag, &context, 0);
    flag.variant(found.variant).unwrap().name
}

#[test]
fn a_split_with_a_recipe_places_units_as_its_vendor_does() {
    let of = |more: &str| {
        program(&format!(
            r#"{{ "flags": {{ "f": {{
                "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off",
                "default": {{ "split": [["on", 1], ["off", 1]]{more} }}
            }} }} }}"#
        ))
    };
    // MD5 of `f-u` and of `s-u` begins with these bytes, by md5sum; below 5000 of 10000 is the first half.
    let half = |hash: u32| if hash % 10_000 < 5_000 { "on" } else { "off" };
    for (user, by_key, by_salt) in MD5 {
        let found = |more: &str| {
            let program = of(more);
            variant(&program, "f", user, "", None).to_owned()
        };
        let found = [
            found(r#", "hash": "eppo-md5""#),
            found(r#", "hash": "eppo-md5", "salt": "s""#),
        ];
        assert_eq!(found, [half(by_key), half(by_salt)], "{user}");
    }
}

/// Users, with the first four bytes of the MD5 of `f-USER` and of `s-USER`.
const MD5: [(&str, u32, u32); 6] = [
    ("u", 0x7c5a_5621, 0x572e_f137),
    ("user-1", 0x1347_0e11, 0xfbca_03d1),
    ("user-2", 0x62ca_8c1c, 0x060e_3577),
    ("user-3", 0xda47_f624, 0xac52_2810),
    ("é", 0xf074_1c33, 0x2165_1bde),
    ("42", 0x1303_2ccd, 0xf80a_3c8c),
];

const RELEASE: &str = r#"{
    "flags": {
        "f": { "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off",
               "default": { "release": "ga" } },
        "late": { "type": "boolean", "variants": { "yes": true, "no": false }, "offVariant": "no", "default": "yes" }
    },
    "segments": { "staff": { "when": { "attr": "group", "is": "staff" } } },
    "releases": { "ga": { "from": "off", "to": "on", "stages": [
        { "name": "inside", "audience": { "segment": "staff" } },
        { "name": "few", "percent": 0 },
        { "name": "friends", "audience": { "all": [
            { "attr": "group", "in": ["staff", "friends"] }, { "flag": "late", "variant": ["yes"] }] }, "percent": 0 },
        { "name": "all", "percent": 100 }
    ] } }
}"#;

/// What staff, friends and others get, with the release at a stage and an exposure.
#[track_caller]
fn check(at: Option<(u32, f64)>, want: [&str; 3]) {
    let program = program(RELEASE);
    let found = ["staff", "friends", "others"].map(|it| variant(&program, "f", "u", it, at));
    assert_eq!(found, want, "{at:?}");
}

#[test]
fn audiences_come_with_their_stage_and_stay() {
    check(None, ["off", "off", "off"]);
    check(Some((0, 0.0)), ["on", "off", "off"]);
    check(Some((1, 0.0)), ["on", "off", "off"]);
    check(Some((1, 1.0)), ["on", "on", "on"]);
    // The exposure is that of the stage, which is for friends; staff have theirs already.
    check(Some((2, 0.0)), ["on", "off", "off"]);
    check(Some((2, 1.0)), ["on", "on", "off"]);
    // Past its stage friends are at its percentage, which is none.
    check(Some((3, 1.0)), ["on", "off", "on"]);
}

#[test]
fn what_audiences_lead_to_comes_before_the_flag() {
    let program = program(RELEASE);
    let keys: Vec<&str> = program.flags().map(|flag| flag.key()).collect();
    assert_eq!(keys, ["late", "f"]);
    let release = program.releases().next().unwrap();
    assert_eq!((release.name(), release.stage_count()), ("ga", 4));
}

#[test]
fn a_flag_knows_the_releases_that_serve_it() {
    let two = RELEASE.replace(
        r#""default": "yes""#,
        r#""default": "yes", "rules": [{ "when": { "attr": "a", "exists": true }, "serve": { "release": "other" } }]"#,
    );
    let two = two.replace(
        r#""releases": {"#,
        r#""releases": { "other": { "from": "no", "to": "yes",
            "stages": [{ "name": "1", "audience": { "attr": "b", "is": "c" } }] },"#,
    );
    for (ruleset, flag, want) in [
        (RELEASE, "f", vec!["ga"]),
        (RELEASE, "late", vec![]),
        (&*two, "f", vec!["ga"]),
        (&*two, "late", vec!["other"]),
    ] {
        let program = program(ruleset);
        let mut found: Vec<&str> = program
            .flag(flag)
            .unwrap()
            .releases()
            .map(Release::name)
            .collect();
        found.dedup();
        assert_eq!(found, want, "{flag}");
    }
}

#[test]
fn audiences_that_many_rules_serve_are_bounded() {
    let ruleset = |rules: usize| {
        let names: Vec<String> = (0..2_000).map(|n| format!("\"{n}\"")).collect();
        let audience = format!(r#"{{ "attr": "a", "in": [{}] }}"#, names.join(","));
        let rule = r#"{ "when": { "attr": "b", "exists": true }, "serve": { "release": "ga" } }"#;
        decode(&format!(
            r#"{{ "flags": {{ "f": {{ "type": "boolean", "variants": {{ "on": true, "off": false }},
                 "offVariant": "off", "default": "off", "rules": [{}] }} }},
                 "releases": {{ "ga": {{ "from": "off", "to": "on",
                     "stages": [{{ "name": "some", "audience": {audience} }}] }} }} }}"#,
            vec![rule; rules].join(",")
        ))
        .unwrap()
    };
    assert!(compile(&ruleset(500), "production", 1, 0).is_ok());
    let issues = compile(&ruleset(501), "production", 1, 0).unwrap_err();
    assert_eq!(issues[0].code.name(), "too-complex");
}
