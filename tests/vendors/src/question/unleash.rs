//! Features of Unleash by chance.
//!
//! What is left out: choices that Unleash makes by chance, so that there is no answer to compare; empty ids, which our
//! notes speak of; and two things in which the engine is not what the documentation says. A parent without variants
//! satisfies every variant that a child asks for; and a parent's rollout without a `groupId` is salted with the child's
//! name. What only notes speak of is in no parent, whose children have no note of their own.

#![expect(
    clippy::indexing_slicing,
    reason = "a member of an object that was just written"
)]

mod context;
mod pools;

use serde_json::{Value, json};
use vexil_import::key_for;

use self::context::context;
use self::pools::{
    APPS, ATTRIBUTES, DATES, IDS, NETWORKS, NUMBERS, PATTERNS, PERCENTS, PLANS, VERSIONS,
};
use super::{Chance, Maker, Question};

/// Which ids contexts have: what is chosen by an id that is not there is chosen by chance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ids {
    /// All of them.
    All,
    /// A user's, a session's or both.
    One,
    /// Perhaps none.
    Some,
}

const PARENTS: usize = 5;
const FEATURES: usize = 8;

pub(super) const MAKER: Maker = Maker {
    name: "unleash",
    make,
};

fn make(chance: &mut Chance) -> Question {
    let ids = *chance.one(&[Ids::All, Ids::One, Ids::Some]);
    let segments: Vec<Value> = (1..4)
        .map(|id| json!({ "id": id, "constraints": constraints(chance, 2) }))
        .collect();
    let mut features: Vec<Value> = Vec::new();
    for number in 0..FEATURES {
        let feature = feature(chance, number, ids, &features);
        features.push(feature);
    }
    for parent in 0..PARENTS {
        // On exactly where its parent is: its answers are whether that is enabled.
        let name = name(parent);
        features.push(json!({
            "name": format!("after {name}"), "enabled": true,
            "dependencies": [{ "feature": name, "enabled": chance.is(80) }],
        }));
    }
    let keys = features.iter().enumerate().map(|(index, feature)| {
        let name = feature
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        (key_for(name), format!("/features/{index}"))
    });
    Question {
        flags: keys.collect(),
        contexts: (0..12).map(|_| context(chance, ids)).collect(),
        file: json!({ "version": 2, "features": features, "segments": segments }),
    }
}

fn name(number: usize) -> String {
    if number == 1 {
        "größe".to_owned()
    } else {
        format!("feature-{number}")
    }
}

fn feature(chance: &mut Chance, number: usize, ids: Ids, parents: &[Value]) -> Value {
    let name = name(number);
    let payloads = *chance.one(&["none", "string", "number", "json", "mixed"]);
    let has_variants = chance.is(50);
    let variants = if has_variants {
        variants(chance, ids, payloads, "f")
    } else {
        Vec::new()
    };
    let strategies: Vec<Value> = (0..chance.below(4))
        .map(|place| {
            let own = if chance.is(25) {
                self::variants(chance, ids, payloads, &format!("s{place}"))
            } else {
                Vec::new()
            };
            strategy(chance, &name, number < PARENTS, ids, own)
        })
        .collect();
    let mut feature = json!({
        "name": name, "enabled": chance.is(92), "type": "release",
        "strategies": strategies, "variants": variants,
    });
    if number >= PARENTS && chance.is(60) {
        let dependencies: Vec<_> = (0..=chance.below(2))
            .map(|_| dependency(chance, parents))
            .collect();
        feature["dependencies"] = dependencies.into();
    }
    feature
}

fn dependency(chance: &mut Chance, parents: &[Value]) -> Value {
    let number = chance.below(PARENTS);
    let mut dependency = json!({ "feature": name(number) });
    let variants = parents
        .get(number)
        .and_then(|parent| parent.get("variants"));
    let has_variants = variants
        .and_then(Value::as_array)
        .is_some_and(|it| !it.is_empty());
    match chance.below(10) {
        0 => dependency["feature"] = "nobody".into(),
        1 => dependency["feature"] = "after feature-0".into(),
        2 | 3 => dependency["enabled"] = false.into(),
        4..8 if has_variants => {
            let names = ["f-0", "f-1", "f-2", "s0-0", "disabled", "other"];
            let some: Vec<_> = (0..4).map(|_| *chance.one(&names)).collect();
            dependency["variants"] = json!(some);
        }
        8 => dependency["enabled"] = true.into(),
        _ => {}
    }
    dependency
}

