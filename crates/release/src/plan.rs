//! What a release intends to do.

use serde::{Deserialize, Serialize};
use vexil_ruleset::Release;

/// The stages of a release, in the order in which they are taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Any number: a plan without stages cannot start.
    pub stages: Vec<Stage>,
}

impl From<&Release> for Plan {
    /// A stage without `percent` and audience keeps the exposure of the last one without audience; one without `hold`
    /// does not wait. An audience without `percent` is exposed whole.
    fn from(release: &Release) -> Plan {
        let mut of_everyone = Exposure::NONE;
        let stages = release.stages.iter().map(|stage| {
            let percent = stage
                .percent
                .and_then(|percent| Exposure::from_parts(percent.parts()));
            let exposure = if stage.audience.is_some() {
                percent.unwrap_or(Exposure::ALL)
            } else {
                of_everyone = percent.unwrap_or(of_everyone);
                of_everyone
            };
            let hold_ms = stage
                .hold
                .map_or(0, |hold| i64::try_from(hold.ms()).unwrap_or(i64::MAX));
            Stage {
                name: stage.name.clone(),
                exposure,
                hold_ms,
            }
        });
        Plan {
            stages: stages.collect(),
        }
    }
}

/// One step of a plan: a part of the traffic, held for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// As the ruleset calls it, for people.
    pub name: String,
    /// The part of the traffic exposed during the stage.
    pub exposure: Exposure,
    /// Milliseconds to stay before the next stage; `0` moves on at the next tick.
    pub hold_ms: i64,
}

/// A part of the traffic, in ten-millionths: exact for percentages of up to five places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Exposure(u32);

impl Exposure {
    /// No traffic.
    pub const NONE: Exposure = Exposure(0);
    /// All traffic.
    pub const ALL: Exposure = Exposure(10_000_000);

    /// `None` when `parts` is more than ten million.
    #[must_use]
    pub fn from_parts(parts: u32) -> Option<Exposure> {
        (parts <= Exposure::ALL.0).then_some(Exposure(parts))
    }

    /// Ten-millionths of the traffic.
    #[must_use]
    pub fn parts(self) -> u32 {
        self.0
    }

    /// As people say it: from `0.0` to `100.0`.
    #[must_use]
    pub fn percent(self) -> f64 {
        f64::from(self.0) / f64::from(Exposure::ALL.0 / 100)
    }

    /// As live state takes it: from `0.0` to `1.0`.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(Exposure::ALL.0)
    }
}

impl TryFrom<u32> for Exposure {
    type Error = &'static str;

    fn try_from(parts: u32) -> Result<Exposure, Self::Error> {
        Exposure::from_parts(parts).ok_or("an exposure is at most 10000000 parts")
    }
}

impl From<Exposure> for u32 {
    fn from(exposure: Exposure) -> u32 {
        exposure.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_the_stages_of_a_written_release() {
        let ruleset = vexil_ruleset::decode(
            r#"{
              "flags": { "checkout": { "type": "boolean", "variants": { "on": true, "off": false }, "offVariant": "off", "default": { "release": "ga" } } },
              "releases": { "ga": { "from": "off", "to": "on", "stages": [
                { "name": "inside", "audience": { "attr": "staff", "is": true } },
                { "name": "a few", "percent": 0.00001, "hold": "30s" },
                { "name": "half of them", "audience": { "attr": "country", "is": "DE" }, "percent": 50 },
                { "name": "still", "hold": "1w" },
                { "name": "all", "percent": 100 } ] } }
            }"#,
        )
        .expect("it is a valid ruleset");
        let plan = Plan::from(ruleset.releases().get("ga").expect("it has the release"));
        let stages: Vec<_> = plan
            .stages
            .iter()
            .map(|it| (it.name.as_str(), it.exposure.parts(), it.hold_ms))
            .collect();
        assert_eq!(
            stages,
            [
                ("inside", 10_000_000, 0),
                ("a few", 1, 30_000),
                ("half of them", 5_000_000, 0),
                ("still", 1, 604_800_000),
                ("all", 10_000_000, 0)
            ]
        );
    }
}
