//! The source of truth of one environment: a Durable Object with its own database.
//!
//! Workers reach it by the URLs of the public calls that write ([`forward`]) and by four that are not public:
//! the head, a program, what isolates counted, and whether a token reads.

mod audit;
mod change;
mod head;
mod in_order;
mod outbox;
mod page;
mod publish;
mod request;
mod restored;
mod retention;
mod schema;
mod store;
mod tokens;
mod versions;

use core::cell::{OnceCell, RefCell};
use core::time::Duration;
use std::rc::Rc;

use serde_json::Value as Json;
use vexil_core::limits::{CONTEXT_BYTES, RULESET_BYTES};
use worker::{
    DurableObject, Env, Method, Request, RequestInit, Response, Result, State, Stub, console_error,
    durable_object, wasm_bindgen,
};

use crate::auth::{self, Claim, Holder, Refusal, Shown};
use crate::deployment::{Deployment, ENVIRONMENT};
use crate::metrics::{Counts, Gauges};
use crate::router::{self, Admin, Found, Route, Scope};
use crate::wait::within;
use crate::{Exchange, base, body, clock, counters, database, delivery, hub, metrics, reply};
use audit::Author;
use change::Change;
pub(crate) use head::Head;
use in_order::InOrder;
use outbox::Outbox;
use store::Store;

/// Where only this worker asks.
const HEAD: &str = "https://environment/head";
const PROGRAM: &str = "https://environment/program/";
const COUNTS: &str = "https://environment/counts";
const READER: &str = "https://environment/reader";
/// How long it may take to say whose key that is, before nobody's word counts.
const ASK: Duration = Duration::from_secs(2);

/// The binding of the store of programs, where there is one.
pub(crate) const PROGRAMS: &str = "PROGRAMS";

/// Where the store of programs has the cold copy of the head.
pub(crate) fn head_key(name: &str) -> String {
    format!("head/{name}")
}

/// Where it has the program of that number.
pub(crate) fn program_key(name: &str, number: u64) -> String {
    format!("program/{name}/{number}")
}

/// The newest version of the environment `name`.
pub(crate) async fn head(env: &Env, name: &str) -> Result<Head> {
    let mut response = answered(stub(env, name)?.fetch_with_str(HEAD).await?)?;
    let text = response.text().await?;
    let json: Json = serde_json::from_str(&text)?;
    Head::from_json(&json).ok_or_else(|| "the environment's head cannot be read".into())
}

/// The bytes of its program of that number.
pub(crate) async fn program(env: &Env, name: &str, number: u64) -> Result<Vec<u8>> {
    let url = format!("{PROGRAM}{number}");
    let mut response = answered(stub(env, name)?.fetch_with_str(&url).await?)?;
    response.bytes().await
}

/// Adds what an isolate counted ([`Counts::take`]).
pub(crate) async fn add_counts(env: &Env, name: &str, counts: &Json) -> Result<()> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(counts.to_string().into()));
    let request = Request::new_with_init(COUNTS, &init)?;
    answered(stub(env, name)?.fetch_with_request(request).await?)?;
    Ok(())
}

/// Whether `claim` is of a token that reads: of an issued one its environment knows, if it answers.
pub(crate) async fn knows_reader(env: &Env, claim: &Claim) -> Result<bool> {
    if let Holder::Deployment(root) = claim.holder {
        return Ok(root.caller.may(Scope::Read));
    }
    let request = Request::new(READER, Method::Get)?.clone_mut()?;
    let bearer = format!("Bearer {}", claim.key);
    request.headers().set("authorization", &bearer)?;
    let stub = stub(env, &claim.environment)?;
    let answer = within(ASK, stub.fetch_with_request(request)).await;
    let status = answer.and_then(core::result::Result::ok);
    let status = status.map(|response| response.status_code());
    if status == Some(401) {
        claim.is_nobodys(clock::now());
    }
    Ok(status == Some(204))
}

