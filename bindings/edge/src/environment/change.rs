//! What writes to an environment: publishing, killing and restoring, and moving releases.

use serde_json::{Map, Value as Json, json};
use vexil_core::build::Builder;
use vexil_core::limits::{CONTEXT_BYTES, RULESET_BYTES};
use vexil_core::{Program, ProgramError};
use vexil_release::{Command, Event, Plan, State, step};
use vexil_ruleset::{Issue, compile, decode};
use worker::{Request, Response, Result};

use super::Head;
use super::store::{Author, Entry, Store};
use crate::clock::now;
use crate::router::{FlagVerb, ReleaseVerb};
use crate::{body, reply};

/// What an environment has before anything was published.
const NO_RULESET: &[u8] = br#"{"flags":{}}"#;

/// One request that writes.
pub(super) struct Change<'a> {
    pub(super) store: &'a Store,
    /// The name of the environment, which its programs carry.
    pub(super) environment: String,
    pub(super) author: Author,
}

/// The version that a request expects to change.
enum Expected {
    Any,
    Version(u64),
}

impl Change<'_> {
    /// `PUT /admin/v1/ruleset`.
    pub(super) async fn put_ruleset(&self, request: &Request) -> Result<Response> {
        let if_match = request.headers().get("if-match")?;
        match body::read(request, RULESET_BYTES).await? {
            Some(ruleset) => self.publish(if_match.as_deref(), &ruleset),
            None => {
                reply::plain_problem(413, &format!("a ruleset has at most {RULESET_BYTES} bytes"))
            }
        }
    }

    /// `POST /admin/v1/flags/{key}/kill` and `/restore`. Doing it twice changes nothing the second time.
    pub(super) async fn flag(
        &self,
        key: &str,
        verb: FlagVerb,
        request: &Request,
    ) -> Result<Response> {
        match reason(request).await? {
            Ok(reason) => self.set_killed(key, verb, &reason),
            Err(refusal) => Ok(refusal),
        }
    }

    /// `POST /admin/v1/releases/{name}/start`, `/advance` and `/rollback`.
    pub(super) async fn release(
        &self,
        name: &str,
        verb: ReleaseVerb,
        request: &Request,
    ) -> Result<Response> {
        match reason(request).await? {
            Ok(reason) => self.move_release(name, verb, &reason),
            Err(refusal) => Ok(refusal),
        }
    }

    fn publish(&self, if_match: Option<&str>, text: &[u8]) -> Result<Response> {
        let head = self.store.head()?;
        let Some(if_match) = if_match else {
            return problem_with(
                428,
                "say which version this replaces, in `If-Match`",
                &[("version", head.version)],
            );
        };
        match expected(if_match) {
            None => {
                return reply::plain_problem(
                    400,
                    "`If-Match` is neither a version in quotes nor `*`",
                );
            }
            Some(Expected::Version(version)) if version != head.version => {
                let members = [("version", head.version), ("expected", version)];
                return problem_with(412, "another change came first", &members);
            }
            Some(Expected::Version(_) | Expected::Any) => {}
        }
        let Ok(json) = core::str::from_utf8(text) else {
            return reply::plain_problem(400, "a ruleset is UTF-8");
        };
        let at = now();
        let number = head.program.saturating_add(1);
        let compiled =
            decode(json).and_then(|ruleset| compile(&ruleset, &self.environment, number, at));
        let program = match compiled {
            Ok(program) => program,
            Err(issues) => return unprocessable(&issues),
        };
        self.store.publish(
            &head,
            text,
            program.as_bytes(),
            &self.entry(at, "publish", "", ""),
        )?;
        let version = head.version.saturating_add(1);
        let mut response = reply::json(200, &json!({ "version": version, "program": number }))?;
        response
            .headers_mut()
            .set("etag", &format!("\"{version}\""))?;
        Ok(response)
    }

    fn set_killed(&self, key: &str, verb: FlagVerb, reason: &str) -> Result<Response> {
        let head = self.store.head()?;
        let was_killed = self.store.is_killed(key)?;
        // A kill outlives the ruleset that had the flag, and can still be taken back.
        if !was_killed && !self.has_flag(&head, key)? {
            return reply::plain_problem(404, &format!("no flag `{key}`"));
        }
        let (action, is_killed) = match verb {
            FlagVerb::Kill => ("kill", true),
            FlagVerb::Restore => ("restore", false),
        };
        let mut version = head.version;
        if is_killed != was_killed {
            self.store.set_killed(
                &head,
                key,
                is_killed,
                &self.entry(now(), action, key, reason),
            )?;
            version = version.saturating_add(1);
        }
        reply::json(
            200,
            &json!({ "version": version, "flag": key, "killed": is_killed }),
        )
    }

    fn move_release(&self, name: &str, verb: ReleaseVerb, reason: &str) -> Result<Response> {
        let head = self.store.head()?;
        let Some(plan) = self.plan(&head, name)? else {
            return reply::plain_problem(404, &format!("no release `{name}`"));
        };
        let before = match self.store.release(name)? {
            Some(state) => serde_json::from_str(&state)?,
            None => State::default(),
        };
        let (action, event) = match verb {
            ReleaseVerb::Start => ("start", Event::Start),
            ReleaseVerb::Advance => ("advance", Event::Advance),
            ReleaseVerb::Rollback => ("rollback", Event::Rollback),
        };
        let at = now();
        let (next, commands) = step(&plan, &before, event, at);
        if next == before {
            let detail = format!("a release that is {} cannot {action}", before.phase.name());
            let members = Map::from_iter([("phase".to_owned(), Json::from(before.phase.name()))]);
            return reply::problem(409, &detail, members);
        }
        let exposure = commands.iter().rev().find_map(|command| match command {
            Command::SetExposure(exposure) => Some(*exposure),
            Command::Log(_) => None,
        });
        let exposure = exposure.unwrap_or(next.exposure).share();
        let entry = self.entry(at, action, name, reason);
        self.store.set_release(
            &head,
            name,
            &serde_json::to_string(&next)?,
            exposure,
            &entry,
        )?;
        let version = head.version.saturating_add(1);
        let stage = plan
            .stages
            .get(next.stage as usize)
            .map(|stage| &stage.name);
        let body = json!({
            "version": version,
            "release": name,
            "phase": next.phase.name(),
            "stage": stage,
            "exposure": exposure,
        });
        reply::json(200, &body)
    }

    /// The plan of a release of the newest ruleset.
    fn plan(&self, head: &Head, name: &str) -> Result<Option<Plan>> {
        let Some(text) = self.store.ruleset(head.program)? else {
            return Ok(None);
        };
        let text = String::from_utf8(text).map_err(|_| "the ruleset is no text")?;
        let ruleset = decode(&text).map_err(|_| "this version cannot read the ruleset")?;
        Ok(ruleset.releases().get(name).map(Plan::from))
    }

    fn has_flag(&self, head: &Head, key: &str) -> Result<bool> {
        let Some(bytes) = self.store.program(head.program)? else {
            return Ok(false);
        };
        let program = Program::from_bytes(bytes).map_err(ProgramError::message)?;
        Ok(program.flag(key).is_some())
    }

    fn entry<'e>(
        &'e self,
        at: i64,
        action: &'static str,
        subject: &'e str,
        reason: &'e str,
    ) -> Entry<'e> {
        Entry {
            at,
            author: &self.author.name,
            action,
            subject,
            reason,
        }
    }
}

