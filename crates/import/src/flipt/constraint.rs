//! Constraints: one value of the context, a text that may say a number, a truth value or an instant.

use std::cmp::Ordering::{Equal, Greater, Less};

use serde_json::{Number, Value, json};
use vexil_ruleset::{Instant, Path};

use super::Import;
use crate::decimal;
use crate::holds::Holds;

const MEMBERS: [&str; 4] = ["type", "property", "operator", "value"];
/// Operators that take no value.
const ALONE: [&str; 6] = [
    "empty",
    "notempty",
    "present",
    "notpresent",
    "true",
    "false",
];
const NUMBERS: &str = "numbers are compared as decimals such as `-12.50`; Flipt's server also reads `1e3`, its clients only whole numbers of 32 bits";
const TRUTHS: &str = "`true` and `false` are truth values; Flipt's server takes `1`, `t`, `T`, `TRUE` and `True` for true, and their like for false";
const INSTANTS: &str = "instants are compared as RFC 3339 writes them, to the millisecond; Flipt's server also reads a date alone, its clients compare whole seconds";

impl Import {
    /// When a constraint holds; `None` where Flipt does not know its type.
    pub(super) fn constraint(&mut self, constraint: &Value, path: &Path) -> Option<Holds> {
        if let Some(members) = constraint.as_object() {
            self.note_members(members, &MEMBERS, path);
        }
        let text = |name: &str| {
            constraint
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (operator, value) = (text("operator"), text("value"));
        let property = Attribute(match text("property") {
            name if name.is_empty() || name.starts_with('/') => {
                Path::default().join(name).to_string()
            }
            name => name.to_owned(),
        });
        // `STRING_COMPARISON_TYPE` in a features file, `STRING_CONSTRAINT_COMPARISON_TYPE` in a snapshot.
        let kind = text("type").replace("_CONSTRAINT", "");
        let held = match (kind.as_str(), operator) {
            (
                "NUMBER_COMPARISON_TYPE" | "BOOLEAN_COMPARISON_TYPE" | "DATETIME_COMPARISON_TYPE",
                "present",
            ) => Some(property.is_given()),
            (
                "NUMBER_COMPARISON_TYPE" | "BOOLEAN_COMPARISON_TYPE" | "DATETIME_COMPARISON_TYPE",
                "notpresent",
            ) => Some(property.is_given().not()),
            ("STRING_COMPARISON_TYPE", _) => string(&property, operator, value),
            ("ENTITY_ID_COMPARISON_TYPE", _) => {
                string(&Attribute("targetingKey".to_owned()), operator, value)
            }
            ("NUMBER_COMPARISON_TYPE", _) => {
                self.sayings.insert(NUMBERS);
                number(&property, operator, value)
            }
            ("BOOLEAN_COMPARISON_TYPE", "true" | "false") => {
                self.sayings.insert(TRUTHS);
                Some(property.test("in", json!([operator, operator == "true"])))
            }
            ("DATETIME_COMPARISON_TYPE", _) => {
                self.sayings.insert(INSTANTS);
                instant(&property, operator, value)
            }
            ("BOOLEAN_COMPARISON_TYPE", _) => None,
            _ => {
                let why = format!(
                    "left out: there is no type `{}`, and a segment that asks for one does not match",
                    text("type")
                );
                self.draft.note(path.clone(), None, why);
                return None;
            }
        };
        let mut left_out = |name: &str, why: String| {
            let why = format!("left out: {why}");
            self.draft.note_dropped(path.clone().join(name), why);
        };
        if !value.is_empty() && ALONE.contains(&operator) {
            left_out("value", format!("`{operator}` compares with nothing"));
        }
        if kind == "ENTITY_ID_COMPARISON_TYPE" && !text("property").is_empty() {
            left_out("property", "the entity's id is asked".to_owned());
        }
        if held == Some(Holds::Never) {
            let why = "left out: it holds for nobody";
            self.draft.note_dropped(path.clone(), why);
        }
        Some(held.unwrap_or_else(|| {
            let why = format!("left out: no condition says what `{operator}` says of `{value}`; it holds for nobody");
            self.draft.note(path.clone(), None, why);
            Holds::Never
        }))
    }
}

/// A value of the context, by the name that conditions give it.
struct Attribute(String);

impl Attribute {
    fn test(&self, name: &str, operand: Value) -> Holds {
        let mut test = json!({ "attr": self.0 });
        if let Some(members) = test.as_object_mut() {
            members.insert(name.to_owned(), operand);
        }
        Holds::If(test)
    }

