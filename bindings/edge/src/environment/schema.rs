//! The tables of an environment, and how those of earlier layouts become them.

use serde_json::{Value as Json, json};
use vexil_audit::Hash;
use worker::{Result, SqlStorageValue as Value};

use super::audit::{Author, Entry};
use super::database::Row;
use super::store::Store;
use super::{outbox, retention};

/// Counts the layouts. The first had no table `meta`.
const LAYOUT: i64 = 3;

const TABLES: [&str; 10] = [
    outbox::TABLE,
    retention::TABLE,
    "CREATE TABLE IF NOT EXISTS meta (layout INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS versions (
        number INTEGER PRIMARY KEY, program INTEGER NOT NULL, live INTEGER NOT NULL, changed INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS parts (
        kind TEXT NOT NULL, program INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (kind, program, part)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS killed (flag TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS releases (
        name TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS audit (
        number INTEGER PRIMARY KEY, version INTEGER, at INTEGER NOT NULL, author TEXT NOT NULL, token TEXT,
        action TEXT NOT NULL, subject TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, hash TEXT NOT NULL)",
    // The row that made a version is its history; what makes none has no version.
    "CREATE UNIQUE INDEX IF NOT EXISTS audit_version ON audit (version)",
    "CREATE TABLE IF NOT EXISTS tokens (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, scopes TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
        created INTEGER NOT NULL, expires INTEGER) WITHOUT ROWID",
];

/// Earlier layouts kept beside the state of a release what follows from it.
const DROP_EXPOSURE: &str = "ALTER TABLE releases DROP COLUMN exposure";

/// Makes the tables, of those of an earlier layout where they are there.
pub(super) fn prepare(store: &Store) -> Result<()> {
    match layout(store)? {
        Some(LAYOUT) => Ok(()),
        Some(2) => store.database.transact(|| raise(store)),
        Some(other) => Err(format!(
            "the storage has layout {other}, and this version reads up to {LAYOUT}: run the newer one that wrote it"
        )
        .into()),
        None => store.database.transact(|| create(store)),
    }
}

/// From the second layout.
fn raise(store: &Store) -> Result<()> {
    for statement in [
        retention::TABLE,
        DROP_EXPOSURE,
        "UPDATE meta SET layout = 3",
    ] {
        store.database.run(statement, Vec::new())?;
    }
    Ok(())
}

fn layout(store: &Store) -> Result<Option<i64>> {
    if !has_table(store, "meta")? {
        return Ok(None);
    }
    let rows = store.database.run("SELECT layout FROM meta", Vec::new())?;
    Ok(rows.first().and_then(|row| row.integer(0)))
}

pub(super) fn has_table(store: &Store, name: &str) -> Result<bool> {
    let select = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";
    Ok(!store.database.run(select, vec![name.into()])?.is_empty())
}

fn create(store: &Store) -> Result<()> {
    let run = |statement: &str, values| store.database.run(statement, values);
    let is_earlier = has_table(store, "audit")?;
    if is_earlier {
        run("ALTER TABLE audit RENAME TO audit_1", Vec::new())?;
    }
    for table in TABLES {
        run(table, Vec::new())?;
    }
    if is_earlier {
        rewrite(store)?;
        run("DROP TABLE audit_1", Vec::new())?;
        run(DROP_EXPOSURE, Vec::new())?;
    }
    run(
        "INSERT INTO meta (layout) VALUES (?)",
        vec![Value::Integer(LAYOUT)],
    )?;
    Ok(())
}

/// Writes the audit of the first layout anew, as a chain. It kept of each release only how far it has come at last.
fn rewrite(store: &Store) -> Result<()> {
    let select = "SELECT a.version, a.at, a.author, a.action, a.subject, a.reason, v.program, (
            SELECT state FROM releases r WHERE r.name = a.subject AND a.action NOT IN ('publish', 'kill', 'restore')
            AND NOT EXISTS (SELECT 1 FROM audit_1 b WHERE b.number > a.number AND b.subject = a.subject
                AND b.action NOT IN ('publish', 'kill', 'restore')))
        FROM audit_1 a JOIN versions v ON v.number = a.version ORDER BY a.number";
    for mut row in store.database.run(select, Vec::new())? {
        let author = Author {
            name: row.text(2).unwrap_or_default(),
            token: None,
        };
        let action = row.text(3).unwrap_or_default();
        let subject = row.text(4).unwrap_or_default();
        let reason = row.text(5).unwrap_or_default();
        let entry = Entry {
            at: row.integer(1).unwrap_or_default(),
            author: &author,
            action: &action,
            subject: &subject,
            reason: &reason,
            detail: detail(store, &action, &mut row)?,
        };
        store.record(row.count(0), &entry)?;
    }
    Ok(())
}

fn detail(store: &Store, action: &str, row: &mut Row) -> Result<Json> {
    let program = row.count(6).unwrap_or_default();
    Ok(match (action, row.text(7)) {
        ("publish", _) => {
            let ruleset = store.ruleset(program)?.unwrap_or_default();
            json!({ "program": program, "ruleset": Hash::of(&ruleset).to_string() })
        }
        (_, Some(state)) => json!({ "state": serde_json::from_str::<Json>(&state)? }),
        (_, None) => json!({}),
    })
}
