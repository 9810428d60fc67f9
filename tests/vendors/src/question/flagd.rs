//! flagd's files by chance: every operator that targeting has, over attributes whose kind an operator expects.
//!
//! Kept out, since flagd's own evaluators do not agree on it: `==` and orders with what they cannot convert
//! (`@openfeature/flagd-core` gives up the whole flag, flagd takes it for false), `cat` with an attribute that is not
//! there (the one writes `null`, the other nothing), and units beyond ASCII (the one hashes UTF-16, the other UTF-8).
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "depths are above 0 where they shrink, and members of an object are made by naming them"
)]

use serde_json::{Map, Value, json};

use super::{Chance, Maker, Question};

/// Makes questions for flagd.
pub(super) const MAKER: Maker = Maker {
    name: "flagd",
    make,
};

/// Attributes that are texts, and what they may be.
const TEXTS: [&str; 3] = ["country", "email", "app.name"];
const WORDS: [&str; 10] = [
    "DE",
    "AT",
    "a@b.de",
    "team@vexil.dev",
    "shop",
    "",
    "beta-1",
    "5",
    "v",
    "D",
];
/// Attributes that are numbers or convert to one.
const NUMBERS: [&str; 3] = ["age", "cart.total", "score"];
const AMOUNTS: [f64; 7] = [0.0, 1.0, 5.0, 18.0, 18.5, -3.0, 1e6];
/// Attributes that are lists, or texts.
const LISTS: [&str; 2] = ["groups", "account.tags"];
/// An attribute that is anything, for operators that convert nothing.
const ANYTHING: &str = "wild";
const VERSIONS: [&str; 8] = [
    "1.0.0",
    "1.2.3",
    "1.2.3-rc.1",
    "2.0.0",
    "2.1.0",
    "2.1.7+b4",
    "3.0.0-alpha",
    "1.10.0",
];
const NOW_S: i64 = 1_826_000_000;

fn make(chance: &mut Chance) -> Question {
    let mut flags = Map::new();
    let mut asked = Vec::new();
    for index in 0..4 {
        let key = format!("flag-{index}");
        let flag = flag(chance);
        asked.push((key.clone(), format!("/flags/{key}")));
        flags.insert(key, flag);
    }
    let file = json!({ "$evaluators": { "shared": condition(chance, 1) }, "flags": flags });
    let contexts = (0..25).map(|_| context(chance)).collect();
    Question {
        file,
        flags: asked,
        contexts,
    }
}

fn flag(chance: &mut Chance) -> Value {
    let values = match chance.below(4) {
        0 => json!({ "true": true, "false": false }),
        1 => json!({ "a": "A", "b": "B", "c": "C", "true": "T", "false": "F", "DE": "G" }),
        2 => json!({ "a": 1, "b": 2.5, "c": -3, "true": 10, "false": 11, "1": 12 }),
        _ => json!({ "a": { "x": 1 }, "b": [1, 2], "true": {}, "false": { "y": null } }),
    };
    let names: Vec<String> = values
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .cloned()
        .collect();
    let default = if chance.is(1) {
        Value::Null
    } else {
        json!(chance.one(&names))
    };
    let state = if chance.is(1) { "DISABLED" } else { "ENABLED" };
    let mut flag = json!({ "state": state, "variants": values, "defaultVariant": default });
    if chance.is(95) {
        flag["targeting"] = result(chance, 3, &names);
    }
    flag
}

/// What names a variant.
fn result(chance: &mut Chance, depth: usize, names: &[String]) -> Value {
    let kinds = if depth == 0 { 3 } else { 10 };
    match chance.below(kinds) {
        0 | 1 => json!(chance.one(names)),
        2 if chance.is(20) => Value::Null,
        2 => condition(chance, 1),
        3 | 4 => {
            let mut branches = Vec::new();
            for _ in 0..=chance.below(3) {
                branches.push(condition(chance, 2));
                branches.push(result(chance, depth - 1, names));
            }
            if chance.is(70) {
                branches.push(result(chance, depth - 1, names));
            }
            json!({ *chance.one(&["if", "?:"]): branches })
        }
        5 if chance.is(30) => {
            let both = [result(chance, 0, names), result(chance, depth - 1, names)];
            json!({ *chance.one(&["and", "or"]): both })
        }
        5 if chance.is(10) => json!({ "var": ["country", chance.one(names)] }),
        _ => fractional(chance, depth - 1, names),
    }
}

