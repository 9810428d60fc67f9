//! What is not kept for ever: the programs of old versions, which their rulesets become again when somebody wants them,
//! and keys that ended long ago. Rulesets, versions and the audit are kept whole.

use vexil_core::Program;
use vexil_ruleset::{compile, decode};
use worker::{Result, SqlStorageValue as Value};

use super::database::count;
use super::store::Store;
use super::{PROGRAMS, outbox, program_key};

pub(super) const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS dropped (program INTEGER PRIMARY KEY) WITHOUT ROWID";

/// Of how many versions, the newest included, the programs are kept, unless `VEXIL_KEPT_VERSIONS` says otherwise.
const DEFAULT_VERSIONS: u64 = 200;
/// How long a key is listed after its end, in ms: 90 days.
const ENDED_MS: i64 = 90 * 86_400_000;
/// How many programs leave the store of programs in one attempt: a request has a limit of its own.
const AT_ONCE: u64 = 40;

impl Store {
    /// Drops the programs that no version of those that are kept has; part of the transaction that publishes.
    pub(super) fn drop_programs(&self, revision: u64) -> Result<()> {
        let versions = self.env.var("VEXIL_KEPT_VERSIONS").ok();
        let versions = versions.and_then(|versions| versions.to_string().parse().ok());
        let before = versions.unwrap_or(DEFAULT_VERSIONS).saturating_sub(1);
        let select = "SELECT program FROM versions ORDER BY number DESC LIMIT 1 OFFSET ?";
        let rows = self.database.run(select, vec![count(before)])?;
        let Some(oldest) = rows.first().and_then(|row| row.count(0)) else {
            return Ok(());
        };
        let which = "FROM parts WHERE kind = 'program' AND program < ?";
        if self.env.kv(PROGRAMS).is_ok() {
            let note = format!("INSERT OR IGNORE INTO dropped SELECT DISTINCT program {which}");
            self.database.run(&note, vec![count(oldest)])?;
            if !self.dropped()?.is_empty() {
                outbox::note_dropped(self, revision)?;
            }
        }
        let delete = format!("DELETE {which}");
        self.database.run(&delete, vec![count(oldest)]).map(drop)
    }

    /// Programs that were dropped here, and that the store of programs may still have.
    pub(super) fn dropped(&self) -> Result<Vec<u64>> {
        let select = "SELECT program FROM dropped ORDER BY program LIMIT ?";
        let rows = self.database.run(select, vec![count(AT_ONCE)])?;
        Ok(rows.iter().filter_map(|row| row.count(0)).collect())
    }

    /// The program of that number, from its ruleset; `None` where there was none.
    pub(super) fn compiled_again(&self, number: u64) -> Result<Option<Program>> {
        let Some(text) = self.ruleset(number)? else {
            return Ok(None);
        };
        let unreadable = "this version cannot read the ruleset";
        let text = String::from_utf8(text).map_err(|_| unreadable)?;
        let ruleset = decode(&text).map_err(|_| unreadable)?;
        let select = "SELECT MIN(changed) FROM versions WHERE program = ?";
        let rows = self.database.run(select, vec![count(number)])?;
        let at = rows.first().and_then(|row| row.integer(0));
        compile(&ruleset, &self.environment, number, at.unwrap_or_default())
            .map(Some)
            .map_err(|_| unreadable.into())
    }

    /// Forgets the keys that ended long before `now`, in ms since 1970. The audit says that there were any.
    pub(super) fn forget_keys(&self, now: i64) -> Result<()> {
        let delete = "DELETE FROM tokens WHERE expires < ?";
        let values: Vec<Value> = vec![now.saturating_sub(ENDED_MS).into()];
        self.database.run(delete, values).map(drop)
    }
}

impl outbox::Outbox {
    /// Takes out of the store of programs what was dropped here.
    pub(super) async fn drop_copies(&self) -> Result<()> {
        let (store, environment) = (&self.store, &self.environment);
        for number in store.dropped()? {
            let programs = store.env.kv(PROGRAMS)?;
            let key = program_key(environment, number);
            let delete = {
                let key = key.clone();
                async move { programs.delete(&key).await }
            };
            self.writes.write(key, delete).await?;
            let delete = "DELETE FROM dropped WHERE program = ?";
            store.database.run(delete, vec![count(number)])?;
        }
        match store.dropped()?.len() {
            0 => Ok(()),
            _ => Err("there are more to drop".into()),
        }
    }
}
