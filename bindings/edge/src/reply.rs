//! Responses: JSON, and RFC 9457 problem documents.

use serde_json::{Map, Value as Json};
use vexil_ofrep::{Body, Response as Answer};
use worker::{Headers, Response, ResponseBuilder, Result};

/// A JSON document.
pub(crate) fn json(status: u16, body: &Json) -> Result<Response> {
    text(status, "application/json", body.to_string())
}

/// `body`, already JSON.
pub(crate) fn text(status: u16, content_type: &str, body: String) -> Result<Response> {
    Ok(builder(status)?
        .with_header("content-type", content_type)?
        .fixed(body.into_bytes()))
}

/// A problem document (RFC 9457): what went wrong, in a sentence, and what a program may want to know of it.
pub(crate) fn problem(status: u16, detail: &str, members: Map<String, Json>) -> Result<Response> {
    let mut document = Map::new();
    document.insert("type".to_owned(), Json::from("about:blank"));
    document.insert("title".to_owned(), Json::from(title(status)));
    document.insert("status".to_owned(), Json::from(status));
    document.insert("detail".to_owned(), Json::from(detail));
    document.extend(members);
    text(
        status,
        "application/problem+json",
        Json::Object(document).to_string(),
    )
}

/// A problem that its sentence says completely.
pub(crate) fn plain_problem(status: u16, detail: &str) -> Result<Response> {
    problem(status, detail, Map::new())
}

/// A problem that is over after so many seconds.
pub(crate) fn retry_later(detail: &str, seconds: u32) -> Result<Response> {
    let mut response = plain_problem(503, detail)?;
    let headers = response.headers_mut();
    headers.set("retry-after", &seconds.to_string())?;
    Ok(response)
}

/// What an answer was made from.
pub(crate) struct Origin {
    /// The version of the environment.
    pub(crate) version: u64,
    /// Whether there may be a newer one that this worker could not ask for.
    pub(crate) is_stale: bool,
}

/// An answer of `vexil_ofrep`, and what it was made from, if it was from any version.
pub(crate) fn answer(answer: Answer, origin: Option<&Origin>) -> Result<Response> {
    let headers = Headers::new();
    describe(&answer, origin, |name, value| headers.set(name, value))?;
    let builder = ResponseBuilder::new().with_status(answer.status);
    let builder = builder.with_headers(headers);
    Ok(match answer.body {
        Body::Empty => builder.empty(),
        Body::Json(body) => builder.fixed(body.into_bytes()),
        Body::Bytes(body) => builder.fixed(body),
    })
}

/// Says the headers of such an answer, one by one.
pub(crate) fn describe(
    answer: &Answer,
    origin: Option<&Origin>,
    mut say: impl FnMut(&str, &str) -> Result<()>,
) -> Result<()> {
    for (name, value) in COMMON {
        say(name, value)?;
    }
    if let Some(Origin { version, is_stale }) = origin {
        say("vexil-version", &version.to_string())?;
        if *is_stale {
            say("vexil-stale", "true")?;
        }
    }
    if let Some(etag) = &answer.etag {
        say("etag", etag)?;
    }
    match answer.body {
        Body::Empty => Ok(()),
        Body::Json(_) => say("content-type", "application/json"),
        Body::Bytes(_) => say("content-type", "application/octet-stream"),
    }
}

/// What every response of the API says: nobody keeps it without asking, nobody guesses its type.
const COMMON: [(&str, &str); 2] = [
    ("cache-control", "private, no-cache"),
    ("x-content-type-options", "nosniff"),
];

pub(crate) fn builder(status: u16) -> Result<ResponseBuilder> {
    let builder = ResponseBuilder::new().with_status(status);
    COMMON.iter().try_fold(builder, |builder, (name, value)| {
        builder.with_header(name, value)
    })
}

/// The phrase of RFC 9110 for the statuses that problems have.
fn title(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
