//! What this isolate keeps of each environment: its newest program and live state, and how sure it is of them.
//!
//! An isolate outlives its requests, may sleep for hours between two, and is one of many: nobody tells it what
//! changes. So it asks, and how urgently depends on when the environment last confirmed what is kept here:
//!
//! | last confirmed | a request |
//! |---|---|
//! | within [`FRESH_MS`] | is answered from memory |
//! | within [`SURE_MS`] | is answered from memory, and asks in the background |
//! | earlier, or the request has heard of something newer | waits for the head, at most [`WAIT_MS`] |
//!
//! What was waited for in vain is not waited for again within [`PAUSE_MS`]; the answer says then that it is stale.
//!
//! A request waits for another's fetch by looking again, never by sharing its promise: the runtime binds what a
//! request starts to that request, and ends both together.

use core::time::Duration;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use vexil_core::Program;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::{JsFuture, future_to_promise};
use worker::{Context, Delay, Env, Result, console_error};

use super::derived::Derived;
use super::head::Confirmed;
use super::{head, program};
use crate::clock::now;
use crate::environment::Head;
use crate::wait::within;

/// How long a confirmation does without another.
const FRESH_MS: i64 = 1_000;
/// How long answers are given without waiting for a confirmation.
const SURE_MS: i64 = 5_000;
/// How long a request waits for the head.
const WAIT_MS: i64 = 300;
/// How long the first request of an isolate waits, which has nothing else to answer from: long enough for the cold
/// copy after the environment did not answer.
const FIRST_WAIT_MS: i64 = 5_000;
/// How long the environment may take to say its head.
const ASK: Duration = Duration::from_secs(2);
/// How long nobody waits again after somebody waited in vain, be it for the head or for what a request has heard of.
const PAUSE_MS: i64 = 1_000;
/// How often a request looks whether another's fetch has come.
const LOOK: Duration = Duration::from_millis(3);

/// What a request has heard of; 0 where it has heard of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) version: u64,
    pub(crate) revision: u64,
}

impl Heard {
    pub(crate) fn version(version: Option<u64>) -> Heard {
        Heard {
            version: version.unwrap_or_default(),
            ..Heard::default()
        }
    }

    fn is_newer(self, head: &Head) -> bool {
        self.version > head.version || self.revision > head.revision
    }
}

/// What answers are made from. Both parts are of one version.
#[derive(Clone)]
pub(crate) struct Newest {
    pub(crate) head: Rc<Head>,
    pub(crate) program: Rc<Program>,
    /// What is derived from that program.
    pub(crate) derived: Rc<Derived>,
    /// When the environment was last asked and said that this is its head, in ms since 1970.
    pub(crate) confirmed: i64,
}

impl Newest {
    /// For how long nobody has confirmed it, in ms.
    pub(crate) fn age(&self, now: i64) -> i64 {
        now.saturating_sub(self.confirmed)
    }

    /// Whether something newer may have been there for longer than answers may be late.
    pub(crate) fn is_stale(&self, now: i64) -> bool {
        self.age(now) > SURE_MS
    }
}

/// What is kept of one environment. All instants are in ms since 1970.
#[derive(Default)]
struct Kept {
    newest: Option<Newest>,
    /// When the fetch under way began.
    fetching: Option<i64>,
    /// When waiting for the head was last in vain.
    failed: i64,
    /// When something that a request has heard of last proved not to exist.
    missed: i64,
    /// How many writes went through this isolate, and how many of them the newest head has seen.
    writes: u64,
    seen: u64,
}

/// How urgently the head is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    No,
    /// In the background.
    Soon,
    /// Before the answer, by way of the cache or past it.
    Now(Way),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Cache,
    PastCache,
}

