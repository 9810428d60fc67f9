//! What operators ask of values that are no lists, as tests of which one holds.

use std::cmp::Ordering;

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::condition::{Condition, Steps};
use super::operator::{exists, is_number, is_object, is_text, one_of};
use super::order::{self, Side};
use super::pattern::{NoPattern, pattern};
use super::version::Version;
use super::{Import, general, javascript};

/// So many patterns order texts in one file; they take room and time, and texts seldom are what is ordered.
const MOST_ORDERS: usize = 128;

/// Tests of which one holds for a value that is no list.
pub(super) struct Tests {
    pub(super) any: Vec<Value>,
    /// Whether they hold for what is not there.
    pub(super) for_null: bool,
    /// Whether they hold for all that is neither a text nor a number.
    pub(super) for_others: bool,
    /// Whether they hold for objects.
    pub(super) for_objects: bool,
    /// For which lists they hold.
    pub(super) lists: Lists,
}

/// For which lists tests of their elements hold.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Lists {
    /// For none.
    None,
    /// For those of one element: JavaScript makes its text of them.
    Single,
    /// For those that have such an element.
    Any,
}

impl Tests {
    pub(super) fn new(any: Vec<Value>, for_null: bool, lists: Lists) -> Tests {
        Tests {
            any,
            for_null,
            for_others: false,
            for_objects: false,
            lists,
        }
    }

    pub(super) fn condition(self, attribute: &Steps) -> Condition {
        let passes = Condition::any(self.any.into_iter().map(Condition::When));
        let guard = match self.lists {
            Lists::None => exists(&attribute.item(0)).not(),
            Lists::Single => exists(&attribute.item(1)).not(),
            Lists::Any => Condition::Always,
        };
        let mut all = vec![Condition::all([passes, guard])];
        if self.for_others {
            let other = [is_text(attribute), is_number(attribute)];
            all.push(
                Condition::all([Condition::any(other), exists(&attribute.item(0)).not()]).not(),
            );
        } else if self.for_null {
            all.push(exists(attribute).not());
        }
        if self.for_objects {
            all.push(is_object(attribute));
        }
        Condition::any(all)
    }
}

impl Import<'_> {
    pub(super) fn matches(
        &mut self,
        operator: &str,
        operand: &Value,
        attribute: &Steps,
        path: &Path,
    ) -> Result<Option<Tests>, (Path, String)> {
        let Some(expression) = operand.as_str() else {
            return Ok(None);
        };
        let pattern = match pattern(expression, operator == "$regexi") {
            Ok(pattern) => pattern,
            Err(NoPattern::Invalid) => return Ok(None),
            Err(NoPattern::Unsupported(why)) => {
                return Err((
                    path.clone(),
                    format!("no pattern says what `{expression}` says: {why}"),
                ));
            }
        };
        self.note(path, "a number, a list of several values and an object match nothing here; GrowthBook matches the text that JavaScript makes of them");
        let bools = [true, false]
            .into_iter()
            .filter(|it| pattern.matches(&it.to_string()));
        let mut any = one_of(attribute, bools.map(Value::from).collect());
        any.push(json!({ "attr": attribute.to_string(), "matches": pattern.as_str() }));
        Ok(Some(Tests::new(
            any,
            pattern.matches("null"),
            Lists::Single,
        )))
    }

    /// Texts go by their characters, all else by its number.
    pub(super) fn order(
        &mut self,
        side: Side,
        operand: &Value,
        attribute: &Steps,
        path: &Path,
    ) -> Result<Tests, String> {
        if matches!(operand, Value::Array(_) | Value::Object(_)) {
            return Err(format!("nothing is ordered against `{operand}`"));
        }
        let bound = javascript::number(operand);
        let holds = |value: Value| side.holds(javascript::compare(&value, operand));
        let mut any = Vec::new();
        if bound.is_finite() {
            any.push(json!({ "attr": attribute.to_string(), side.test(): bound }));
        }
        let equal = [json!(true), json!(false)]
            .into_iter()
            .filter(|it| holds(it.clone()));
        let mut equal: Vec<Value> = equal.collect();
        let written = if let Some(text) = operand.as_str() {
            order::texts(side, text)
                .ok_or_else(|| format!("texts are not ordered against `{text}` here"))?
        } else {
            self.general.insert(general::NUMBERS_AS_TEXT);
            if holds(json!("")) {
                equal.push(json!(""));
            }
            order::decimals(side, bound)
                .ok_or_else(|| format!("`{operand}` has too many digits"))?
        };
        any.extend(one_of(attribute, equal));
        if self.orders < MOST_ORDERS || operand.is_string() {
            self.orders = self.orders.saturating_add(1);
            any.push(json!({ "attr": attribute.to_string(), "matches": written }));
        } else {
            self.note(path, "numbers only: the file orders too much for texts that are numbers to be ordered, too");
        }
        self.general.insert(general::LISTS_AS_TEXT);
        let tests = Tests::new(any, holds(Value::Null), Lists::Single);
        Ok(Tests {
            for_objects: holds(json!({})),
            ..tests
        })
    }

    /// Versions that are higher than the operand, or the same, or either.
    pub(super) fn versions(
        &mut self,
        side: Side,
        operand: &Value,
        attribute: &Steps,
    ) -> Result<Tests, String> {
        let version = Version::of(operand);
        let none = || format!("versions are not compared with `{operand}` here");
        let (same, above) = (
            version.same().ok_or_else(none)?,
            version.above().ok_or_else(none)?,
        );
        let is_order = side.ordering == Ordering::Greater;
        let pattern = match (is_order, side.or_equal) {
            (true, true) => format!("{same}|{above}"),
            (true, false) => above,
            (false, _) => same,
        };
        self.general.insert(general::VERSIONS);
        let name = attribute.to_string();
        let mut any = vec![json!({ "attr": name, "matches": pattern })];
        if let Some(major) = version.major().filter(|_| is_order) {
            any.push(json!({ "attr": name, "gte": major + 1.0 }));
        }
        let zero = Version::of(&Value::Null).compare(&version);
        let for_others = side.holds(Some(zero));
        let number = operand.as_str().map_or_else(
            || operand.clone(),
            |text| json!(javascript::number(&json!(text))),
        );
        let is_number = number.as_f64().is_some_and(f64::is_finite);
        let mut same = Vec::new();
        if side.or_equal && is_number && Version::of(&number).compare(&version) == Ordering::Equal {
            same.push(number);
        }
        if for_others {
            same.push(json!(""));
        }
        any.extend(one_of(attribute, same));
        Ok(Tests {
            any,
            for_null: for_others,
            for_others,
            for_objects: false,
            lists: Lists::None,
        })
    }
}
