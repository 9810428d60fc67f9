//! Writes to the store of programs: under each key one after the other.
//!
//! A write that takes too long is not waited for any more, and cannot be called off: it may still land. So none begins
//! under a key before the one before it has come to its end. Else an older value could land on a newer one, and each
//! attempt at a store that hangs would hold one more program.

use core::future::Future;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::{JsFuture, future_to_promise};
use worker::{KvError, Result, js_sys};

use crate::clock::now;

/// After how long, in ms, a write that came to no end is taken for lost.
const LOST_MS: i64 = 300_000;

/// What is under way, by key, since when in ms since 1970.
#[derive(Clone, Default)]
pub(super) struct InOrder(Rc<RefCell<BTreeMap<String, i64>>>);

impl InOrder {
    /// Does `write`, which writes under `key`: to its end, even where nobody waits for it any more.
    ///
    /// # Errors
    /// Where it failed, and where the one before it has not come to its end: then it is not begun.
    pub(super) async fn write(
        &self,
        key: String,
        write: impl Future<Output = core::result::Result<(), KvError>> + 'static,
    ) -> Result<()> {
        let began = now();
        if !self.begin(&key, began) {
            return Err("the write before it is still under way".into());
        }
        let under_way = self.clone();
        let written = future_to_promise(async move {
            let written = write.await;
            under_way.end(&key, began);
            match written {
                Ok(()) => Ok(JsValue::UNDEFINED),
                Err(error) => Err(js_sys::Error::new(&error.to_string()).into()),
            }
        });
        JsFuture::from(written).await?;
        Ok(())
    }

    /// Whether a write may begin, which then is under way.
    fn begin(&self, key: &str, now: i64) -> bool {
        let mut under_way = self.0.borrow_mut();
        let before = under_way.get(key);
        if before.is_some_and(|began| now.saturating_sub(*began) < LOST_MS) {
            return false;
        }
        under_way.insert(key.to_owned(), now);
        true
    }

    /// Ends the write that began at `began`; one that was taken for lost ends no other.
    fn end(&self, key: &str, began: i64) {
        let mut under_way = self.0.borrow_mut();
        if under_way.get(key) == Some(&began) {
            under_way.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_write_at_a_time_and_a_lost_one_keeps_nobody() {
        let writes = InOrder::default();
        for (key, now, want) in [
            ("a", 0, true),
            ("a", 1, false),
            ("b", 1, true),
            ("a", LOST_MS - 1, false),
            ("a", LOST_MS, true),
        ] {
            assert_eq!(writes.begin(key, now), want, "{key} at {now}");
        }
        writes.end("a", 0);
        assert!(
            !writes.begin("a", LOST_MS + 1),
            "the lost one ended another"
        );
        writes.end("a", LOST_MS);
        assert!(writes.begin("a", LOST_MS + 1));
    }
}
