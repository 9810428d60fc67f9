//! Who listens: Durable Objects that hold the sockets of event streams, each a share of them.
//!
//! A stream opens at any of them. Each knows the newest version of its environment, tells it to whoever begins to
//! listen and has an older one, and to all when it moves. That is all it knows: flags are asked for elsewhere. Its
//! sockets hibernate, so a quiet one costs no memory.

use core::cell::{Cell, OnceCell, RefCell};
use core::time::Duration;
use std::collections::BTreeMap;

use serde_json::Value as Json;
use worker::js_sys::Math;
use worker::wasm_bindgen::JsValue;
use worker::{
    DurableObject, Env, Error, Method, Request, RequestInit, Response, Result, SqlStorage,
    SqlStorageValue as Value, State, Stub, WebSocketPair, console_error, durable_object,
    wasm_bindgen,
};

use crate::auth::Refusal;
use crate::wait::{for_all, within};
use crate::{environment, reply, stream};

const ANNOUNCE: &str = "https://hub/announce";
const LISTENERS: &str = "https://hub/listeners";
/// How long a hub may take to say how many listen.
const ANSWER: Duration = Duration::from_secs(2);
/// Followed by the name of the environment.
const LISTEN: &str = "https://hub/listen/";
/// In how many parts the listeners of an environment are, unless `VEXIL_HUB_SHARDS` says otherwise.
const DEFAULT_SHARDS: u32 = 4;
/// How many listeners a part has at most, unless `VEXIL_HUB_LISTENERS` says otherwise. The runtime ends at 32 768.
const DEFAULT_LISTENERS: u32 = 30_000;

/// How many listeners of one network a part has at most, unless `VEXIL_ADDRESS_STREAMS` says otherwise: an office.
const DEFAULT_ADDRESS_STREAMS: u32 = 10_000;
/// The header that says from which network a listener comes.
const NETWORK: &str = "vexil-network";
/// How many networks are counted without looking.
const MOST_NETWORKS: usize = 10_000;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS newest (
    place INTEGER PRIMARY KEY CHECK (place = 0), version INTEGER NOT NULL, changed INTEGER NOT NULL)";

/// In how many parts the listeners of an environment are.
pub(crate) fn shards(env: &Env) -> u32 {
    setting(env, "VEXIL_HUB_SHARDS", DEFAULT_SHARDS)
}

/// Tells a hub what the newest version is: `{"version":…,"changed":…}`. It knows when this returns the highest version
/// that it knows now.
pub(crate) async fn announce(env: &Env, environment: &str, shard: u32, news: &Json) -> Result<u64> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(news.to_string().into()));
    let request = Request::new_with_init(ANNOUNCE, &init)?;
    let mut response = stub(env, environment, shard)?
        .fetch_with_request(request)
        .await?;
    match response.status_code() {
        200 => Ok(response.text().await?.parse().unwrap_or_default()),
        status => Err(format!("it answered {status}").into()),
    }
}

/// How many listen to an environment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Listeners {
    /// At the hubs that answered.
    pub(crate) known: u64,
    /// How many hubs did not.
    pub(crate) silent_hubs: u64,
}

/// How many listen to an environment, as far as its hubs say so in time.
pub(crate) async fn listeners(env: &Env, environment: &str) -> Listeners {
    let sum = Cell::new(Listeners::default());
    let ask = async |shard| {
        let count = async {
            let stub = stub(env, environment, shard)?;
            let text = stub.fetch_with_str(LISTENERS).await?.text().await?;
            text.parse::<u64>()
                .map_err(|_| Error::from("it knows no number"))
        };
        let count = within(ANSWER, count).await;
        let count = count.unwrap_or_else(|| Err("it took too long".into()));
        let mut so_far = sum.get();
        match count {
            Ok(count) => so_far.known = so_far.known.saturating_add(count),
            Err(error) => {
                console_error!("hub {shard} of {environment} does not answer: {error}");
                so_far.silent_hubs = so_far.silent_hubs.saturating_add(1);
            }
        }
        sum.set(so_far);
    };
    for_all((0..shards(env)).map(&ask)).await;
    sum.get()
}

/// Who wants to listen.
pub(crate) struct Listener {
    /// Where they come from, if anybody says it ([`Client::network`](crate::limit::Client::network)).
    pub(crate) network: Option<String>,
    /// The event that they have seen last.
    pub(crate) last_event_id: Option<String>,
}

