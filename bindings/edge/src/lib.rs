//! The Cloudflare Worker: I/O and arrangement over core, ruleset, release and ofrep.
//!
//! A request finds its call in one table ([`router`]), shows a key ([`auth`]), and is answered either from the
//! program this isolate keeps in memory ([`delivery`]) or by the environment's Durable Object ([`environment`]),
//! which is the source of truth and the only place that writes. What is neither is an asset of the demo page.

mod assets;
mod auth;
mod body;
mod cors;
mod delivery;
mod environment;
mod reply;
mod router;
mod stream;

use serde_json::json;
use worker::{Context, Env, Request, Response, Result, console_error, event};

use crate::auth::Caller;
use crate::router::{Call, Found, Keyed, Route, Scope};

/// A request, with what every call needs of it at hand.
pub(crate) struct Exchange {
    pub(crate) request: Request,
    pub(crate) env: Env,
    /// The segment of the path that stands for the table's `{…}`.
    pub(crate) segment: String,
    pub(crate) query: String,
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let (method, url) = (request.inner().method(), request.inner().url());
    // Without the query, where keys may be.
    let (path, query) = router::split(&url);
    let response = match route(request, env, &method, path, query).await {
        Ok(response) => response,
        Err(error) => {
            console_error!("{method} {path}: {error}");
            failure(path)?
        }
    };
    if method == "HEAD" {
        Ok(without_body(response))
    } else {
        Ok(response)
    }
}

async fn route(
    request: Request,
    env: Env,
    method: &str,
    path: &str,
    query: &str,
) -> Result<Response> {
    let is_cross_origin = path.starts_with("/ofrep/") || path.starts_with("/v1/");
    let headers = request.headers().clone();
    let found = router::find(method, path);
    let mut response = match &found {
        Found::Call(call, segment) => {
            let exchange = Exchange {
                request,
                env: env.clone(),
                segment: segment.clone(),
                query: query.to_owned(),
            };
            admit(call, exchange).await?
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
    if is_cross_origin {
        cors::allow(&env, &headers, &mut response)?;
        if let Found::OtherMethods(methods) = &found {
            cors::allow_request(&mut response, methods)?;
        }
    }
    Ok(response)
}

/// Lets a call happen whose caller may make it.
async fn admit(call: &'static Call, exchange: Exchange) -> Result<Response> {
    let in_header = auth::credential(exchange.request.headers())?;
    let caller =
        |credential: Option<String>| authorise(&exchange.env, credential.as_deref(), call.scope);
    match call.route {
        Route::Health => reply::json(200, &json!({ "status": "ok" })),
        Route::Posted(posted) => delivery::posted(posted, &exchange, in_header).await,
        Route::Admin(_) => match caller(in_header) {
            Ok(caller) => environment::forward(&exchange, caller).await,
            Err(refusal) => refusal.answer(),
        },
        Route::Keyed(keyed) => {
            let in_query = || router::query(&exchange.query, "key");
            let credential = match keyed {
                Keyed::Single | Keyed::Bulk => in_header,
                Keyed::Values | Keyed::Stream => in_header.or_else(in_query),
            };
            match caller(credential) {
                Ok(caller) => answer(keyed, &exchange, caller).await,
                Err(refusal) => refusal.answer(),
            }
        }
    }
}

async fn answer(keyed: Keyed, exchange: &Exchange, caller: Caller) -> Result<Response> {
    match keyed {
        Keyed::Single => delivery::single(exchange, caller).await,
        Keyed::Bulk => delivery::bulk(exchange, caller).await,
        Keyed::Values => delivery::values(exchange, caller).await,
        Keyed::Stream => stream::open(exchange).await,
    }
}

/// Why a key does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is none, or nobody has it.
    Unknown,
    /// Its holder may not do this.
    OutOfScope,
}

impl Refusal {
    pub(crate) fn answer(self) -> Result<Response> {
        match self {
            Refusal::Unknown => {
                let detail = "this call needs a key that is known here, in `Authorization: Bearer …` or `X-API-Key`";
                let mut response = reply::plain_problem(401, detail)?;
                response.headers_mut().set("www-authenticate", "Bearer")?;
                Ok(response)
            }
            Refusal::OutOfScope => reply::plain_problem(403, "this key does not allow this call"),
        }
    }
}

/// The caller, where `credential` allows what `scope` names.
pub(crate) fn authorise(
    env: &Env,
    credential: Option<&str>,
    scope: Scope,
) -> core::result::Result<Caller, Refusal> {
    let caller = credential
        .and_then(|given| auth::caller(env, given))
        .ok_or(Refusal::Unknown)?;
    if caller.may(scope) {
        Ok(caller)
    } else {
        Err(Refusal::OutOfScope)
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
