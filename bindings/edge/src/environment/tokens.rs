//! Keys that an environment issues: it keeps their hashes alone, and shows each once.

use serde_json::{Map, Value as Json, json};
use vexil_audit::Hash;
use worker::{Request, Response, Result, SqlStorageValue as Value};

use super::audit::Author;
use super::change::Change;
use super::database::{Row, optional};
use super::request;
use super::store::Store;
use crate::auth::{Caller, EvaluationKey, IssuedKey, Kind, Scopes, matching, random};
use crate::clock::now;
use crate::reply;

/// How many keys of an environment can be live: every head carries those that evaluate.
const MOST: u64 = 200;
const MAX_NAME: usize = 100;
const COLUMNS: &str = "id, name, kind, scopes, created, expires";

impl Store {
    /// The keys that evaluate at `now`, in ms since 1970.
    pub(super) fn evaluation_keys(&self, now: i64) -> Result<Vec<EvaluationKey>> {
        let select = "SELECT sha256, kind, expires FROM tokens
            WHERE kind <> 'admin' AND (expires IS NULL OR expires > ?) ORDER BY id";
        let rows = self.database.run(select, vec![now.into()])?;
        let keys = rows.into_iter().map(|mut row| {
            Some(EvaluationKey {
                hash: Hash::parse(&row.text(0)?)?,
                kind: Kind::from_name(&row.text(1)?)?,
                expires: row.integer(2),
            })
        });
        let keys: Option<Vec<_>> = keys.collect();
        keys.ok_or_else(|| "a token cannot be read".into())
    }

    /// Who has the token of the hash `given` at `now`, and what that allows.
    pub(super) fn administrator(&self, given: Hash, now: i64) -> Result<Option<(Author, Caller)>> {
        let select = "SELECT sha256, id, name, scopes FROM tokens
            WHERE kind = 'admin' AND (expires IS NULL OR expires > ?)";
        let rows = self.database.run(select, vec![now.into()])?;
        let tokens = rows.into_iter().filter_map(|mut row| {
            let author = Author {
                token: row.text(1),
                name: row.text(2)?,
            };
            let scopes = Scopes::from_names(row.text(3)?.split(' '))?;
            Some((Hash::parse(&row.text(0)?)?, (author, Caller::Admin(scopes))))
        });
        Ok(matching(tokens, given))
    }
}

/// What somebody wants issued.
#[derive(Debug, PartialEq)]
struct Wanted {
    name: String,
    kind: Kind,
    /// Where it administrates.
    scopes: Option<Scopes>,
    /// Ms since 1970.
    expires: Option<i64>,
}

impl Change<'_> {
    /// `POST /admin/v1/tokens`: answers with the key, which nobody can ask for again.
    pub(super) fn issue(&self, request: &Request) -> Result<Response> {
        let (store, environment) = (self.store, self.environment.as_str());
        let body = match request::object(self.body.as_deref())? {
            Ok(body) => body,
            Err(refusal) => return Ok(refusal),
        };
        let at = now();
        let wanted = match Wanted::read(&body, at) {
            Ok(wanted) => wanted,
            Err(detail) => return reply::plain_problem(400, &detail),
        };
        let reason = match request::reason(request, &body)? {
            Ok(reason) => reason,
            Err(refusal) => return Ok(refusal),
        };
        let select = "SELECT count(*) FROM tokens WHERE expires IS NULL OR expires > ?";
        let live = store.database.run(select, vec![at.into()])?;
        if live
            .first()
            .and_then(|row| row.count(0))
            .unwrap_or_default()
            >= MOST
        {
            let detail = format!("{MOST} keys are live, and no more can be: let some expire first");
            return reply::plain_problem(409, &detail);
        }
        let kind = wanted.kind;
        let key = IssuedKey { kind, environment }.issue()?;
        let id = random(12)?;
        let scopes = wanted.scopes.map(Scopes::names).unwrap_or_default();
        let token = json!({
            "name": wanted.name,
            "kind": kind.name(),
            "scopes": scopes,
            "expires": wanted.expires,
        });
        let mut entry = self.entry(at, "issue", &id, &reason);
        entry.detail = token.clone();
        store.database.transact(|| {
            let insert =
                format!("INSERT INTO tokens (sha256, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)");
            store.database.run(
                &insert,
                vec![
                    Hash::of(key.as_bytes()).to_string().into(),
                    id.as_str().into(),
                    wanted.name.as_str().into(),
                    kind.name().into(),
                    scopes.join(" ").into(),
                    at.into(),
                    optional(wanted.expires),
                ],
            )?;
            store.record(None, &entry)
        })?;
        let mut answer = Map::from_iter([("id".to_owned(), Json::from(id.as_str()))]);
        answer.extend(token.as_object().cloned().unwrap_or_default());
        answer.insert("created".to_owned(), at.into());
        answer.insert("key".to_owned(), key.into());
        let mut response = reply::json(201, &Json::Object(answer))?;
        response.headers_mut().set("cache-control", "no-store")?;
        Ok(response)
    }

    /// `POST /admin/v1/tokens/{id}/expire`: ends a key now, or at the instant `at` (ms since 1970), never later than it
    /// would anyway. Until then it is live beside the one that replaces it.
    pub(super) fn expire(&self, id: &str, request: &Request) -> Result<Response> {
        let store = self.store;
        let body = match request::object(self.body.as_deref())? {
            Ok(body) => body,
            Err(refusal) => return Ok(refusal),
        };
        let reason = match request::reason(request, &body)? {
            Ok(reason) => reason,
            Err(refusal) => return Ok(refusal),
        };
        let instant = match members(&body, &["at", "reason"]).and_then(|()| instant(&body, "at")) {
            Ok(instant) => instant,
            Err(detail) => return reply::plain_problem(400, &detail),
        };
        let find = || {
            let select = format!("SELECT {COLUMNS} FROM tokens WHERE id = ?");
            store.database.run(&select, vec![id.into()])
        };
        let Some(row) = find()?.pop() else {
            return reply::plain_problem(404, &format!("no token `{id}`"));
        };
        let at = now();
        let end = instant.map_or(at, |instant| instant.max(at));
        if row.integer(5).is_some_and(|expires| expires <= end) {
            // It ends by then already: nothing changes.
            return reply::json(200, &token(row));
        }
        let mut entry = self.entry(at, "expire", id, &reason);
        entry.detail = json!({ "expires": end });
        store.database.transact(|| {
            let update = "UPDATE tokens SET expires = ? WHERE id = ?";
            let values: Vec<Value> = vec![end.into(), id.into()];
            store.database.run(update, values)?;
            store.record(None, &entry)
        })?;
        let row = find()?.pop().ok_or("the token is gone")?;
        reply::json(200, &token(row))
    }
}

