//! The time.

use worker::Date;

/// Ms since 1970. It stands still while a request computes.
pub(crate) fn now() -> i64 {
    i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX)
}
