//! Reading releases, metrics and teams.

use vexil_core::limits::STAGES;

use super::condition::{attribute_name, condition};
use super::flag::team as team_name;
use super::reader::Reader;
use super::run::Item;
use super::scalar::{amount, lints, owned_text, reference, some_text, text, word};
use crate::amount::{Duration, Percent};
use crate::condition::AttributeName;
use crate::issue::Code;
use crate::key::VariantName;
use crate::model::{Metric, MetricKind, Release, Stage, Team};

pub(super) const FIELDS: &[&str] = &[
    "description",
    "owner",
    "from",
    "to",
    "by",
    "stages",
    "allow",
];
pub(super) const STAGE_FIELDS: &[&str] = &["name", "audience", "percent", "hold"];
pub(super) const METRIC_FIELDS: &[&str] = &["description", "kind"];
pub(super) const METRIC_KINDS: &[&str] = &["failure"];
pub(super) const TEAM_FIELDS: &[&str] = &["description"];

pub(super) fn release<'n>(reader: &Reader<'n, '_>, name: &'n str) -> Option<Release> {
    let fields = reader.fields(FIELDS)?;
    let description = fields.optional("description", owned_text);
    let owner = fields.optional("owner", team_name);
    let from = fields.required("from", variant);
    let to = fields.required("to", |it| {
        let to = variant(it)?;
        if from.as_ref() == Some(&to) {
            it.report(Code::SameVariant(to.to_string()));
        }
        Some(to)
    });
    let by = fields.optional("by", attribute_name);
    let stages = fields.required("stages", |it| stages(it, Item::Release(name)));
    let allow = fields.optional("allow", lints);
    Some(Release {
        description: description?,
        owner: owner?,
        from: from?,
        to: to?,
        by: by?.unwrap_or_else(AttributeName::targeting_key),
        stages: stages?,
        allow: allow?.unwrap_or_default(),
    })
}

/// A variant of every flag that uses the release, which is checked where a flag does.
fn variant(reader: &Reader<'_, '_>) -> Option<VariantName> {
    reference(reader, None, VariantName::new, Code::UnknownVariant)
}

fn stages<'n>(reader: &Reader<'n, '_>, release: Item<'n>) -> Option<Vec<Stage>> {
    let mut names = std::collections::HashSet::new();
    let mut highest = None;
    reader.limit("stages", STAGES);
    reader.some_list(|it| {
        let stage = stage(it, release)?;
        if stage.audience.is_none() {
            if stage.percent.is_some() && stage.percent < highest {
                it.report(Code::StageOrder);
            }
            highest = highest.max(stage.percent);
        }
        if !names.insert(stage.name.clone()) {
            it.report(Code::DuplicateStage(stage.name.clone()));
        }
        Some(stage)
    })
}

fn stage<'n>(reader: &Reader<'n, '_>, release: Item<'n>) -> Option<Stage> {
    let fields = reader.fields(STAGE_FIELDS)?;
    let name = fields.required("name", some_text);
    let audience = fields.optional("audience", |it| condition(it, release, 1));
    let percent = fields.optional("percent", |it| amount(it, Percent::new, Code::BadPercent));
    let hold = fields.optional("hold", hold);
    Some(Stage {
        name: name?,
        audience: audience?,
        percent: percent?,
        hold: hold?,
    })
}

fn hold(reader: &Reader<'_, '_>) -> Option<Duration> {
    let text = text(reader)?;
    let duration = Duration::parse(text);
    if duration.is_none() {
        reader.report(Code::BadDuration(text.to_owned()));
    }
    duration
}

pub(super) fn metric<'n>(reader: &Reader<'n, '_>, _: &'n str) -> Option<Metric> {
    let fields = reader.fields(METRIC_FIELDS)?;
    let description = fields.optional("description", owned_text);
    let kind = fields.required("kind", |it| word(it, METRIC_KINDS));
    Some(Metric {
        description: description?,
        kind: kind.map(|_| MetricKind::Failure)?,
    })
}

pub(super) fn team<'n>(reader: &Reader<'n, '_>, _: &'n str) -> Option<Team> {
    let fields = reader.fields(TEAM_FIELDS)?;
    let description = fields.optional("description", owned_text);
    Some(Team {
        description: description?,
    })
}
