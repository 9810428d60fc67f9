//! The versions of an environment: who did what, when and why.

use serde_json::Value;

use super::{Edge, plain};
use crate::failure::Failure;
use crate::time::Instant;

/// How many versions the edge gives at once.
const PAGE: u64 = 1_000;

/// One change of what flags answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) number: u64,
    pub(crate) at: Instant,
    pub(crate) author: String,
    /// `publish`, `republish`, `kill`, `restore`, or what was done to a release.
    pub(crate) action: String,
    /// The flag or the release.
    pub(crate) subject: String,
    pub(crate) reason: String,
    /// As the edge says it.
    json: Value,
}

/// What a new ruleset changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Published {
    /// The flags that are different, as `vexil diff --json` has them, but for what it counts.
    flags: Value,
    /// The version whose ruleset it is, where that is not a new one.
    again: Option<u64>,
}

impl Edge {
    /// The newest `count` versions before `before`, newest first.
    pub(crate) fn versions(
        &self,
        mut before: Option<u64>,
        count: u64,
    ) -> Result<Vec<Version>, Failure> {
        let mut found = Vec::new();
        loop {
            let missing = count.saturating_sub(found.len() as u64);
            if missing == 0 {
                return Ok(found);
            }
            let mut path = format!("/admin/v1/versions?limit={}", missing.min(PAGE));
            if let Some(before) = before {
                path = format!("{path}&before={before}");
            }
            let page = self.get(&path)?;
            let versions = page.list("versions")?;
            found.extend(versions.iter().filter_map(Version::read));
            before = page.json()?.get("next").and_then(Value::as_u64);
            if before.is_none() {
                return Ok(found);
            }
        }
    }

    /// The versions after `version`, oldest first; the newest hundred where there are more.
    pub(crate) fn since(&self, version: u64) -> Result<Vec<Version>, Failure> {
        let mut versions = self.versions(None, 100)?;
        versions.retain(|it| it.number > version);
        versions.reverse();
        Ok(versions)
    }

    /// What a version changed besides live state, which it says itself. Nothing where that is all.
    pub(crate) fn published(&self, version: &Version) -> Result<Published, Failure> {
        if !matches!(version.action.as_str(), "publish" | "republish") {
            return Ok(Published::default());
        }
        let to = version.number;
        // Numbers can have gaps where an environment was restored from a backup.
        let before = self.versions(Some(to), 1)?;
        let from = before.first().map_or(0, |before| before.number);
        let diff = self.get_json(&format!("/admin/v1/diff?from={from}&to={to}"))?;
        let line = version.json.get("line").and_then(Value::as_u64);
        let again = match line.and_then(|line| line.checked_sub(1)) {
            Some(after) if version.action == "republish" => {
                let audit = self.get_json(&format!("/admin/v1/audit?after={after}&limit=1"))?;
                let from = audit.pointer("/lines/0/detail/from");
                from.and_then(Value::as_u64)
            }
            _ => None,
        };
        Ok(Published {
            flags: diff.get("flags").cloned().unwrap_or(Value::Null),
            again,
        })
    }
}

impl Version {
    pub(crate) fn read(json: &Value) -> Option<Version> {
        let text = |name| plain(json.get(name).and_then(Value::as_str).unwrap_or_default());
        Some(Version {
            number: json.get("number")?.as_u64()?,
            at: Instant(json.get("changed")?.as_i64()?),
            author: text("author"),
            action: text("action"),
            subject: text("subject"),
            reason: text("reason"),
            json: json.clone(),
        })
    }

    /// ` (errors at the till)`, or nothing.
    pub(crate) fn why(&self) -> String {
        match self.reason.as_str() {
            "" => String::new(),
            reason => format!(" ({reason})"),
        }
    }

    /// `kill checkout`, `publish: banner added, checkout changed`
    pub(crate) fn what(&self, published: &Published) -> String {
        let mut what = self.action.clone();
        if let Some(again) = published.again {
            what = format!("{what} version {again}");
        }
        if !self.subject.is_empty() {
            what.push(' ');
            what.push_str(&self.subject);
        }
        let Some(flags) = published.flags.as_object() else {
            return what;
        };
        let of = |(key, flag): (&String, &Value)| {
            let how = flag.get("what").and_then(Value::as_str).unwrap_or_default();
            let can_differ = flag.get("canDiffer").and_then(Value::as_bool);
            let how = match can_differ {
                Some(false) => "answers as before",
                _ => how,
            };
            format!("{} {how}", plain(key))
        };
        let mut changes: Vec<String> = flags.iter().take(SHOWN).map(of).collect();
        match flags.len().saturating_sub(SHOWN) {
            0 if flags.is_empty() => changes.push("every flag answers as before".to_owned()),
            0 => {}
            more => changes.push(format!("{more} more")),
        }
        format!("{what}: {}", changes.join(", "))
    }

    /// As the edge says it, with what was published: `flags`, and `again`.
    pub(crate) fn document(&self, published: &Published) -> Value {
        let mut document = self.json.clone();
        if let Some(members) = document.as_object_mut() {
            members.insert("flags".to_owned(), published.flags.clone());
            members.insert("again".to_owned(), published.again.into());
        }
        document
    }
}

/// How many flags one line names.
const SHOWN: usize = 4;
