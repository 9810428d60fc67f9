//! The cases that vendors publish, through import, compile and evaluate.

mod eppo;
mod growthbook;
mod launchdarkly;
mod unleash;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// One published case, and how it went.
pub struct Case {
    /// What finds it again in the vendor's files.
    pub name: String,
    /// How it went.
    pub outcome: Outcome,
}

/// How a case went.
pub enum Outcome {
    /// The expected answer came.
    Passed,
    /// What was expected, and what came instead.
    Failed(String),
    /// The name of the decision, in `decisions.json`, why such a case has no answer here.
    Unsupported(&'static str),
}

/// What a vendor published.
pub struct Suite {
    /// The vendor: `launchdarkly`.
    pub name: &'static str,
    /// Runs all cases found in the folders.
    pub run: fn(&Folders<'_>) -> Result<Vec<Case>, String>,
}

/// Where published cases are.
pub struct Folders<'a> {
    /// That of `launchdarkly.jsonl`, `growthbook.json`, `eppo.json`.
    pub data: Option<&'a Path>,
    /// That in which the npm packages of this crate are installed.
    pub node_modules: &'a Path,
}

/// All vendors that published cases.
pub const SUITES: &[Suite] = &[
    launchdarkly::SUITE,
    unleash::SUITE,
    growthbook::SUITE,
    eppo::SUITE,
];

/// Why a case can have no answer here: by vendor and name, a sentence each.
pub struct Decisions(BTreeMap<String, BTreeMap<String, String>>);

impl Decisions {
    /// Those of `decisions.json`.
    ///
    /// # Errors
    ///
    /// The file is not what it should be.
    pub fn load() -> Result<Decisions, String> {
        let all: Value =
            serde_json::from_str(include_str!("../decisions.json")).map_err(|it| it.to_string())?;
        let sentences = |vendor: &Value| -> Option<BTreeMap<String, String>> {
            let sentence =
                |(name, why): (&String, &Value)| Some((name.clone(), why.as_str()?.to_owned()));
            vendor.as_object()?.iter().map(sentence).collect()
        };
        let all = all.as_object().into_iter().flatten();
        let all = all.map(|(vendor, decided)| Some((vendor.clone(), sentences(decided)?)));
        let decided: Option<_> = all.collect();
        decided
            .map(Decisions)
            .ok_or_else(|| "decisions.json: expected sentences by vendor and name".to_owned())
    }

    /// Why; `None` where nobody decided that.
    pub fn why(&self, vendor: &str, name: &str) -> Option<&str> {
        self.0.get(vendor)?.get(name).map(String::as_str)
    }
}