fn fractional(chance: &mut Chance, depth: usize, names: &[String]) -> Value {
    let mut operands = Vec::new();
    let unit = match chance.below(6) {
        0 => Some(json!({ "cat": [{ "var": "$flagd.flagKey" }, { "var": "id" }] })),
        1 => Some(json!({ "cat": ["salt-", { "var": "targetingKey" }] })),
        2 => Some(json!({ "var": "id" })),
        3 if chance.is(10) => Some(json!("everybody")),
        _ => None,
    };
    operands.extend(unit.clone());
    let within = |chance: &mut Chance| {
        let variant = match chance.below(12) {
            0 if depth > 0 => {
                json!({ "if": [condition(chance, 0), chance.one(names), chance.one(names)] })
            }
            1 => {
                let unit = unit.clone().filter(|_| chance.is(98));
                let inner = [json!([chance.one(names), 1]), json!([chance.one(names), 3])];
                json!({ "fractional": unit.into_iter().chain(inner).collect::<Vec<_>>() })
            }
            2 if chance.is(20) => Value::Null,
            _ => json!(chance.one(names)),
        };
        if chance.is(15) {
            return json!([variant]);
        }
        json!([
            variant,
            *chance.one(&[0, 1, 3, 10, 25, 33, 50, 100, 12345, -2])
        ])
    };
    for _ in 0..=chance.below(4) {
        operands.push(within(chance));
    }
    json!({ "fractional": operands })
}

fn condition(chance: &mut Chance, depth: usize) -> Value {
    if depth > 0 && chance.is(40) {
        let some = |chance: &mut Chance| -> Vec<Value> {
            (0..=chance.below(2))
                .map(|_| condition(chance, depth - 1))
                .collect()
        };
        return match chance.below(6) {
            0 | 1 => json!({ "and": some(chance) }),
            2 | 3 => json!({ "or": some(chance) }),
            4 => json!({ "!": [condition(chance, depth - 1)] }),
            _ => {
                json!({ "if": [condition(chance, depth - 1), condition(chance, 0), condition(chance, 0)] })
            }
        };
    }
    match chance.below(16) {
        0 | 1 => equality(chance),
        2 | 3 => order(chance),
        4 => json!({ *chance.one(&["===", "!=="]): [anything(chance), scalar(chance)] }),
        5 | 6 => {
            let list: Vec<Value> = (0..=chance.below(4)).map(|_| scalar(chance)).collect();
            let needle = text_or_anything(chance);
            json!({ "in": [needle, list] })
        }
        7 => json!({ "in": [chance.one(&WORDS), { "var": chance.one(&LISTS) }] }),
        8 => {
            json!({ "in": [{ "var": chance.one(&TEXTS) }, chance.one(&["DE,AT,CH", "shop", "team@vexil.dev"])] })
        }
        9 | 10 => {
            let operator = *chance.one(&["starts_with", "ends_with"]);
            let needle = text_or_anything(chance);
            json!({ operator: [needle, chance.one(&WORDS)] })
        }
        11 | 12 => {
            let comparison = *chance.one(&["=", "!=", "<", "<=", ">", ">=", "^", "~"]);
            let bound = *chance.one(&["1.2.3", "2.0.0", "2.1.0", "v1.2", "2", "1.2.3-rc.1", "x"]);
            json!({ "sem_ver": [{ "var": "version" }, comparison, bound] })
        }
        13 => {
            let operator = *chance.one(&["<", "<=", ">", ">="]);
            let bound = NOW_S + *chance.one(&[-1, 0, 1, 100_000, -100_000]);
            match chance.below(3) {
                0 => json!({ operator: [{ "var": "$flagd.timestamp" }, bound] }),
                1 => json!({ operator: [bound, { "var": "$flagd.timestamp" }] }),
                _ => json!({ operator: [bound - 50_000, { "var": ["$flagd.timestamp"] }, bound] }),
            }
        }
        14 if depth > 0 && chance.is(50) => {
            json!({ "missing": [chance.one(&TEXTS), chance.one(&NUMBERS)] })
        }
        14 => json!({ "==": [{ "var": "$flagd.flagKey" }, chance.one(&["flag-0", "flag-1"])] }),
        15 if chance.is(50) => json!({ "$ref": "shared" }),
        _ => {
            let all = [TEXTS[0], TEXTS[1], NUMBERS[0], NUMBERS[1], ANYTHING, "flag"];
            json!({ *chance.one(&["!!", "!"]): { "var": chance.one(&all) } })
        }
    }
}

