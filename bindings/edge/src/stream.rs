//! Server-sent events: one line for every new version.
//!
//! The environment sends the text of each event through a hibernating WebSocket, so a quiet stream costs no
//! memory there. The entry, which sees the socket in this answer, copies what arrives into the response's body,
//! adds heartbeats and ends the stream after a while.

use worker::{Response, Result};

use crate::Exchange;
use crate::environment;
use crate::reply;

/// `GET /v1/stream`.
pub(crate) async fn open(exchange: &Exchange, environment: &str) -> Result<Response> {
    let builder = reply::builder(200)?
        .with_header("content-type", "text/event-stream")?
        .with_header("cache-control", "no-store, no-transform")?;
    if exchange.request.inner().method() == "HEAD" {
        return Ok(builder.empty());
    }
    match environment::listen(&exchange.env, environment)
        .await?
        .websocket()
    {
        Some(socket) => Ok(builder.with_status(101).with_websocket(socket).empty()),
        None => reply::plain_problem(500, "the environment opened no stream"),
    }
}

/// The event that announces `version`, in OFREP's words. `changed` is in ms since 1970.
pub(crate) fn event(version: u64, changed: i64) -> String {
    let data = serde_json::json!({
        "type": "refetchEvaluation",
        "etag": version.to_string(),
        "lastModified": changed.div_euclid(1000),
    });
    format!("id: {version}\nretry: 1000\ndata: {data}\n\n")
}