/// `GET /admin/v1/ruleset`: as it was written.
pub(super) fn ruleset(store: &Store) -> Result<Response> {
    let head = store.head()?;
    let text = store
        .ruleset(head.program)?
        .unwrap_or_else(|| NO_RULESET.to_vec());
    let builder = reply::builder(200)?
        .with_header("content-type", "application/json")?
        .with_header("etag", &format!("\"{}\"", head.version))?;
    Ok(builder.fixed(text))
}

/// The program of an environment where nothing was published.
pub(super) fn empty_program(environment: &str) -> Result<Vec<u8>> {
    let program = Builder::new(environment, 0, 0)
        .finish()
        .map_err(ProgramError::message)?;
    Ok(program.as_bytes().to_vec())
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

fn problem_with(status: u16, detail: &str, members: &[(&str, u64)]) -> Result<Response> {
    let members = members
        .iter()
        .map(|(name, number)| ((*name).to_owned(), Json::from(*number)));
    reply::problem(status, detail, members.collect())
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

/// The `reason` of the body `{"reason":"…"}`, empty where there is none; a refusal where the body is something else.
async fn reason(request: &Request) -> Result<core::result::Result<String, Response>> {
    let Some(body) = body::read(request, CONTEXT_BYTES).await? else {
        return reply::plain_problem(413, "the body is too large").map(Err);
    };
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Ok(String::new()));
    }
    match vexil_ofrep::parse_json(&body) {
        Ok(Json::Object(members)) => match members.get("reason") {
            None | Some(Json::Null) => Ok(Ok(String::new())),
            Some(Json::String(reason)) => Ok(Ok(reason.clone())),
            Some(_) => reply::plain_problem(400, "`reason` is not a string").map(Err),
        },
        Ok(_) => reply::plain_problem(400, "expected a JSON object").map(Err),
        Err(error) => reply::plain_problem(400, &format!("the body is not JSON: {error}")).map(Err),
    }
}