fn strategy(
    chance: &mut Chance,
    feature: &str,
    is_parent: bool,
    ids: Ids,
    variants: Vec<Value>,
) -> Value {
    let kinds = [
        "default",
        "userWithId",
        "flexibleRollout",
        "flexibleRollout",
        "flexibleRollout",
        "flexibleRollout",
        "remoteAddress",
        "gradualRolloutUserId",
        "gradualRolloutSessionId",
        "gradualRolloutRandom",
        "applicationHostname",
        "ourOwn",
    ];
    let mut kind = *chance.one(&kinds);
    if ["applicationHostname", "ourOwn", "gradualRolloutRandom"].contains(&kind) && chance.is(60) {
        kind = "flexibleRollout";
    }
    let percent = if chance.is(3) {
        *chance.one(&["", "abc", "150"])
    } else {
        *chance.one(PERCENTS)
    };
    let group = if chance.is(50) { feature } else { "group" };
    // By whom a choice is made that must not be left to chance.
    let sticky = match (ids, variants.len() > 1) {
        (Ids::All, _) | (Ids::One | Ids::Some, false) => *chance.one(&[
            "default",
            "default",
            "default",
            "userId",
            "sessionId",
            "customField",
            "random",
        ]),
        (Ids::One | Ids::Some, true) => "default",
    };
    let is_chance = sticky == "random" || (ids == Ids::Some && sticky == "default");
    let whole = if chance.is(50) { "100" } else { "0" };
    let rollout = if is_chance && (is_parent || !chance.is(3)) {
        whole
    } else {
        percent
    };
    let rollout = if ids == Ids::Some && sticky == "default" {
        whole
    } else {
        rollout
    };
    let parameters = match kind {
        "userWithId" => {
            json!({ "userIds": format!("{}, {},{}", chance.one(IDS), chance.one(IDS), chance.one(IDS)) })
        }
        "remoteAddress" => {
            json!({ "IPs": format!("{}, {}", chance.one(NETWORKS), chance.one(NETWORKS)) })
        }
        "gradualRolloutUserId" | "gradualRolloutSessionId" => {
            json!({ "percentage": percent, "groupId": group })
        }
        "gradualRolloutRandom" => {
            json!({ "percentage": if !is_parent && chance.is(10) { percent } else { whole } })
        }
        "flexibleRollout" => {
            let mut parameters =
                json!({ "rollout": rollout, "stickiness": sticky, "groupId": group });
            if !is_parent && chance.is(10) {
                parameters.as_object_mut().map(|it| it.remove("groupId"));
            }
            parameters
        }
        "applicationHostname" => json!({ "hostNames": "one,two" }),
        _ => json!({}),
    };
    // Other kinds have no stickiness of their own: their variants go by a user or a session.
    let is_sticky = sticky != "random" && (kind == "flexibleRollout" || ids != Ids::Some);
    let variants = if is_sticky || variants.len() < 2 {
        variants
    } else {
        Vec::new()
    };
    let mut strategy = json!({
        "name": kind, "parameters": parameters, "variants": variants, "constraints": constraints(chance, 3),
    });
    if chance.is(25) {
        let segment = if chance.is(4) {
            404
        } else {
            chance.below(3).saturating_add(1)
        };
        strategy["segments"] = json!([segment]);
    }
    strategy
}

