//! One attribute against literals, as flagd compares them.
//!
//! `JsonLogic` compares as JavaScript does: `==` and `<` convert, `===` and `in` do not. Here an attribute that is a
//! text, a number, true or false is compared likewise; one that is a list passes where an element does, which flagd
//! never lets it do, but for `in`.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::operand::{Attribute, number_of, text_of};
use super::truth::Truth;

/// A literal of more characters is not taken apart.
const TAKEN_APART: usize = 64;

impl Attribute {
    /// The attribute passes `test`; what it is without being there passes or not.
    pub(super) fn passes(&self, test: (&str, Value), otherwise: bool) -> Truth {
        let mut members = Map::new();
        members.insert("attr".to_owned(), self.name.clone().into());
        members.insert(test.0.to_owned(), test.1);
        let present = Truth::When(Value::Object(members));
        if otherwise {
            Truth::or(vec![self.exists(false), present])
        } else {
            present
        }
    }

    pub(super) fn exists(&self, exists: bool) -> Truth {
        Truth::When(json!({ "attr": self.name, "exists": exists }))
    }

    /// One of `values`, without conversion.
    fn is_one_of(&self, values: Vec<Value>, otherwise: bool) -> Truth {
        match values.as_slice() {
            [] if otherwise => self.exists(false),
            [] => Truth::Never,
            [value] => self.passes(("is", value.clone()), otherwise),
            _ => self.passes(("in", values.into()), otherwise),
        }
    }

    /// `attribute === literal`
    pub(super) fn is(&self, literal: &Value) -> Truth {
        let otherwise = is_same(&self.otherwise, literal);
        match literal {
            Value::Null if otherwise => self.exists(false),
            Value::Null | Value::Array(_) | Value::Object(_) => Truth::Never,
            scalar => self.is_one_of(vec![scalar.clone()], otherwise),
        }
    }

    /// `attribute == literal`, for a scalar: itself, and what converts to it. `None` for a list.
    pub(super) fn equals(&self, literal: &Value) -> Option<Truth> {
        let otherwise = is_equal(&self.otherwise, literal)?;
        let number = number_of(literal);
        let as_number = |one: f64| {
            number.is_some_and(|number| number.partial_cmp(&one) == Some(Ordering::Equal))
        };
        let mut values = vec![literal.clone()];
        let mut add = |value: Value| {
            if !values.iter().any(|it| is_same(it, &value)) {
                values.push(value);
            }
        };
        if literal.is_null() {
            return Some(self.is(literal));
        }
        if let Some(number) = number {
            add(json_number(number));
        }
        if let (false, Some(number)) = (literal.is_string(), number) {
            add(text_of(&json_number(number)).into());
        }
        for truth in [true, false] {
            if as_number(f64::from(u8::from(truth))) {
                add(truth.into());
            }
        }
        if as_number(0.0) && !literal.is_string() {
            add("".into());
        }
        Some(self.is_one_of(values, otherwise))
    }

    /// It is `text` once it is written out.
    pub(super) fn reads(&self, text: &str) -> Truth {
        let mut values = vec![Value::from(text)];
        let others = [
            true.into(),
            false.into(),
            text.parse().map_or(Value::Null, json_number),
        ];
        values.extend(
            others
                .into_iter()
                .filter(|it| !it.is_null() && text_of(it) == text),
        );
        self.is_one_of(values, text_of(&self.otherwise) == text)
    }

    /// It is a text.
    pub(super) fn is_text(&self) -> Truth {
        self.passes(("startsWith", "".into()), false)
    }

    /// `attribute < bound`, or another order; `None` where the bound is no number.
    pub(super) fn is_ordered(&self, order: Order, bound: &Value) -> Option<Truth> {
        let number = number_of(bound)?;
        let otherwise = order.holds(&self.otherwise, bound).unwrap_or(false);
        Some(self.passes((order.test(), json_number(number)), otherwise))
    }

    /// Whether flagd takes it for true.
    pub(super) fn is_truthy(&self) -> Truth {
        let there = vec![
            self.exists(true),
            Truth::When(json!({ "attr": self.name, "in": [false, 0, ""] })).not(),
        ];
        let there = Truth::and(there);
        if is_truthy(&self.otherwise) {
            Truth::or(vec![self.exists(false), there])
        } else {
            there
        }
    }

