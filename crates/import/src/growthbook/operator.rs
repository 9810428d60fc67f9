//! Literals and operators, as tests of one attribute.

use std::cmp::Ordering;

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::condition::{Conclusion, Condition, Steps};
use super::order::Side;
use super::pattern;
use super::scalar::{Lists, Tests};
use super::{Import, constant, general, javascript};

/// So many texts are looked for by one pattern: a large one takes more room than several.
const TEXTS_OF_A_PATTERN: usize = 16;
pub(super) fn exists(attribute: &Steps) -> Condition {
    test(attribute, "exists", &json!(true))
}

fn test(attribute: &Steps, name: &str, operand: &Value) -> Condition {
    Condition::When(json!({ "attr": attribute.to_string(), name: operand }))
}

pub(super) fn is_text(attribute: &Steps) -> Condition {
    test(attribute, "startsWith", &json!(""))
}

pub(super) fn is_number(attribute: &Steps) -> Condition {
    test(attribute, "lte", &json!(f64::MAX))
}

/// Or a list without elements: neither passes any other test.
pub(super) fn is_object(attribute: &Steps) -> Condition {
    Condition::all([
        exists(attribute),
        is_scalar(attribute).not(),
        exists(&attribute.item(0)).not(),
    ])
}

pub(super) fn is_scalar(attribute: &Steps) -> Condition {
    Condition::any([
        is_text(attribute),
        is_number(attribute),
        test(attribute, "in", &json!([true, false])),
    ])
}

/// `is` or `in`; nothing where there is no value.
pub(super) fn one_of(attribute: &Steps, mut values: Vec<Value>) -> Vec<Value> {
    let attribute = attribute.to_string();
    match values.len() {
        0 => Vec::new(),
        1 => vec![json!({ "attr": attribute, "is": values.pop() })],
        _ => vec![json!({ "attr": attribute, "in": values })],
    }
}

/// One of `values`, or with an element that is.
pub(super) fn among(values: &[Value], attribute: &Steps) -> Condition {
    let scalars = values
        .iter()
        .filter(|it| javascript::is_scalar(it))
        .cloned();
    let tests = one_of(attribute, scalars.collect());
    let has_null = values.iter().any(Value::is_null);
    Tests::new(tests, has_null, Lists::Any).condition(attribute)
}

