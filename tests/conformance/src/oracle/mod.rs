//! A second evaluator, as plain as the page that describes the language: straight over the JSON that people write.
//!
//! It shares no code with the engine, not even the reading of rulesets, so that a fault in either shows. It is slow,
//! and takes for granted that the ruleset has no issues.

mod range;

use serde_json::{Value, json};
use twox_hash::XxHash64;

use crate::context::look_up;
use crate::vector::Case;

/// The answer to `case`, to be made canonical.
#[must_use]
pub fn answer(ruleset: &Value, case: &Case) -> Value {
    let asked = Asked { ruleset, case };
    let Some(flag) = asked.flag(&case.flag) else {
        return json!({ "errorCode": "FLAG_NOT_FOUND", "flag": case.flag, "reason": "ERROR" });
    };
    let Answer {
        variant,
        reason,
        rule,
        is_missing_unit,
    } = asked.evaluate(&case.flag, flag);
    let mut answer = json!({ "flag": case.flag, "value": flag["variants"][&variant], "variant": variant, "reason": reason });
    if let Some(rule) = rule {
        answer["rule"] = rule.into();
    }
    if is_missing_unit {
        answer["missingUnit"] = true.into();
    }
    answer
}

struct Asked<'a> {
    ruleset: &'a Value,
    case: &'a Case,
}

struct Answer {
    variant: String,
    reason: &'static str,
    rule: Option<String>,
    is_missing_unit: bool,
}

impl Asked<'_> {
    fn flag(&self, key: &str) -> Option<&Value> {
        self.ruleset["flags"].get(key)
    }

    /// The order of evaluation: off, prerequisite, targets, rules, default.
    fn evaluate(&self, key: &str, flag: &Value) -> Answer {
        let answer = |variant: &Value, reason| Answer {
            variant: text(variant),
            reason,
            rule: None,
            is_missing_unit: false,
        };
        let off = &flag["offVariant"];
        if !self.is_on(key, flag) {
            return answer(off, "DISABLED");
        }
        if !one_or_more(&flag["requires"])
            .iter()
            .all(|requires| self.is_met(requires))
        {
            return answer(off, "PREREQUISITE_FAILED");
        }
        for (variant, keys) in members(&flag["targets"]) {
            if self.is_listed(keys) {
                return answer(&json!(variant), "TARGETING_MATCH");
            }
        }
        for (number, rule) in items(&flag["rules"]).iter().enumerate() {
            if !self.holds(&rule["when"]) {
                continue;
            }
            let served = match &rule["serve"] {
                variant @ Value::String(_) => Some(answer(variant, "TARGETING_MATCH")),
                split => self
                    .divide(key, split)
                    .map(|variant| answer(&variant, "SPLIT")),
            };
            if let Some(served) = served {
                let name = rule.get("name").map_or_else(|| number.to_string(), text);
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
                answer(variant, if asks { "DEFAULT" } else { "STATIC" })
            }
            split => match self.divide(key, split) {
                Some(variant) => answer(&variant, "SPLIT"),
                None => Answer {
                    is_missing_unit: true,
                    ..answer(off, "DEFAULT")
                },
            },
        }
    }

    fn is_on(&self, key: &str, flag: &Value) -> bool {
        flag["enabled"] != false && !self.case.killed.iter().any(|killed| killed == key)
    }

    /// A flag that is off is never met, whatever it serves meanwhile.
    fn is_met(&self, prerequisite: &Value) -> bool {
        let key = text(&prerequisite["flag"]);
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
            return self.is_in(&self.ruleset["segments"][&text(name)]);
        }
        if condition.get("flag").is_some() {
            return self.is_met(condition);
        }
        let value = look_up(&self.case.context, &text(&condition["attr"])).unwrap_or(&Value::Null);
        if let Some(exists) = condition.get("exists") {
            return !value.is_null() == *exists;
        }
        match value {
            Value::Array(elements) => elements.iter().any(|element| passes(condition, element)),
            single => passes(condition, single),
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

    /// The variant that a release serves to this unit, by how far its ramp has come; `None` without a unit.
    fn ramp(&self, name: &str) -> Option<Value> {
        let release = &self.ruleset["releases"][name];
        let position = self.position(&format!("release:{name}"), release)?;
        let started = self
            .case
            .started
            .iter()
            .find(|(started, _)| started == name);
        let exposed = (started.map_or(0.0, |(_, exposure)| *exposure) * 4_294_967_296.0).floor();
        let side = if (position as f64) < exposed {
            "to"
        } else {
            "from"
        };
        Some(release[side].clone())
    }

    /// Where the unit of a split or a release falls.
    fn position(&self, salt: &str, divided: &Value) -> Option<u128> {
        let by = divided
            .get("by")
            .map_or_else(|| "targetingKey".to_owned(), text);
        let unit = unit(look_up(&self.case.context, &by)?)?;
        let seed = XxHash64::oneshot(0, salt.as_bytes());
        Some(u128::from(XxHash64::oneshot(seed, unit.as_bytes()) >> 32))
    }

    /// The variant that `split` serves to this unit; `None` without a unit.
    fn divide(&self, key: &str, split: &Value) -> Option<Value> {
        if let Some(name) = split.get("release") {
            return self.ramp(&text(name));
        }
        let salt = split.get("salt").map_or_else(|| key.to_owned(), text);
        let position = self.position(&salt, split)?;
        let exposure = split.get("exposure").map_or(PLACES, parts);
        let weights: Vec<u128> = items(&split["split"])
            .iter()
            .map(|part| parts(&part[1]))
            .collect();
        let total: u128 = weights.iter().sum();
        let (mut sum, mut start) = (0, 0);
        for (part, weight) in items(&split["split"]).iter().zip(weights) {
            sum += weight;
            let end = (sum << 32) / total;
            if position < end {
                let is_exposed = position < start + exposure * (end - start) / PLACES;
                return Some(if is_exposed {
                    part[0].clone()
                } else {
                    split["rest"].clone()
                });
            }
            start = end;
        }
        None
    }
}

