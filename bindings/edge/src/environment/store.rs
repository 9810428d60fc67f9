//! What an environment keeps: reads see the newest version, and each write is one transaction.

use core::cell::Cell;

use serde_json::json;
use vexil_audit::Hash;
use vexil_core::{Program, Progress};
use vexil_ofrep::LiveState;
use vexil_release::State;
use worker::{Env, Result, SqlStorageValue as Value};

use super::audit::Entry;
use super::database::{Database, Row, count};
use super::{Head, outbox, schema};
use crate::clock;

/// A row holds 2 MB at most; a part stays well below.
const PART_BYTES: usize = 1 << 20;

/// The tables.
pub(super) struct Store {
    pub(super) database: Database,
    pub(super) env: Env,
    /// The name of the environment.
    pub(super) environment: String,
    /// The number of the program whose checksum was asked for last, and that.
    checksum: Cell<Option<(u64, u64)>>,
}

impl Store {
    pub(super) fn open(state: &worker::State, env: &Env, environment: String) -> Result<Store> {
        let store = Store {
            database: Database::of(state),
            env: env.clone(),
            environment,
            checksum: Cell::new(None),
        };
        schema::prepare(&store)?;
        Ok(store)
    }

    pub(super) fn head(&self) -> Result<Head> {
        let run = |select: &str| self.database.run(select, Vec::new());
        let newest = run(
            "SELECT number, program, live, changed FROM versions ORDER BY number DESC LIMIT 1",
        )?;
        let number = |column| {
            let row = newest.first();
            row.and_then(|row| row.count(column)).unwrap_or_default()
        };
        let mut killed = run("SELECT flag FROM killed ORDER BY flag")?;
        let releases = run("SELECT name, state FROM releases ORDER BY name")?;
        let (revision, _) = self.last_line()?;
        Ok(Head {
            revision,
            version: number(0),
            program: number(1),
            checksum: self.checksum(number(1)),
            live: LiveState {
                number: number(2),
                killed: killed.iter_mut().filter_map(|row| row.text(0)).collect(),
                started: releases.into_iter().filter_map(started).collect(),
            },
            changed: i64::try_from(number(3)).unwrap_or_default(),
            keys: self.evaluation_keys(clock::now())?,
        })
    }

    /// The checksum of the program of that number, which nobody changes while this object lives; 0 where this version
    /// cannot read it, so that another ruleset can still be published.
    fn checksum(&self, number: u64) -> u64 {
        let known = self.checksum.get().filter(|(known, _)| *known == number);
        if let Some((_, checksum)) = known {
            return checksum;
        }
        let Ok(program) = self.decoded(number) else {
            return 0;
        };
        let checksum = program.checksum();
        self.checksum.set(Some((number, checksum)));
        checksum
    }

    /// The bytes of the program of that number.
    pub(super) fn program(&self, number: u64) -> Result<Option<Vec<u8>>> {
        if let Some(program) = self.parts("program", number)? {
            return Ok(Some(program));
        }
        let program = self.compiled_again(number)?;
        Ok(program.map(|program| program.as_bytes().to_vec()))
    }

    /// The ruleset that became the program of that number, as it was written.
    pub(super) fn ruleset(&self, program: u64) -> Result<Option<Vec<u8>>> {
        self.parts("ruleset", program)
    }

    pub(super) fn is_killed(&self, flag: &str) -> Result<bool> {
        let select = "SELECT 1 FROM killed WHERE flag = ?";
        Ok(!self.database.run(select, vec![flag.into()])?.is_empty())
    }

    /// The state of a release; that of one that was never moved is a draft.
    pub(super) fn release(&self, name: &str) -> Result<State> {
        let select = "SELECT state FROM releases WHERE name = ?";
        let rows = self.database.run(select, vec![name.into()])?;
        let kept = rows.into_iter().find_map(|mut row| row.text(0));
        match kept {
            Some(state) => Ok(serde_json::from_str(&state)?),
            None => Ok(State::default()),
        }
    }

