//! A request's body, up to a limit.

use worker::js_sys::{Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::ReadableStreamDefaultReader;
use worker::{Error, Request, Result};

/// What the error says where the client did not send its body to the end, or not as HTTP has it.
const BROKEN: &str = "the body cannot be read to its end";

/// Whether it was the client's body that failed.
pub(crate) fn is_broken(error: &Error) -> bool {
    matches!(error, Error::RustError(said) if said == BROKEN)
}

/// The whole body; `None` as soon as it proves larger than `limit`, however it announces itself.
pub(crate) async fn read(request: &Request, limit: usize) -> Result<Option<Vec<u8>>> {
    let announced = request
        .headers()
        .get("content-length")?
        .and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Ok(None);
    }
    let Some(stream) = request.inner().body() else {
        return Ok(Some(Vec::new()));
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::with_capacity(announced.unwrap_or_default());
    loop {
        let chunk = JsFuture::from(reader.read())
            .await
            .map_err(|_| Error::from(BROKEN))?;
        if Reflect::get(&chunk, &JsValue::from("done"))?.is_truthy() {
            return Ok(Some(body));
        }
        let chunk: Uint8Array = Reflect::get(&chunk, &JsValue::from("value"))?.unchecked_into();
        if body.len().saturating_add(chunk.length() as usize) > limit {
            return Ok(None);
        }
        body.extend(chunk.to_vec());
    }
}
