//! What of a write others still have to learn.
//!
//! A row is written in the transaction of the write itself, so that whatever is durable is also told. Hubs are told at
//! once; an alarm, set in the same transaction, tells the store of programs, which takes one write a second for each
//! of its keys, one after the other ([`in_order`](super::in_order)), and repeats what failed, with full jitter, until the other side has acknowledged. A newer write takes
//! the row of an older one: who learns the newest version needs no other.

use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use serde_json::json;
use worker::js_sys::Math;
use worker::{Result, SqlStorageValue as Value, console_error};

use super::database::{Row, count};
use super::in_order::InOrder;
use super::store::Store;
use super::{Head, PROGRAMS, head_key, program_key, restored};
use crate::wait::{for_all, within};
use crate::{clock, hub};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS outbox (
    target TEXT PRIMARY KEY, revision INTEGER NOT NULL, tries INTEGER NOT NULL, next INTEGER NOT NULL) WITHOUT ROWID";

/// When the alarm looks after a write, in ms: more than the first attempt takes.
const ALARM_MS: i64 = 1_000;
/// What the wait between two attempts is below, at first and at most, in ms.
const SHORTEST_WAIT_MS: i64 = 250;
const LONGEST_WAIT_MS: i64 = 60_000;
/// How long the other side may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// The largest value that the store of programs takes. A larger program is had from the environment alone.
const LARGEST_VALUE: usize = 25 << 20;

/// Who has to learn of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// The store of programs: the program of that number.
    Program(u64),
    /// The store of programs: the cold copy of the head.
    Head,
    /// The store of programs: that some were dropped.
    Dropped,
    /// The hub of that number.
    Hub(u32),
}

impl Target {
    fn name(self) -> String {
        match self {
            Target::Program(number) => format!("kv:program/{number}"),
            Target::Head => "kv:head".to_owned(),
            Target::Dropped => "kv:dropped".to_owned(),
            Target::Hub(shard) => format!("hub:{shard}"),
        }
    }

    fn parse(name: &str) -> Option<Target> {
        match name {
            "kv:head" => return Some(Target::Head),
            "kv:dropped" => return Some(Target::Dropped),
            _ => {}
        }
        let program = name.strip_prefix("kv:program/");
        if let Some(number) = program {
            return number.parse().ok().map(Target::Program);
        }
        name.strip_prefix("hub:")?.parse().ok().map(Target::Hub)
    }
}

/// What is to be told, and by which write.
struct Due {
    target: Target,
    revision: u64,
    tries: i64,
}

pub(super) struct Outbox {
    pub(super) store: Rc<Store>,
    /// To the store of programs.
    pub(super) writes: InOrder,
    /// The name of the environment.
    pub(super) environment: String,
}

impl Outbox {
    /// Tells the hubs what was written after `revision`: the first attempt, right after the write.
    pub(super) async fn push(&self, revision: u64) -> Result<()> {
        let which = "revision > ? AND target LIKE 'hub:%'";
        self.attempt(which, count(revision)).await
    }

    /// Tells whoever is due: an attempt of the alarm.
    pub(super) async fn repeat(&self) -> Result<()> {
        self.attempt("next <= ?", clock::now().into()).await
    }

    /// Tells one hub the newest version, which nobody waits for, to hear whether it knows a higher one.
    pub(super) async fn compare(&self) -> Result<()> {
        let head = self.store.head()?;
        within(ATTEMPT, self.tell(Target::Hub(0), &head))
            .await
            .unwrap_or(Ok(()))
    }

    /// What becomes of it is noted at once for all, since the runtime holds back what the environment answers while
    /// it writes.
    async fn attempt(&self, which: &str, value: Value) -> Result<()> {
        let select = format!("SELECT target, revision, tries FROM outbox WHERE {which}");
        let rows = self.store.database.run(&select, vec![value])?;
        let head = self.store.head()?;
        let told = RefCell::new(Vec::new());
        let tell = async |due: Due| {
            let is_told = self.deliver(due.target, &head).await;
            told.borrow_mut().push((due, is_told));
        };
        let due = rows.into_iter().filter_map(due);
        let (heads, others): (Vec<Due>, Vec<Due>) = due.partition(|due| due.target == Target::Head);
        for_all(others.into_iter().map(&tell)).await;
        // A copy of the head is worth what the program that it names is.
        let is_told = |name: &str| {
            let told = told.borrow();
            told.iter()
                .any(|(due, is_told)| *is_told && due.target.name() == name)
        };
        if self.programs()?.iter().all(|name| is_told(name)) {
            for_all(heads.into_iter().map(&tell)).await;
        } else {
            told.borrow_mut()
                .extend(heads.into_iter().map(|due| (due, false)));
        }
        let told = told.into_inner();
        self.store.database.transact(|| {
            for (due, is_told) in &told {
                self.note(due, *is_told)?;
            }
            arm(&self.store)
        })
    }

    /// The programs that the store of programs may not have.
    fn programs(&self) -> Result<Vec<String>> {
        let select = "SELECT target FROM outbox WHERE target LIKE 'kv:program/%'";
        let rows = self.store.database.run(select, Vec::new())?;
        Ok(rows.into_iter().filter_map(|mut row| row.text(0)).collect())
    }

