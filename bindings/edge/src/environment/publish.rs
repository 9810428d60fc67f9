//! New rulesets, and earlier ones again.

use serde_json::{Map, Value as Json, json};
use vexil_core::Program;
use vexil_core::limits::RULESET_BYTES;
use vexil_release::underway;
use vexil_ruleset::{Issue, Ruleset, compile, decode};
use worker::{Request, Response, Result};

use super::Head;
use super::change::Change;
use super::request::{expect, object, reason};
use super::versions::{self, differences};
use crate::clock::now;
use crate::{reply, router};

impl Change<'_> {
    /// `PUT /admin/v1/ruleset`. With `?dry-run=true` it says what would change, and changes nothing.
    pub(super) fn put_ruleset(&self, request: &Request) -> Result<Response> {
        let if_match = request.headers().get("if-match")?;
        let reason = match reason(request, &Map::new())? {
            Ok(reason) => reason,
            Err(refusal) => return Ok(refusal),
        };
        let Some(text) = &self.body else {
            let detail = format!("a ruleset has at most {RULESET_BYTES} bytes");
            return reply::plain_problem(413, &detail);
        };
        let Ok(text) = core::str::from_utf8(text) else {
            return reply::plain_problem(400, "a ruleset is UTF-8");
        };
        let url = request.inner().url();
        let head = self.store.head()?;
        match router::query(router::split(&url).1, "dry-run").as_deref() {
            None | Some("false") => {}
            Some("true") => return self.try_out(&head, if_match.as_deref(), text),
            Some(_) => return reply::plain_problem(400, "`dry-run` is `true` or `false`"),
        }
        match expect(if_match.as_deref(), &head)? {
            Some(refusal) => Ok(refusal),
            None => self.publish(&head, text, ("publish", json!({})), &reason),
        }
    }

    /// `POST /admin/v1/rollback/{version}`: publishes the ruleset of that version again. Live state stays as it is.
    pub(super) fn roll_back(&self, segment: &str, request: &Request) -> Result<Response> {
        let if_match = request.headers().get("if-match")?;
        let body = match object(self.body.as_deref())? {
            Ok(body) => body,
            Err(refusal) => return Ok(refusal),
        };
        let reason = match reason(request, &body)? {
            Ok(reason) => reason,
            Err(refusal) => return Ok(refusal),
        };
        let head = self.store.head()?;
        if let Some(refusal) = expect(if_match.as_deref(), &head)? {
            return Ok(refusal);
        }
        let version = versions::parse(segment);
        let program = match version {
            Some(version) => self.store.program_of(version)?,
            None => None,
        };
        let text = match program {
            Some(0) => {
                let detail = format!(
                    "version {segment} has no ruleset: to have no flags, publish one that has none"
                );
                return reply::plain_problem(409, &detail);
            }
            Some(program) => self.store.ruleset(program)?,
            None => None,
        };
        let Some(text) = text else {
            return versions::unknown(segment);
        };
        if self.store.ruleset(head.program)?.as_ref() == Some(&text) {
            let detail = format!("the ruleset of version {segment} is the newest already");
            return reply::plain_problem(409, &detail);
        }
        let text = String::from_utf8(text).map_err(|_| "the ruleset is no text")?;
        let detail = json!({ "from": version });
        self.publish(&head, &text, ("republish", detail), &reason)
    }

    fn publish(
        &self,
        head: &Head,
        text: &str,
        (action, detail): (&'static str, Json),
        reason: &str,
    ) -> Result<Response> {
        let at = now();
        let program = match self.compile(head, text, at)? {
            Ok(program) => program,
            Err(issues) => return unprocessable(&issues),
        };
        let mut entry = self.entry(at, action, "", reason);
        entry.detail = detail;
        let next = self.store.publish(head, text.as_bytes(), &program, entry)?;
        let body = json!({ "version": next.version, "program": next.program });
        let mut response = reply::json(200, &body)?;
        response
            .headers_mut()
            .set("etag", &format!("\"{}\"", next.version))?;
        Ok(response)
    }

    fn try_out(&self, head: &Head, if_match: Option<&str>, text: &str) -> Result<Response> {
        if if_match.is_some()
            && let Some(refusal) = expect(if_match, head)?
        {
            return Ok(refusal);
        }
        let new = match self.compile(head, text, now())? {
            Ok(program) => program,
            Err(issues) => return unprocessable(&issues),
        };
        let old = self.store.decoded(head.program)?;
        let body = json!({
            "dryRun": true,
            "version": head.version,
            "flags": differences(&old, &new),
        });
        reply::json(200, &body)
    }

    /// The program after `head`'s, or all that speaks against it.
    fn compile(
        &self,
        head: &Head,
        text: &str,
        at: i64,
    ) -> Result<core::result::Result<Program, Vec<Issue>>> {
        let ruleset = match decode(text) {
            Ok(ruleset) => ruleset,
            Err(issues) => return Ok(Err(issues)),
        };
        let mut issues = self.underway(head, &ruleset)?;
        let number = head.program.saturating_add(1);
        Ok(match compile(&ruleset, &self.environment, number, at) {
            Ok(program) if issues.is_empty() => Ok(program),
            Ok(_) => Err(issues),
            Err(others) => {
                issues.extend(others);
                Err(issues)
            }
        })
    }

    /// What `new` changes about releases that are under way and must not change now.
    fn underway(&self, head: &Head, new: &Ruleset) -> Result<Vec<Issue>> {
        if head.live.started.is_empty() {
            return Ok(Vec::new());
        }
        let Some(old) = self.newest_ruleset(head)? else {
            return Ok(Vec::new());
        };
        let mut issues = Vec::new();
        for (name, was) in old.releases() {
            let state = self.store.release(name.as_str())?;
            issues.extend(underway(name, was, new.releases().get(name), &state));
        }
        Ok(issues)
    }
}

/// The issues of a ruleset, each with its place.
fn unprocessable(issues: &[Issue]) -> Result<Response> {
    let list = issues
        .iter()
        .map(|issue| serde_json::from_str(&issue.to_json()));
    let list = list.collect::<core::result::Result<Vec<Json>, _>>()?;
    let detail = match issues {
        [only] => only.to_string(),
        _ => format!("{} issues", issues.len()),
    };
    reply::problem(
        422,
        &detail,
        Map::from_iter([("issues".to_owned(), Json::from(list))]),
    )
}
