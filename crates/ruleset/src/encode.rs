//! From a ruleset back to JSON text.

mod condition;
pub(crate) mod members;

use serde_json::Value;
use vexil_core::{Expose, Recipe};

use crate::amount::Exposure;
use crate::condition::AttributeName;
use crate::json::laid_out;
use crate::lint::Lint;
use crate::model::{Flag, MetricKind, Release, Rule, Ruleset, Segment, Serve, Split, Stage, Test};
use condition::{condition, prerequisite};
use members::{Members, list, number, text};

/// Writes a ruleset as JSON, without what says no more than its absence: the one form that all of its texts have.
///
/// It is indented by two spaces; what fits on a line of 100 characters is on one, but for the first two levels.
///
/// ```
/// let ruleset = vexil_ruleset::decode(r#"{ "teams": { "payments": {} }, "flags": {} }"#)?;
/// let json = vexil_ruleset::encode(&ruleset);
/// assert_eq!(json, "{\n  \"teams\": {\n    \"payments\": {}\n  }\n}");
/// assert_eq!(vexil_ruleset::decode(&json), Ok(ruleset));
/// # Ok::<(), Vec<vexil_ruleset::Issue>>(())
/// ```
#[must_use]
pub fn encode(ruleset: &Ruleset) -> String {
    let described = |description: &Option<String>| {
        Members::new().optional("description", description.as_deref())
    };
    let metric_kind = |kind| match kind {
        MetricKind::Failure => "failure",
    };
    let value = Members::new()
        .optional("$schema", ruleset.schema.as_deref())
        .map("flags", &ruleset.flags, flag)
        .map("segments", &ruleset.segments, segment)
        .map("releases", &ruleset.releases, release)
        .map("metrics", &ruleset.metrics, |metric| {
            described(&metric.description)
                .with("kind", metric_kind(metric.kind))
                .into()
        })
        .map("teams", &ruleset.teams, |team| {
            described(&team.description).into()
        })
        .list("private", ruleset.private.iter().map(text))
        .list("tests", ruleset.tests.iter().map(test))
        .list("allow", lints(&ruleset.allow));
    laid_out(&value.into())
}

fn flag(flag: &Flag) -> Value {
    let expose = match flag.expose {
        Expose::Server => None,
        Expose::Values => Some("values"),
        Expose::Program => Some("program"),
    };
    let requires = match flag.requires.as_slice() {
        [] => None,
        [one] => Some(prerequisite(one)),
        several => Some(list(several.iter().map(prerequisite))),
    };
    let names = flag.variants.iter();
    let variants = names.map(|(name, value)| (name.to_string(), value.clone()));
    Members::new()
        .optional("description", flag.description.as_deref())
        .optional("owner", flag.owner.as_ref().map(text))
        .list("tags", flag.tags.iter().map(text))
        .with("type", flag.kind.name())
        .with("variants", Value::Object(variants.collect()))
        .optional("enabled", (!flag.is_enabled).then_some(false))
        .with("offVariant", flag.off_variant.as_str())
        .optional("failsafe", flag.failsafe.as_ref().map(text))
        .optional("expose", expose)
        .optional("track", flag.track)
        .map("targets", &flag.targets, |targets| {
            list(targets.iter().map(text))
        })
        .optional("requires", requires)
        .list("rules", flag.rules.iter().map(rule))
        .with("default", serve(&flag.default))
        .list("allow", lints(&flag.allow))
        .into()
}

fn rule(rule: &Rule) -> Value {
    Members::new()
        .optional("name", rule.name.as_deref())
        .with("when", condition(&rule.when))
        .with("serve", serve(&rule.serve))
        .list("allow", lints(&rule.allow))
        .into()
}

fn serve(serve: &Serve) -> Value {
    match serve {
        Serve::Variant(name) => text(name),
        Serve::Split(it) => split(it),
        Serve::Release(name) => Members::new().with("release", name.as_str()).into(),
    }
}

fn split(split: &Split) -> Value {
    let arms = split.arms.iter();
    let arms = arms.map(|(name, weight)| list([text(name), number(weight.get())]));
    let exposure = (split.exposure < Exposure::ALL).then(|| number(split.exposure.get()));
    Members::new()
        .with("split", list(arms))
        .optional("by", by(&split.by))
        .optional("salt", split.salt.as_deref())
        .optional("hash", split.hash.map(Recipe::name))
        .optional("exposure", exposure)
        .optional("rest", split.rest.as_ref().map(text))
        .into()
}

fn lints(lints: &[Lint]) -> impl Iterator<Item = Value> {
    lints.iter().map(|lint| text(lint.name()))
}

fn by(by: &AttributeName) -> Option<Value> {
    (*by != AttributeName::targeting_key()).then(|| text(by))
}

fn segment(segment: &Segment) -> Value {
    Members::new()
        .optional("description", segment.description.as_deref())
        .list("members", segment.members.iter().map(text))
        .list("except", segment.except.iter().map(text))
        .optional("when", segment.when.as_ref().map(condition))
        .list("allow", lints(&segment.allow))
        .into()
}

fn release(release: &Release) -> Value {
    Members::new()
        .optional("description", release.description.as_deref())
        .optional("owner", release.owner.as_ref().map(text))
        .with("from", release.from.as_str())
        .with("to", release.to.as_str())
        .optional("by", by(&release.by))
        .list("stages", release.stages.iter().map(stage))
        .list("allow", lints(&release.allow))
        .into()
}

fn stage(stage: &Stage) -> Value {
    Members::new()
        .with("name", stage.name.as_str())
        .optional("audience", stage.audience.as_ref().map(condition))
        .optional(
            "percent",
            stage.percent.map(|percent| number(percent.get())),
        )
        .optional("hold", stage.hold.map(|hold| hold.to_string()))
        .into()
}

fn test(test: &Test) -> Value {
    let expect = test.expect.iter();
    let expect = expect.map(|(flag, variant)| (flag.to_string(), text(variant)));
    Members::new()
        .with("context", test.context.clone())
        .with("expect", Value::Object(expect.collect()))
        .into()
}

#[cfg(test)]
mod tests;
