//! What a ruleset says, once everything in it is known to be right.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use vexil_core::{Expose, FlagType, Recipe};

use crate::amount::{Duration, Exposure, Percent, Weight};
use crate::condition::{AttributeName, Condition, Prerequisite};
use crate::key::{FlagKey, MetricName, ReleaseName, SegmentName, TeamName, VariantName};
use crate::lint::Lint;

/// Flags and all they refer to.
///
/// Only [`crate::decode`] makes one, so whatever a part of it names is there, no flag and no segment
/// leads back to itself, and it is within [`vexil_core::limits`].
#[derive(Clone, Debug, PartialEq)]
pub struct Ruleset {
    /// Where editors find the JSON Schema of rulesets; nothing else reads it.
    pub(crate) schema: Option<String>,
    pub(crate) flags: BTreeMap<FlagKey, Flag>,
    pub(crate) segments: BTreeMap<SegmentName, Segment>,
    pub(crate) releases: BTreeMap<ReleaseName, Release>,
    pub(crate) metrics: BTreeMap<MetricName, Metric>,
    pub(crate) teams: BTreeMap<TeamName, Team>,
    pub(crate) private: BTreeSet<AttributeName>,
    pub(crate) tests: Vec<Test>,
    pub(crate) allow: Vec<Lint>,
}

impl Ruleset {
    /// What can be asked for, by key.
    #[must_use]
    pub fn flags(&self) -> &BTreeMap<FlagKey, Flag> {
        &self.flags
    }

    /// Conditions that flags share, by name.
    #[must_use]
    pub fn segments(&self) -> &BTreeMap<SegmentName, Segment> {
        &self.segments
    }

    /// Staged moves from one variant to another, by name.
    #[must_use]
    pub fn releases(&self) -> &BTreeMap<ReleaseName, Release> {
        &self.releases
    }

    /// What is measured, by name.
    #[must_use]
    pub fn metrics(&self) -> &BTreeMap<MetricName, Metric> {
        &self.metrics
    }

    /// Who owns what, by name.
    #[must_use]
    pub fn teams(&self) -> &BTreeMap<TeamName, Team> {
        &self.teams
    }

    /// Attributes that never reach a browser.
    #[must_use]
    pub fn private(&self) -> &BTreeSet<AttributeName> {
        &self.private
    }

    /// What its author expects it to answer.
    #[must_use]
    pub fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// What may be odd anywhere in it.
    #[must_use]
    pub fn allow(&self) -> &[Lint] {
        &self.allow
    }
}

/// A question that programs ask, and all the answers it can have.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    /// What it is for, for people.
    pub description: Option<String>,
    /// Who is told when it breaks.
    pub owner: Option<TeamName>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What kind of value its variants have.
    pub kind: FlagType,
    /// The answers, by name; at least one. `null` is that of the caller: the default that it gave.
    pub variants: BTreeMap<VariantName, Value>,
    /// Whether its rules are used at all.
    pub is_enabled: bool,
    /// Served while it is disabled or killed, or a prerequisite is not met.
    pub off_variant: VariantName,
    /// Served once the ruleset has not been confirmed for too long.
    pub failsafe: Option<VariantName>,
    /// Who may see it.
    pub expose: Expose,
    /// Whether exposures are recorded; `None` records them while a release uses the flag.
    pub track: Option<bool>,
    /// The targeting keys that get a variant before any rule is tried.
    pub targets: BTreeMap<VariantName, Vec<String>>,
    /// Other flags that must be on and serve certain variants; all of them.
    pub requires: Vec<Prerequisite>,
    /// Tried in order; the first that holds serves.
    pub rules: Vec<Rule>,
    /// Served where no rule holds.
    pub default: Serve,
    /// What may be odd about it.
    pub allow: Vec<Lint>,
}

/// Serves something to those for whom a condition holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What answers call it.
    pub name: Option<String>,
    /// For whom.
    pub when: Condition,
    /// What.
    pub serve: Serve,
    /// What may be odd about it.
    pub allow: Vec<Lint>,
}

/// What a rule or a default serves.
#[derive(Clone, Debug, PartialEq)]
pub enum Serve {
    /// One variant to everybody.
    Variant(VariantName),
    /// Each variant to a part of the units.
    Split(Split),
    /// What a release is at.
    Release(ReleaseName),
}

/// How units are divided among variants.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Variants with their weights, which add up to more than 0; order decides who gets which.
    pub arms: Vec<(VariantName, Weight)>,
    /// The attribute that is the unit; `targetingKey` unless given.
    pub by: AttributeName,
    /// What separates it from other splits; `None` is the key of its flag.
    pub salt: Option<String>,
    /// How a unit comes to its position; `None` is by xxHash, as nothing else does it.
    pub hash: Option<Recipe>,
    /// The part of each arm that is served.
    pub exposure: Exposure,
    /// Served to the rest; given wherever `exposure` is below 1.
    pub rest: Option<VariantName>,
}

/// A condition with a name, and with members of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// What it is for, for people.
    pub description: Option<String>,
    /// Targeting keys that are in it.
    pub members: Vec<String>,
    /// Targeting keys that are not in it, whatever else holds.
    pub except: Vec<String>,
    /// Who else is in it.
    pub when: Option<Condition>,
    /// What may be odd about it.
    pub allow: Vec<Lint>,
}

/// A staged move from one variant to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// What it is for, for people.
    pub description: Option<String>,
    /// Who is told when it goes wrong.
    pub owner: Option<TeamName>,
    /// The variant it moves from.
    pub from: VariantName,
    /// The variant it moves to; another one.
    pub to: VariantName,
    /// The attribute that is the unit; `targetingKey` unless given.
    pub by: AttributeName,
    /// Its steps, in order; at least one.
    pub stages: Vec<Stage>,
    /// What may be odd about it.
    pub allow: Vec<Lint>,
}

/// One step of a release.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What people call it; another name than every other stage of the release.
    pub name: String,
    /// For whom it is, from this stage on; `None` is for all.
    pub audience: Option<Condition>,
    /// The part of the units it exposes. `None` is all of an audience, and without one leaves it as it was.
    pub percent: Option<Percent>,
    /// How long it stays before the next.
    pub hold: Option<Duration>,
}

/// Something that is measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// What it means, for people.
    pub description: Option<String>,
    /// How it is counted.
    pub kind: MetricKind,
}

/// How a metric is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// The first failure of each unit counts.
    Failure,
}

/// People who own flags and releases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Team {
    /// What it does, for people.
    pub description: Option<String>,
}

/// What the author expects a ruleset to answer in one context.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The evaluation context.
    pub context: Map<String, Value>,
    /// The variants that flags come to in it.
    pub expect: BTreeMap<FlagKey, VariantName>,
}
