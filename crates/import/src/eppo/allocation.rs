//! Allocations, as rules.

use serde_json::{Map, Value, json};
use vexil_ruleset::{Instant, Path};

use super::variations::Variations;
use super::{Fault, Import};
use crate::holds::Holds;

/// What the allocations of a flag became.
pub(super) struct Targeting {
    /// In the ruleset language.
    pub(super) rules: Vec<Value>,
    /// What is served where no rule holds.
    pub(super) default: Value,
    /// Whether any allocation records whom it assigned what.
    pub(super) is_tracked: bool,
}

const MEMBERS: [&str; 6] = ["key", "rules", "startAt", "endAt", "splits", "doLog"];
const RULE_MEMBERS: [&str; 1] = ["conditions"];

impl Import {
    /// Reads the allocations of the flag that is called `key`.
    pub(super) fn allocations(
        &mut self,
        key: &str,
        allocations: &[Value],
        variations: &mut Variations,
        path: &Path,
    ) -> Result<Targeting, Fault> {
        let logs = |it: &Value| it.get("doLog").and_then(Value::as_bool).unwrap_or(true);
        let mut targeting = Targeting {
            rules: Vec::new(),
            default: variations.callers_default().into(),
            is_tracked: allocations.iter().any(logs),
        };
        let mut is_decided = false;
        for (index, allocation) in allocations.iter().enumerate() {
            let at = path.clone().join(&index.to_string());
            let members = allocation
                .as_object()
                .ok_or_else(|| (at.clone(), "expected an object".to_owned()))?;
            if is_decided {
                self.draft
                    .note_dropped(at, "left out: an allocation before it takes all subjects");
                continue;
            }
            if logs(allocation) != targeting.is_tracked {
                self.draft.note_dropped(
                    at.clone().join("doLog"),
                    "its assignments are recorded too: a flag is recorded or it is not",
                );
            }
            self.note_members(members, &MEMBERS, &at);
            let name = members
                .get("key")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let holds = Holds::all([interval(members, &at)?, self.rules(members, &at)?]);
            if holds == Holds::Never {
                self.draft
                    .note_dropped(at, "left out: it takes no subject at any time");
                continue;
            }
            let is_last = index.saturating_add(1) == allocations.len();
            let label = format!("{key}.{name}");
            let before = targeting.rules.len();
            let splits = members.get("splits").unwrap_or(&Value::Null);
            let branches = self.splits(
                &label,
                splits,
                variations,
                is_last,
                &at.clone().join("splits"),
            )?;
            if branches.is_empty() {
                let why = "left out: no split of it takes a subject";
                self.draft.note_dropped(at, why);
                continue;
            }
            for branch in branches {
                match Holds::all([holds.clone(), branch.holds]) {
                    Holds::Never => {}
                    Holds::Always => {
                        targeting.default = branch.serve;
                        is_decided = true;
                    }
                    Holds::If(when) => targeting.rules.push(rule(name, when, branch.serve)),
                }
            }
            if targeting.rules.len() == before {
                let to = Path::default().join("flags").join(key).join("default");
                let why = "left out: it is the default, which has no name";
                self.draft.note_kept(at.join("key"), to, why);
            }
        }
        Ok(targeting)
    }

    /// Any rule has to hold; without rules, all subjects are taken.
    fn rules(&mut self, allocation: &Map<String, Value>, path: &Path) -> Result<Holds, Fault> {
        let path = path.clone().join("rules");
        let rules = match allocation.get("rules") {
            None | Some(Value::Null) => return Ok(Holds::Always),
            Some(Value::Array(rules)) if rules.is_empty() => return Ok(Holds::Always),
            Some(Value::Array(rules)) => rules,
            Some(_) => return Err((path, "expected a list".to_owned())),
        };
        let mut any = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let at = path.clone().join(&index.to_string());
            let conditions = rule.get("conditions").and_then(Value::as_array);
            let conditions = conditions
                .ok_or_else(|| (at.clone().join("conditions"), "expected a list".to_owned()))?;
            if let Some(members) = rule.as_object() {
                self.note_members(members, &RULE_MEMBERS, &at);
            }
            let mut all = Vec::new();
            for (index, condition) in conditions.iter().enumerate() {
                let at = at.clone().join("conditions").join(&index.to_string());
                all.push(self.condition(condition, &at));
            }
            let holds = Holds::all(all);
            if holds == Holds::Never {
                self.draft
                    .note_dropped(at.clone(), "left out: it holds for no subject");
            }
            any.push((holds, at));
        }
        if any.iter().any(|(holds, _)| *holds == Holds::Always) {
            for (_, at) in any.into_iter().filter(|(it, _)| *it != Holds::Always) {
                let why = "left out: a rule beside it holds for all subjects";
                self.draft.note_dropped(at, why);
            }
            return Ok(Holds::Always);
        }
        Ok(Holds::any(any.into_iter().map(|(holds, _)| holds)))
    }
}

fn rule(name: &str, when: Value, serve: Value) -> Value {
    let mut rule = Map::from_iter([("when".to_owned(), when), ("serve".to_owned(), serve)]);
    if !name.is_empty() {
        rule.insert("name".to_owned(), name.into());
    }
    rule.into()
}

/// When an allocation assigns at all: both instants belong to it.
fn interval(allocation: &Map<String, Value>, path: &Path) -> Result<Holds, Fault> {
    let instant = |name: &str| match allocation.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let instant = value.as_str().and_then(Instant::parse);
            let fault = || {
                (
                    path.clone().join(name),
                    "expected an instant as RFC 3339 writes it".to_owned(),
                )
            };
            instant.map(Some).ok_or_else(fault)
        }
    };
    let (start, end) = (instant("startAt")?, instant("endAt")?);
    // A ruleset's interval is over at its end; Eppo's allocation only after it.
    let until = end.map(|it| it.ms().saturating_add(1));
    let mut time = Map::new();
    if let Some(start) = &start {
        time.insert("from".to_owned(), start.to_string().into());
    }
    if let Some(until) = until {
        time.insert("until".to_owned(), until.into());
    }
    Ok(match (start, until) {
        (None, None) => Holds::Always,
        (Some(start), Some(until)) if start.ms() >= until => Holds::Never,
        _ => Holds::If(json!({ "time": time })),
    })
}
