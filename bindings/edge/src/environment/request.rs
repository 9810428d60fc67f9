//! What requests that write have in common: a reason, and the version that they expect to change.

use serde_json::{Map, Value as Json};
use worker::{Request, Response, Result};

use super::Head;
use crate::{reply, router};

/// How many characters a reason has at most.
const MAX_REASON: usize = 1_000;

/// The object that is the body, an empty one where there is none; a refusal where the body is something else, or is
/// `None` since it is larger than is read.
pub(super) fn object(
    body: Option<&[u8]>,
) -> Result<core::result::Result<Map<String, Json>, Response>> {
    let Some(body) = body else {
        return reply::plain_problem(413, "the body is too large").map(Err);
    };
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Ok(Map::new()));
    }
    match vexil_ofrep::parse_json(body) {
        Ok(Json::Object(members)) => Ok(Ok(members)),
        Ok(_) => reply::plain_problem(400, "expected a JSON object").map(Err),
        Err(error) => reply::plain_problem(400, &format!("the body is not JSON: {error}")).map(Err),
    }
}

/// Why: the member `reason` of `body`, the header `Vexil-Reason` (percent-encoded) or `reason` in the query; empty
/// where it is said nowhere.
pub(super) fn reason(
    request: &Request,
    body: &Map<String, Json>,
) -> Result<core::result::Result<String, Response>> {
    let reason = match body.get("reason") {
        None | Some(Json::Null) => {
            let header = request.headers().get("vexil-reason")?;
            let url = request.inner().url();
            let in_query = || router::query(router::split(&url).1, "reason");
            header.map(|text| router::decode(&text)).or_else(in_query)
        }
        Some(Json::String(reason)) => Some(reason.clone()),
        Some(_) => return reply::plain_problem(400, "`reason` is not a string").map(Err),
    };
    let reason = reason.unwrap_or_default();
    if reason.chars().count() > MAX_REASON {
        let detail = format!("a reason has at most {MAX_REASON} characters");
        return reply::plain_problem(400, &detail).map(Err);
    }
    Ok(Ok(reason))
}

/// The version that a request expects to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Any,
    Version(u64),
}

/// A refusal unless `if_match` names the version that is the newest.
pub(super) fn expect(if_match: Option<&str>, head: &Head) -> Result<Option<Response>> {
    let Some(if_match) = if_match else {
        let detail = "say which version this replaces, in `If-Match`";
        return problem_with(428, detail, &[("version", head.version)]).map(Some);
    };
    match expected(if_match) {
        None => {
            let detail = "`If-Match` is neither a version in quotes nor `*`";
            reply::plain_problem(400, detail).map(Some)
        }
        Some(Expected::Version(version)) if version != head.version => {
            let members = [("version", head.version), ("expected", version)];
            problem_with(412, "another change came first", &members).map(Some)
        }
        Some(Expected::Version(_) | Expected::Any) => Ok(None),
    }
}

/// The version in an entity tag; weak tags and other texts name none.
fn expected(if_match: &str) -> Option<Expected> {
    let text = if_match.trim();
    if text == "*" {
        return Some(Expected::Any);
    }
    let version = text.strip_prefix('"')?.strip_suffix('"')?;
    version.parse().ok().map(Expected::Version)
}

fn problem_with(status: u16, detail: &str, members: &[(&str, u64)]) -> Result<Response> {
    let members = members
        .iter()
        .map(|(name, number)| ((*name).to_owned(), Json::from(*number)));
    reply::problem(status, detail, members.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strong_tag_names_a_version() {
        for (text, want) in [
            ("*", Some(Expected::Any)),
            ("\"0\"", Some(Expected::Version(0))),
            (" \"12\" ", Some(Expected::Version(12))),
            ("W/\"12\"", None),
            ("12", None),
            ("\"x\"", None),
            ("\"1\", \"2\"", None),
            ("\"", None),
        ] {
            assert_eq!(expected(text), want, "{text}");
        }
    }
}