    /// It is there, and not empty.
    fn is_given(&self) -> Holds {
        Holds::all([
            self.test("exists", json!(true)),
            self.test("is", json!("")).not(),
        ])
    }

    /// It is there, not empty, and `test` does not hold of it.
    fn is_given_without(&self, test: Holds) -> Holds {
        Holds::all([self.is_given(), test.not()])
    }
}

fn string(attribute: &Attribute, operator: &str, value: &str) -> Option<Holds> {
    let test = |name: &str| attribute.test(name, json!(value));
    let is_empty = value.is_empty();
    let values = || -> Option<Holds> {
        let values: Vec<String> = serde_json::from_str(value).ok()?;
        let values: Vec<String> = values.into_iter().filter(|it| !it.is_empty()).collect();
        Some(if values.is_empty() {
            Holds::Never
        } else {
            attribute.test("in", json!(values))
        })
    };
    Some(match operator {
        "empty" => attribute.is_given().not(),
        "notempty" => attribute.is_given(),
        "eq" | "notcontains" if is_empty => Holds::Never,
        "eq" => test("is"),
        "neq" | "prefix" | "suffix" | "contains" if is_empty => attribute.is_given(),
        "neq" => attribute.is_given_without(test("is")),
        "prefix" => test("startsWith"),
        "suffix" => test("endsWith"),
        "contains" => test("contains"),
        "notcontains" => attribute.is_given_without(test("contains")),
        "isoneof" => values()?,
        "isnotoneof" => attribute.is_given_without(values()?),
        _ => return None,
    })
}

/// Compares numbers, and texts that say one.
fn number(attribute: &Attribute, operator: &str, value: &str) -> Option<Holds> {
    let all = [Less, Equal, Greater];
    let is_number = || {
        let pattern = decimal::pattern(0.0, &all)?;
        Some(Holds::any([
            attribute.test("matches", json!(pattern)),
            attribute.test("gte", json!(f64::MIN)),
        ]))
    };
    let equal = |bound: f64| {
        let pattern = decimal::pattern(bound, &[Equal])?;
        Some([
            attribute.test("matches", json!(pattern)),
            attribute.test("is", json!(number_of(bound)?)),
        ])
    };
    if let "isoneof" | "isnotoneof" = operator {
        let values: Vec<f64> = serde_json::from_str(value).ok()?;
        let tests: Option<Vec<_>> = values.into_iter().map(equal).collect();
        let any = Holds::any(tests?.into_iter().flatten());
        return Some(if operator == "isoneof" {
            any
        } else {
            Holds::all([is_number()?, any.not()])
        });
    }
    let bound: f64 = value.parse().ok()?;
    let compare = |test: &str, orders: &[std::cmp::Ordering]| {
        let pattern = decimal::pattern(bound, orders)?;
        let number = number_of(bound)?;
        Some(Holds::any([
            attribute.test(test, json!(number)),
            attribute.test("matches", json!(pattern)),
        ]))
    };
    match operator {
        "eq" => Some(Holds::any(equal(bound)?)),
        "neq" => Some(Holds::all([is_number()?, Holds::any(equal(bound)?).not()])),
        "lt" => compare("lt", &[Less]),
        "lte" => compare("lte", &[Less, Equal]),
        "gt" => compare("gt", &[Greater]),
        "gte" => compare("gte", &[Greater, Equal]),
        _ => None,
    }
}

/// As a person would write it.
fn number_of(number: f64) -> Option<Number> {
    let integer = number as i64;
    #[expect(
        clippy::float_cmp,
        reason = "integral means exactly equal to an integer"
    )]
    if integer as f64 == number && integer.unsigned_abs() < 1 << 53 {
        return Some(integer.into());
    }
    Number::from_f64(number)
}

fn instant(attribute: &Attribute, operator: &str, value: &str) -> Option<Holds> {
    let at = Instant::parse(value).or_else(|| Instant::parse(&format!("{value}T00:00:00Z")))?;
    let (at, before, after) = (at.ms(), at.ms().checked_sub(1)?, at.ms().checked_add(1)?);
    let is = |test: &str, bound: i64| attribute.test(test, json!(bound));
    Some(match operator {
        "eq" => Holds::all([is("after", before), is("before", after)]),
        "neq" => Holds::any([is("before", at), is("after", at)]),
        "lt" => is("before", at),
        "lte" => is("before", after),
        "gt" => is("after", at),
        "gte" => is("after", before),
        _ => return None,
    })
}
