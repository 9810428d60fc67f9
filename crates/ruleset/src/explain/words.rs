//! What contexts have and tests want, in words.

use std::fmt::Write;

use vexil_core::build::Operand;
use vexil_core::explain::WhyNot;
use vexil_core::network::Network;
use vexil_core::semver::{Comparator, Operator};
use vexil_core::{Shown, Value, Wanted};

use crate::json;
use crate::rfc3339;

/// How many characters of a text, and elements of a list, are shown.
const SHOWN: usize = 100;
const ELEMENTS: usize = 8;

/// A value of a context.
pub(super) fn found(value: &Value<'_>) -> String {
    match value {
        Value::Missing => "missing".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(found) => number(*found),
        Value::Text(text) => quoted(text),
        Value::Object => "an object".to_owned(),
        Value::List(items) => {
            let shown = items.iter().take(ELEMENTS).map(found);
            let list = Shown {
                some: shown.collect(),
                count: items.len(),
            };
            format!("[{}]", listed(&list, ", ", Clone::clone))
        }
    }
}

/// What an attribute that holds no test is, where that is not plain to see.
pub(super) fn hint(found: &Value<'_>, wanted: &Wanted<'_>, why_not: WhyNot) -> &'static str {
    match (why_not, wanted, found) {
        (WhyNot::Unreadable, Wanted::Semver(_), _) => " (no version)",
        (WhyNot::Unreadable, Wanted::Cidr(_), _) => " (no address)",
        (WhyNot::Unreadable, ..) => " (no instant)",
        (WhyNot::Type, _, Value::Text(_)) => " (a string)",
        (WhyNot::Type, _, Value::Number(_)) => " (a number)",
        (WhyNot::Type, _, Value::Bool(_)) => " (a boolean)",
        _ => "",
    }
}

/// How an attribute stands to what is wanted of it: `one of "DE", "AT"`, `not below 5`.
pub(super) fn relation(wanted: &Wanted<'_>, holds: bool) -> String {
    let either = |yes: &str, no: &str, rest: String| {
        let word = if holds { yes } else { no };
        format!("{word}{rest}")
    };
    let not = |rest: String| either("", "not ", rest);
    match wanted {
        Wanted::Exists => not("there".to_owned()),
        Wanted::OneOf(operands) if operands.count == 1 && holds => "as wanted".to_owned(),
        Wanted::OneOf(operands) => {
            let one_of = if operands.count == 1 { "" } else { "one of " };
            not(format!("{one_of}{}", listed(operands, ", ", operand)))
        }
        Wanted::StartsWith(texts) => either(
            "begins",
            "does not begin",
            format!(" with {}", any_of(texts)),
        ),
        Wanted::EndsWith(texts) => {
            either("ends", "does not end", format!(" with {}", any_of(texts)))
        }
        Wanted::Contains(texts) => either("contains ", "does not contain ", any_of(texts)),
        Wanted::Less(bound) => not(format!("below {}", number(*bound))),
        Wanted::LessOrEqual(bound) => not(format!("at most {}", number(*bound))),
        Wanted::Greater(bound) => not(format!("above {}", number(*bound))),
        Wanted::GreaterOrEqual(bound) => not(format!("at least {}", number(*bound))),
        Wanted::Semver(alternatives) => not(format!("within {}", range(alternatives))),
        Wanted::Before(instant) => not(format!("before {}", rfc3339::write(*instant))),
        Wanted::After(instant) => not(format!("after {}", rfc3339::write(*instant))),
        Wanted::Cidr(networks) => not(format!("in {}", listed(networks, " or ", network))),
        Wanted::Matches(source) => pattern(source, holds),
    }
}

/// How an attribute stands to a pattern, which says what a person wrote: `endsWith "x" ignoring case`.
fn pattern(source: &str, holds: bool) -> String {
    let words = [
        ("matches ", "matches", "does not match"),
        ("startsWith ", "begins with", "does not begin with"),
        ("endsWith ", "ends with", "does not end with"),
        ("contains ", "contains", "does not contain"),
    ];
    let found = words.iter().find_map(|(test, yes, no)| {
        let rest = source.strip_prefix(test)?;
        Some(format!("{} {rest}", if holds { yes } else { no }))
    });
    found.unwrap_or_else(|| source.to_owned())
}

/// `>=1.2.0 <2.0.0 || >=3.0.0`
pub(super) fn range(alternatives: &[Vec<Comparator<'_>>]) -> String {
    let all = |comparators: &Vec<Comparator<'_>>| {
        let comparators: Vec<String> = comparators.iter().map(comparator).collect();
        comparators.join(" ")
    };
    let alternatives: Vec<String> = alternatives.iter().map(all).collect();
    alternatives.join(" || ")
}

/// `10.0.0.0/8`, as rulesets write it.
pub(super) fn network(network: &Network) -> String {
    crate::Network::new(*network).to_string()
}

/// A text as JSON, cut short.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => json::quoted(text),
        Some((end, _)) => format!("{}…", json::quoted(text.get(..end).unwrap_or_default())),
    }
}

fn number(number: f64) -> String {
    json::compact(&serde_json::Value::from(number))
}

fn operand(operand: &Operand<'_>) -> String {
    match operand {
        Operand::Text(text) => quoted(text),
        Operand::Number(operand) => number(*operand),
        Operand::Bool(bool) => bool.to_string(),
    }
}

fn any_of(texts: &Shown<&str>) -> String {
    listed(texts, " or ", |text| quoted(text))
}

fn listed<T>(list: &Shown<T>, between: &str, word: impl Fn(&T) -> String) -> String {
    let words: Vec<String> = list.some.iter().map(word).collect();
    let mut text = words.join(between);
    if list.count > list.some.len() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{between}… ({} in all)", grouped(list.count as u64));
    }
    text
}

fn comparator(comparator: &Comparator<'_>) -> String {
    let operator = match comparator.operator {
        Operator::Equal => "=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
    };
    let version = comparator.version;
    let hyphen = if version.pre.is_empty() { "" } else { "-" };
    let (major, minor, patch, pre) = (version.major, version.minor, version.patch, version.pre);
    format!("{operator}{major}.{minor}.{patch}{hyphen}{pre}")
}

/// `1,000,000`
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && digits.len().saturating_sub(place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
