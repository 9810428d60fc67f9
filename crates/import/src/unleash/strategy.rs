//! Strategies: for whom they are, and which part of those passes.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use super::condition::Holds;
use super::context::{HOSTNAME, attribute};
use super::{Everywhere, Fault, Import, list, text_of};

/// For whom a feature is on.
pub(super) struct Strategy {
    /// What answers call it.
    pub(super) name: String,
    /// For whom it is.
    pub(super) when: Holds,
    /// Which part of those passes; `None` is all.
    pub(super) share: Option<Share>,
}

/// A part of the callers.
pub(super) struct Share {
    /// 0 to 100.
    pub(super) percent: u64,
    pub(super) salt: String,
    /// The attributes that are the unit: the first that is there.
    pub(super) by: Vec<String>,
}

impl Share {
    /// For each attribute that is the unit, the split that serves `on` to the share and `off` to the rest.
    pub(super) fn splits(&self, on: &str, off: &str) -> Vec<(String, Value)> {
        let rest = 100_u64.saturating_sub(self.percent);
        let split = |by: &String| {
            let split = json!({
                "split": [[on, self.percent], [off, rest]],
                "by": by, "salt": self.salt, "hash": "unleash-murmur3",
            });
            (by.clone(), split)
        };
        self.by.iter().map(split).collect()
    }
}

const MEMBERS: [&str; 6] = [
    "name",
    "title",
    "parameters",
    "constraints",
    "segments",
    "variants",
];

/// How many variants of its own there are to choose from.
fn chosen_from(strategy: &Map<String, Value>) -> usize {
    let weight = |variant: &&Value| variant.get("weight").and_then(Value::as_u64) > Some(0);
    list(strategy, "variants").iter().filter(weight).count()
}

fn is_rollout(kind: &str) -> bool {
    [
        "flexibleRollout",
        "gradualRolloutUserId",
        "gradualRolloutSessionId",
    ]
    .contains(&kind)
}

/// Who is meant where a feature names nobody: the user, or else the session.
pub(super) fn anybody() -> Vec<String> {
    vec![attribute("userId"), attribute("sessionId")]
}

