//! A second evaluator, as plain as the page that describes the language: straight over the JSON that people write.
//!
//! It shares no code with the engine, not even the reading of rulesets, so that a fault in either shows. It is slow,
//! and takes for granted that the ruleset has no issues.

mod divide;
mod instant;
mod network;
mod range;
mod test;
mod text;

use std::cell::Cell;

use serde_json::{Value, json};

use crate::context::look_up;
use crate::vector::Case;

pub use divide::position;

/// The answer to `case`, to be made canonical.
#[must_use]
pub fn answer(ruleset: &Value, case: &Case) -> Value {
    evaluate(ruleset, case).0
}

/// The answer to `case`, and the next instant at which it may change by itself.
#[must_use]
pub fn evaluate(ruleset: &Value, case: &Case) -> (Value, Option<i64>) {
    let asked = Asked {
        ruleset,
        case,
        next_change: Cell::new(None),
    };
    let Some(flag) = asked.flag(&case.flag) else {
        let unknown =
            json!({ "errorCode": "FLAG_NOT_FOUND", "flag": case.flag, "reason": "ERROR" });
        return (unknown, None);
    };
    let found = asked.evaluate(&case.flag, flag);
    let value = &flag["variants"][&found.variant];
    let mut answer = json!({ "flag": case.flag, "value": value, "variant": found.variant, "reason": found.reason });
    let optional = [
        ("rule", found.rule.map(Value::from)),
        ("stage", found.stage.map(Value::from)),
        ("arm", found.arm.map(Value::from)),
        ("missingUnit", found.is_missing_unit.then_some(true.into())),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            answer[key] = value;
        }
    }
    (answer, asked.next_change.get())
}

struct Asked<'a> {
    ruleset: &'a Value,
    case: &'a Case,
    /// The least bound after now of the `time` conditions tested so far.
    next_change: Cell<Option<i64>>,
}

#[derive(Default)]
struct Answer {
    variant: String,
    reason: &'static str,
    rule: Option<String>,
    stage: Option<String>,
    arm: Option<&'static str>,
    is_missing_unit: bool,
}

impl Answer {
    fn of(variant: &Value, reason: &'static str) -> Self {
        Answer {
            variant: string(variant),
            reason,
            ..Answer::default()
        }
    }
}

impl Asked<'_> {
    fn flag(&self, key: &str) -> Option<&Value> {
        self.ruleset["flags"].get(key)
    }

    /// The order of evaluation: off, prerequisite, targets, rules, default.
    fn evaluate(&self, key: &str, flag: &Value) -> Answer {
        let off = &flag["offVariant"];
        if !self.is_on(key, flag) {
            return Answer::of(off, "DISABLED");
        }
        if !one_or_more(&flag["requires"])
            .iter()
            .all(|requires| self.is_met(requires))
        {
            return Answer::of(off, "PREREQUISITE_FAILED");
        }
        for (variant, keys) in members(&flag["targets"]) {
            if self.is_listed(keys) {
                return Answer::of(&json!(variant), "TARGETING_MATCH");
            }
        }
        for (number, rule) in items(&flag["rules"]).iter().enumerate() {
            if !self.holds(&rule["when"]) {
                continue;
            }
            let served = match &rule["serve"] {
                variant @ Value::String(_) => Some(Answer::of(variant, "TARGETING_MATCH")),
                divided => self.divide(key, divided),
            };
            if let Some(served) = served {
                let name = rule.get("name").map_or_else(|| number.to_string(), string);
                return Answer {
                    rule: Some(name),
                    ..served
                };
            }
        }
        match &flag["default"] {
            variant @ Value::String(_) => {
                let has_targets = |(_, keys)| !items(keys).is_empty();
                let asks = members(&flag["targets"]).into_iter().any(has_targets)
                    || !items(&flag["rules"]).is_empty()
                    || !one_or_more(&flag["requires"]).is_empty();
                Answer::of(variant, if asks { "DEFAULT" } else { "STATIC" })
            }
            divided => self.divide(key, divided).unwrap_or(Answer {
                is_missing_unit: true,
                ..Answer::of(off, "DEFAULT")
            }),
        }
    }

    fn is_on(&self, key: &str, flag: &Value) -> bool {
        flag["enabled"] != false && !self.case.killed.iter().any(|killed| killed == key)
    }

    /// A flag that is off is never met, whatever it serves meanwhile.
    fn is_met(&self, prerequisite: &Value) -> bool {
        let key = string(&prerequisite["flag"]);
        self.flag(&key).is_some_and(|flag| {
            self.is_on(&key, flag)
                && items(&prerequisite["variant"])
                    .contains(&self.evaluate(&key, flag).variant.into())
        })
    }

    fn holds(&self, condition: &Value) -> bool {
        if let Some(all) = condition.get("all") {
            return items(all).iter().all(|inner| self.holds(inner));
        }
        if let Some(any) = condition.get("any") {
            return items(any).iter().any(|inner| self.holds(inner));
        }
        if let Some(not) = condition.get("not") {
            return !self.holds(not);
        }
        if let Some(name) = condition.get("segment") {
            return self.is_in(&self.ruleset["segments"][&string(name)]);
        }
        if let Some(time) = condition.get("time") {
            return self.is_time(time);
        }
        if condition.get("flag").is_some() {
            return self.is_met(condition);
        }
        let attribute = string(&condition["attr"]);
        let value = look_up(&self.case.context, &attribute).unwrap_or(&Value::Null);
        if let Some(exists) = condition.get("exists") {
            return !value.is_null() == *exists;
        }
        match value {
            Value::Array(elements) => elements
                .iter()
                .any(|element| test::passes(condition, element)),
            single => test::passes(condition, single),
        }
    }

    fn is_in(&self, segment: &Value) -> bool {
        !self.is_listed(&segment["except"])
            && (self.is_listed(&segment["members"])
                || segment.get("when").is_some_and(|when| self.holds(when)))
    }

    /// Whether the targeting key is one of `keys`, as `in` would ask.
    fn is_listed(&self, keys: &Value) -> bool {
        !keys.is_null() && self.holds(&json!({ "attr": "targetingKey", "in": keys }))
    }

    /// From one bound, included, until the other; each bound still to come is an instant of change.
    fn is_time(&self, time: &Value) -> bool {
        let now = self.case.now;
        let bound = |key| time.get(key).and_then(instant::of).map(|ms| ms as i64);
        let (from, until) = (bound("from"), bound("until"));
        let coming = [from, until, self.next_change.get()].into_iter().flatten();
        self.next_change.set(coming.filter(|at| *at > now).min());
        from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until)
    }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What may be written as one, or as a list of them.
fn one_or_more(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn members(value: &Value) -> Vec<(&String, &Value)> {
    value.as_object().into_iter().flatten().collect()
}
