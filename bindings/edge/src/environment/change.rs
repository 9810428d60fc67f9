//! What operations do: killing and restoring, and moving releases.

use serde_json::{Map, Value as Json, json};
use vexil_core::ProgramError;
use vexil_core::build::Builder;
use vexil_release::{Command, Event, Plan, step};
use vexil_ruleset::{Ruleset, decode, suggest};
use worker::{Request, Response, Result};

use super::Head;
use super::audit::{Author, Entry};
use super::request::{object, reason};
use super::store::Store;
use crate::clock::now;
use crate::reply;
use crate::router::{FlagVerb, ReleaseVerb};

/// What an environment has before anything was published.
pub(super) const NO_RULESET: &[u8] = br#"{"flags":{}}"#;

/// One request that writes.
pub(super) struct Change<'a> {
    pub(super) store: &'a Store,
    /// The name of the environment, which its programs carry.
    pub(super) environment: String,
    pub(super) author: Author,
    /// `None` where it is larger than is read.
    pub(super) body: Option<Vec<u8>>,
}

impl Change<'_> {
    /// `POST /admin/v1/flags/{key}/kill` and `/restore`. Doing it twice changes nothing the second time.
    pub(super) fn flag(&self, key: &str, verb: FlagVerb, request: &Request) -> Result<Response> {
        match self.why(request)? {
            Ok(reason) => self.set_killed(key, verb, &reason),
            Err(refusal) => Ok(refusal),
        }
    }

    /// `POST /admin/v1/releases/{name}/start`, `/advance` and `/rollback`.
    pub(super) fn release(
        &self,
        name: &str,
        verb: ReleaseVerb,
        request: &Request,
    ) -> Result<Response> {
        match self.why(request)? {
            Ok(reason) => self.move_release(name, verb, &reason),
            Err(refusal) => Ok(refusal),
        }
    }

    fn why(&self, request: &Request) -> Result<core::result::Result<String, Response>> {
        match object(self.body.as_deref())? {
            Ok(body) => reason(request, &body),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    fn set_killed(&self, key: &str, verb: FlagVerb, reason: &str) -> Result<Response> {
        let head = self.store.head()?;
        let was_killed = self.store.is_killed(key)?;
        // A kill outlives the ruleset that had the flag, and can still be taken back.
        if !was_killed && let Some(refusal) = self.unknown_flag(&head, key)? {
            return Ok(refusal);
        }
        let (action, is_killed) = match verb {
            FlagVerb::Kill => ("kill", true),
            FlagVerb::Restore => ("restore", false),
        };
        let mut version = head.version;
        if is_killed != was_killed {
            let entry = self.entry(now(), action, key, reason);
            let next = self.store.set_killed(&head, key, is_killed, &entry)?;
            version = next.version;
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
        let before = self.store.release(name)?;
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
        let version = self.store.set_release(&head, name, &next, entry)?.version;
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
        let ruleset = self.newest_ruleset(head)?;
        Ok(ruleset.and_then(|ruleset| ruleset.releases().get(name).map(Plan::from)))
    }

    /// `None` before the first.
    pub(super) fn newest_ruleset(&self, head: &Head) -> Result<Option<Ruleset>> {
        let Some(text) = self.store.ruleset(head.program)? else {
            return Ok(None);
        };
        let text = String::from_utf8(text).map_err(|_| "the ruleset is no text")?;
        let ruleset = decode(&text).map_err(|_| "this version cannot read the ruleset")?;
        Ok(Some(ruleset))
    }

    /// A refusal where the newest ruleset does not have the flag.
    fn unknown_flag(&self, head: &Head, key: &str) -> Result<Option<Response>> {
        let program = self.store.decoded(head.program)?;
        if program.flag(key).is_some() {
            return Ok(None);
        }
        let detail = match suggest(key, program.flags().map(|flag| flag.key())) {
            Some(meant) => format!("no flag `{key}` (did you mean `{meant}`?)"),
            None => format!("no flag `{key}`"),
        };
        reply::plain_problem(404, &detail).map(Some)
    }

    pub(super) fn entry<'e>(
        &'e self,
        at: i64,
        action: &'static str,
        subject: &'e str,
        reason: &'e str,
    ) -> Entry<'e> {
        Entry {
            at,
            author: &self.author,
            action,
            subject,
            reason,
            detail: json!({}),
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
