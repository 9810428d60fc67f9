use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use vexil_core::{Context, Program, Value};

use super::{By, Contexts, Count, Name, Text, diff, moves};
use crate::{AttributeName, compile, decode};

fn program(ruleset: &Json) -> Program {
    compile(&decode(&ruleset.to_string()).unwrap(), "test", 1, 0).unwrap()
}

fn flag() -> Json {
    json!({
        "type": "string", "variants": { "a": "A", "b": "B" }, "offVariant": "a", "default": "a",
        "targets": { "b": ["u1"] },
        "rules": [
            { "name": "first", "when": { "attr": "x", "is": 1 }, "serve": "b" },
            { "when": { "segment": "s" }, "serve": { "split": [["a", 1], ["b", 1]] } }
        ]
    })
}

fn ruleset(f: &Json) -> Json {
    json!({
        "flags": { "f": f, "g": { "type": "boolean", "variants": { "on": true }, "offVariant": "on", "default": "on" } },
        "segments": { "s": { "members": ["u2"] } }
    })
}

/// What is written of the difference when `edit` is done to the flag `f`.
#[track_caller]
fn check(edit: impl FnOnce(&mut Json), want: &[&str]) {
    let mut new = ruleset(&flag());
    edit(&mut new);
    check_programs(&program(&ruleset(&flag())), &program(&new), want);
}

#[track_caller]
fn check_programs(old: &Program, new: &Program, want: &[&str]) {
    let differences = diff(old, new);
    let text = Text {
        differences: &differences,
        moves: &BTreeMap::new(),
        counted: "units",
    };
    let text = text.to_string();
    assert_eq!(text.lines().collect::<Vec<_>>(), want);
}

#[test]
fn a_change_is_told_by_its_part() {
    check(|_| {}, &[]);
    check(
        |new| new["flags"]["f"]["enabled"] = json!(false),
        &["f: is disabled"],
    );
    check(
        |new| new["flags"]["f"]["offVariant"] = json!("b"),
        &["f: its off variant is b instead of a"],
    );
    check(
        |new| new["flags"]["f"]["variants"]["b"] = json!("C"),
        &[
            "f: variant b has another value",
            "f: has other targets",
            "f: rule 0 \"first\" asks or serves otherwise",
            "f: rule 1 shares its units out otherwise",
        ],
    );
    check(
        |new| new["flags"]["f"]["targets"]["b"] = json!(["u1", "u3"]),
        &["f: has other targets"],
    );
    check(
        |new| new["flags"]["f"]["default"] = json!("b"),
        &["f: its default serves otherwise"],
    );
    check(
        |new| new["flags"]["f"]["requires"] = json!({ "flag": "g", "variant": ["on"] }),
        &["f: requires other flags or variants"],
    );
    check(
        |new| new["segments"]["s"]["members"] = json!(["u4"]),
        &["f: segment s, which it names, has changed"],
    );
}

#[test]
fn a_rule_is_the_one_that_has_its_name_or_says_the_same() {
    check(
        |new| new["flags"]["f"]["rules"][0]["when"]["is"] = json!(2),
        &["f: rule 0 \"first\" asks or serves otherwise"],
    );
    check(
        |new| new["flags"]["f"]["rules"][1]["serve"]["split"][0][1] = json!(2),
        &["f: rule 1 shares its units out otherwise"],
    );
    check(
        |new| new["flags"]["f"]["rules"][0]["name"] = json!("one"),
        &["f: rule 0 \"first\" is now rule 0 \"one\""],
    );
    check(
        |new| {
            let rules = new["flags"]["f"]["rules"].as_array_mut().unwrap();
            rules.swap(0, 1);
        },
        &["f: its rules are tried in another order"],
    );
    check(
        |new| {
            let rules = new["flags"]["f"]["rules"].as_array_mut().unwrap();
            rules.remove(0);
            rules.push(
                json!({ "name": "last", "when": { "attr": "y", "exists": true }, "serve": "b" }),
            );
        },
        &["f: rule 0 \"first\" removed", "f: rule 1 \"last\" added"],
    );
}

