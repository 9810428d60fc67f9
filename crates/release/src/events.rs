//! What clients report: exposures of flags and metrics, in batches, and what they add up to.
//!
//! A batch is JSON, `{"key", "batch", "sent", "dropped", "units", "events"}`. What is wrong with its frame is a [`Fault`]
//! and refuses it whole; what is wrong with one event refuses that event alone, so that one mistake loses no more.

mod counts;
mod event;
mod tally;

use serde_json::{Map, Value as Json};

pub use counts::{Counts, ExposureCount, MetricCount};
pub use event::{Arm, Exposed, Measured, Reason};
use event::{Event, instant};
pub use tally::{Known, Refusal, Tally};

/// Bytes of one batch, as JSON: what `sendBeacon` sends at most.
pub const BATCH_BYTES: usize = 64 * 1024;
/// Events of one batch.
pub const EVENTS: usize = 1_000;
/// Characters of the id of a batch.
const ID_CHARACTERS: usize = 64;
/// How many events one batch can say were dropped: no claim makes a sum overflow.
const MOST_DROPPED: u64 = 1_000_000;

/// A batch of which nothing is read but who sends it.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// The client's key, where it travels in the body.
    pub key: Option<String>,
    members: Map<String, Json>,
}

/// What a client reports at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Told apart from all others by it: a batch that comes twice counts once.
    pub id: String,
    /// The user for whom flags were evaluated.
    pub targeting_key: Option<String>,
    /// The browser, before and after anybody is known to use it.
    pub anonymous_id: Option<String>,
    /// How many events the client had no room to keep, or gave up sending.
    pub dropped: u64,
    /// When it was sent, by the client's clock, in ms since 1970.
    sent: i64,
    events: Vec<Result<Event, Reason>>,
}

/// Why a batch is refused whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, as an RFC 6901 JSON Pointer.
    pub path: &'static str,
    /// What was expected there.
    pub detail: String,
    /// Whether it is too much, and not something else.
    pub is_excess: bool,
}

impl Envelope {
    /// Opens a body.
    ///
    /// # Errors
    /// Where it is no object, or its key no string.
    pub fn open(body: Json) -> Result<Envelope, Fault> {
        let Json::Object(mut members) = body else {
            return Err(Fault::new("", "expected a JSON object"));
        };
        let key = text(members.remove("key"), "/key")?;
        Ok(Envelope { key, members })
    }

    /// Reads the batch.
    ///
    /// # Errors
    /// Says where it is not what the module says: see [`Fault`].
    pub fn batch(self) -> Result<Batch, Fault> {
        let mut members = self.members;
        let id = members.get("batch").and_then(Json::as_str);
        let id = id.filter(|id| is_id(id)).ok_or_else(|| {
            let detail = format!("expected 1 to {ID_CHARACTERS} of `A-Z`, `a-z`, `0-9` and `-`");
            Fault::new("/batch", detail)
        })?;
        let id = id.to_owned();
        let sent = instant(members.get("sent"));
        let sent = sent.ok_or_else(|| Fault::new("/sent", "expected ms since 1970"))?;
        let dropped = match members.get("dropped") {
            None | Some(Json::Null) => 0,
            Some(number) => number
                .as_u64()
                .ok_or_else(|| Fault::new("/dropped", "expected a whole number"))?,
        };
        let mut units = match members.remove("units") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(units)) => units,
            Some(_) => return Err(Fault::new("/units", "expected an object")),
        };
        let targeting_key = text(units.remove("targetingKey"), "/units/targetingKey")?;
        let anonymous_id = text(units.remove("anonymousId"), "/units/anonymousId")?;
        let Some(Json::Array(events)) = members.remove("events") else {
            return Err(Fault::new("/events", "expected a list"));
        };
        if events.len() > EVENTS {
            return Err(Fault {
                path: "/events",
                detail: format!("expected at most {EVENTS} events"),
                is_excess: true,
            });
        }
        Ok(Batch {
            id,
            targeting_key,
            anonymous_id,
            dropped: dropped.min(MOST_DROPPED),
            sent,
            events: events.iter().map(Event::read).collect(),
        })
    }
}

impl Batch {
    /// The unit whose events all have to meet: the targeting key, else the anonymous id. A batch of nobody is its own.
    #[must_use]
    pub fn unit(&self) -> &str {
        let unit = self.targeting_key.as_deref();
        unit.or(self.anonymous_id.as_deref()).unwrap_or(&self.id)
    }
}

impl Fault {
    fn new(path: &'static str, detail: impl Into<String>) -> Fault {
        Fault {
            path,
            detail: detail.into(),
            is_excess: false,
        }
    }
}

fn is_id(text: &str) -> bool {
    (1..=ID_CHARACTERS).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn text(json: Option<Json>, path: &'static str) -> Result<Option<String>, Fault> {
    match json {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(Fault::new(path, "expected a string")),
    }
}

#[cfg(test)]
mod tests;