    fn note(&self, due: &Due, is_told: bool) -> Result<()> {
        let which = [due.target.name().into(), count(due.revision)];
        if is_told {
            let delete = "DELETE FROM outbox WHERE target = ? AND revision = ?";
            self.store.database.run(delete, which.into())?;
        } else {
            let next = clock::now().saturating_add(jitter(due.tries, Math::random()));
            let update = "UPDATE outbox SET tries = tries + 1, next = ?3 WHERE target = ?1 AND revision = ?2";
            let values = which.into_iter().chain([next.into()]).collect();
            self.store.database.run(update, values)?;
        }
        Ok(())
    }

    async fn deliver(&self, target: Target, head: &Head) -> bool {
        let told = within(ATTEMPT, self.tell(target, head)).await;
        match told.unwrap_or_else(|| Err("it took too long".into())) {
            Ok(()) => true,
            Err(error) => {
                let name = target.name();
                console_error!("{name} of {} is not told: {error}", self.environment);
                false
            }
        }
    }

    /// Done when the other side has it for good.
    async fn tell(&self, target: Target, head: &Head) -> Result<()> {
        let env = &self.store.env;
        match target {
            Target::Program(number) => {
                let program = self.store.program(number)?.unwrap_or_default();
                if program.len() > LARGEST_VALUE {
                    return Ok(());
                }
                let key = program_key(&self.environment, number);
                let put = env.kv(PROGRAMS)?.put_bytes(&key, &program)?;
                drop(program);
                self.writes.write(key, put.execute()).await
            }
            Target::Head => {
                let (key, head) = (head_key(&self.environment), head.to_json().to_string());
                let put = env.kv(PROGRAMS)?.put(&key, head)?;
                self.writes.write(key, put.execute()).await
            }
            Target::Dropped => self.drop_copies().await,
            Target::Hub(shard) => {
                let news = json!({ "version": head.version, "changed": head.changed });
                let known = hub::announce(env, &self.environment, shard, &news).await?;
                restored::above(&self.store, known)
            }
        }
    }
}

/// How many pushes nobody has acknowledged yet.
pub(super) fn waiting(store: &Store) -> Result<u64> {
    let rows = store
        .database
        .run("SELECT COUNT(*) FROM outbox", Vec::new())?;
    Ok(rows
        .first()
        .and_then(|row| row.count(0))
        .unwrap_or_default())
}

/// Notes who has to learn of the write of that revision, which made a version or none; part of its transaction.
pub(super) fn note(store: &Store, revision: u64, has_version: bool) -> Result<()> {
    if store.env.kv(PROGRAMS).is_ok() {
        add(store, Target::Head, revision)?;
    }
    if has_version {
        for shard in 0..hub::shards(&store.env) {
            add(store, Target::Hub(shard), revision)?;
        }
    }
    arm(store)
}

/// Notes that `head` has a program of its own; part of its transaction.
pub(super) fn note_program(store: &Store, head: &Head) -> Result<()> {
    if store.env.kv(PROGRAMS).is_ok() {
        // Whoever begins needs the newest program and no other.
        let older = "DELETE FROM outbox WHERE target LIKE 'kv:program/%'";
        store.database.run(older, Vec::new())?;
        add(store, Target::Program(head.program), head.revision)?;
    }
    Ok(())
}

/// Notes that programs were dropped by the write of that revision; part of its transaction.
pub(super) fn note_dropped(store: &Store, revision: u64) -> Result<()> {
    add(store, Target::Dropped, revision)
}

fn add(store: &Store, target: Target, revision: u64) -> Result<()> {
    let next = clock::now().saturating_add(ALARM_MS);
    store.database.run(
        "INSERT INTO outbox (target, revision, tries, next) VALUES (?1, ?2, 0, ?3)
            ON CONFLICT (target) DO UPDATE SET revision = ?2, next = MIN(next, ?3)",
        vec![target.name().into(), count(revision), next.into()],
    )?;
    Ok(())
}

/// Sets the alarm for the first that is due.
fn arm(store: &Store) -> Result<()> {
    let rows = store
        .database
        .run("SELECT MIN(next) FROM outbox", Vec::new())?;
    store
        .database
        .set_alarm(rows.first().and_then(|row| row.integer(0)))
}

/// Full jitter: anything up to a bound that doubles with every attempt, in ms. `chance` is in 0..1.
fn jitter(tries: i64, chance: f64) -> i64 {
    let doubled = u32::try_from(tries)
        .ok()
        .and_then(|tries| SHORTEST_WAIT_MS.checked_shl(tries.min(20)));
    let bound = doubled.unwrap_or(LONGEST_WAIT_MS).min(LONGEST_WAIT_MS);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "below a minute"
    )]
    let wait = (chance * bound as f64) as i64;
    wait
}

fn due(mut row: Row) -> Option<Due> {
    Some(Due {
        target: Target::parse(&row.text(0)?)?,
        revision: row.count(1)?,
        tries: row.integer(2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_found_by_its_name() {
        for target in [
            Target::Program(12),
            Target::Head,
            Target::Dropped,
            Target::Hub(3),
        ] {
            assert_eq!(Target::parse(&target.name()), Some(target));
        }
        for name in ["", "hub:", "hub:x", "kv:program/", "kv:other"] {
            assert_eq!(Target::parse(name), None, "{name}");
        }
    }

    #[test]
    fn attempts_come_further_and_further_apart_and_never_a_minute() {
        for (tries, most) in [
            (0, 250),
            (1, 500),
            (4, 4_000),
            (8, 60_000),
            (64, 60_000),
            (-1, 60_000),
        ] {
            assert_eq!(jitter(tries, 0.0), 0);
            assert_eq!(jitter(tries, 0.5), most / 2, "{tries}");
        }
    }
}