#[test]
fn what_no_answer_tells_does_not_let_a_flag_differ() {
    check(
        |new| {
            new["flags"]["f"]["variants"]["c"] = json!("C");
            new["flags"]["f"]["expose"] = json!("program");
            new["flags"]["f"]["track"] = json!(true);
            new["flags"]["f"]["failsafe"] = json!("b");
        },
        &[
            "f: variant c added",
            "f: is exposed as program instead of server",
            "f: its exposures are recorded",
            "f: has another failsafe",
            "f: answers as before",
        ],
    );
    check(
        |new| {
            let segment = new["segments"]
                .as_object_mut()
                .unwrap()
                .remove("s")
                .unwrap();
            new["segments"]["renamed"] = segment;
            new["flags"]["f"]["rules"][1]["when"]["segment"] = json!("renamed");
        },
        &["f: rule 1 asks or serves otherwise", "f: answers as before"],
    );
    let off = |default: &str| {
        let mut flag = flag();
        flag["enabled"] = json!(false);
        flag["default"] = json!(default);
        program(&ruleset(&flag))
    };
    check_programs(
        &off("a"),
        &off("b"),
        &["f: its default serves otherwise", "f: answers as before"],
    );
}

#[test]
fn flags_beside_it_are_of_no_account() {
    check(
        |new| {
            // It comes first, and brings the segment and an attribute along before `f` does.
            let when = json!({ "all": [{ "attr": "z", "is": 1 }, { "segment": "s" }] });
            new["flags"]["before"] = json!({
                "type": "string", "variants": { "B": "B" }, "offVariant": "B", "default": "B",
                "rules": [{ "when": when, "serve": "B" }]
            });
            new["flags"].as_object_mut().unwrap().remove("g");
        },
        &["before: added", "g: removed"],
    );
}

#[test]
fn what_leads_to_a_change_can_differ_as_well() {
    let programs = ["x", "y"].map(|value| {
        let mut ruleset = ruleset(&flag());
        ruleset["flags"]["g"]["rules"] =
            json!([{ "when": { "attr": "x", "is": value }, "serve": "on" }]);
        ruleset["flags"]["f"]["requires"] = json!({ "flag": "g", "variant": ["on"] });
        program(&ruleset)
    });
    let [old, new] = &programs;
    check_programs(
        old,
        new,
        &[
            "f: flag g, which it names, has changed",
            "g: rule 0 asks or serves otherwise",
        ],
    );
}

fn resolve<'c>(program: &Program, context: &'c Map<String, Json>) -> Context<'c> {
    Context::resolve(program, |name| match context.get(name) {
        Some(Json::String(text)) => Value::Text(text),
        _ => Value::Missing,
    })
}

#[test]
fn moves_are_counted_by_their_direction() {
    let split = |weight: u32| {
        let default = json!({ "split": [["on", weight], ["off", 100 - weight]] });
        program(&json!({ "flags": { "f": {
            "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off", "default": default
        } } }))
    };
    let contexts = (0..1_000).map(|number| {
        let unit = json!({ "targetingKey": format!("u{number}") });
        unit.as_object().unwrap().clone()
    });
    let moves = moves(&split(10), &split(20), &["f"], contexts, &[], resolve, 0);
    let moves = &moves["f"];
    // By the reference implementation: so many of u0 to u999 fall at 10 % to 20 % by the salt `f`, and which first.
    assert_eq!(
        (moves.asked, moves.otherwise, moves.moves.len()),
        (1_000, 0, 1)
    );
    let it = &moves.moves[0];
    assert_eq!(
        (it.from.as_str(), it.to.as_str(), it.count),
        ("off", "on", 113)
    );
    assert_eq!(it.example["targetingKey"], json!("u5"));
}