/// `response`, unless it is a refusal.
fn answered(response: Response) -> Result<Response> {
    match response.status_code() {
        200..300 => Ok(response),
        status => Err(format!("the environment answered {status}").into()),
    }
}

/// Lets the environment answer the request itself: it knows whether it issued the key.
pub(crate) async fn forward(exchange: &Exchange, claim: &Claim) -> Result<Response> {
    let request = exchange.request.clone_mut()?;
    request.headers().set(ENVIRONMENT, &claim.environment)?;
    let response = stub(&exchange.env, &claim.environment)?
        .fetch_with_request(request)
        .await;
    // Where it says nothing, a write may be durable whose answer was lost; whoever may not write has written nothing.
    let is_refused = response
        .as_ref()
        .is_ok_and(|response| [401, 403].contains(&response.status_code()));
    if !matches!(exchange.request.inner().method().as_str(), "GET" | "HEAD") && !is_refused {
        delivery::wrote(&claim.environment);
    }
    let response = response?;
    if response.status_code() == 401 {
        claim.is_nobodys(clock::now());
    }
    // A fetched response's own headers cannot be changed.
    let (builder, body) = response.into_parts();
    Ok(builder.body(body))
}

/// `name` is one of the deployment's: an object is made for whatever is asked for.
fn stub(env: &Env, name: &str) -> Result<Stub> {
    env.durable_object("ENVIRONMENT")?.get_by_name(name)
}

/// The Durable Object.
#[durable_object(alarm)]
pub struct Environment {
    state: State,
    env: Env,
    store: OnceCell<Rc<Store>>,
    writes: InOrder,
    /// Since this object was made; those who scrape know what a counter that begins anew means.
    counts: RefCell<Counts>,
}

impl DurableObject for Environment {
    fn new(state: State, env: Env) -> Self {
        Environment {
            state,
            env,
            store: OnceCell::new(),
            writes: InOrder::default(),
            counts: RefCell::default(),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let store = self.store()?;
        let url = request.inner().url();
        if url == HEAD {
            return reply::json(200, &store.head()?.to_json());
        }
        if let Some(number) = url.strip_prefix(PROGRAM) {
            let number = number.parse().map_err(|_| "a program has a number")?;
            let program = match store.program(number)? {
                Some(program) => program,
                None if number == 0 => change::empty_program(&self.name()?)?,
                None => return reply::plain_problem(404, "there is no such program"),
            };
            return Ok(reply::builder(200)?.fixed(program));
        }
        if url == COUNTS {
            let counts = serde_json::from_str(&request.text().await?)?;
            self.counts.borrow_mut().add(&counts);
            return Ok(reply::builder(204)?.empty());
        }
        if url == READER {
            return match self.author(store, Scope::Read, &request)? {
                Ok(_) => Ok(reply::builder(204)?.empty()),
                Err(refusal) => refusal.answer(),
            };
        }
        let (path, query) = router::split(&url);
        let path = base::below(&self.env, path);
        let Found::Call(call, segment) = router::find(&request.inner().method(), path) else {
            return reply::plain_problem(404, "there is no such call");
        };
        let Route::Admin(admin) = call.route else {
            return reply::plain_problem(404, "there is no such call");
        };
        if let Err(refusal) = self.author(store, call.scope, &request)? {
            return refusal.answer();
        }
        let body = body::read(&request, most_bytes(admin)).await?;
        // Again: a key may have ended while the body came.
        let author = match self.author(store, call.scope, &request)? {
            Ok(author) => author,
            Err(refusal) => return refusal.answer(),
        };
        let (before, _) = store.last_line()?;
        let change = Change {
            store,
            environment: self.name()?,
            author,
            body,
        };
        let response = match admin {
            Admin::GetRuleset => change::ruleset(store)?,
            Admin::PutRuleset => change.put_ruleset(&request)?,
            Admin::Versions => versions::list(store, query)?,
            Admin::Version => versions::one(store, &segment)?,
            Admin::VersionRuleset => versions::ruleset(store, &segment)?,
            Admin::Diff => versions::compare(store, query)?,
            Admin::RollBack => change.roll_back(&segment, &request)?,
            Admin::Audit => audit::read(store, query)?,
            Admin::Metrics => self.metrics(store).await?,
            Admin::Events => counters::read(&self.env, &self.name()?).await?,
            Admin::Tokens => tokens::list(store)?,
            Admin::IssueToken => change.issue(&request)?,
            Admin::ExpireToken => change.expire(&segment, &request)?,
            Admin::Flag(verb) => change.flag(&segment, verb, &request)?,
            Admin::Release(verb) => change.release(&segment, verb, &request)?,
        };
        let (revision, _) = store.last_line()?;
        if revision > before {
            let outbox = self.outbox(store)?;
            self.state.wait_until(async move {
                if let Err(error) = outbox.push(before).await {
                    console_error!("the outbox of {}: {error}", outbox.environment);
                }
            });
        }
        Ok(response)
    }

    /// Tells again what was not acknowledged.
    async fn alarm(&self) -> Result<Response> {
        self.outbox(self.store()?)?.repeat().await?;
        Response::empty()
    }
}

/// How many bytes of a body are read.
fn most_bytes(admin: Admin) -> usize {
    match admin {
        Admin::PutRuleset => RULESET_BYTES,
        _ => CONTEXT_BYTES,
    }
}

impl Environment {
    /// The database, its tables made by the first request.
    fn store(&self) -> Result<&Rc<Store>> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let store = Rc::new(Store::open(&self.state, &self.env, self.name()?)?);
        restored::after_copy(&store)?;
        let outbox = self.outbox(&store)?;
        self.state.wait_until(async move {
            if let Err(error) = outbox.compare().await {
                console_error!("what the hubs of {} know: {error}", outbox.environment);
            }
        });
        Ok(self.store.get_or_init(|| store))
    }