/// Weights and exposures have at most five decimal places.
const PLACES: u128 = 100_000;

fn parts(number: &Value) -> u128 {
    (number.as_f64().unwrap_or_default() * 100_000.0).round() as u128
}

/// Whether one value, which is no array, passes one test.
fn passes(test: &Value, value: &Value) -> bool {
    let compare = |key: &str, holds: fn(f64, f64) -> bool| matches!((value, test.get(key)), (Value::Number(left), Some(Value::Number(right))) if holds(float(left), float(right)));
    let any_of = |key: &str, holds: fn(&str, &str) -> bool| match (value.as_str(), test.get(key)) {
        (Some(value), Some(Value::Array(any))) => any
            .iter()
            .filter_map(Value::as_str)
            .any(|part| holds(value, part)),
        (Some(value), Some(Value::String(one))) => holds(value, one),
        _ => false,
    };
    test.get("is").is_some_and(|operand| equal(operand, value))
        || test
            .get("in")
            .is_some_and(|operands| items(operands).iter().any(|operand| equal(operand, value)))
        || any_of("startsWith", |text, part| text.starts_with(part))
        || any_of("endsWith", |text, part| text.ends_with(part))
        || any_of("contains", |text, part| text.contains(part))
        || any_of("semver", range::takes)
        || compare("lt", |one, other| one < other)
        || compare("lte", |one, other| one <= other)
        || compare("gt", |one, other| one > other)
        || compare("gte", |one, other| one >= other)
}

/// Equal and of the same JSON type; numbers are doubles.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => float(one).total_cmp(&float(other)).is_eq(),
        (one, other) => one == other,
    }
}

/// The double nearest to a number, and 0 for -0.
fn float(number: &serde_json::Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN) + 0.0
}

/// A text that is not empty, or an integer that a double holds exactly.
fn unit(value: &Value) -> Option<String> {
    const LARGEST: f64 = 9_007_199_254_740_991.0;
    match value {
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Number(number) => {
            let number = float(number);
            (number.abs() <= LARGEST && number.trunc().total_cmp(&number).is_eq())
                .then(|| format!("{number:.0}"))
        }
        _ => None,
    }
}

fn text(value: &Value) -> String {
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
