//! The Cloudflare Worker: I/O and arrangement over core, ruleset, release and ofrep.
//!
//! A request finds its call in one table ([`router`]), shows a key ([`auth`]), and is answered either from the
//! program this isolate keeps in memory ([`delivery`]) or by the environment's Durable Object ([`environment`]),
//! which is the source of truth and the only place that writes. Who listens for its versions does so at one of the
//! environment's hubs ([`hub`]). What is none of these is an asset of the demo page.

mod answers;
mod assets;
mod auth;
mod body;
mod clock;
mod cors;
mod delivery;
mod deployment;
mod environment;
mod facts;
mod hub;
mod metrics;
mod reply;
mod router;
mod sign;
mod stream;
mod wait;

use serde_json::json;
use worker::{Context, Env, Request, Response, Result, console_error, console_warn, event};

use crate::auth::{Claim, Refusal};
use crate::router::{Call, Found, Keyed, Route, Scope};

/// A request, with what every call needs of it at hand.
pub(crate) struct Exchange {
    pub(crate) request: Request,
    pub(crate) env: Env,
    pub(crate) context: Context,
    /// The segment of the path that stands for the table's `{…}`.
    pub(crate) segment: String,
    pub(crate) query: String,
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    let (method, url) = (request.inner().method(), request.inner().url());
    // Without the query, where keys may be.
    let (path, query) = router::split(&url);
    let response = match route(request, env, context, &method, path, query).await {
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
    context: Context,
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
                context,
                segment: segment.clone(),
                query: query.to_owned(),
            };
            let response = admit(call, exchange).await?;
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
    if is_cross_origin {
        cors::allow(&env, &headers, &mut response)?;
        if let Found::OtherMethods(methods) = &found {
            cors::allow_request(&mut response, methods)?;
        }
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
async fn admit(call: &'static Call, exchange: Exchange) -> Result<Response> {
    let in_header = auth::credential(exchange.request.headers())?;
    let claim = |credential: Option<String>| exchange.claim(credential.as_deref(), call.scope);
    match call.route {
        Route::Health => reply::json(200, &json!({ "status": "ok" })),
        Route::Ready => delivery::ready(&exchange).await,
        Route::Posted(posted) => delivery::posted(posted, &exchange, in_header).await,
        Route::Admin(_) => match claim(in_header)? {
            Ok(claim) => environment::forward(&exchange, &claim).await,
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
        let in_header = self.request.headers().get(deployment::ENVIRONMENT)?;
        let named = in_header.or_else(|| router::query(&self.query, "environment"));
        Claim::read(&self.env, credential, named.as_deref(), scope, clock::now())
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
