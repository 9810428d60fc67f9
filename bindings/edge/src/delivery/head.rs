//! Where a head comes from: the environment, or for a second this data centre's cache; in need, the cold copy.

use serde_json::Value as Json;
use worker::{Cache, Env, Result};

use crate::clock::now;
use crate::environment::{self, Head};
use crate::reply;

/// How long the cache of a data centre answers for the environment, in ms: all its isolates together ask once.
const CACHED_MS: i64 = 1_000;
/// When the head in the cache was asked for, in ms since 1970.
const ASKED: &str = "vexil-asked";

/// A head, and when it was the newest.
pub(super) struct Confirmed {
    pub(super) head: Head,
    /// In ms since 1970, by this machine's clock, before the environment was asked.
    pub(super) at: i64,
    /// Whether it was the cache that said it.
    pub(super) is_cached: bool,
}

/// What another isolate of this data centre learned within the last second. A cache that fails has nothing.
pub(super) async fn cached(environment: &str) -> Option<Confirmed> {
    let mut cached = Cache::default().get(url(environment), false).await.ok()??;
    let at: i64 = cached.headers().get(ASKED).ok()??.parse().ok()?;
    let head = parse(&cached.text().await.ok()?)?;
    (0..CACHED_MS)
        .contains(&now().saturating_sub(at))
        .then_some(Confirmed {
            head,
            at,
            is_cached: true,
        })
}

/// The newest head, from the environment itself.
pub(super) async fn confirmed(env: &Env, environment: &str) -> Result<Confirmed> {
    let at = now();
    let head = environment::head(env, environment).await?;
    Ok(Confirmed {
        head,
        at,
        is_cached: false,
    })
}

/// Leaves a head for the other isolates of this data centre.
pub(super) async fn leave(environment: &str, head: &Head, at: i64) -> Result<()> {
    let response = reply::json(200, &head.to_json())?;
    let (builder, body) = response.into_parts();
    let response = builder
        .with_header("cache-control", "max-age=1")?
        .with_header(ASKED, &at.to_string())?
        .body(body);
    Cache::default().put(url(environment), response).await
}

/// The copy that the environment left at its last change, confirmed then.
pub(super) async fn cold(env: &Env, environment: &str) -> Option<Confirmed> {
    let store = env.kv(environment::PROGRAMS).ok()?;
    let text = store.get(&environment::head_key(environment)).text().await;
    let head = parse(&text.ok()??)?;
    let at = head.changed;
    Some(Confirmed {
        head,
        at,
        is_cached: false,
    })
}

fn parse(text: &str) -> Option<Head> {
    let json: Json = serde_json::from_str(text).ok()?;
    Head::from_json(&json)
}

fn url(environment: &str) -> String {
    format!("https://vexil.invalid/head/{environment}")
}
