//! The chain.

use std::fmt;

use serde_json::{Map, Value};

use crate::{Hash, canonical};

/// The hash of `record`, which comes after `previous`. A member `hash` does not count.
#[must_use]
pub fn link(previous: Hash, record: &Map<String, Value>) -> Hash {
    let mut record = record.clone();
    record.remove("hash");
    Hash::after(previous, canonical(&Value::Object(record)).as_bytes())
}

/// Where a chain breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which of the records given, from 0.
    pub index: usize,
    /// How.
    pub why: Why,
}

/// How a chain breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The record is no object with a `hash` and a `number`.
    Shape,
    /// Its `number` does not follow the one before.
    Number,
    /// Its `hash` is not that of its text and of the hash before.
    Hash,
}

/// Follows `records` from the hash and the number of the record before them, which are zero before the first, to the
/// hash of the last.
///
/// ```
/// use serde_json::json;
/// use vexil_audit::{Broken, Hash, Why, link, verify};
///
/// let mut record = json!({ "number": 1, "action": "kill", "subject": "checkout" });
/// let hash = link(Hash::default(), record.as_object().expect("it is one"));
/// record["hash"] = hash.to_string().into();
/// assert_eq!(verify(Hash::default(), 0, &[record.clone()]), Ok(hash));
///
/// record["subject"] = "banner".into();
/// assert_eq!(verify(Hash::default(), 0, &[record]), Err(Broken { index: 0, why: Why::Hash }));
/// ```
///
/// # Errors
/// The first record that does not fit.
pub fn verify(mut previous: Hash, mut number: u64, records: &[Value]) -> Result<Hash, Broken> {
    for (index, record) in records.iter().enumerate() {
        let broken = |why| Broken { index, why };
        let (record, claimed, found) = parts(record).ok_or_else(|| broken(Why::Shape))?;
        if number.checked_add(1) != Some(found) {
            return Err(broken(Why::Number));
        }
        if link(previous, record) != claimed {
            return Err(broken(Why::Hash));
        }
        (previous, number) = (claimed, found);
    }
    Ok(previous)
}

fn parts(record: &Value) -> Option<(&Map<String, Value>, Hash, u64)> {
    let record = record.as_object()?;
    let hash = Hash::parse(record.get("hash")?.as_str()?)?;
    Some((record, hash, record.get("number")?.as_u64()?))
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.why {
            Why::Shape => "is no record with a number and a hash",
            Why::Number => "does not have the number after the one before it",
            Why::Hash => "does not have the hash of what it says, after the one before it",
        };
        write!(formatter, "record {} {why}", self.index)
    }
}

impl std::error::Error for Broken {}

#[cfg(test)]
mod tests;