impl Import<'_> {
    /// What `GrowthBook` says to a literal: a text is equal to what becomes that text, a number to what becomes that number.
    pub(super) fn literal(&mut self, literal: &Value, attribute: &Steps, path: &Path) -> Condition {
        match literal {
            Value::Null => exists(attribute).not(),
            Value::Bool(literal) => {
                let falsy = vec![json!(false), json!(0), json!("")];
                let falsy =
                    Tests::new(one_of(attribute, falsy), false, Lists::None).condition(attribute);
                if *literal {
                    Condition::all([exists(attribute), falsy.not()])
                } else {
                    falsy
                }
            }
            Value::String(_) | Value::Number(_) => {
                self.equal(literal, attribute, path).condition(attribute)
            }
            Value::Array(_) | Value::Object(_) => self.same_json(literal, attribute, path),
        }
    }

    fn equal(&mut self, literal: &Value, attribute: &Steps, path: &Path) -> Tests {
        let mut values = vec![literal.clone()];
        let for_null = if let Value::String(text) = literal {
            let number = json!(javascript::number(literal));
            if !text.is_empty() && javascript::text(&number) == *text {
                values.push(number);
            }
            if let Some(bool) = [true, false].into_iter().find(|it| it.to_string() == *text) {
                values.push(json!(bool));
            }
            if text.is_empty() || text.contains(',') || text == "[object Object]" {
                self.note(path, "only a text is equal to it, or a list of one; GrowthBook makes texts of lists and objects");
            }
            text == "null"
        } else {
            self.general.insert(general::NUMBERS_AS_TEXT);
            self.general.insert(general::LISTS_AS_TEXT);
            let number = javascript::number(literal);
            values.push(json!(javascript::text(literal)));
            for bool in [true, false] {
                if javascript::number(&json!(bool)).total_cmp(&number).is_eq() {
                    values.push(json!(bool));
                }
            }
            let is_zero = number == 0.0;
            if is_zero {
                values.push(json!(""));
            }
            is_zero
        };
        Tests::new(one_of(attribute, values), for_null, Lists::Single)
    }

    /// A list or an object of which JSON is the same.
    fn same_json(&mut self, literal: &Value, attribute: &Steps, path: &Path) -> Condition {
        let members: Vec<(Steps, &Value)> = match literal {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.map(|(at, item)| (attribute.item(at), item)).collect()
            }
            Value::Object(members) => {
                let members = members.iter();
                members
                    .map(|(name, member)| (attribute.member(name), member))
                    .collect()
            }
            Value::Null => return exists(attribute).not(),
            scalar => {
                let tests = one_of(attribute, vec![scalar.clone()]);
                return Tests::new(tests, false, Lists::None).condition(attribute);
            }
        };
        if members.is_empty() {
            return self.empty(attribute, path);
        }
        let has_null = members.iter().any(|(_, member)| member.is_null());
        let mut all = Vec::new();
        if literal.is_object() || has_null {
            self.note(path, "it is enough to have these members; GrowthBook compares the whole, and the order of members");
        }
        if literal.is_array() {
            all.push(exists(&attribute.item(members.len())).not());
        }
        for (attribute, member) in members {
            all.push(self.same_json(member, &attribute, path));
        }
        Condition::all(all)
    }

    /// A list without elements.
    pub(super) fn empty(&mut self, attribute: &Steps, path: &Path) -> Condition {
        self.note(
            path,
            "a list without elements and an object are the same here",
        );
        is_object(attribute)
    }

    /// Says what of a version is not compared.
    fn note_version(&mut self, operand: &Value, path: &Path) {
        match operand {
            Value::String(text) if text.contains('+') => {
                self.dropped(path, "builds of versions are not compared, there and here");
            }
            Value::Number(_) | Value::String(_) => {}
            _ => self.dropped(path, "what is no version is version 0, there and here"),
        }
    }

    /// Says of lists and objects among values that nothing is equal to them.
    fn note_unequal(&mut self, values: &Value, path: &Path) {
        let values = values.as_array().into_iter().flatten().enumerate();
        for (at, _) in values.filter(|(_, it)| it.is_array() || it.is_object()) {
            let at = path.clone().join(&at.to_string());
            self.dropped(
                &at,
                "left out: nothing is the same list or object, there and here",
            );
        }
    }

    /// What `operator` says about an attribute.
    pub(super) fn operator(
        &mut self,
        operator: &str,
        operand: &Value,
        attribute: &Steps,
        path: &Path,
    ) -> Conclusion {
        let (positive, is_negated) = match operator {
            "$ne" => ("$eq", true),
            "$nin" => ("$in", true),
            "$nini" => ("$ini", true),
            "$vne" => ("$veq", true),
            "$vlt" => ("$vgte", true),
            "$vlte" => ("$vgt", true),
            _ => (operator, false),
        };
        let needs_list = ["$in", "$ini", "$all", "$alli"].contains(&positive);
        if needs_list && !operand.is_array() {
            self.dropped(path, "never holds, there and here: its operand is no list");
            return Ok(Condition::Never);
        }
        if ["$in", "$ini"].contains(&positive) {
            self.note_unequal(operand, path);
        }
        if positive == "$exists" && !operand.is_boolean() {
            self.dropped(path, "counts as true or false, as JavaScript reads it");
        }
        let found = match positive {
            "$not" => self.value(operand, attribute, path)?.not(),
            "$exists" if javascript::is_truthy(operand) => exists(attribute),
            "$exists" => exists(attribute).not(),
            "$inGroup" => self.in_group(operand, attribute, true),
            "$notInGroup" => self.in_group(operand, attribute, false),
            "$in" => among(operand.as_array().map_or(&[], Vec::as_slice), attribute),
            "$size" => self.size(operand, attribute, path)?,
            "$elemMatch" => self.element(operand, attribute, path)?,
            "$all" | "$alli" => self.all(positive, operand, attribute, path)?,
            "$type" => self.kind(operand, attribute, path),
            _ => {
                if let Some(tests) = self.tests(positive, operand, attribute, path)? {
                    tests.condition(attribute)
                } else {
                    self.dropped(path, format!("never holds, there and here: `{positive}` with `{operand}` is no operator"));
                    return Ok(Condition::Never);
                }
            }
        };
        Ok(if is_negated { found.not() } else { found })
    }

    /// The tests that an operator is, if that is all it is.
    fn tests(
        &mut self,
        operator: &str,
        operand: &Value,
        attribute: &Steps,
        path: &Path,
    ) -> Result<Option<Tests>, (Path, String)> {
        if operator.starts_with("$v") {
            self.note_version(operand, path);
        }
        if let Some((side, is_version)) = constant::side(operator) {
            let tests = if is_version {
                self.versions(side, operand, attribute)
            } else {
                self.order(side, operand, attribute, path)
            };
            return tests.map(Some).map_err(|why| (path.clone(), why));
        }
        Ok(Some(match operator {
            "$eq" if operand.is_null() => Tests::new(Vec::new(), true, Lists::None),
            "$eq" if javascript::is_scalar(operand) => {
                Tests::new(one_of(attribute, vec![operand.clone()]), false, Lists::None)
            }
            "$veq" => {
                let side = Side {
                    ordering: Ordering::Equal,
                    or_equal: true,
                };
                self.versions(side, operand, attribute)
                    .map_err(|why| (path.clone(), why))?
            }
            "$ini" => {
                let values = operand.as_array().map_or(&[][..], Vec::as_slice);
                let (texts, rest): (Vec<&Value>, Vec<&Value>) =
                    values.iter().partition(|it| it.is_string());
                let scalars = rest.iter().filter(|it| javascript::is_scalar(it));
                let mut any = one_of(attribute, scalars.copied().cloned().collect());
                let texts: Vec<&str> = texts.into_iter().filter_map(Value::as_str).collect();
                any.extend(in_any_case(&texts, attribute));
                Tests::new(any, rest.iter().any(|it| it.is_null()), Lists::Any)
            }
            "$regex" | "$regexi" => return self.matches(operator, operand, attribute, path),
            _ => return Ok(None),
        }))
    }

    /// Tests of which one holds for an element that matches `condition`, if tests are all that it is.
    pub(super) fn element_tests(
        &mut self,
        condition: &Value,
        attribute: &Steps,
        path: &Path,
    ) -> Result<Option<Vec<Value>>, (Path, String)> {
        let tests = match (condition, constant::operators(condition)) {
            (_, Some(operators)) => match operators.iter().next() {
                Some((operator, operand)) if operators.len() == 1 => {
                    if operator == "$in" && operand.is_array() {
                        self.note_unequal(operand, path);
                        let values = operand.as_array().into_iter().flatten().cloned();
                        let values = values.filter(javascript::is_scalar);
                        return Ok(Some(one_of(attribute, values.collect())));
                    }
                    if operator == "$ini" && !operand.is_array() {
                        return Ok(None);
                    }
                    self.tests(operator, operand, attribute, path)?
                }
                _ => None,
            },
            (Value::String(_) | Value::Number(_), None) => {
                Some(self.equal(condition, attribute, path))
            }
            _ => None,
        };
        Ok(tests
            .filter(|it| !it.for_others && !it.for_objects)
            .map(|it| it.any))
    }
}

/// Tests that find `texts` in any case.
pub(super) fn in_any_case(texts: &[&str], attribute: &Steps) -> Vec<Value> {
    let chunks = texts.chunks(TEXTS_OF_A_PATTERN);
    let test = |chunk: &[&str]| {
        let texts = chunk.iter().map(|text| pattern::literal(text, true));
        let pattern = format!("^(?:{})$", texts.collect::<Vec<_>>().join("|"));
        json!({ "attr": attribute.to_string(), "matches": pattern })
    };
    chunks.map(test).collect()
}