    /// `GET /metrics`.
    async fn metrics(&self, store: &Store) -> Result<Response> {
        let (name, head) = (self.name()?, store.head()?);
        let age = clock::now().saturating_sub(head.changed);
        let gauges = Gauges {
            version: head.version,
            age_ms: u64::try_from(age).unwrap_or_default(),
            listeners: hub::listeners(&self.env, &name).await,
            waiting: outbox::waiting(store)?,
        };
        let mut text = self.counts.borrow().prometheus(&name, gauges);
        match counters::total(&self.env, &name).await {
            Ok(counts) => text.push_str(&metrics::of_events(&name, &counts)),
            Err(error) => console_error!("the counters of {name} do not answer: {error}"),
        }
        reply::text(200, "text/plain; version=0.0.4; charset=utf-8", text)
    }

    fn outbox(&self, store: &Rc<Store>) -> Result<Outbox> {
        Ok(Outbox {
            store: Rc::clone(store),
            writes: self.writes.clone(),
            environment: self.name()?,
        })
    }

    /// As the deployment calls it.
    fn name(&self) -> Result<String> {
        self.state
            .id()
            .name()
            .ok_or_else(|| "an environment has a name".into())
    }

    /// Who makes a request, where the key allows what `scope` names.
    fn author(
        &self,
        store: &Store,
        scope: Scope,
        request: &Request,
    ) -> Result<core::result::Result<Author, Refusal>> {
        let headers = request.headers();
        let (key, _) = auth::credentials(headers)?;
        let named = headers.get(ENVIRONMENT)?;
        let now = clock::now();
        let (deployment, key) = (Deployment::of(&self.env), key.as_deref().map(Shown::new));
        let claim = Claim::read(&deployment, key, named.as_deref(), scope, now)?;
        let claim = match claim {
            Ok(claim) => claim,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Holder::Deployment(root) = claim.holder {
            return Ok(Ok(Author {
                name: root.name.to_owned(),
                token: None,
            }));
        }
        Ok(match store.administrator(claim.hash, now)? {
            Some((author, caller)) if caller.may(scope) => Ok(author),
            Some(_) => Err(Refusal::OutOfScope(scope)),
            None => Err(Refusal::Unknown),
        })
    }
}
