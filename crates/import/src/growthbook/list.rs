//! Operators on lists, as tests of their elements.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::condition::{Conclusion, Condition, Steps};
use super::operator::{exists, in_any_case, is_object};
use super::{Import, constant, javascript};

/// So many elements are looked at where each has to pass more than one test.
const ELEMENTS: usize = 16;
/// The longest list of which the size is asked for.
const MOST_ELEMENTS: usize = 64;

impl Import<'_> {
    /// A list with an element that matches.
    pub(super) fn element(
        &mut self,
        condition: &Value,
        attribute: &Steps,
        path: &Path,
    ) -> Conclusion {
        let is_list = exists(&attribute.item(0));
        if let Some(tests) = self.element_tests(condition, attribute, path)? {
            let tests = Condition::any(tests.into_iter().map(Condition::When));
            return Ok(Condition::all([is_list, tests]));
        }
        let is_operators = constant::operators(condition).is_some();
        if !is_operators && !condition.is_object() {
            return Err((
                path.clone(),
                format!("`{condition}` is no condition on elements"),
            ));
        }
        self.each_element(path, attribute, |import, element| {
            let found = if is_operators {
                import.value(condition, element, path)?
            } else {
                import.condition(condition, element, path)?
            };
            Ok(Condition::all([exists(element), found]))
        })
    }

    /// One of the first elements for which `holds` holds.
    fn each_element(
        &mut self,
        path: &Path,
        attribute: &Steps,
        holds: impl Fn(&mut Self, &Steps) -> Conclusion,
    ) -> Conclusion {
        let mut any = Vec::new();
        for at in 0..ELEMENTS {
            any.push(holds(self, &attribute.item(at))?);
        }
        let why = format!("looks at the first {ELEMENTS} elements only");
        self.note(path, why);
        Ok(Condition::any(any))
    }

    /// A list that has an element for each of the operands.
    pub(super) fn all(
        &mut self,
        operator: &str,
        operand: &Value,
        attribute: &Steps,
        path: &Path,
    ) -> Conclusion {
        let mut all = vec![exists(&attribute.item(0))];
        let wanted = operand.as_array().into_iter().flatten().enumerate();
        for (at, wanted) in wanted {
            let inside = path.clone().join(&at.to_string());
            let found = match wanted {
                Value::String(text) if operator == "$alli" => {
                    let mut any = in_any_case(&[text], attribute);
                    let number = json!(javascript::number(wanted));
                    if javascript::text(&number).to_lowercase() == text.to_lowercase() {
                        any.push(json!({ "attr": attribute.to_string(), "is": number }));
                    }
                    let bool = [true, false]
                        .into_iter()
                        .find(|it| it.to_string() == text.to_lowercase());
                    any.extend(bool.map(|it| json!({ "attr": attribute.to_string(), "is": it })));
                    Condition::any(any.into_iter().map(Condition::When))
                }
                _ => match self.element_tests(wanted, attribute, &inside)? {
                    Some(tests) => Condition::any(tests.into_iter().map(Condition::When)),
                    None => self.each_element(&inside, attribute, |import, element| {
                        let found = import.value(wanted, element, &inside)?;
                        Ok(Condition::all([exists(element), found]))
                    })?,
                },
            };
            all.push(found);
        }
        if all.len() == 1 {
            self.note(
                path,
                "a list without elements does not count as a list here",
            );
        }
        Ok(Condition::all(all))
    }

    /// A list of as many elements as `condition` holds for.
    pub(super) fn size(&mut self, condition: &Value, attribute: &Steps, path: &Path) -> Conclusion {
        let refused = |why: &str| {
            (
                path.clone(),
                format!("the size of a list is not compared with `{condition}`: {why}"),
            )
        };
        let most =
            largest(condition).ok_or_else(|| refused("numbers are compared with numbers"))?;
        let last = most.saturating_add(1);
        if last > MOST_ELEMENTS {
            return Err(refused("no list is as long"));
        }
        let mut any = Vec::new();
        let mut start = None;
        for size in 0..=last.saturating_add(1) {
            // One more than the last is there to end the last run.
            let is_met = size <= last
                && constant::value_holds(condition, &json!(size), self.groups)
                    .map_err(|why| refused(&why))?;
            match (is_met, start) {
                (true, None) => start = Some(size),
                (false, Some(from)) => {
                    let end = (size <= last).then_some(size);
                    any.push(self.sizes(from, end, attribute, path));
                    start = None;
                }
                _ => {}
            }
        }
        Ok(Condition::any(any))
    }

    /// A list of `from` elements or more, and fewer than `end`.
    fn sizes(
        &mut self,
        from: usize,
        end: Option<usize>,
        attribute: &Steps,
        path: &Path,
    ) -> Condition {
        let least = from.saturating_sub(1);
        let mut all = vec![exists(&attribute.item(least))];
        let beyond = end.and_then(|end| end.checked_sub(1));
        all.extend(beyond.map(|it| exists(&attribute.item(it)).not()));
        let some = Condition::all(all);
        if from > 0 {
            return some;
        }
        let empty = self.empty(attribute, path);
        if end == Some(1) {
            empty
        } else {
            Condition::any([empty, some])
        }
    }

    pub(super) fn kind(&mut self, operand: &Value, attribute: &Steps, path: &Path) -> Condition {
        let is_list = exists(&attribute.item(0));
        let scalar = |name: &str, operand: Value| {
            let test = json!({ "attr": attribute.to_string(), name: operand });
            Condition::all([Condition::When(test), is_list.clone().not()])
        };
        let mut note = || {
            let why = "a list without elements counts as an object here";
            self.note(path, why);
        };
        match operand.as_str() {
            Some("string") => scalar("startsWith", json!("")),
            Some("number") => scalar("lte", json!(f64::MAX)),
            Some("boolean") => scalar("in", json!([true, false])),
            Some("null") => exists(attribute).not(),
            Some("array") => {
                note();
                is_list
            }
            Some("object") => {
                note();
                is_object(attribute)
            }
            _ => {
                self.dropped(
                    path,
                    "never holds, there and here: no value has such a type",
                );
                Condition::Never
            }
        }
    }
}

/// The largest number that sizes are compared with, rounded up; `None` where they are compared in another way.
fn largest(condition: &Value) -> Option<usize> {
    match condition {
        Value::Number(number) => {
            let number = number.as_f64()?.ceil().max(0.0);
            (number < 1_000.0).then_some(number as usize)
        }
        Value::Array(items) => {
            let all: Option<Vec<usize>> = items.iter().map(largest).collect();
            all.map(|all| all.into_iter().max().unwrap_or_default())
        }
        Value::Object(members) => {
            let known = [
                "$eq", "$ne", "$lt", "$lte", "$gt", "$gte", "$in", "$nin", "$not",
            ];
            let mut most = Some(0);
            for (name, operand) in members {
                let operand = known
                    .contains(&name.as_str())
                    .then(|| largest(operand))
                    .flatten();
                most = most.zip(operand).map(|(most, operand)| most.max(operand));
            }
            most
        }
        _ => None,
    }
}