fn variants(chance: &mut Chance, ids: Ids, payloads: &str, prefix: &str) -> Vec<Value> {
    let count = if ids == Ids::Some {
        1
    } else {
        chance.below(3).saturating_add(1)
    };
    let sticky = match ids {
        Ids::All => *chance.one(&["default", "userId", "sessionId", "customField"]),
        Ids::One | Ids::Some => "default",
    };
    let weights: [u64; 3] = *chance.one(&[
        [500, 250, 250],
        [333, 333, 334],
        [1, 49, 50],
        [33, 33, 33],
        [1, 1, 1],
        [0, 7, 993],
    ]);
    let weights = if count == 1 { [1; 3] } else { weights };
    let variant = |(index, weight): (usize, &u64)| {
        let number = chance.below(90).saturating_add(10);
        let mut variant = json!({ "name": format!("{prefix}-{index}"), "weight": weight });
        let payload = match payloads {
            "string" => json!({ "type": "string", "value": format!("{prefix}-{index}-{number}") }),
            "number" => json!({ "type": "number", "value": format!("{number}.5") }),
            "json" => {
                json!({ "type": "json", "value": format!("{{\"of\":\"{prefix}\",\"n\":{number}}}") })
            }
            "mixed" if index == 0 => json!({ "type": "csv", "value": format!("{number},2") }),
            _ => Value::Null,
        };
        if !payload.is_null() {
            variant["payload"] = payload;
        }
        if prefix == "f" {
            variant["stickiness"] = sticky.into();
            if chance.is(20) {
                let name = *chance.one(&["userId", "plan", "appName"]);
                let pool = match name {
                    "userId" => IDS,
                    "plan" => PLANS,
                    _ => APPS,
                };
                let values = [chance.one(pool), chance.one(pool)];
                variant["overrides"] = json!([{ "contextName": name, "values": values }]);
            }
        }
        variant
    };
    weights
        .iter()
        .take(count)
        .enumerate()
        .map(variant)
        .collect()
}

fn constraints(chance: &mut Chance, most: usize) -> Vec<Value> {
    let count = if chance.is(45) {
        0
    } else {
        chance.below(most.saturating_add(1))
    };
    (0..count).map(|_| constraint(chance)).collect()
}

fn constraint(chance: &mut Chance) -> Value {
    let operators = [
        "IN",
        "NOT_IN",
        "STR_STARTS_WITH",
        "STR_ENDS_WITH",
        "STR_CONTAINS",
        "NUM_EQ",
        "NUM_LT",
        "NUM_LTE",
        "NUM_GT",
        "NUM_GTE",
        "DATE_AFTER",
        "DATE_BEFORE",
        "SEMVER_EQ",
        "SEMVER_LT",
        "SEMVER_LTE",
        "SEMVER_GT",
        "SEMVER_GTE",
        "REGEX",
        "IN_CIDR",
        "IN",
        "NOT_IN",
    ];
    let operator = *chance.one(&operators);
    let texts: [(&str, &[&str]); 5] = [
        ("plan", PLANS),
        ("userId", IDS),
        ("appName", APPS),
        ("sessionId", IDS),
        ("customField", IDS),
    ];
    let (name, pool): (&str, &[&str]) = match operator.split('_').next() {
        Some("NUM") => (*chance.one(&["age", "userId"]), NUMBERS),
        Some("DATE") => (*chance.one(&["currentTime", "since"]), DATES),
        Some("SEMVER") => ("version", VERSIONS),
        Some("REGEX") => (*chance.one(&["plan", "userId", "appName"]), PATTERNS),
        _ if operator == "IN_CIDR" => (*chance.one(&["remoteAddress", "ip"]), NETWORKS),
        _ => *chance.one(&texts),
    };
    let name = if chance.is(8) {
        *chance.one(ATTRIBUTES)
    } else {
        name
    };
    let mut constraint =
        json!({ "contextName": name, "operator": operator, "inverted": chance.is(25) });
    let is_list = matches!(operator, "IN" | "NOT_IN" | "IN_CIDR") || operator.starts_with("STR_");
    if is_list {
        let least = usize::from(!operator.ends_with("IN"));
        let count = chance.below(4).max(least);
        constraint["values"] = (0..count)
            .map(|_| (*chance.one(pool)).into())
            .collect::<Vec<Value>>()
            .into();
    } else {
        // By its form Unleash's engine takes this version for a number.
        let value = Some(*chance.one(pool)).filter(|value| *value != "1.2");
        constraint["value"] = value.unwrap_or("1.2.3").into();
    }
    if operator == "REGEX" || operator.starts_with("STR_") {
        constraint["caseInsensitive"] = chance.is(35).into();
    }
    if chance.is(1) {
        constraint["operator"] = "ODD".into();
    }
    constraint
}
