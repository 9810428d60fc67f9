//! OFREP's two calls: one flag, and all of them.

use serde_json::{Value as Json, json};
use vexil_core::{ErrorCode, Reason, ask, evaluate};

use crate::answer::{Answer, Snapshot, Visibility, write_choice, write_explanation, write_text};
use crate::context::resolve;
use crate::entries::{Entries, Form};
use crate::question::{Fault, Question};
use crate::response::{Response, is_current};

/// What a bulk request says beside its body, and where its client may listen for changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions<'a> {
    /// The header `If-None-Match`.
    pub if_none_match: Option<&'a str>,
    /// The path and query of the event stream, for `eventStreams`.
    pub stream: Option<&'a str>,
}

/// How long a hidden page may leave its event stream open, in seconds.
const INACTIVITY_S: u32 = 120;

/// `POST /ofrep/v1/evaluate/flags`: every flag that `visibility` shows.
///
/// The entity tag hashes the answers: a new version that changes none of them for this context is still a 304.
#[must_use]
pub fn bulk(
    snapshot: &Snapshot<'_>,
    visibility: Visibility,
    body: &[u8],
    conditions: Conditions<'_>,
    entries: &mut Entries,
) -> Response {
    let question = match Question::parse(body) {
        Ok(question) => question,
        Err(fault) => return bulk_failure(&fault),
    };
    let chosen = entries.choose(snapshot, visibility, &question.context, Form::Bulk);
    let mut end = String::from("]");
    if let Some(stream) = conditions.stream {
        let streams = json!([{ "type": "sse", "endpoint": { "requestUri": stream }, "inactivityDelaySec": INACTIVITY_S }]);
        end.push_str(",\"eventStreams\":");
        end.push_str(&streams.to_string());
    }
    end.push('}');
    let etag = chosen.etag(&end);
    match conditions.if_none_match {
        Some(condition) if is_current(condition, &etag) => Response::unchanged(Some(etag)),
        Some(_) | None => chosen.between("{\"flags\":[", &end, etag),
    }
}

/// `POST /ofrep/v1/evaluate/flags/{key}`. A flag that `visibility` hides is answered as one that does not exist.
#[must_use]
pub fn single(snapshot: &Snapshot<'_>, visibility: Visibility, key: &str, body: &[u8]) -> Response {
    let question = match Question::parse(body) {
        Ok(question) => question,
        Err(fault) => return single_failure(key, &fault),
    };
    let flag = match ask(snapshot.program, key, None) {
        Ok(flag) if snapshot.shows(visibility, flag) => flag,
        Ok(_) | Err(ErrorCode::FlagNotFound | ErrorCode::TypeMismatch) => return not_found(key),
    };
    let context = snapshot.believed(&question.context);
    let context = resolve(snapshot.program, &context);
    let live = snapshot.live.resolve(snapshot.program);
    let evaluation = evaluate(snapshot.program, &live, flag, &context, snapshot.now);
    let evaluation = snapshot.served(flag, evaluation);
    let mut out = String::new();
    let answer = (flag, evaluation);
    write_flag(
        &mut out,
        answer,
        Some(snapshot.version),
        snapshot.is_expired,
    );
    let mut response = Response::json(200, out);
    if evaluation.is_missing_unit {
        response.missing_units.push(key.to_owned());
    }
    response
}

/// What a single call answers where its body asks nothing.
#[must_use]
pub fn single_failure(key: &str, fault: &Fault) -> Response {
    let body =
        json!({ "key": key, "errorCode": fault.error_code(), "errorDetails": fault.details() });
    Response::json(fault.status(), body.to_string())
}

/// What a bulk call answers where its body asks nothing.
#[must_use]
pub fn bulk_failure(fault: &Fault) -> Response {
    let body = json!({ "errorCode": fault.error_code(), "errorDetails": fault.details() });
    Response::json(fault.status(), body.to_string())
}

fn not_found(key: &str) -> Response {
    let details = format!("no flag `{key}`");
    let body =
        json!({ "key": key, "errorCode": ErrorCode::FlagNotFound.name(), "errorDetails": details });
    Response::json(404, body.to_string())
}

/// Writes an `evaluationSuccess`. The version is only in what carries no entity tag.
pub(crate) fn write_flag(
    out: &mut String,
    answer: Answer<'_>,
    version: Option<u64>,
    is_expired: bool,
) {
    out.push_str("{\"key\":");
    write_text(out, answer.0.key());
    out.push(',');
    write_choice(out, answer);
    let reason = answer.1.reason;
    out.push_str("\"reason\":\"");
    out.push_str(standard(reason).name());
    out.push('"');
    let mut metadata = version.map_or_else(String::new, |version| {
        format!(",\"version\":{}", Json::from(version))
    });
    if reason == Reason::PrerequisiteFailed {
        metadata.push_str(",\"prerequisiteFailed\":true");
    }
    if is_expired {
        metadata.push_str(",\"stale\":true");
    }
    write_explanation(&mut metadata, answer);
    if let Some(members) = metadata.strip_prefix(',') {
        out.push_str(",\"metadata\":{");
        out.push_str(members);
        out.push('}');
    }
    out.push('}');
}

/// The reason in OpenFeature's own words: a client that knows no others serves the caller's default instead of the
/// answer.
fn standard(reason: Reason) -> Reason {
    match reason {
        Reason::PrerequisiteFailed => Reason::Default,
        Reason::Static
        | Reason::Default
        | Reason::TargetingMatch
        | Reason::Split
        | Reason::Disabled => reason,
    }
}
