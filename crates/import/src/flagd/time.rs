//! `$flagd.timestamp`, the time in whole seconds, as `time` conditions.

use serde_json::{Value, json};

use super::operand::number_of;
use super::test::Order;
use super::truth::Truth;

/// The last second of which a ruleset can speak, on either side of 1970.
const LAST: f64 = 8.64e12;

/// `timestamp < seconds`, or another order; `None` where that is no number.
pub(super) fn is_ordered(order: Order, seconds: &Value) -> Option<Truth> {
    let seconds = number_of(seconds)?;
    // The first whole second that is not below it, and the first that is above.
    let (at, after) = (seconds.ceil(), seconds.floor() + 1.0);
    Some(match order {
        Order::Less => until(at),
        Order::LessOrEqual => until(after),
        Order::Greater => from(after),
        Order::GreaterOrEqual => from(at),
    })
}

/// `timestamp == seconds`; `None` where that is no number.
pub(super) fn is(seconds: &Value) -> Option<Truth> {
    let seconds = number_of(seconds)?;
    if seconds.fract() != 0.0 || seconds.abs() >= LAST {
        return Some(Truth::Never);
    }
    let (from, until) = (ms(seconds), ms(seconds + 1.0));
    Some(Truth::When(
        json!({ "time": { "from": from, "until": until } }),
    ))
}

fn until(second: f64) -> Truth {
    if second.abs() > LAST {
        return Truth::of(second > 0.0);
    }
    Truth::When(json!({ "time": { "until": ms(second) } }))
}

fn from(second: f64) -> Truth {
    if second.abs() > LAST {
        return Truth::of(second < 0.0);
    }
    Truth::When(json!({ "time": { "from": ms(second) } }))
}

fn ms(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}
