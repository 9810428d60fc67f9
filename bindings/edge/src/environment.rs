//! The source of truth of one environment: a Durable Object with its own database.
//!
//! Workers reach it by the URLs of the public calls that write ([`forward`]) and by three that are not public:
//! the head, a program, and the stream of events.

mod change;
mod store;

use core::cell::OnceCell;

use serde_json::{Value as Json, json};
use vexil_core::Progress;
use vexil_ofrep::LiveState;
use worker::{
    DurableObject, Env, Request, Response, Result, State, Stub, WebSocketPair, durable_object,
    wasm_bindgen,
};

use crate::auth::Caller;
use crate::router::{self, Admin, Found, Route};
use crate::{Exchange, reply, stream};
use change::Change;
use store::Store;

/// What the newest version consists of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Head {
    /// Higher with every change; 0 before the first.
    pub(crate) version: u64,
    /// The number of its program.
    pub(crate) program: u64,
    /// Its live state.
    pub(crate) live: LiveState,
    /// When it came to be, in ms since 1970.
    pub(crate) changed: i64,
}

/// Where only this worker asks.
const HEAD: &str = "https://environment/head";
const PROGRAM: &str = "https://environment/program/";
const STREAM: &str = "https://environment/stream";
/// Who is behind a forwarded request; whatever a client sends under this name is overwritten.
const AUTHOR: &str = "vexil-author";

/// The newest version.
pub(crate) async fn head(env: &Env) -> Result<Head> {
    let text = stub(env)?.fetch_with_str(HEAD).await?.text().await?;
    let json: Json = serde_json::from_str(&text)?;
    Head::from_json(&json).ok_or_else(|| "the environment's head cannot be read".into())
}

/// The bytes of the program of that number.
pub(crate) async fn program(env: &Env, number: u64) -> Result<Vec<u8>> {
    stub(env)?
        .fetch_with_str(&format!("{PROGRAM}{number}"))
        .await?
        .bytes()
        .await
}

/// A WebSocket that carries the text of every event, in an answer.
pub(crate) async fn listen(env: &Env) -> Result<Response> {
    let request = Request::new(STREAM, worker::Method::Get)?.clone_mut()?;
    request.headers().set("upgrade", "websocket")?;
    stub(env)?.fetch_with_request(request).await
}

/// Lets the environment answer the request itself, in the name of `caller`.
pub(crate) async fn forward(exchange: &Exchange, caller: Caller) -> Result<Response> {
    let request = exchange.request.clone_mut()?;
    request.headers().set(AUTHOR, caller.name())?;
    let response = stub(&exchange.env)?.fetch_with_request(request).await?;
    // A fetched response's own headers cannot be changed.
    let (builder, body) = response.into_parts();
    Ok(builder.body(body))
}

fn stub(env: &Env) -> Result<Stub> {
    env.durable_object("ENVIRONMENT")?.get_by_name(&name(env))
}

/// Which environment this worker serves.
fn name(env: &Env) -> String {
    env.var("VEXIL_ENVIRONMENT")
        .map_or_else(|_| "production".to_owned(), |name| name.to_string())
}

impl Head {
    fn to_json(&self) -> Json {
        json!({
            "version": self.version,
            "program": self.program,
            "live": self.live.number,
            "killed": self.live.killed,
            "started": self.live.started.iter().map(|(name, progress)| json!([name, progress.stage, progress.exposure])).collect::<Json>(),
            "changed": self.changed,
        })
    }

    fn from_json(json: &Json) -> Option<Head> {
        let number = |name: &str| json.get(name)?.as_u64();
        let started = |release: &Json| {
            let progress = Progress {
                stage: u32::try_from(release.get(1)?.as_u64()?).ok()?,
                exposure: release.get(2)?.as_f64()?,
            };
            Some((release.get(0)?.as_str()?.to_owned(), progress))
        };
        let killed = json
            .get("killed")?
            .as_array()?
            .iter()
            .map(|key| Some(key.as_str()?.to_owned()));
        Some(Head {
            version: number("version")?,
            program: number("program")?,
            live: LiveState {
                number: number("live")?,
                killed: killed.collect::<Option<_>>()?,
                started: json
                    .get("started")?
                    .as_array()?
                    .iter()
                    .map(started)
                    .collect::<Option<_>>()?,
            },
            changed: json.get("changed")?.as_i64()?,
        })
    }
}

/// The Durable Object.
#[durable_object(fetch)]
pub struct Environment {
    state: State,
    env: Env,
    store: OnceCell<Store>,
}

impl DurableObject for Environment {
    fn new(state: State, env: Env) -> Self {
        Environment {
            state,
            env,
            store: OnceCell::new(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let store = self.store()?;
        let url = request.inner().url();
        match url.as_str() {
            HEAD => return reply::json(200, &store.head()?.to_json()),
            STREAM => return self.open_stream(store),
            _ => {}
        }
        if let Some(number) = url.strip_prefix(PROGRAM) {
            let number = number.parse().map_err(|_| "a program has a number")?;
            let program = match store.program(number)? {
                Some(program) => program,
                None if number == 0 => change::empty_program(&name(&self.env))?,
                None => return reply::plain_problem(404, "there is no such program"),
            };
            return Ok(reply::builder(200)?.fixed(program));
        }
        let (path, _) = router::split(&url);
        let Found::Call(call, segment) = router::find(&request.inner().method(), path) else {
            return reply::plain_problem(404, "there is no such call");
        };
        let Route::Admin(admin) = call.route else {
            return reply::plain_problem(404, "there is no such call");
        };
        let before = store.head()?.version;
        let change = Change {
            store,
            environment: name(&self.env),
            author: author(&request)?,
        };
        let response = match admin {
            Admin::GetRuleset => change::ruleset(store)?,
            Admin::PutRuleset => change.put_ruleset(&request).await?,
            Admin::Flag(verb) => change.flag(&segment, verb, &request).await?,
            Admin::Release(verb) => change.release(&segment, verb, &request).await?,
        };
        let head = store.head()?;
        if head.version > before {
            self.announce(&head);
        }
        Ok(response)
    }
}

impl Environment {
    /// The database, its tables made by the first request.
    fn store(&self) -> Result<&Store> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let store = Store::open(&self.state)?;
        Ok(self.store.get_or_init(|| store))
    }

    fn open_stream(&self, store: &Store) -> Result<Response> {
        let pair = WebSocketPair::new()?;
        self.state.accept_web_socket(&pair.server);
        let head = store.head()?;
        pair.server
            .send_with_str(stream::event(head.version, head.changed))?;
        Response::from_websocket(pair.client)
    }

    /// Tells every listener. The runtime holds the messages back until the change is durable.
    fn announce(&self, head: &Head) {
        let event = stream::event(head.version, head.changed);
        for socket in self.state.get_websockets() {
            // A socket whose other end has gone is closed by the runtime.
            let _ = socket.send_with_str(&event);
        }
    }
}

fn author(request: &Request) -> Result<String> {
    Ok(request.headers().get(AUTHOR)?.unwrap_or_default())
}
