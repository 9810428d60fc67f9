//! What the newest version of an environment consists of, as its workers keep it.

use serde_json::{Value as Json, json};
use vexil_audit::Hash;
use vexil_core::Progress;
use vexil_ofrep::LiveState;

use crate::auth::{EvaluationKey, Kind};

/// All that moves. The program itself is fetched by its number, and never changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Head {
    /// Higher with every write, those that make no version included; 0 before the first.
    pub(crate) revision: u64,
    /// Higher with every change of what flags answer; 0 before the first.
    pub(crate) version: u64,
    /// The number of its program.
    pub(crate) program: u64,
    /// The program's checksum. An environment that was restored from a backup gives a number away again: by this the
    /// copies that others kept of the program it had before are told apart.
    pub(crate) checksum: u64,
    /// Its live state.
    pub(crate) live: LiveState,
    /// When the version came to be, in ms since 1970.
    pub(crate) changed: i64,
    /// The keys that evaluate.
    pub(crate) keys: Vec<EvaluationKey>,
}

impl Head {
    pub(crate) fn to_json(&self) -> Json {
        let started = self.live.started.iter();
        let started =
            started.map(|(name, progress)| json!([name, progress.stage, progress.exposure]));
        let keys = self.keys.iter().map(|key| {
            json!({ "sha256": key.hash.to_string(), "kind": key.kind.name(), "expires": key.expires })
        });
        json!({
            "revision": self.revision,
            "version": self.version,
            "program": self.program,
            "checksum": self.checksum,
            "live": self.live.number,
            "killed": self.live.killed,
            "started": started.collect::<Json>(),
            "changed": self.changed,
            "keys": keys.collect::<Json>(),
        })
    }

    pub(crate) fn from_json(json: &Json) -> Option<Head> {
        let number = |name: &str| json.get(name)?.as_u64();
        let list = |name: &str| json.get(name)?.as_array().map(|items| items.iter());
        let killed = list("killed")?.map(|key| Some(key.as_str()?.to_owned()));
        Some(Head {
            revision: number("revision")?,
            version: number("version")?,
            program: number("program")?,
            checksum: number("checksum")?,
            live: LiveState {
                number: number("live")?,
                killed: killed.collect::<Option<_>>()?,
                started: list("started")?.map(started).collect::<Option<_>>()?,
            },
            changed: json.get("changed")?.as_i64()?,
            keys: list("keys")?.map(key).collect::<Option<_>>()?,
        })
    }
}

fn started(release: &Json) -> Option<(String, Progress)> {
    let progress = Progress {
        stage: u32::try_from(release.get(1)?.as_u64()?).ok()?,
        exposure: release.get(2)?.as_f64()?,
    };
    Some((release.get(0)?.as_str()?.to_owned(), progress))
}

fn key(json: &Json) -> Option<EvaluationKey> {
    let expires = json.get("expires")?;
    Some(EvaluationKey {
        hash: Hash::parse(json.get("sha256")?.as_str()?)?,
        kind: Kind::from_name(json.get("kind")?.as_str()?)?,
        expires: if expires.is_null() {
            None
        } else {
            Some(expires.as_i64()?)
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_back_as_it_was_written() {
        let progress = Progress {
            stage: 1,
            exposure: 0.1,
        };
        let key = |text: &str, kind, expires| EvaluationKey {
            hash: Hash::of(text.as_bytes()),
            kind,
            expires,
        };
        let head = Head {
            revision: 9,
            version: 7,
            program: 3,
            checksum: u64::MAX,
            live: LiveState {
                number: 4,
                killed: ["checkout".to_owned()].into_iter().collect(),
                started: [("ga".to_owned(), progress)].into_iter().collect(),
            },
            changed: 1_790_000_000_000,
            keys: vec![
                key("a", Kind::Browser, None),
                key("b", Kind::Server, Some(1_790_000_000_001)),
            ],
        };
        for head in [head, Head::default()] {
            let text = head.to_json().to_string();
            let json = serde_json::from_str(&text).expect("it is JSON");
            assert_eq!(Head::from_json(&json), Some(head));
        }
    }
}
