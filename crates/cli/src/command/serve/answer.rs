//! One request, and its answer.

use std::convert::Infallible;
use std::fmt::Display;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::json;
use vexil_core::limits::CONTEXT_BYTES;
use vexil_ofrep::{
    Body, Conditions, Fault, Question, Response as Answer, Visibility, bulk, bulk_failure, program,
    single, single_failure, values,
};

use super::site::Site;
use super::stream::events;

/// How much of a body is read, so that a client hears that it is too large.
const READ: usize = 2 << 20;
const FLAGS: &str = "/ofrep/v1/evaluate/flags";
const STREAM: &str = "/v1/stream";
const EXPOSED: &str = "ETag, Vexil-Version";
const SENT: &str = "Authorization, Content-Type, If-None-Match, Last-Event-ID, X-API-Key";

type Reply = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// What can be asked.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    Index,
    Health,
    Bulk,
    /// The key, decoded.
    Single(String),
    Values,
    Program,
    Stream,
    Events,
}

impl Call {
    fn at(path: &str) -> Option<Call> {
        if let Some(key) = path
            .strip_prefix(FLAGS)
            .and_then(|rest| rest.strip_prefix('/'))
        {
            let is_key = !key.is_empty() && !key.contains('/');
            let key = percent_decode_str(key).decode_utf8_lossy().into_owned();
            return is_key.then_some(Call::Single(key));
        }
        Some(match path {
            "/" => Call::Index,
            "/healthz" => Call::Health,
            FLAGS => Call::Bulk,
            "/v1/values" => Call::Values,
            "/v1/program" => Call::Program,
            STREAM => Call::Stream,
            "/v1/events" => Call::Events,
            _ => return None,
        })
    }

    fn methods(&self) -> &'static str {
        match self {
            Call::Index | Call::Health | Call::Stream => "GET",
            Call::Values => "GET, POST",
            Call::Bulk | Call::Single(_) | Call::Program | Call::Events => "POST",
        }
    }
}

