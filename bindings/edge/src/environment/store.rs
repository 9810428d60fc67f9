//! What an environment keeps, as tables of `SQLite`.

use vexil_core::Progress;
use vexil_ofrep::LiveState;
use vexil_release::State;
use worker::wasm_bindgen::{self, JsCast, JsValue, prelude::wasm_bindgen};
use worker::{Result, SqlStorage, SqlStorageValue as Value, Storage};

use super::Head;

/// A row holds 2 MB at most; a part stays well below.
const PART_BYTES: usize = 1 << 20;

const TABLES: [&str; 5] = [
    "CREATE TABLE IF NOT EXISTS versions (
        number INTEGER PRIMARY KEY, program INTEGER NOT NULL, live INTEGER NOT NULL, changed INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS parts (
        kind TEXT NOT NULL, program INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (kind, program, part)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS killed (flag TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS releases (
        name TEXT PRIMARY KEY, state TEXT NOT NULL, exposure REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS audit (
        number INTEGER PRIMARY KEY, version INTEGER NOT NULL, at INTEGER NOT NULL, author TEXT NOT NULL,
        action TEXT NOT NULL, subject TEXT NOT NULL, reason TEXT NOT NULL)",
];

/// Who writes.
pub(super) struct Author {
    /// As the audit has it.
    pub(super) name: String,
}

/// One line of the audit.
pub(super) struct Entry<'a> {
    /// Ms since 1970.
    pub(super) at: i64,
    pub(super) author: &'a str,
    pub(super) action: &'static str,
    /// The flag or release it was done to.
    pub(super) subject: &'a str,
    pub(super) reason: &'a str,
}

/// The database. Reads see the newest version; each write is one transaction that makes a version.
pub(super) struct Store {
    storage: Storage,
    sql: SqlStorage,
}

impl Store {
    pub(super) fn open(state: &worker::State) -> Result<Store> {
        let storage = state.storage();
        let store = Store {
            sql: storage.sql(),
            storage,
        };
        for table in TABLES {
            store.run(table, Vec::new())?;
        }
        Ok(store)
    }

    pub(super) fn head(&self) -> Result<Head> {
        let newest =
            "SELECT number, program, live, changed FROM versions ORDER BY number DESC LIMIT 1";
        let rows = self.run(newest, Vec::new())?;
        let Some([number, program, live, changed]) = rows.first().and_then(|row| row.first_chunk())
        else {
            return Ok(Head::default());
        };
        let killed = self.run("SELECT flag FROM killed ORDER BY flag", Vec::new())?;
        let releases = self.run("SELECT name, state FROM releases ORDER BY name", Vec::new())?;
        Ok(Head {
            revision: count(number),
            keys: Vec::new(),
            version: count(number),
            program: count(program),
            live: LiveState {
                number: count(live),
                killed: killed.into_iter().flatten().map(text).collect(),
                started: releases.into_iter().filter_map(started).collect(),
            },
            changed: i64::try_from(count(changed)).unwrap_or_default(),
        })
    }

    /// The bytes of the program of that number.
    pub(super) fn program(&self, number: u64) -> Result<Option<Vec<u8>>> {
        self.parts("program", number)
    }

    /// The ruleset that became the program of that number, as it was written.
    pub(super) fn ruleset(&self, program: u64) -> Result<Option<Vec<u8>>> {
        self.parts("ruleset", program)
    }

    pub(super) fn is_killed(&self, flag: &str) -> Result<bool> {
        Ok(!self
            .run("SELECT 1 FROM killed WHERE flag = ?", vec![flag.into()])?
            .is_empty())
    }

    /// The state of a release, as JSON, where it was ever moved.
    pub(super) fn release(&self, name: &str) -> Result<Option<String>> {
        let rows = self.run(
            "SELECT state FROM releases WHERE name = ?",
            vec![name.into()],
        )?;
        Ok(rows.into_iter().flatten().map(text).next())
    }

    /// Makes `program`, compiled from `ruleset`, the newest version.
    pub(super) fn publish(
        &self,
        head: &Head,
        ruleset: &[u8],
        program: &[u8],
        entry: &Entry<'_>,
    ) -> Result<()> {
        let next = Head {
            program: head.program.saturating_add(1),
            ..head.clone()
        };
        self.transact(|| {
            self.keep("ruleset", next.program, ruleset)?;
            self.keep("program", next.program, program)?;
            self.advance(&next, entry)
        })
    }

    pub(super) fn set_killed(
        &self,
        head: &Head,
        flag: &str,
        is_killed: bool,
        entry: &Entry<'_>,
    ) -> Result<()> {
        let statement = if is_killed {
            "INSERT INTO killed (flag) VALUES (?)"
        } else {
            "DELETE FROM killed WHERE flag = ?"
        };
        self.transact(|| {
            self.run(statement, vec![flag.into()])?;
            self.advance(&with_next_live(head), entry)
        })
    }

    pub(super) fn set_release(
        &self,
        head: &Head,
        name: &str,
        state: &str,
        exposure: f64,
        entry: &Entry<'_>,
    ) -> Result<()> {
        let statement = "INSERT INTO releases (name, state, exposure) VALUES (?1, ?2, ?3)
            ON CONFLICT (name) DO UPDATE SET state = ?2, exposure = ?3";
        self.transact(|| {
            self.run(statement, vec![name.into(), state.into(), exposure.into()])?;
            self.advance(&with_next_live(head), entry)
        })
    }

    /// Writes the version after `next`'s, and who made it.
    fn advance(&self, next: &Head, entry: &Entry<'_>) -> Result<()> {
        let version = integer(next.version.saturating_add(1));
        self.run(
            "INSERT INTO versions (number, program, live, changed) VALUES (?, ?, ?, ?)",
            vec![
                version.clone(),
                integer(next.program),
                integer(next.live.number),
                entry.at.into(),
            ],
        )?;
        self.run(
            "INSERT INTO audit (version, at, author, action, subject, reason) VALUES (?, ?, ?, ?, ?, ?)",
            vec![
                version,
                entry.at.into(),
                entry.author.into(),
                entry.action.into(),
                entry.subject.into(),
                entry.reason.into(),
            ],
        )?;
        Ok(())
    }

    fn keep(&self, kind: &str, program: u64, bytes: &[u8]) -> Result<()> {
        for (part, bytes) in bytes.chunks(PART_BYTES).enumerate() {
            let part = integer(part as u64);
            self.run(
                "INSERT INTO parts (kind, program, part, bytes) VALUES (?, ?, ?, ?)",
                vec![kind.into(), integer(program), part, bytes.to_vec().into()],
            )?;
        }
        Ok(())
    }

    fn parts(&self, kind: &str, program: u64) -> Result<Option<Vec<u8>>> {
        let select = "SELECT bytes FROM parts WHERE kind = ? AND program = ? ORDER BY part";
        let rows = self.run(select, vec![kind.into(), integer(program)])?;
        if rows.is_empty() {
            return Ok(None);
        }
        Ok(Some(rows.into_iter().flatten().flat_map(blob).collect()))
    }

    fn run(&self, statement: &str, values: Vec<Value>) -> Result<Vec<Vec<Value>>> {
        self.sql.exec(statement, values)?.raw().collect()
    }

    /// Runs `write` as one transaction: all of it happens, or nothing.
    fn transact(&self, mut write: impl FnMut() -> Result<()>) -> Result<()> {
        let storage: &Transactions = self.storage.as_raw().unchecked_ref();
        storage.transaction_sync(&mut || write().map_err(JsValue::from))?;
        Ok(())
    }
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
extern "C" {
    /// What the storage of a Durable Object has beyond what `worker` binds.
    type Transactions;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &Transactions,
        write: &mut dyn FnMut() -> core::result::Result<(), JsValue>,
    ) -> core::result::Result<JsValue, JsValue>;
}

fn with_next_live(head: &Head) -> Head {
    let mut next = head.clone();
    next.live.number = next.live.number.saturating_add(1);
    next
}

fn integer(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn count(value: &Value) -> u64 {
    match value {
        Value::Integer(number) => u64::try_from(*number).unwrap_or_default(),
        Value::Null | Value::Boolean(_) | Value::Float(_) | Value::String(_) | Value::Blob(_) => 0,
    }
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null | Value::Boolean(_) | Value::Integer(_) | Value::Float(_) | Value::Blob(_) => {
            String::new()
        }
    }
}

fn blob(value: Value) -> Vec<u8> {
    match value {
        Value::Blob(bytes) => bytes,
        Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::String(_) => Vec::new(),
    }
}

/// A release with how far it has come, if it has started.
fn started(row: Vec<Value>) -> Option<(String, Progress)> {
    let [name, kept] = <[Value; 2]>::try_from(row).ok()?;
    let state: State = serde_json::from_str(&text(kept)).ok()?;
    let (number, exposure) = state.progress()?;
    let progress = Progress {
        stage: number,
        exposure: exposure.share(),
    };
    Some((text(name), progress))
}