/// A WebSocket that carries the text of every event after the last that `listener` has seen, in an answer; an answer
/// without one where the hubs that were asked have no room (503), or none for another of that network (429).
pub(crate) async fn listen(env: &Env, environment: &str, listener: &Listener) -> Result<Response> {
    let shards = shards(env);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below the number of shards"
    )]
    let first = (Math::random() * f64::from(shards)) as u32;
    let response = ask(env, environment, first, listener).await?;
    if response.status_code() != 503 || shards == 1 {
        return Ok(response);
    }
    let second = first.wrapping_add(1).checked_rem(shards);
    ask(env, environment, second.unwrap_or_default(), listener).await
}

async fn ask(env: &Env, environment: &str, shard: u32, listener: &Listener) -> Result<Response> {
    let url = format!("{LISTEN}{environment}");
    let request = Request::new(&url, Method::Get)?.clone_mut()?;
    request.headers().set("upgrade", "websocket")?;
    for (name, value) in [
        (stream::LAST_EVENT_ID, &listener.last_event_id),
        (NETWORK, &listener.network),
    ] {
        if let Some(value) = value {
            request.headers().set(name, value)?;
        }
    }
    stub(env, environment, shard)?
        .fetch_with_request(request)
        .await
}

fn stub(env: &Env, environment: &str, shard: u32) -> Result<Stub> {
    env.durable_object("HUB")?
        .get_by_name(&format!("{environment}/{shard}"))
}

fn setting(env: &Env, name: &str, default: u32) -> u32 {
    env.var(name)
        .ok()
        .and_then(|value| value.to_string().parse().ok())
        .filter(|&value| value > 0)
        .unwrap_or(default)
}

/// A version, and when it came to be, in ms since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct News {
    version: u64,
    changed: i64,
}

/// The Durable Object.
#[durable_object(fetch)]
pub struct Hub {
    state: State,
    env: Env,
    sql: OnceCell<SqlStorage>,
    newest: Cell<Option<News>>,
    /// No fewer than listen now: those that left are counted until it is full.
    listeners: Cell<u32>,
    /// Likewise those of each network, as far as they have been counted.
    networks: RefCell<BTreeMap<String, u32>>,
}

impl DurableObject for Hub {
    fn new(state: State, env: Env) -> Self {
        let listeners = Cell::new(count(&state));
        Hub {
            state,
            env,
            sql: OnceCell::new(),
            newest: Cell::new(None),
            listeners,
            networks: RefCell::default(),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let url = request.inner().url();
        if url == ANNOUNCE {
            let text = request.text().await?;
            let news = News::parse(&text).ok_or("these are no news")?;
            let known = self.announce(news)?.version;
            return reply::text(200, "text/plain", known.to_string());
        }
        if url == LISTENERS {
            return reply::text(200, "text/plain", count(&self.state).to_string());
        }
        let Some(environment) = url.strip_prefix(LISTEN) else {
            return reply::plain_problem(404, "there is no such call");
        };
        let last = request.headers().get(stream::LAST_EVENT_ID)?;
        let last = last.and_then(|id| id.trim().parse().ok());
        let network = request.headers().get(NETWORK)?;
        self.listen(environment, last, network.as_deref()).await
    }
}

impl Hub {
    /// Tells every listener, if it is news. The listeners hear it before it is written down: it is durable elsewhere.
    /// Returns the newest that is known now.
    fn announce(&self, news: News) -> Result<News> {
        if let Some(newest) = self.newest()?
            && newest.version >= news.version
        {
            return Ok(newest);
        }
        let event = stream::event(news.version, news.changed);
        for socket in self.state.get_websockets() {
            // A socket whose other end has gone is closed by the runtime.
            let _ = socket.send_with_str(&event);
        }
        self.keep(news)?;
        Ok(news)
    }