/// The answer, whatever is asked.
pub(super) async fn answer(site: &Site, request: Request<Incoming>) -> Reply {
    let header = |name: &str| {
        let value = request.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    if !site.origins.is_meant(header("host").as_deref()) {
        return problem(403, "this server has another name: use localhost");
    }
    let origin = header("origin").filter(|origin| site.origins.allows(origin));
    let mut reply = match Call::at(request.uri().path()) {
        None => problem(404, "there is no such call; GET / lists those there are"),
        Some(call) => {
            let methods = call.methods();
            let is_asked = methods
                .split(", ")
                .any(|method| method == request.method().as_str());
            let mut reply = if *request.method() == Method::OPTIONS {
                plain(204, "", Bytes::new())
            } else if is_asked {
                called(site, call, request).await
            } else {
                problem(405, &format!("expected {methods}"))
            };
            set(reply.headers_mut(), "allow", methods);
            reply
        }
    };
    let headers = reply.headers_mut();
    set(headers, "vary", "Origin");
    if let Some(origin) = origin {
        set(headers, "access-control-allow-origin", &origin);
        set(headers, "access-control-expose-headers", EXPOSED);
        if let Some(methods) = headers.get("allow").cloned() {
            headers.insert("access-control-allow-methods", methods);
            set(headers, "access-control-allow-headers", SENT);
        }
    }
    reply
}

async fn called(site: &Site, call: Call, request: Request<Incoming>) -> Reply {
    let header = |name: &str| {
        let value = request.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let if_none_match = header("if-none-match");
    let last = header("last-event-id").and_then(|last| last.parse().ok());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let is_get = *request.method() == Method::GET;
    let body = match call {
        Call::Index => return plain(200, "text/plain; charset=utf-8", index(site)),
        Call::Health => return health(site),
        Call::Stream => {
            let events = events(site.versions(), last);
            let mut reply = Response::new(UnsyncBoxBody::new(events));
            set(reply.headers_mut(), "content-type", "text/event-stream");
            set(reply.headers_mut(), "cache-control", "no-store");
            return reply;
        }
        Call::Bulk | Call::Single(_) | Call::Values | Call::Program | Call::Events => {
            read(request.into_body()).await
        }
    };
    let if_none_match = if_none_match.as_deref();
    match (&call, body) {
        (Call::Single(key), Err(fault)) => sent(site, &single_failure(key, &fault)),
        (Call::Bulk, Err(fault)) => sent(site, &bulk_failure(&fault)),
        (_, Err(fault)) => problem(fault.status(), &fault.details()),
        (Call::Single(key), Ok(body)) => {
            let answer = site.with(|snapshot, _| single(snapshot, site.visibility, key, &body));
            sent(site, &answer)
        }
        (Call::Bulk, Ok(body)) => {
            let conditions = Conditions {
                if_none_match,
                stream: Some(STREAM),
            };
            let answer = site
                .with(|snapshot, kept| bulk(snapshot, site.visibility, &body, conditions, kept));
            sent(site, &answer)
        }
        (Call::Events, Ok(_)) => plain(202, "", Bytes::new()),
        (_, Ok(body)) => {
            let question = if is_get {
                question_in(&query)
            } else {
                Question::parse(&body)
            };
            match question {
                Ok(question) => own(site, &call, &question, if_none_match),
                Err(fault) => problem(fault.status(), &fault.details()),
            }
        }
    }
}

/// The two calls of the npm package.
fn own(site: &Site, call: &Call, question: &Question, if_none_match: Option<&str>) -> Reply {
    if question.signed.is_some() {
        return problem(
            400,
            "signed contexts are not verified here: send the context as it is",
        );
    }
    let (context, known) = (&question.context, question.etag.as_deref());
    if *call == Call::Values {
        let answer =
            site.with(|snapshot, kept| values(snapshot, Visibility::Exposed, context, kept));
        let is_known = answer.is_known(known, if_none_match);
        return sent(
            site,
            &if is_known {
                answer.not_modified()
            } else {
                answer
            },
        );
    }
    match site.with(|snapshot, _| program(snapshot, Visibility::Exposed, context)) {
        Ok(answer) if answer.is_known(known, None) => sent(site, &answer.without_program()),
        Ok(answer) => sent(site, &answer),
        Err(error) => problem(500, &format!("the program cannot be specialised: {error}")),
    }
}

async fn read(body: Incoming) -> Result<Bytes, Fault> {
    match Limited::new(body, READ).collect().await {
        Ok(body) => {
            let body = body.to_bytes();
            if body.len() > CONTEXT_BYTES {
                return Err(Fault::TooLarge);
            }
            Ok(body)
        }
        Err(_) => Err(Fault::TooLarge),
    }
}

/// What `GET /v1/values` asks: its context is in the query, in base64url.
fn question_in(query: &str) -> Result<Question, Fault> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    match pairs
        .into_iter()
        .find_map(|(name, value)| (name == "context").then_some(value))
    {
        None => Ok(Question::default()),
        Some(context) => Question::parse_query(&percent_decode_str(context).decode_utf8_lossy()),
    }
}

fn sent(site: &Site, answer: &Answer) -> Reply {
    let mut reply = match &answer.body {
        Body::Empty => plain(answer.status, "", Bytes::new()),
        Body::Json(text) => plain(answer.status, "application/json", text.clone()),
        Body::Bytes(bytes) => plain(answer.status, "application/octet-stream", bytes.clone()),
    };
    let headers = reply.headers_mut();
    if let Some(etag) = &answer.etag {
        set(headers, "etag", etag);
    }
    set(headers, "cache-control", "private, no-cache");
    set(headers, "vexil-version", site.version());
    reply
}

fn health(site: &Site) -> Reply {
    let issues = &*site.issues();
    let body = json!({ "status": "ok", "version": site.version(), "flags": site.flags(), "issues": issues });
    plain(200, "application/json", body.to_string())
}

fn index(site: &Site) -> String {
    let (flags, version) = (site.count(), site.version());
    format!(
        "vexil serve: {flags}, version {version}\n\n\
         POST {FLAGS}\nPOST {FLAGS}/KEY\nGET  /v1/values\nPOST /v1/values\nPOST /v1/program\nGET  {STREAM}\n\
         POST /v1/events\nGET  /healthz\n"
    )
}

/// RFC 9457.
fn problem(status: u16, detail: &str) -> Reply {
    let body = json!({ "status": status, "detail": detail });
    plain(status, "application/problem+json", body.to_string())
}

fn plain(status: u16, content_type: &str, body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(UnsyncBoxBody::new(Full::new(body.into())));
    *reply.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    if !content_type.is_empty() {
        set(reply.headers_mut(), "content-type", content_type);
    }
    reply
}

fn set(headers: &mut HeaderMap, name: &'static str, value: impl Display) {
    if let Ok(value) = HeaderValue::try_from(value.to_string()) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