impl Kept {
    fn need(&self, heard: Heard, now: i64) -> Need {
        let Some(newest) = &self.newest else {
            // What the cache has may be older than what is known of.
            let is_known = self.seen < self.writes || heard != Heard::default();
            let way = if is_known { Way::PastCache } else { Way::Cache };
            return Need::Now(way);
        };
        let is_older = heard.is_newer(&newest.head);
        if self.seen < self.writes || is_older && !is_recent(self.missed, now, PAUSE_MS) {
            return Need::Now(Way::PastCache);
        }
        match newest.age(now) {
            0..FRESH_MS => Need::No,
            FRESH_MS..=SURE_MS => Need::Soon,
            // Also where the clock went back.
            _ => Need::Now(Way::Cache),
        }
    }

    /// Whether a fetch is under way that may still come in time. One that does not belongs to a request that ended.
    fn is_fetching(&self, now: i64) -> bool {
        self.fetching
            .is_some_and(|began| is_recent(began, now, WAIT_MS))
    }

    /// Takes a head that came. One that is older than what is kept was overtaken on its way, unless it was asked for long
    /// after: then the environment itself is older, restored from a backup.
    fn take(&mut self, came: Newest, seen: u64) {
        let age = |newest: &Newest| (newest.head.version, newest.head.revision);
        let is_overtaken = |kept: &Newest| {
            age(&came) < age(kept) && came.confirmed.saturating_sub(kept.confirmed) <= SURE_MS
        };
        if !self.newest.as_ref().is_some_and(is_overtaken) {
            self.newest = Some(came);
        }
        self.seen = self.seen.max(seen);
    }
}

fn is_recent(instant: i64, now: i64, ms: i64) -> bool {
    (0..ms).contains(&now.saturating_sub(instant))
}

thread_local! {
    static MEMORY: RefCell<BTreeMap<String, Kept>> = const { RefCell::new(BTreeMap::new()) };
}

fn with<T>(environment: &str, look: impl FnOnce(&mut Kept) -> T) -> T {
    MEMORY.with_borrow_mut(|memory| look(memory.entry(environment.to_owned()).or_default()))
}

/// Takes note that a write went through this isolate: the next answer has seen it.
pub(crate) fn wrote(environment: &str) {
    with(environment, |kept| {
        kept.writes = kept.writes.saturating_add(1);
        // Worth waiting for, even if the environment did not answer a moment ago.
        kept.failed = 0;
    });
}

/// The newest version, or what this isolate has of it; `None` where nothing could be had from anywhere.
pub(crate) async fn newest(
    env: &Env,
    context: &Context,
    environment: &str,
    heard: Heard,
) -> Result<Option<Newest>> {
    let began = now();
    let fetch = |way| Fetch {
        env: env.clone(),
        environment: environment.to_owned(),
        way,
        heard,
    };
    loop {
        let at = now();
        let (newest, need, is_fetching, failed) = with(environment, |kept| {
            let need = kept.need(heard, at);
            (kept.newest.clone(), need, kept.is_fetching(at), kept.failed)
        });
        let way = match need {
            Need::No => return Ok(newest),
            Need::Soon => {
                if !is_fetching {
                    fetch(Way::Cache).start(context)?;
                }
                return Ok(newest);
            }
            Need::Now(way) => way,
        };
        let limit = if newest.is_some() {
            WAIT_MS
        } else {
            FIRST_WAIT_MS
        };
        let left = limit.saturating_sub(at.saturating_sub(began));
        if left <= 0 {
            with(environment, |kept| kept.failed = at);
            return Ok(newest);
        }
        if is_recent(failed, at, PAUSE_MS) {
            return Ok(newest);
        }
        if is_fetching {
            Delay::from(LOOK).await;
            continue;
        }
        let fetched = fetch(way).start(context)?;
        let left = Duration::from_millis(u64::try_from(left).unwrap_or_default());
        within(left, fetched).await;
    }
}

