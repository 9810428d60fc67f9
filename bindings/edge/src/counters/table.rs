//! What a shard keeps: sums, and the ids of the batches that made them.

use vexil_release::events::{Arm, Counts, ExposureCount, MetricCount};
use worker::{Result, SqlStorageValue as Value, State};

use super::Outcome;
use crate::database::{self, Database, Row};

/// How long a batch is known by its id, in ms.
const KNOWN_MS: i64 = 60 * 60 * 1_000;
/// How many ids are known, however many come within that time: a million take about 100 MB.
const MOST_BATCHES: i64 = 1_000_000;
/// How many sums of exposures there are: flags of the past make room.
const MOST_EXPOSURES: u64 = 20_000;
/// How many metrics there are.
const MOST_METRICS: u64 = 1_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

// An empty text stands for no stage and no arm.
const TABLES: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS batches (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, taken INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS exposures (
        flag TEXT NOT NULL, variant TEXT NOT NULL, stage TEXT NOT NULL, arm TEXT NOT NULL,
        count INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (flag, variant, stage, arm)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS metrics (
        metric TEXT PRIMARY KEY, count INTEGER NOT NULL, valued INTEGER NOT NULL, sum REAL NOT NULL,
        last INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS others (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
];

/// The names of counts that are of no flag and no metric.
const DROPPED: &str = "dropped";
const REFUSED: &str = "refused";
const REPEATED: &str = "repeated";
const FORGOTTEN: &str = "forgotten";

/// The tables of a shard.
pub(super) struct Table(Database);

impl Table {
    pub(super) fn open(state: &State) -> Result<Table> {
        let database = Database::of(state);
        for table in TABLES {
            database.run(table, Vec::new())?;
        }
        Ok(Table(database))
    }

    /// Adds the counts of `batch` at `now`, in ms since 1970, unless they were added before: all of them, or nothing.
    pub(super) fn add(&self, batch: &str, counts: &Counts, now: i64) -> Result<Outcome> {
        let mut outcome = Outcome::Repeated;
        self.0.transact(|| {
            outcome = if self.is_new(batch, now)? {
                self.count(counts)?;
                Outcome::Counted
            } else {
                self.other(REPEATED, 1)?;
                Outcome::Repeated
            };
            Ok(())
        })?;
        Ok(outcome)
    }

    /// All that was added.
    pub(super) fn sum(&self) -> Result<Counts> {
        let exposures = self.0.run(
            "SELECT flag, variant, stage, arm, count, last FROM exposures ORDER BY flag, variant, stage, arm",
            Vec::new(),
        )?;
        let metrics = self.0.run(
            "SELECT metric, count, valued, sum, last FROM metrics ORDER BY metric",
            Vec::new(),
        )?;
        let mut sum = Counts {
            exposures: exposures.into_iter().filter_map(exposure).collect(),
            metrics: metrics.into_iter().filter_map(metric).collect(),
            ..Counts::default()
        };
        for mut row in self.0.run("SELECT name, count FROM others", Vec::new())? {
            let place = match row.text(0).as_deref() {
                Some(DROPPED) => &mut sum.dropped,
                Some(REFUSED) => &mut sum.refused,
                Some(REPEATED) => &mut sum.repeated,
                Some(FORGOTTEN) => &mut sum.forgotten,
                Some(_) | None => continue,
            };
            *place = row.count(1).unwrap_or_default();
        }
        Ok(sum)
    }

    /// Whether nobody has heard of `batch`, which is remembered. Up to two that need no longer be are forgotten for it.
    fn is_new(&self, batch: &str, now: i64) -> Result<bool> {
        let made = self.0.run(
            "INSERT INTO batches (id, taken) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING number",
            vec![batch.into(), now.into()],
        )?;
        let Some(number) = made.first().and_then(|row| row.integer(0)) else {
            return Ok(false);
        };
        self.0.run(
            "DELETE FROM batches WHERE number IN (SELECT number FROM batches ORDER BY number LIMIT 2)
                AND (taken < ? OR number <= ?)",
            vec![
                now.saturating_sub(KNOWN_MS).into(),
                number.saturating_sub(MOST_BATCHES).into(),
            ],
        )?;
        Ok(true)
    }

    fn count(&self, counts: &Counts) -> Result<()> {
        let mut is_exposure_new = false;
        for exposed in &counts.exposures {
            let made = self.0.run(
                "INSERT INTO exposures (flag, variant, stage, arm, count, last) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET count = count + excluded.count, last = max(last, excluded.last)
                    RETURNING count",
                vec![
                    exposed.flag.as_str().into(),
                    exposed.variant.as_str().into(),
                    exposed.stage.as_deref().unwrap_or_default().into(),
                    exposed.arm.map_or("", Arm::name).into(),
                    database::count(exposed.count),
                    exposed.last.into(),
                ],
            )?;
            is_exposure_new |= is_first(&made, exposed.count);
        }
        for measured in &counts.metrics {
            self.measure(measured)?;
        }
        if is_exposure_new {
            self.make_room("exposures", "flag, variant, stage, arm", MOST_EXPOSURES)?;
        }
        self.other(DROPPED, counts.dropped)?;
        self.other(REFUSED, counts.refused)
    }

    /// Anybody may name metrics: no new name takes the place of one that somebody has reported within a day.
    fn measure(&self, measured: &MetricCount) -> Result<()> {
        let metric = || Value::from(measured.metric.as_str());
        let known = self
            .0
            .run("SELECT 1 FROM metrics WHERE metric = ?", vec![metric()])?;
        if known.is_empty() && !self.has_room(measured.last)? {
            return self.other(FORGOTTEN, measured.count);
        }
        self.0.run(
            "INSERT INTO metrics (metric, count, valued, sum, last) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count, valued = valued + excluded.valued,
                    sum = sum + excluded.sum, last = max(last, excluded.last)",
            vec![
                metric(),
                database::count(measured.count),
                database::count(measured.values),
                measured.sum.into(),
                measured.last.into(),
            ],
        )?;
        Ok(())
    }

    /// Whether another metric has room, where need be that of those last reported more than a day before `at` (ms since
    /// 1970).
    fn has_room(&self, at: i64) -> Result<bool> {
        let rows = self.0.run("SELECT count(*) FROM metrics", Vec::new())?;
        let rows = rows.first().and_then(|row| row.count(0));
        if rows.unwrap_or_default() < MOST_METRICS {
            return Ok(true);
        }
        let old = self.0.run(
            "DELETE FROM metrics WHERE last < ? RETURNING count",
            vec![at.saturating_sub(DAY_MS).into()],
        )?;
        let events = old.iter().filter_map(|row| row.count(0));
        self.other(FORGOTTEN, events.fold(0, u64::saturating_add))?;
        Ok(!old.is_empty())
    }

    /// Forgets sums of `table`, those first to which nothing was added for longest, until there are no more than `most`,
    /// and then a tenth of them, so that it need not be done soon again.
    fn make_room(&self, table: &str, key: &str, most: u64) -> Result<()> {
        let select = format!("SELECT count(*) FROM {table}");
        let rows = self.0.run(&select, Vec::new())?;
        let rows = rows
            .first()
            .and_then(|row| row.count(0))
            .unwrap_or_default();
        if rows <= most {
            return Ok(());
        }
        let some = rows.saturating_sub(most).saturating_add(most / 10);
        let forgotten = self.0.run(
            &format!(
                "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} ORDER BY last LIMIT ?) RETURNING count"
            ),
            vec![database::count(some)],
        )?;
        let events = forgotten.iter().filter_map(|row| row.count(0));
        self.other(FORGOTTEN, events.fold(0, u64::saturating_add))
    }

    fn other(&self, name: &str, more: u64) -> Result<()> {
        if more > 0 {
            self.0.run(
                "INSERT INTO others (name, count) VALUES (?, ?)
                    ON CONFLICT DO UPDATE SET count = count + excluded.count",
                vec![name.into(), database::count(more)],
            )?;
        }
        Ok(())
    }
}

/// Whether what an addition left is no more than what was added.
fn is_first(made: &[Row], count: u64) -> bool {
    made.first().and_then(|row| row.count(0)) == Some(count)
}

fn exposure(mut row: Row) -> Option<ExposureCount> {
    Some(ExposureCount {
        flag: row.text(0)?,
        variant: row.text(1)?,
        stage: row.text(2).filter(|stage| !stage.is_empty()),
        arm: row.text(3).as_deref().and_then(Arm::from_name),
        count: row.count(4)?,
        last: row.integer(5)?,
    })
}

fn metric(mut row: Row) -> Option<MetricCount> {
    Some(MetricCount {
        metric: row.text(0)?,
        count: row.count(1)?,
        values: row.count(2)?,
        sum: row.real(3)?,
        last: row.integer(4)?,
    })
}