    async fn listen(
        &self,
        environment: &str,
        last: Option<u64>,
        network: Option<&str>,
    ) -> Result<Response> {
        let limit = setting(&self.env, "VEXIL_HUB_LISTENERS", DEFAULT_LISTENERS);
        if self.listeners.get() >= limit {
            self.listeners.set(count(&self.state));
        }
        if self.listeners.get() >= limit {
            return reply::retry_later("there is no room for another listener", retry_after());
        }
        if network.is_some_and(|network| !self.has_room_for(network)) {
            let after_s = retry_after();
            return Refusal::TooMany { after_s }.answer();
        }
        let newest = match self.newest()? {
            Some(newest) => newest,
            None => self.learn(environment).await?,
        };
        let pair = WebSocketPair::new()?;
        // Not by the method of `worker`, which ends the instance where the runtime refuses.
        let tags = network.map(JsValue::from).into_iter().collect();
        let state = self.state.as_raw();
        let accepted = state.accept_websocket_with_tags(pair.server.as_ref(), tags);
        if accepted.is_err() {
            return reply::retry_later("there is no room for another listener", retry_after());
        }
        self.listeners.set(self.listeners.get().saturating_add(1));
        if let Some(network) = network {
            let mut networks = self.networks.borrow_mut();
            let count = networks.entry(network.to_owned()).or_default();
            *count = count.saturating_add(1);
        }
        let first = if last.is_some_and(|last| last >= newest.version) {
            stream::HEARTBEAT.to_owned()
        } else {
            stream::event(newest.version, newest.changed)
        };
        pair.server.send_with_str(first)?;
        Response::from_websocket(pair.client)
    }

    /// Whether another listener of `network` may come.
    fn has_room_for(&self, network: &str) -> bool {
        let limit = setting(&self.env, "VEXIL_ADDRESS_STREAMS", DEFAULT_ADDRESS_STREAMS);
        let mut networks = self.networks.borrow_mut();
        if networks.len() >= MOST_NETWORKS && !networks.contains_key(network) {
            networks.clear();
        }
        let look = || {
            let sockets = self.state.get_websockets_with_tag(network);
            u32::try_from(sockets.len()).unwrap_or(u32::MAX)
        };
        let known = networks.entry(network.to_owned()).or_insert_with(look);
        if *known >= limit {
            *known = look();
        }
        *known < limit
    }

    /// A hub that nobody has told anything yet asks.
    async fn learn(&self, environment: &str) -> Result<News> {
        let head = environment::head(&self.env, environment).await?;
        let news = News {
            version: head.version,
            changed: head.changed,
        };
        // While it asked, it may have been told more.
        self.announce(news)
    }

    fn newest(&self) -> Result<Option<News>> {
        if let Some(newest) = self.newest.get() {
            return Ok(Some(newest));
        }
        let select = "SELECT version, changed FROM newest";
        let rows: Vec<Vec<Value>> = self
            .sql()?
            .exec(select, None)?
            .raw()
            .collect::<Result<_>>()?;
        let number = |value: Option<&Value>| match value {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        };
        let newest = rows.first().and_then(|row| {
            Some(News {
                version: number(row.first())?.try_into().ok()?,
                changed: number(row.get(1))?,
            })
        });
        self.newest.set(newest);
        Ok(newest)
    }

    fn keep(&self, news: News) -> Result<()> {
        let version = i64::try_from(news.version).unwrap_or(i64::MAX);
        self.sql()?.exec(
            "INSERT OR REPLACE INTO newest (place, version, changed) VALUES (0, ?, ?)",
            vec![Value::Integer(version), Value::Integer(news.changed)],
        )?;
        self.newest.set(Some(news));
        Ok(())
    }

    /// The database, its table made by the first request.
    fn sql(&self) -> Result<&SqlStorage> {
        if let Some(sql) = self.sql.get() {
            return Ok(sql);
        }
        let sql = self.state.storage().sql();
        sql.exec(TABLE, None)?;
        Ok(self.sql.get_or_init(|| sql))
    }
}

impl News {
    fn parse(text: &str) -> Option<News> {
        let json: Json = serde_json::from_str(text).ok()?;
        Some(News {
            version: json.get("version")?.as_u64()?,
            changed: json.get("changed")?.as_i64()?,
        })
    }
}

fn count(state: &State) -> u32 {
    u32::try_from(state.get_websockets().len()).unwrap_or(u32::MAX)
}

/// Full jitter over ten seconds, so that those who are turned away come back apart.
fn retry_after() -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below ten"
    )]
    let seconds = (Math::random() * 10.0) as u32;
    seconds.saturating_add(1)
}
