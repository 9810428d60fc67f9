//! An environment that was restored from a copy: its versions go on above all that were ever announced.
//!
//! Whoever follows an environment takes no version below the highest that it knows: pages, hubs, isolates. So numbers
//! are never given away again. After a restore nobody may be left who knows how far they had come, but the time tells:
//! a write takes longer than a millisecond, so there were fewer of them than milliseconds since the copy.
//!
//! That it was restored is noticed by what is lost in no restore: `deploy/backup.py` marks its copies, and a hub that
//! is told of a version answers with the highest that it knows.

use serde_json::json;
use worker::{Result, console_warn};

use super::audit::{Author, Entry};
use super::schema::has_table;
use super::store::Store;
use super::{Head, outbox};
use crate::clock::now;

/// Goes on with higher numbers where the database is a marked copy that nobody has opened yet.
pub(super) fn after_copy(store: &Store) -> Result<()> {
    if !has_table(store, "copied")? {
        return Ok(());
    }
    let rows = store
        .database
        .run("SELECT MIN(at) FROM copied", Vec::new())?;
    let copied = rows.first().and_then(|row| row.integer(0));
    begin_anew(store, store.head()?, copied.unwrap_or_default())
}

/// Goes on above `known`, the highest version that a hub knows, where that is none of this database.
pub(super) fn above(store: &Store, known: u64) -> Result<()> {
    let head = store.head()?;
    if known <= head.version {
        return Ok(());
    }
    let version = head.version.max(known);
    begin_anew(store, Head { version, ..head }, 0)
}

/// Makes what is there the newest version again, with a number that nobody has seen. `copied` is in ms since 1970.
fn begin_anew(store: &Store, mut head: Head, copied: i64) -> Result<()> {
    let at = now();
    let unknown_ms = at.saturating_sub(copied.max(head.changed));
    head.version = head
        .version
        .saturating_add(u64::try_from(unknown_ms).unwrap_or_default());
    let author = Author {
        name: "worker".to_owned(),
        token: None,
    };
    let entry = Entry {
        at,
        author: &author,
        action: "renumber",
        subject: "",
        reason: "the storage was restored from a copy",
        detail: json!({}),
    };
    let next = store.advance(head, &entry, |next| {
        let drop = "DROP TABLE IF EXISTS copied";
        store.database.run(drop, Vec::new())?;
        match next.program {
            0 => Ok(()),
            // The store of programs may have another of this number.
            _ => outbox::note_program(store, next),
        }
    })?;
    console_warn!(
        "the storage of {} was restored: version {} comes next",
        store.environment,
        next.version
    );
    Ok(())
}