/// `GET /admin/v1/tokens`: those that live or ended within the last 90 days, oldest first, without their keys.
pub(super) fn list(store: &Store) -> Result<Response> {
    let select = format!("SELECT {COLUMNS} FROM tokens ORDER BY created, id");
    let rows = store.database.run(&select, Vec::new())?;
    let tokens: Vec<Json> = rows.into_iter().map(token).collect();
    reply::json(200, &json!({ "tokens": tokens }))
}

fn token(mut row: Row) -> Json {
    let scopes = row.text(3).unwrap_or_default();
    let scopes: Vec<&str> = scopes.split_whitespace().collect();
    json!({
        "id": row.text(0),
        "name": row.text(1),
        "kind": row.text(2),
        "scopes": scopes,
        "expires": row.integer(5),
        "created": row.integer(4),
    })
}

impl Wanted {
    fn read(body: &Map<String, Json>, now: i64) -> core::result::Result<Wanted, String> {
        members(body, &["name", "kind", "scopes", "expires", "reason"])?;
        let text = |name: &str| body.get(name).and_then(Json::as_str);
        let is_said = |text: &&str| {
            let is_long = text.chars().count() > MAX_NAME;
            !text.trim().is_empty() && !is_long && !text.contains(char::is_control)
        };
        let name = text("name").filter(is_said).ok_or(format!(
            "`name` says in at most {MAX_NAME} characters whose key it is"
        ))?;
        let kind = text("kind").and_then(Kind::from_name);
        let kind = kind.ok_or("`kind` is `browser`, `server` or `admin`")?;
        let scopes = match (kind, body.get("scopes")) {
            (Kind::Browser | Kind::Server, None) => None,
            (Kind::Browser | Kind::Server, Some(_)) => {
                return Err("only a key of kind `admin` has scopes".to_owned());
            }
            (Kind::Admin, scopes) => {
                let names = scopes.and_then(Json::as_array).into_iter().flatten();
                let scopes =
                    Scopes::from_names(names.map(|name| name.as_str().unwrap_or_default()));
                let expected = "`scopes` has some of `read`, `operate`, `write` and `owner`";
                Some(scopes.ok_or(expected)?)
            }
        };
        let expires = instant(body, "expires")?;
        if expires.is_some_and(|expires| expires <= now) {
            return Err("`expires` is past".to_owned());
        }
        Ok(Wanted {
            name: name.to_owned(),
            kind,
            scopes,
            expires,
        })
    }
}

/// A refusal where `body` has a member that means nothing here.
fn members(body: &Map<String, Json>, known: &[&str]) -> core::result::Result<(), String> {
    match body.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("`{name}` means nothing here")),
        None => Ok(()),
    }
}

fn instant(body: &Map<String, Json>, name: &str) -> core::result::Result<Option<i64>, String> {
    match body.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => {
            let ms = value.as_i64().filter(|ms| (0..1 << 53).contains(ms));
            let expected = format!("`{name}` is an instant, in milliseconds since 1970");
            ms.map(Some).ok_or(expected)
        }
    }
}

#[cfg(test)]
mod tests;
