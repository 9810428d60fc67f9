//! The Cloudflare Worker: I/O and arrangement over core, ruleset, release and ofrep.
//!
//! A request finds its call in one table ([`router`]), shows a key ([`auth`]), and is answered either from the
//! program this isolate keeps in memory ([`delivery`]) or by the environment's Durable Object ([`environment`]),
//! which is the source of truth and the only place that writes. Who listens for its versions does so at one of the
//! environment's hubs ([`hub`]); what clients report is added up by its counters ([`counters`]). What is none of these
//! is an asset of the demo page.

mod answers;
mod assets;
mod auth;
mod base;
mod body;
mod clock;
mod cors;
mod counters;
mod crypto;
mod database;
mod delivery;
mod deployment;
mod environment;
mod facts;
mod hot;
mod hub;
mod limit;
mod metrics;
mod observe;
mod reply;
mod router;
mod sign;
mod signed;
mod stream;
mod wait;

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::json;
use vexil_ofrep::Fault;
use worker::{Context, Env, Error, Request, Response, Result, console_error, console_warn, event};

use crate::auth::{Claim, Refusal, Shown};
use crate::deployment::Deployment;
use crate::limit::Client;
use crate::router::{Admin, Call, Found, Keyed, Route, Scope};

/// A request, with what every call needs of it at hand.
pub(crate) struct Exchange {
    pub(crate) request: Request,
    pub(crate) env: Env,
    pub(crate) deployment: Rc<Deployment>,
    pub(crate) context: Rc<Context>,
    /// The environment that the caller's key opens, once that is known.
    pub(crate) whose: Rc<RefCell<Option<String>>>,
    /// The segment of the path that stands for the table's `{…}`.
    pub(crate) segment: String,
    pub(crate) query: String,
    /// The signed context in its head, if there is one. Nobody has verified it yet.
    pub(crate) signed: Option<String>,
    pub(crate) client: Client,
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let (method, url) = (request.inner().method(), request.inner().url());
    // Without the query, where keys may be.
    let (path, query) = router::split(&url);
    let path = base::below(&env, path);
    let (headers, bindings) = (request.headers().clone(), env.clone());
    let response = match route(request, env, context, &method, path, query).await {
        Ok(response) => response,
        Err(error) if body::is_broken(&error) => broken(&method, path, &error)?,
        Err(error) => {
            console_error!("{method} {path}: {error}");
            failure(path)?
        }
    };
    if cors::is_for_pages(path) {
        let list = &Deployment::of(&bindings).origins;
        cors::allow(list, &headers, response.headers())?;
    }
    if method == "HEAD" {
        Ok(without_body(response))
    } else {
        Ok(response)
    }
}

async fn route(
    request: Request,
    env: Env,
    context: Context,
    method: &str,
    path: &str,
    query: &str,
) -> Result<Response> {
    let deployment = Deployment::of(&env);
    let found = router::find(method, path);
    let address = request.headers().get("cf-connecting-ip")?;
    let client = Client::of(address.as_deref(), found.purpose());
    let response = match &found {
        Found::Call(call, segment) => {
            let (context, whose, began) = (Rc::new(context), Rc::default(), clock::now());
            let exchange = Exchange {
                request,
                env: env.clone(),
                deployment: Rc::clone(&deployment),
                context: Rc::clone(&context),
                whose: Rc::clone(&whose),
                segment: segment.clone(),
                query: query.to_owned(),
                signed: None,
                client: client.clone(),
            };
            let response = match client.ask(&deployment.limits, began)? {
                Ok(()) => admit(call, exchange).await,
                Err(refusal) => refusal.answer(),
            };
            let status = response.as_ref().map_or(500, Response::status_code);
            observe::answered(&env, &context, whose.take().as_deref(), call, status, began);
            let response = response?;
            if call.is_administration() {
                log_refusal(method, path, response.status_code());
            }
            response
        }
        Found::OtherMethods(methods) => {
            let mut response = match method {
                "OPTIONS" => reply::builder(204)?.empty(),
                _ => reply::plain_problem(405, &format!("this path answers {methods}"))?,
            };
            response
                .headers_mut()
                .set("allow", &format!("{methods}, OPTIONS"))?;
            response
        }
        Found::Nothing if router::is_reserved(path) => {
            reply::plain_problem(404, "there is no such call")?
        }
        Found::Nothing => assets::serve(request, &env).await?,
    };
    if response.status_code() == 401 {
        client.was_refused(&deployment.limits, clock::now())?;
    }
    Ok(response)
}

