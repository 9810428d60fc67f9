//! Server-sent events: one for every new version.
//!
//! A hub sends the text of each event through a hibernating WebSocket. The entry, which sees the socket in this
//! answer, copies what arrives into the response's body, adds heartbeats and ends the stream after a while.

use worker::{Response, Result};

use crate::auth::Refusal;
use crate::hub::{self, Listener};
use crate::{Exchange, reply};

/// The header that says which event a client has seen last.
pub(crate) const LAST_EVENT_ID: &str = "last-event-id";
/// The header that tells the entry for how many ms the stream may live, where its key ends.
const LIVES: &str = "vexil-lives";
/// A comment: something arrives, and nothing has happened.
pub(crate) const HEARTBEAT: &str = ":\n\n";

/// `GET /v1/stream`, of a key that ends in `lives_ms`, if it does.
pub(crate) async fn open(
    exchange: &Exchange,
    environment: &str,
    lives_ms: Option<i64>,
) -> Result<Response> {
    let mut builder = reply::builder(200)?
        .with_header("content-type", "text/event-stream")?
        .with_header("cache-control", "no-store, no-transform")?;
    if exchange.request.inner().method() == "HEAD" {
        return Ok(builder.empty());
    }
    let last = exchange.request.headers().get(LAST_EVENT_ID)?;
    let listener = Listener {
        network: exchange.client.network(),
        last_event_id: last,
    };
    let answer = hub::listen(&exchange.env, environment, &listener).await?;
    if matches!(answer.status_code(), 429 | 503) {
        let seconds = answer.headers().get("retry-after")?;
        let seconds = seconds.and_then(|seconds| seconds.parse().ok());
        let after_s = seconds.unwrap_or(1);
        return match answer.status_code() {
            429 => Refusal::TooMany { after_s }.answer(),
            _ => reply::retry_later("there is no room for another listener", after_s),
        };
    }
    if let Some(ms) = lives_ms {
        builder = builder.with_header(LIVES, &ms.to_string())?;
    }
    match answer.websocket() {
        Some(socket) => Ok(builder.with_status(101).with_websocket(socket).empty()),
        None => reply::plain_problem(500, "the hub opened no stream"),
    }
}

/// The event that announces `version`, in OFREP's words. `changed` is in ms since 1970.
///
/// Each supersedes those before it: who missed some needs the newest alone.
pub(crate) fn event(version: u64, changed: i64) -> String {
    let data = serde_json::json!({
        "type": "refetchEvaluation",
        "etag": version.to_string(),
        "lastModified": changed.div_euclid(1000),
    });
    format!("id: {version}\nretry: 1000\ndata: {data}\n\n")
}