    /// `{"in": [attribute, list]}`
    pub(super) fn is_in(&self, list: &[Value]) -> Truth {
        let otherwise = list.iter().any(|item| is_same(&self.otherwise, item));
        let mut scalars: Vec<Value> = Vec::new();
        for item in list {
            let is_scalar = !matches!(item, Value::Null | Value::Array(_) | Value::Object(_));
            if is_scalar && !scalars.iter().any(|it| is_same(it, item)) {
                scalars.push(item.clone());
            }
        }
        match scalars.as_slice() {
            [] => self.is_one_of(scalars, otherwise),
            _ => self.passes(("in", scalars.into()), otherwise),
        }
    }

    /// `{"in": [attribute, text]}`: a part of `text`. `None` where that has too many.
    pub(super) fn is_part_of(&self, text: &str) -> Option<Truth> {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        if ends.len() > TAKEN_APART {
            return None;
        }
        let mut parts: Vec<Value> = vec!["".into()];
        for (index, start) in ends.iter().enumerate() {
            let after = ends.iter().skip(index.saturating_add(1)).copied();
            for end in after.chain([text.len()]) {
                let part = Value::from(text.get(*start..end).unwrap_or_default());
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
        }
        let missing = if self.otherwise.is_null() {
            "null".to_owned()
        } else {
            text_of(&self.otherwise)
        };
        Some(self.passes(("in", parts.into()), text.contains(&missing)))
    }

    /// `{"in": [literal, attribute]}`
    pub(super) fn contains(&self, literal: &Value) -> Truth {
        let otherwise = match &self.otherwise {
            Value::String(text) => text.contains(&text_of(literal)),
            Value::Array(items) => items.iter().any(|item| is_same(item, literal)),
            _ => false,
        };
        match literal {
            Value::String(_) => self.passes(("contains", literal.clone()), otherwise),
            _ => self.is_one_of(vec![literal.clone()], otherwise),
        }
    }

    /// `{"starts_with": [attribute, text]}`, or another such operation.
    pub(super) fn begins_or_ends(&self, operator: &str, text: &str) -> Truth {
        let otherwise = self.otherwise.as_str().unwrap_or_default();
        let is_text = self.otherwise.is_string();
        match operator {
            "starts_with" => self.passes(
                ("startsWith", text.into()),
                is_text && otherwise.starts_with(text),
            ),
            _ => self.passes(
                ("endsWith", text.into()),
                is_text && otherwise.ends_with(text),
            ),
        }
    }
}

/// How two numbers are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(super) fn of(operator: &str) -> Option<Order> {
        Some(match operator {
            "<" => Order::Less,
            "<=" => Order::LessOrEqual,
            ">" => Order::Greater,
            ">=" => Order::GreaterOrEqual,
            _ => return None,
        })
    }

    /// The same from the other side.
    pub(super) fn mirrored(self) -> Order {
        match self {
            Order::Less => Order::Greater,
            Order::LessOrEqual => Order::GreaterOrEqual,
            Order::Greater => Order::Less,
            Order::GreaterOrEqual => Order::LessOrEqual,
        }
    }

    fn test(self) -> &'static str {
        match self {
            Order::Less => "lt",
            Order::LessOrEqual => "lte",
            Order::Greater => "gt",
            Order::GreaterOrEqual => "gte",
        }
    }

    /// Whether two literals are ordered so; `None` where flagd cannot tell.
    pub(super) fn holds(self, left: &Value, right: &Value) -> Option<bool> {
        let ordering = match (left, right) {
            // JavaScript compares UTF-16 units.
            (Value::String(left), Value::String(right)) => {
                left.encode_utf16().cmp(right.encode_utf16())
            }
            _ => number_of(left)?.partial_cmp(&number_of(right)?)?,
        };
        Some(match self {
            Order::Less => ordering.is_lt(),
            Order::LessOrEqual => ordering.is_le(),
            Order::Greater => ordering.is_gt(),
            Order::GreaterOrEqual => ordering.is_ge(),
        })
    }
}

/// `left === right`, for scalars.
pub(super) fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(_) | Value::Object(_), _) => false,
        _ => left == right,
    }
}

/// `left == right`, for scalars; `None` where one is none.
pub(super) fn is_equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => None,
        (Value::Null, _) | (_, Value::Null) => Some(left == right),
        (Value::String(left), Value::String(right)) => Some(left == right),
        _ => Some(match (number_of(left), number_of(right)) {
            (Some(left), Some(right)) => left.partial_cmp(&right) == Some(Ordering::Equal),
            _ => false,
        }),
    }
}

/// Whether flagd takes a literal for true.
pub(super) fn is_truthy(literal: &Value) -> bool {
    match literal {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
    }
}

/// `5` rather than `5.0`.
fn json_number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_991.0 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}
