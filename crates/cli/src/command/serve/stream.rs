//! Server-sent events: one for each version, as OFREP has them.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::channel::Channel;
use serde_json::json;
use tokio::sync::watch;

/// How often a stream on which nothing happens shows that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The events after `last`, the version that the client heard of last; all begin with a comment.
pub(super) fn events(
    mut versions: watch::Receiver<u64>,
    last: Option<u64>,
) -> Channel<Bytes, Infallible> {
    let (mut sender, body) = Channel::new(1);
    tokio::task::spawn_local(async move {
        let newest = *versions.borrow_and_update();
        let mut text = match last {
            Some(last) if last >= newest => ":\n\n".to_owned(),
            Some(_) | None => event(newest),
        };
        // Until the client is gone.
        while sender.send_data(Bytes::from(text)).await.is_ok() {
            text = match tokio::time::timeout(HEARTBEAT, versions.changed()).await {
                Ok(Ok(())) => event(*versions.borrow_and_update()),
                Ok(Err(_)) => return,
                Err(_) => ":\n\n".to_owned(),
            };
        }
    });
    body
}

/// A version is the instant at which it came, in ms since 1970.
fn event(version: u64) -> String {
    let data = json!({
        "type": "refetchEvaluation",
        "etag": version.to_string(),
        "lastModified": version.checked_div(1000),
    });
    format!("id: {version}\nretry: 1000\ndata: {data}\n\n")
}
