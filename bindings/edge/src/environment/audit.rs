//! Who did what, and why: one line for each write, in a chain of hashes.

use serde_json::{Map, Value as Json, json};
use vexil_audit::{Hash, link};
use worker::{Response, Result, SqlStorageValue as Value};

use super::database::{Row, count, optional};
use super::outbox;
use super::page::Page;
use super::store::Store;
use crate::reply;

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Author {
    /// What the token is called, or the deployment's key.
    pub(super) name: String,
    /// The id of the token; none for a key of the deployment.
    pub(super) token: Option<String>,
}

/// One line.
pub(super) struct Entry<'a> {
    /// Ms since 1970.
    pub(super) at: i64,
    pub(super) author: &'a Author,
    pub(super) action: &'a str,
    /// The flag, release or token it was done to.
    pub(super) subject: &'a str,
    pub(super) reason: &'a str,
    /// What it came to: an object without fractions.
    pub(super) detail: Json,
}

const COLUMNS: &str = "number, version, at, author, token, action, subject, reason, detail, hash";

impl Store {
    /// Writes the line of a write that made `version`, or none, and who has to learn of it.
    ///
    /// To be called once in each transaction that writes, which also forgets what need not be kept.
    pub(super) fn record(&self, version: Option<u64>, entry: &Entry<'_>) -> Result<()> {
        let (last, previous) = self.last_line()?;
        let number = last.saturating_add(1);
        let line = json!({
            "number": number,
            "version": version,
            "at": entry.at,
            "author": entry.author.name,
            "token": entry.author.token,
            "action": entry.action,
            "subject": entry.subject,
            "reason": entry.reason,
            "detail": entry.detail,
        });
        let hash = link(previous, line.as_object().unwrap_or(&Map::new()));
        let insert = format!("INSERT INTO audit ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        self.database.run(
            &insert,
            vec![
                count(number),
                version.map_or(Value::Null, count),
                entry.at.into(),
                entry.author.name.as_str().into(),
                optional(entry.author.token.as_deref()),
                entry.action.into(),
                entry.subject.into(),
                entry.reason.into(),
                entry.detail.to_string().into(),
                hash.to_string().into(),
            ],
        )?;
        self.forget_keys(entry.at)?;
        outbox::note(self, number, version.is_some())
    }

    /// The number and the hash of the newest line; zeros before the first.
    pub(super) fn last_line(&self) -> Result<(u64, Hash)> {
        self.line_hash(
            "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1",
            Vec::new(),
        )
    }

    fn line_hash(&self, select: &str, values: Vec<Value>) -> Result<(u64, Hash)> {
        let Some(mut row) = self.database.run(select, values)?.pop() else {
            return Ok((0, Hash::default()));
        };
        let hash = row.text(1).as_deref().and_then(Hash::parse);
        let hash = hash.ok_or("the audit's last line has no hash")?;
        Ok((row.count(0).unwrap_or_default(), hash))
    }
}

/// `GET /admin/v1/audit?after=&limit=`: lines in their order, as whoever verifies the chain needs them.
pub(super) fn read(store: &Store, query: &str) -> Result<Response> {
    let page = match Page::read(query, "after") {
        Ok(page) => page,
        Err(detail) => return reply::plain_problem(400, &detail),
    };
    let after = page.from.unwrap_or_default();
    let select = "SELECT number, hash FROM audit WHERE number = ?";
    let (found, previous) = store.line_hash(select, vec![count(after)])?;
    if found != after {
        return reply::plain_problem(404, &format!("no line `{after}`"));
    }
    let select = format!("SELECT {COLUMNS} FROM audit WHERE number > ? ORDER BY number LIMIT ?");
    let rows = store
        .database
        .run(&select, vec![count(after), count(page.limit)])?;
    let next = page.next(rows.len(), rows.last().and_then(|row| row.count(0)));
    let lines = rows.into_iter().map(line).collect::<Result<Vec<_>>>()?;
    let body = json!({ "previous": previous.to_string(), "lines": lines, "next": next });
    reply::json(200, &body)
}

fn line(mut row: Row) -> Result<Json> {
    let detail: Json = serde_json::from_str(&row.text(8).unwrap_or_default())?;
    Ok(json!({
        "number": row.count(0),
        "version": row.count(1),
        "at": row.integer(2),
        "author": row.text(3),
        "token": row.text(4),
        "action": row.text(5),
        "subject": row.text(6),
        "reason": row.text(7),
        "detail": detail,
        "hash": row.text(9),
    }))
}