impl Import<'_> {
    /// A strategy of the feature `feature`.
    pub(super) fn strategy(
        &mut self,
        strategy: &Value,
        feature: &str,
        path: &Path,
    ) -> Result<Strategy, Fault> {
        let fault = |reason: &str| (path.clone(), reason.to_owned());
        let members = strategy
            .as_object()
            .ok_or_else(|| fault("expected an object"))?;
        self.note_unused("strategy", members, &MEMBERS, path);
        let kind = members
            .get("name")
            .and_then(Value::as_str)
            .ok_or_else(|| fault("it has no `name`"))?;
        let title = members
            .get("title")
            .and_then(Value::as_str)
            .filter(|title| !title.is_empty());
        let nothing = Map::new();
        let parameters = members
            .get("parameters")
            .and_then(Value::as_object)
            .unwrap_or(&nothing);
        let (own, share) = self.applied(kind, parameters, feature, path)?;
        if share.is_none() && chosen_from(members) < 2 && is_rollout(kind) {
            // For all who have it, only the attribute that is the unit matters.
            let known = ["rollout", "percentage", "stickiness"];
            self.note_unused(
                "whole rollout",
                parameters,
                &known,
                &path.clone().join("parameters"),
            );
        }
        let constraints = self.constraints(
            list(members, "constraints"),
            &path.clone().join("constraints"),
        )?;
        let mut parts = vec![constraints];
        for (index, id) in list(members, "segments").iter().enumerate() {
            let at = || path.clone().join("segments").join(&index.to_string());
            let segment = id.as_i64().and_then(|id| self.segments.get(&id));
            let segment = segment.ok_or_else(|| (at(), format!("there is no segment {id}")))?;
            parts.push(segment.clone()?);
        }
        parts.push(own);
        Ok(Strategy {
            name: title.unwrap_or(kind).to_owned(),
            when: Holds::all(parts),
            share,
        })
    }

    /// What a strategy of this kind asks beside its constraints.
    fn applied(
        &mut self,
        kind: &str,
        parameters: &Map<String, Value>,
        feature: &str,
        path: &Path,
    ) -> Result<(Holds, Option<Share>), Fault> {
        let at = |name: &str| path.clone().join("parameters").join(name);
        let text = |name: &str| parameters.get(name).and_then(text_of);
        let items = |text: String| -> Vec<String> {
            text.split(',').map(|it| it.trim().to_owned()).collect()
        };
        let known: &[&str] = match kind {
            "userWithId" => &["userIds"],
            "remoteAddress" => &["IPs"],
            "applicationHostname" => &["hostNames"],
            "gradualRolloutRandom" => &["percentage"],
            "gradualRolloutUserId" | "gradualRolloutSessionId" => &["percentage", "groupId"],
            "flexibleRollout" => &["rollout", "stickiness", "groupId"],
            _ => &[],
        };
        self.note_unused(
            "parameter",
            parameters,
            known,
            &path.clone().join("parameters"),
        );
        let holds = match kind {
            "default" => Holds::Always,
            "userWithId" => text("userIds").map_or(Holds::Never, |ids| {
                Holds::If(json!({ "attr": attribute("userId"), "in": items(ids) }))
            }),
            "remoteAddress" => text("IPs").map_or(Holds::Never, |ips| {
                self.networks(&attribute("remoteAddress"), &items(ips), &at("IPs"))
            }),
            "applicationHostname" => {
                let reason = format!(
                    "asks for the attribute `{HOSTNAME}`, in lower case; Unleash's SDKs look up the name of the machine \
                     they run on"
                );
                self.draft.note(at("hostNames"), None, reason);
                let names = items(text("hostNames").unwrap_or_default().to_lowercase());
                Holds::If(json!({ "attr": HOSTNAME, "in": names }))
            }
            "gradualRolloutRandom" => {
                return self.rollout(text("percentage"), "", "random", feature, &at("percentage"));
            }
            "gradualRolloutUserId" | "gradualRolloutSessionId" => {
                let by = if kind == "gradualRolloutUserId" {
                    "userId"
                } else {
                    "sessionId"
                };
                return match text("groupId") {
                    Some(group) => {
                        self.rollout(text("percentage"), &group, by, feature, &at("percentage"))
                    }
                    None => Ok((Holds::Never, None)),
                };
            }
            "flexibleRollout" => {
                let group = text("groupId").unwrap_or_else(|| feature.to_owned());
                let by = text("stickiness").unwrap_or_else(|| "default".to_owned());
                return self.rollout(text("rollout"), &group, &by, feature, &at("rollout"));
            }
            _ => {
                let reason =
                    format!("the strategy never holds: `{kind}` is code of those who use Unleash");
                self.draft.note(path.clone(), None, reason);
                Holds::Never
            }
        };
        Ok((holds, None))
    }

    fn rollout(
        &mut self,
        percent: Option<String>,
        group: &str,
        by: &str,
        feature: &str,
        path: &Path,
    ) -> Result<(Holds, Option<Share>), Fault> {
        let Some(percent) = percent.and_then(|percent| percent.parse::<u64>().ok()) else {
            return Ok((Holds::Never, None));
        };
        let is_random = by == "random";
        if percent > 100 && !(is_random && group.is_empty()) {
            return Err((path.clone(), format!("`{percent}` is above 100")));
        }
        let (is_anybody, salt) = (
            is_random || by == "default",
            if group.is_empty() {
                feature.to_owned()
            } else {
                group.to_owned()
            },
        );
        if percent >= 100 {
            let exists = || Holds::If(json!({ "attr": attribute(by), "exists": true }));
            return Ok((if is_anybody { Holds::Always } else { exists() }, None));
        }
        if percent > 0 && is_random {
            let reason = "the same callers pass each time: those of a user id, or else of a session id; in Unleash it is \
                          chance, call by call";
            self.draft.note(path.clone(), None, reason);
        } else if percent > 0 && group.is_empty() {
            let reason =
                format!("other callers pass than in Unleash: no salt is empty, so `{feature}` is");
            self.draft.note(path.clone(), None, reason);
        }
        if percent > 0 {
            self.everywhere.insert(Everywhere::Chance);
        }
        let by = if is_anybody {
            anybody()
        } else {
            vec![attribute(by)]
        };
        Ok((Holds::Always, Some(Share { percent, salt, by })))
    }
}