fn equality(chance: &mut Chance) -> Value {
    let operator = *chance.one(&["==", "!="]);
    let (attribute, literal) = match chance.below(4) {
        0 => (number(chance), json!(chance.one(&AMOUNTS))),
        1 => (json!({ "var": "flag" }), json!(chance.is(50))),
        2 => {
            // After a literal, flagd-core compares what `cat` joins instead of what it comes to.
            let id = id(chance);
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            return json!({ operator: [{ "cat": ["<", { "var": "id" }, ">"] }, format!("<{id}>")] });
        }
        _ => (
            text(chance),
            json!(chance.one(&["DE", "AT", "a@b.de", "shop"])),
        ),
    };
    if chance.is(20) {
        json!({ operator: [literal, attribute] })
    } else {
        json!({ operator: [attribute, literal] })
    }
}

fn order(chance: &mut Chance) -> Value {
    let operator = *chance.one(&["<", "<=", ">", ">="]);
    let bound = *chance.one(&AMOUNTS);
    match chance.below(4) {
        0 => json!({ operator: [bound, number(chance)] }),
        1 => json!({ operator: [bound, number(chance), chance.one(&AMOUNTS)] }),
        2 => json!({ operator: [number(chance), bound.to_string()] }),
        _ => json!({ operator: [number(chance), bound] }),
    }
}

fn text(chance: &mut Chance) -> Value {
    let name = *chance.one(&TEXTS);
    match chance.below(5) {
        0 => json!({ "var": [name, chance.one(&WORDS)] }),
        1 => json!({ "var": [name] }),
        _ => json!({ "var": name }),
    }
}

fn text_or_anything(chance: &mut Chance) -> Value {
    if chance.is(70) {
        text(chance)
    } else {
        anything(chance)
    }
}

fn anything(chance: &mut Chance) -> Value {
    if chance.is(50) {
        json!({ "var": ANYTHING })
    } else {
        text(chance)
    }
}

fn number(chance: &mut Chance) -> Value {
    let name = *chance.one(&NUMBERS);
    if chance.is(20) {
        json!({ "var": [name, chance.one(&AMOUNTS)] })
    } else {
        json!({ "var": name })
    }
}

fn scalar(chance: &mut Chance) -> Value {
    match chance.below(8) {
        0 => json!(chance.one(&AMOUNTS)),
        1 => json!(chance.is(50)),
        2 if chance.is(30) => Value::Null,
        _ => json!(chance.one(&WORDS)),
    }
}

fn id(chance: &mut Chance) -> Value {
    if chance.is(10) {
        json!(chance.below(30))
    } else {
        json!(format!("user-{}", chance.below(30)))
    }
}

fn context(chance: &mut Chance) -> Value {
    let mut context = json!({ "id": id(chance), "app": {}, "cart": {}, "account": {} });
    if chance.is(95) {
        context["targetingKey"] = json!(format!("user-{}", chance.bits() % 100_000));
    } else if chance.is(50) {
        context["targetingKey"] = json!("");
    }
    if chance.is(75) {
        context["country"] = json!(chance.one(&WORDS));
    }
    if chance.is(75) {
        context["email"] = json!(chance.one(&WORDS));
    }
    if chance.is(60) {
        context["app"]["name"] = json!(chance.one(&WORDS));
    }
    for pointer in ["/age", "/cart/total", "/score"] {
        if chance.is(80) {
            let amount = *chance.one(&AMOUNTS);
            let amount = match chance.below(30) {
                0 => json!(chance.is(50)),
                1 => json!(amount.to_string()),
                _ => json!(amount),
            };
            match pointer {
                "/cart/total" => context["cart"]["total"] = amount,
                _ => context[pointer.trim_start_matches('/')] = amount,
            }
        }
    }
    if chance.is(60) {
        let groups: Vec<&str> = (0..chance.below(4)).map(|_| *chance.one(&WORDS)).collect();
        context["groups"] = json!(groups);
    }
    if chance.is(60) {
        context["account"]["tags"] = json!(chance.one(&["beta-1,DE", "shop", ""]));
    }
    if chance.is(80) {
        context["version"] = if chance.is(2) {
            json!(*chance.one(&["v1.2.3", "1.2", "x"]))
        } else {
            json!(chance.one(&VERSIONS))
        };
    }
    if chance.is(70) {
        context["flag"] = json!(chance.is(50));
    }
    if chance.is(70) {
        context[ANYTHING] = match chance.below(5) {
            0 => json!({ "x": 1 }),
            1 => json!(chance.is(50)),
            2 => json!(chance.one(&AMOUNTS)),
            _ => scalar(chance),
        };
    }
    context
}