/// The newest version, where a request need not wait for it.
pub(crate) fn at_hand(
    env: &Env,
    context: &Context,
    environment: &str,
    heard: Heard,
    now: i64,
) -> Result<Option<Newest>> {
    let (newest, need, is_fetching) = with(environment, |kept| {
        let need = kept.need(heard, now);
        (kept.newest.clone(), need, kept.is_fetching(now))
    });
    if let Need::Now(_) = need {
        return Ok(None);
    }
    if need == Need::Soon && !is_fetching {
        let fetch = Fetch {
            env: env.clone(),
            environment: environment.to_owned(),
            way: Way::Cache,
            heard,
        };
        fetch.start(context)?;
    }
    Ok(newest)
}

/// One attempt to have the newest head, and the program that belongs to it.
struct Fetch {
    env: Env,
    environment: String,
    way: Way,
    heard: Heard,
}

impl Fetch {
    /// Starts it, so that it ends well even if the request that started it is answered before.
    fn start(self, context: &Context) -> Result<JsFuture> {
        let environment = self.environment.clone();
        let fetched = future_to_promise(async move { Ok(JsValue::from(self.run().await)) });
        let context = context.as_ref();
        context.wait_until(&fetched)?;
        let news = fetched.clone();
        // Nobody waits for this: a saving for other isolates, which ask themselves where it fails.
        context.wait_until(&future_to_promise(async move {
            if JsFuture::from(news).await?.is_truthy()
                && let Some(newest) = with(&environment, |kept| kept.newest.clone())
            {
                let _ = head::leave(&environment, &newest.head, newest.confirmed).await;
            }
            Ok(JsValue::UNDEFINED)
        }))?;
        Ok(JsFuture::from(fetched))
    }

    /// Whether it brought what no other isolate of this data centre has left.
    async fn run(self) -> bool {
        let (writes, kept) = with(&self.environment, |kept| {
            kept.fetching = Some(now());
            (kept.writes, kept.newest.clone())
        });
        let (asked, is_news) = match self.ask().await {
            Ok(confirmed) => {
                let is_news = !confirmed.is_cached;
                (self.complete(confirmed, kept.as_ref()).await, is_news)
            }
            Err(error) => (Err(error), false),
        };
        let cold = match &asked {
            Err(_) if kept.is_none() => self.cold().await,
            Ok(_) | Err(_) => None,
        };
        let at = now();
        with(&self.environment, |kept| {
            kept.fetching = None;
            match asked {
                Ok(came) => {
                    if self.heard.is_newer(&came.head) {
                        kept.missed = at;
                    }
                    kept.failed = 0;
                    kept.take(came, writes);
                    is_news
                }
                Err(error) => {
                    console_error!("{} does not answer: {error}", self.environment);
                    kept.failed = at;
                    if let Some(cold) = cold {
                        kept.take(cold, writes);
                    }
                    false
                }
            }
        })
    }

    async fn ask(&self) -> Result<Confirmed> {
        if self.way == Way::Cache
            && let Some(cached) = head::cached(&self.environment).await
        {
            return Ok(cached);
        }
        within(ASK, head::confirmed(&self.env, &self.environment))
            .await
            .unwrap_or_else(|| Err("it took too long".into()))
    }

    /// The cold copy, which nobody has confirmed since it was written.
    async fn cold(&self) -> Option<Newest> {
        let cold = head::cold(&self.env, &self.environment).await?;
        self.complete(cold, None).await.ok()
    }

    /// Adds the program, which is fetched only where it is another than the one that is kept.
    async fn complete(&self, confirmed: Confirmed, kept: Option<&Newest>) -> Result<Newest> {
        let head = &confirmed.head;
        let (program, derived) = match kept {
            Some(kept) if program::is_of(&kept.program, head) => {
                (Rc::clone(&kept.program), Rc::clone(&kept.derived))
            }
            Some(_) | None => {
                let program = program::fetch(&self.env, &self.environment, head).await?;
                (Rc::new(program), Rc::default())
            }
        };
        Ok(Newest {
            head: Rc::new(confirmed.head),
            program,
            derived,
            confirmed: confirmed.at,
        })
    }
}

#[cfg(test)]
mod tests;
