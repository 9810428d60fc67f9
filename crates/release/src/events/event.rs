//! One event: an exposure of a flag, or a metric.

use core::fmt;

use serde_json::Value as Json;
use vexil_ruleset::MetricName;

/// The largest instant, in ms since 1970 and before it: what a JavaScript `Date` can hold.
const LAST_INSTANT: f64 = 8_640_000_000_000_000.0;
/// The largest number of which a client may report as many as it likes: any sum of them is a number.
const LARGEST_VALUE: f64 = 9_007_199_254_740_992.0;
/// The largest version: the largest whole number that JSON carries through JavaScript.
const LAST_VERSION: u64 = 1 << 53;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    Exposed(Exposed),
    Measured(Measured),
}

/// Somebody was given a variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposed {
    /// The key of the flag.
    pub flag: String,
    /// The name of the variant.
    pub variant: String,
    /// The version of which the answer was.
    pub version: u64,
    /// The stage of the release that chose it.
    pub stage: Option<String>,
    /// The side of the comparison on which the unit is.
    pub arm: Option<Arm>,
    /// When, by the client's clock, in ms since 1970.
    pub at: i64,
}

/// Something happened that a metric counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The metric.
    pub metric: MetricName,
    /// What was measured, where it has a value.
    pub value: Option<f64>,
    /// When, by the client's clock, in ms since 1970.
    pub at: i64,
}

/// A side of the comparison of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    /// Got the new variant.
    Treated,
    /// Could have got it, and got the old one.
    Control,
}

/// Why an event is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It is no object, or it is of neither kind or of both.
    Kind,
    /// Its flag is no string.
    Flag,
    /// Its variant is no string.
    Variant,
    /// It says nothing of when it was.
    At,
    /// It says nothing of which version it was.
    Version,
    /// Its stage is no string.
    Stage,
    /// Its arm is none.
    Arm,
    /// Its metric is called as none can be.
    Metric,
    /// Its value is no number, or one beyond 2^53.
    Value,
    /// The flag or the variant is not there for whoever reports it.
    Unknown,
}

impl Event {
    pub(super) fn read(json: &Json) -> Result<Event, Reason> {
        let at = || instant(json.get("at")).ok_or(Reason::At);
        match (json.get("flag"), json.get("metric")) {
            (Some(flag), None) => Ok(Event::Exposed(Exposed {
                flag: flag.as_str().ok_or(Reason::Flag)?.to_owned(),
                variant: text(json, "variant", Reason::Variant)?.ok_or(Reason::Variant)?,
                version: version(json).ok_or(Reason::Version)?,
                stage: text(json, "stage", Reason::Stage)?,
                arm: arm(json)?,
                at: at()?,
            })),
            (None, Some(metric)) => Ok(Event::Measured(Measured {
                metric: metric
                    .as_str()
                    .and_then(MetricName::new)
                    .ok_or(Reason::Metric)?,
                value: value(json)?,
                at: at()?,
            })),
            (Some(_), Some(_)) | (None, None) => Err(Reason::Kind),
        }
    }
}

impl Arm {
    /// The wire name: `treated` or `control`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Arm::Treated => "treated",
            Arm::Control => "control",
        }
    }

    /// The arm of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Arm> {
        [Arm::Treated, Arm::Control]
            .into_iter()
            .find(|arm| arm.name() == name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Reason::Kind => "expected an object with either `flag` or `metric`",
            Reason::Flag => "`flag` is not a string",
            Reason::Variant => "`variant` is not a string",
            Reason::At => "`at` is not an instant, in ms since 1970",
            Reason::Version => "`version` is not a version",
            Reason::Stage => "`stage` is not a string",
            Reason::Arm => "`arm` is neither `treated` nor `control`",
            Reason::Metric => "`metric` is not 1 to 128 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`",
            Reason::Value => "`value` is not a number within 2^53",
            Reason::Unknown => "there is no such flag, or it has no such variant",
        })
    }
}

/// An instant in ms since 1970; fractions of a ms do not count.
pub(super) fn instant(json: Option<&Json>) -> Option<i64> {
    let ms = json?.as_f64()?;
    (ms.abs() <= LAST_INSTANT).then_some(ms as i64)
}

fn text(json: &Json, name: &str, reason: Reason) -> Result<Option<String>, Reason> {
    match json.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(text) => Ok(Some(text.as_str().ok_or(reason)?.to_owned())),
    }
}

fn version(json: &Json) -> Option<u64> {
    let version = json.get("version")?.as_u64()?;
    (version <= LAST_VERSION).then_some(version)
}

fn arm(json: &Json) -> Result<Option<Arm>, Reason> {
    let arm = text(json, "arm", Reason::Arm)?;
    arm.map(|arm| Arm::from_name(&arm).ok_or(Reason::Arm))
        .transpose()
}

fn value(json: &Json) -> Result<Option<f64>, Reason> {
    match json.get("value") {
        None | Some(Json::Null) => Ok(None),
        Some(value) => {
            let value = value.as_f64().ok_or(Reason::Value)?;
            (value.abs() <= LARGEST_VALUE)
                .then_some(Some(value))
                .ok_or(Reason::Value)
        }
    }
}