    /// Makes `program`, compiled from `ruleset`, the newest version: `head`'s next.
    pub(super) fn publish(
        &self,
        head: &Head,
        ruleset: &[u8],
        program: &Program,
        mut entry: Entry<'_>,
    ) -> Result<Head> {
        let next = Head {
            program: program.number(),
            checksum: program.checksum(),
            ..head.clone()
        };
        if let Some(detail) = entry.detail.as_object_mut() {
            detail.insert("program".to_owned(), next.program.into());
            detail.insert("ruleset".to_owned(), Hash::of(ruleset).to_string().into());
        }
        self.advance(next, &entry, |next| {
            self.keep("ruleset", next.program, ruleset)?;
            self.keep("program", next.program, program.as_bytes())?;
            outbox::note_program(self, next)?;
            self.drop_programs(next.revision)
        })
    }

    pub(super) fn set_killed(
        &self,
        head: &Head,
        flag: &str,
        is_killed: bool,
        entry: &Entry<'_>,
    ) -> Result<Head> {
        let statement = if is_killed {
            "INSERT INTO killed (flag) VALUES (?)"
        } else {
            "DELETE FROM killed WHERE flag = ?"
        };
        self.advance(with_next_live(head), entry, |_| {
            self.database.run(statement, vec![flag.into()]).map(drop)
        })
    }

    pub(super) fn set_release(
        &self,
        head: &Head,
        name: &str,
        state: &State,
        mut entry: Entry<'_>,
    ) -> Result<Head> {
        entry.detail = json!({ "state": state });
        let text = serde_json::to_string(state)?;
        let statement = "INSERT INTO releases (name, state) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET state = ?2";
        self.advance(with_next_live(head), &entry, |_| {
            let values = vec![name.into(), text.as_str().into()];
            self.database.run(statement, values).map(drop)
        })
    }

    /// Writes `next` as the version after its own, what `write` writes, and who did it, or nothing of all that.
    pub(super) fn advance(
        &self,
        mut next: Head,
        entry: &Entry<'_>,
        write: impl Fn(&Head) -> Result<()>,
    ) -> Result<Head> {
        next.version = next.version.saturating_add(1);
        next.revision = next.revision.saturating_add(1);
        next.changed = entry.at;
        self.database.transact(|| {
            self.database.run(
                "INSERT INTO versions (number, program, live, changed) VALUES (?, ?, ?, ?)",
                vec![
                    count(next.version),
                    count(next.program),
                    count(next.live.number),
                    next.changed.into(),
                ],
            )?;
            write(&next)?;
            self.record(Some(next.version), entry)
        })?;
        Ok(next)
    }

    fn keep(&self, kind: &str, program: u64, bytes: &[u8]) -> Result<()> {
        for (part, bytes) in bytes.chunks(PART_BYTES).enumerate() {
            let part = count(part as u64);
            self.database.run(
                "INSERT INTO parts (kind, program, part, bytes) VALUES (?, ?, ?, ?)",
                vec![kind.into(), count(program), part, bytes.to_vec().into()],
            )?;
        }
        Ok(())
    }

    fn parts(&self, kind: &str, program: u64) -> Result<Option<Vec<u8>>> {
        let select = "SELECT bytes FROM parts WHERE kind = ? AND program = ? ORDER BY part";
        let values: Vec<Value> = vec![kind.into(), count(program)];
        let mut rows = self.database.run(select, values)?;
        if rows.is_empty() {
            return Ok(None);
        }
        let parts = rows.iter_mut().filter_map(|row| row.blob(0));
        Ok(Some(parts.flatten().collect()))
    }
}

fn with_next_live(head: &Head) -> Head {
    let mut next = head.clone();
    next.live.number = next.live.number.saturating_add(1);
    next
}

/// A release with how far it has come, if it has started.
fn started(mut row: Row) -> Option<(String, Progress)> {
    let state: State = serde_json::from_str(&row.text(1)?).ok()?;
    let (number, exposure) = state.progress()?;
    let progress = Progress {
        stage: number,
        exposure: exposure.share(),
    };
    Some((row.text(0)?, progress))
}