#[test]
fn moves_are_counted_by_segment_and_by_value() {
    let serve = |variant: &str| {
        program(&json!({
            "flags": { "f": {
                "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off", "default": "off",
                "rules": [{ "when": { "any": [{ "segment": "s" }, { "segment": "t" }] }, "serve": variant }]
            } },
            "segments": {
                "s": { "when": { "attr": "x", "is": "a" } },
                "t": { "when": { "attr": "x", "startsWith": ["a", "b"] } }
            }
        }))
    };
    let contexts = ["a", "a", "b", "c", "c", "c"].map(|x| json!({ "x": x }));
    let contexts = contexts.into_iter().chain([json!({})]);
    let contexts = contexts.map(|it| it.as_object().unwrap().clone());
    let by = [
        By::Segment,
        By::Attribute(AttributeName::new("/x").unwrap()),
    ];
    let (old, new) = (serve("off"), serve("on"));
    let moves = moves(&old, &new, &["f"], contexts, &by, resolve, 0);
    let text = Text {
        differences: &diff(&old, &new),
        moves: &moves,
        counted: "contexts",
    };
    let want = "f: rule 0 asks or serves otherwise
f: moves 42.86 % of contexts from off to on (3 of 7)
  for example {\"x\":\"a\"}
  by segment:
    t          100 % (3 of 3)
    s          100 % (2 of 2)
    (in none)    0 % (0 of 4)
  by /x:
    c             0 % (0 of 3)
    a           100 % (2 of 2)
    b           100 % (1 of 1)
    (has none)    0 % (0 of 1)
";
    assert_eq!(text.to_string(), want);
    let json = super::json(&diff(&old, &new), &moves);
    assert_eq!(
        json["f"]["groups"][1]["groups"][1],
        json!({ "name": "a", "asked": 2, "moves": [{ "from": "off", "to": "on", "count": 2 }], "otherwise": 0 })
    );
    assert_eq!(json["f"]["groups"][0]["groups"][2]["name"], Json::Null);
}

#[test]
fn of_many_groups_the_small_ones_count_as_one() {
    let split = |weight: u32| {
        let default = json!({ "split": [["on", weight], ["off", 100 - weight]] });
        program(&json!({ "flags": { "f": {
            "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off", "default": default
        } } }))
    };
    let by = [By::Attribute(AttributeName::new("x").unwrap())];
    let groups = |value: fn(u32) -> u32| {
        let contexts = (0..3_000).map(|number| {
            let context = json!({ "targetingKey": format!("u{number}"), "x": value(number) });
            context.as_object().unwrap().clone()
        });
        let mut moves = moves(&split(0), &split(100), &["f"], contexts, &by, resolve, 0);
        let groups = moves.remove("f").unwrap().groups.remove(0).groups;
        let all = |of: &dyn Fn(&Count) -> usize| -> usize {
            groups.iter().map(|group| of(&group.count)).sum()
        };
        assert_eq!(all(&|count| count.asked), 3_000);
        assert_eq!(all(&|count| count.moves.values().sum()), 3_000);
        groups
            .into_iter()
            .map(|group| (group.name, group.count.asked))
            .collect::<Vec<_>>()
    };
    let of = |value: &str| Name::Of(value.to_owned());
    assert_eq!(
        groups(|number| number * (number % 3)),
        [(of("0"), 1_000), (Name::Other, 2_000)]
    );
    let groups = groups(|number| number % 30);
    assert_eq!(groups.len(), 21);
    assert_eq!((&groups[19].1, &groups[20]), (&100, &(Name::Other, 1_000)));
}

#[test]
fn contexts_by_chance_have_what_is_compared_and_units_of_their_own() {
    let program = program(&ruleset(&flag()));
    let contexts: Vec<_> = Contexts::of(&[&program], 7).take(200).collect();
    let again: Vec<_> = Contexts::of(&[&program], 7).take(200).collect();
    assert_eq!(contexts, again);
    let has = |key: &str, value: Json| {
        contexts
            .iter()
            .any(|context| context.get(key) == Some(&value))
    };
    assert!(has("x", json!(1.0)) && has("targetingKey", json!("u2")));
    assert!(contexts.iter().any(|context| !context.contains_key("x")));
    let units: std::collections::BTreeSet<String> = contexts
        .iter()
        .map(|context| context["targetingKey"].to_string())
        .collect();
    assert!(units.len() > 150, "{}", units.len());
}
