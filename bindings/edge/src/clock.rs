//! The time.

use worker::js_sys::Date;

/// Ms since 1970. It stands still while a request computes.
pub(crate) fn now() -> i64 {
    Date::now() as i64
}
