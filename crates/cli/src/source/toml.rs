//! TOML as the JSON it stands for.
//!
//! Source: TOML 1.1. Dates and times become texts, as they were written.

use std::ops::Range;

use serde_json::{Number, Value};
use toml::Spanned;
use toml::de::{DeArray, DeFloat, DeInteger, DeTable, DeValue};

use super::tree::{Kind, Member, Tree};
use super::{Fault, Faults};

/// What a text says.
///
/// # Errors
/// Everything that keeps it from being TOML, and numbers that JSON has no word for.
pub(super) fn read(text: &str) -> Result<Tree, Faults> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut faults: Faults = errors
        .into_iter()
        .map(|error| Fault {
            at: error.span().map_or(0, |span| span.start),
            message: error.message().trim().to_lowercase(),
        })
        .collect();
    let span = table.span();
    let tree = Tree {
        span,
        kind: object(table.get_ref(), &mut faults),
    };
    if faults.is_empty() {
        Ok(tree)
    } else {
        Err(faults)
    }
}

fn object(table: &DeTable<'_>, faults: &mut Faults) -> Kind {
    let members = table.iter().map(|(name, value)| Member {
        name: name.get_ref().to_string(),
        name_span: name.span(),
        value: tree(value, faults),
    });
    Kind::Object(members.collect())
}

fn list(items: &DeArray<'_>, faults: &mut Faults) -> Kind {
    Kind::List(items.iter().map(|item| tree(item, faults)).collect())
}

fn tree(value: &Spanned<DeValue<'_>>, faults: &mut Faults) -> Tree {
    let span = value.span();
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Leaf(Value::from(text.as_ref())),
        DeValue::Integer(it) => Kind::Leaf(leaf(integer(it), &span, faults)),
        DeValue::Float(it) => Kind::Leaf(leaf(float(it), &span, faults)),
        DeValue::Boolean(bool) => Kind::Leaf(Value::Bool(*bool)),
        DeValue::Datetime(time) => Kind::Leaf(Value::from(time.to_string())),
        DeValue::Array(items) => list(items, faults),
        DeValue::Table(table) => object(table, faults),
    };
    Tree { span, kind }
}

fn leaf(number: Option<Number>, span: &Range<usize>, faults: &mut Faults) -> Value {
    number.map_or_else(
        || {
            faults.push(Fault {
                at: span.start,
                message: "expected a number that is finite".to_owned(),
            });
            Value::Null
        },
        Value::Number,
    )
}

fn integer(it: &DeInteger<'_>) -> Option<Number> {
    let number = i128::from_str_radix(it.as_str(), it.radix()).ok()?;
    Number::from_i128(number).or_else(|| Number::from_f64(number as f64))
}

fn float(it: &DeFloat<'_>) -> Option<Number> {
    it.as_str().parse().ok().and_then(Number::from_f64)
}
