//! What a ruleset still reads once all is taken out that lint names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use vexil_ruleset::{Finding, Lint};

use super::reads::text;

/// The attributes that answers can depend on, for all that lint says: every place that reads another is in a disabled
/// flag, in a condition that never or always holds or that can be left out, or in a rule that never serves.
#[must_use]
pub fn left_by_lint(ruleset: &Value, findings: &[Finding]) -> BTreeSet<String> {
    let mut left = Left {
        ruleset,
        named: findings
            .iter()
            .map(|it| (it.path.as_str(), it.lint))
            .collect(),
        reads: BTreeSet::new(),
    };
    for (key, flag) in ruleset["flags"].as_object().into_iter().flatten() {
        left.flag(flag, &format!("/flags/{key}"));
    }
    left.reads
}

/// What a condition comes to without what lint names.
enum Kept {
    /// It holds always, or never.
    Always(bool),
    /// It can be left out.
    Redundant,
    /// It depends on these attributes.
    On(BTreeSet<String>),
}

struct Left<'f> {
    ruleset: &'f Value,
    named: BTreeMap<&'f str, Lint>,
    reads: BTreeSet<String>,
}

impl Left<'_> {
    fn is(&self, lint: Lint, path: &str) -> bool {
        self.named.get(path) == Some(&lint)
    }

    fn flag(&mut self, flag: &Value, path: &str) {
        if flag["enabled"] == false || self.is(Lint::UnmetRequirement, &format!("{path}/requires"))
        {
            return;
        }
        if flag.get("targets").is_some() {
            self.targeting_key();
        }
        let mut is_open = true;
        for (index, rule) in flag["rules"].as_array().into_iter().flatten().enumerate() {
            let path = format!("{path}/rules/{index}");
            let when = self.condition(&rule["when"], &format!("{path}/when"));
            if self.is(Lint::UnreachableRule, &path) || !is_open {
                continue;
            }
            match when {
                Kept::Always(false) => continue,
                Kept::Always(true) => is_open = rule["serve"].is_object(),
                Kept::Redundant => {}
                Kept::On(reads) => self.reads.extend(reads),
            }
            self.serve(&rule["serve"]);
        }
        if is_open {
            self.serve(&flag["default"]);
        }
    }

    fn targeting_key(&mut self) {
        self.reads.insert("targetingKey".to_owned());
    }

    fn serve(&mut self, serve: &Value) {
        let Some(release) = serve.get("release").map(text) else {
            if serve.is_object() {
                self.unit(serve);
            }
            return;
        };
        let of = &self.ruleset["releases"][release];
        self.unit(of);
        for (index, stage) in of["stages"].as_array().into_iter().flatten().enumerate() {
            let path = format!("/releases/{release}/stages/{index}/audience");
            if let Some(audience) = stage.get("audience")
                && let Kept::On(reads) = self.condition(audience, &path)
            {
                self.reads.extend(reads);
            }
        }
    }

    fn unit(&mut self, divided: &Value) {
        let by = divided.get("by").map_or("targetingKey", text);
        self.reads.insert(by.to_owned());
    }

    fn condition(&self, condition: &Value, path: &str) -> Kept {
        match self.named.get(path) {
            Some(Lint::AlwaysTrue) => return Kept::Always(true),
            Some(Lint::NeverTrue) => return Kept::Always(false),
            Some(Lint::RedundantCondition | Lint::MootCondition) => return Kept::Redundant,
            _ => {}
        }
        let (key, operand) = condition
            .as_object()
            .and_then(|it| it.iter().find(|(key, _)| *key != "variant"))
            .expect("a condition");
        match key.as_str() {
            "all" => self.parts(operand, &format!("{path}/all"), true),
            "any" => self.parts(operand, &format!("{path}/any"), false),
            "not" => match self.condition(operand, &format!("{path}/not")) {
                Kept::Always(holds) => Kept::Always(!holds),
                other => other,
            },
            "segment" => self.segment(text(operand)),
            _ => Kept::On(
                condition
                    .get("attr")
                    .map(|attribute| text(attribute).to_owned())
                    .into_iter()
                    .collect(),
            ),
        }
    }

    fn parts(&self, parts: &Value, path: &str, is_all: bool) -> Kept {
        let mut reads = BTreeSet::new();
        let mut is_constant = true;
        for (index, part) in parts.as_array().into_iter().flatten().enumerate() {
            match self.condition(part, &format!("{path}/{index}")) {
                Kept::Always(holds) if holds != is_all => return Kept::Always(holds),
                Kept::Always(_) | Kept::Redundant => {}
                Kept::On(more) => {
                    is_constant = false;
                    reads.extend(more);
                }
            }
        }
        if is_constant {
            Kept::Always(is_all)
        } else {
            Kept::On(reads)
        }
    }

    fn segment(&self, name: &str) -> Kept {
        let segment = &self.ruleset["segments"][name];
        let path = format!("/segments/{name}");
        if self.is(Lint::NeverTrue, &path) {
            return Kept::Always(false);
        }
        if self.is(Lint::AlwaysTrue, &path) {
            return Kept::Always(true);
        }
        let lists = ["members", "except"]
            .map(|key| segment[key].as_array().is_some_and(|keys| !keys.is_empty()));
        let when = segment.get("when").map_or(Kept::Always(false), |when| {
            self.condition(when, &format!("{path}/when"))
        });
        let mut reads = BTreeSet::new();
        match when {
            Kept::Always(holds) if lists == [false; 2] || lists == [true, false] && holds => {
                return Kept::Always(holds);
            }
            Kept::Always(_) | Kept::Redundant => {}
            Kept::On(more) => reads = more,
        }
        if lists != [false; 2] {
            reads.insert("targetingKey".to_owned());
        }
        Kept::On(reads)
    }
}
