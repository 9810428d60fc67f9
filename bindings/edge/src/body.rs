//! A request's body, up to a limit.

use core::time::Duration;

use worker::js_sys::{Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::ReadableStreamDefaultReader;
use worker::{Error, Request, Result};

use crate::wait::within;

/// What the error says where the client did not send its body to the end, or not as HTTP has it.
const BROKEN: &str = "the body cannot be read to its end";

/// Whether it was the client's body that failed.
pub(crate) fn is_broken(error: &Error) -> bool {
    matches!(error, Error::RustError(said) if said == BROKEN)
}

/// How much beyond a limit is read and dropped, and for how long: who is cut off while it sends does not hear why.
const DROPPED: usize = 1 << 20;
const DROPPING: Duration = Duration::from_millis(250);

/// The whole body; `None` where it proves larger than `limit`, however it announces itself.
pub(crate) async fn read(request: &Request, limit: usize) -> Result<Option<Vec<u8>>> {
    let announced = request
        .headers()
        .get("content-length")?
        .and_then(|length| length.parse::<usize>().ok());
    let Some(stream) = request.inner().body() else {
        return Ok(Some(Vec::new()));
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    if announced.is_some_and(|length| length > limit) {
        within(DROPPING, drop_rest(&reader)).await;
        return Ok(None);
    }
    let mut body = Vec::with_capacity(announced.unwrap_or_default());
    while let Some(chunk) = next(&reader).await? {
        if body.len().saturating_add(chunk.length() as usize) > limit {
            within(DROPPING, drop_rest(&reader)).await;
            return Ok(None);
        }
        body.extend(chunk.to_vec());
    }
    Ok(Some(body))
}

/// Reads to the end, or so much that nobody need read more.
async fn drop_rest(reader: &ReadableStreamDefaultReader) {
    let mut length: usize = 0;
    while let Ok(Some(chunk)) = next(reader).await
        && length < DROPPED
    {
        length = length.saturating_add(chunk.length() as usize);
    }
}

/// The next part of a body; `None` at its end.
async fn next(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>> {
    let chunk = JsFuture::from(reader.read())
        .await
        .map_err(|_| Error::from(BROKEN))?;
    if Reflect::get(&chunk, &JsValue::from("done"))?.is_truthy() {
        return Ok(None);
    }
    Ok(Some(
        Reflect::get(&chunk, &JsValue::from("value"))?.unchecked_into(),
    ))
}