/// What was refused is in the log alone: it changed nothing.
fn log_refusal(method: &str, path: &str, status: u16) {
    if [401, 403, 412, 422].contains(&status) {
        let line = json!({ "event": "refused", "method": method, "path": path, "status": status });
        console_warn!("{line}");
    }
}

/// Lets a call happen whose caller may make it.
async fn admit(call: &'static Call, mut exchange: Exchange) -> Result<Response> {
    let (in_header, signed) = auth::credentials(exchange.request.headers())?;
    exchange.signed = signed;
    let claim = |credential: Option<String>| exchange.claim(credential.as_deref(), call.scope);
    match call.route {
        Route::Health => reply::json(200, &json!({ "status": "ok" })),
        Route::Ready => delivery::ready(&exchange, in_header).await,
        Route::Posted(posted) => delivery::posted(posted, &exchange, in_header).await,
        Route::Events => delivery::count_events(&exchange, in_header).await,
        Route::Admin(admin) => match claim(in_header)? {
            Ok(claim) => {
                if admin == Admin::Metrics
                    && environment::knows_reader(&exchange.env, &claim).await?
                {
                    observe::hand_over(&exchange.env).await;
                }
                environment::forward(&exchange, &claim).await
            }
            Err(refusal) => refusal.answer(),
        },
        Route::Keyed(keyed) => {
            let in_query = || router::query(&exchange.query, "key");
            let credential = match keyed {
                Keyed::Single | Keyed::Bulk => in_header,
                Keyed::Values | Keyed::Stream => in_header.or_else(in_query),
            };
            match claim(credential)? {
                Ok(claim) => delivery::keyed(keyed, &exchange, &claim).await,
                Err(refusal) => refusal.answer(),
            }
        }
    }
}

impl Exchange {
    /// Whose key `credential` is, for the environment that the request names in a header or in the query.
    pub(crate) fn claim(
        &self,
        credential: Option<&str>,
        scope: Scope,
    ) -> Result<core::result::Result<Claim, Refusal>> {
        let shown = credential.map(Shown::new);
        if let Some(shown) = &shown
            && let Err(refusal) = self.client.show(&self.deployment, shown, clock::now())?
        {
            return Ok(Err(refusal));
        }
        let in_header = self.request.headers().get(deployment::ENVIRONMENT)?;
        let named = in_header.or_else(|| router::query(&self.query, "environment"));
        let claim = Claim::read(
            &self.deployment,
            shown,
            named.as_deref(),
            scope,
            clock::now(),
        )?;
        if let Ok(claim) = &claim {
            self.whose.replace(Some(claim.environment.clone()));
        }
        Ok(claim)
    }
}

/// What a caller learns whose body did not come as HTTP has it.
fn broken(method: &str, path: &str, error: &Error) -> Result<Response> {
    let fault = Fault::Parse(error.to_string());
    match router::find(method, path) {
        Found::Call(call, key) => match call.route {
            Route::Keyed(Keyed::Single) => {
                reply::answer(vexil_ofrep::single_failure(&key, &fault), None)
            }
            Route::Keyed(Keyed::Bulk) => reply::answer(vexil_ofrep::bulk_failure(&fault), None),
            _ => reply::plain_problem(fault.status(), &fault.details()),
        },
        Found::OtherMethods(_) | Found::Nothing => {
            reply::plain_problem(fault.status(), &fault.details())
        }
    }
}

/// What a caller learns of a fault of ours; the log has the rest.
fn failure(path: &str) -> Result<Response> {
    let detail = "the worker could not answer";
    if path.starts_with("/ofrep/") {
        reply::json(
            500,
            &json!({ "errorCode": "GENERAL", "errorDetails": detail }),
        )
    } else {
        reply::plain_problem(500, detail)
    }
}

fn without_body(response: Response) -> Response {
    let (builder, _) = response.into_parts();
    builder.empty()
}
