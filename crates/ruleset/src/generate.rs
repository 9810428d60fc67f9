//! Valid rulesets, every construct of the language among them, made from a list of choices.
//!
//! A choice that is missing is 0, which is the simplest there is, so a shorter list is a simpler ruleset.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "a test that overflows or slices amiss fails"
)]

mod condition;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vexil_core::{Expose, FlagType, Recipe};

use crate::amount::{Duration, Exposure, Percent, Weight};
use crate::condition::AttributeName;
use crate::key::{FlagKey, MetricName, ReleaseName, SegmentName, TeamName, VariantName};
use crate::lint::Lint;
use crate::model::{
    Flag, Metric, MetricKind, Release, Rule, Ruleset, Segment, Serve, Split, Stage, Team, Test,
};
use condition::{condition, prerequisite};

const TEXTS: &[&str] = &[
    "",
    "a",
    "user-1",
    "é",
    "\"\\/\u{8}\n\u{1f}",
    "🎉\u{2028}",
    "~0/~1",
];
const NAMES: &[&str] = &["a", "__proto__", "v1.2", "A-b_c", "0"];
const ATTRIBUTES: &[&str] = &[
    "targetingKey",
    "country",
    "/app/version",
    "/",
    "a b",
    "/a~1b/~0",
];
const NUMBERS: &[f64] = &[
    0.0,
    1.0,
    -1.5,
    0.1,
    1e300,
    5e-324,
    9_007_199_254_740_992.0,
    -0.0,
];
/// Variants of every flag and release, so that any release suits any flag.
const VARIANTS: usize = 3;

/// Decisions still to be made.
pub(crate) struct Choices<'c>(std::slice::Iter<'c, u32>);

impl<'c> Choices<'c> {
    pub(crate) fn new(choices: &'c [u32]) -> Self {
        Choices(choices.iter())
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0.next().map_or(0, |choice| *choice as usize % end)
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn is_chosen(&mut self) -> bool {
        self.below(2) == 1
    }

    fn text(&mut self) -> String {
        self.one_of(TEXTS).to_owned()
    }

    fn some_text(&mut self) -> String {
        self.one_of(&TEXTS[1..]).to_owned()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.is_chosen().then(|| make(self))
    }

    fn list<T>(&mut self, least: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = least + self.below(3);
        (0..count).map(|_| make(self)).collect()
    }

    fn variant(&mut self) -> VariantName {
        VariantName::new(NAMES[self.below(VARIANTS)]).unwrap()
    }

    fn attribute(&mut self) -> AttributeName {
        AttributeName::new(self.one_of(ATTRIBUTES)).unwrap()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 4 } else { 6 }) {
            0 => Value::Null,
            1 => json!(self.is_chosen()),
            2 => json!(self.one_of(NUMBERS)),
            3 => json!(self.text()),
            4 => self.list(0, |it| it.value(depth - 1)).into(),
            _ => self
                .list(0, |it| (it.text(), it.value(depth - 1)))
                .into_iter()
                .collect(),
        }
    }
}

/// What conditions may refer to: flags and segments made before, so that none leads back.
#[derive(Default)]
struct Before {
    flags: Vec<FlagKey>,
    segments: Vec<SegmentName>,
}

/// A ruleset of up to five segments and five flags.
pub(crate) fn ruleset(choices: &mut Choices<'_>) -> Ruleset {
    let mut before = Before::default();
    let first_release = release(choices, &before);
    let mut flags = BTreeMap::new();
    let mut segments = BTreeMap::new();
    let count = choices.below(NAMES.len() + 1);
    for name in &NAMES[..count] {
        let (key, segment_name) = (FlagKey::new(name).unwrap(), SegmentName::new(name).unwrap());
        segments.insert(segment_name.clone(), segment(choices, &before));
        before.segments.push(segment_name);
        flags.insert(key.clone(), flag(choices, &before));
        before.flags.push(key);
    }
    let test = |it: &mut Choices<'_>| Test {
        context: [(it.text(), it.value(2))].into_iter().collect(),
        expect: before
            .flags
            .iter()
            .map(|key| (key.clone(), it.variant()))
            .collect(),
    };
    Ruleset {
        schema: choices.maybe(Choices::text),
        tests: choices.list(0, test),
        releases: BTreeMap::from([
            (ReleaseName::new("ga").unwrap(), first_release),
            // No flag uses it, so it can refer to any.
            (
                ReleaseName::new("later").unwrap(),
                release(choices, &before),
            ),
        ]),
        metrics: choices
            .maybe(|it| (MetricName::new("errors").unwrap(), metric(it)))
            .into_iter()
            .collect(),
        teams: BTreeMap::from([(
            team_name(),
            Team {
                description: choices.maybe(Choices::text),
            },
        )]),
        private: choices
            .list(0, Choices::attribute)
            .into_iter()
            .collect::<BTreeSet<_>>(),
        allow: lints(choices),
        flags,
        segments,
    }
}

fn lints(choices: &mut Choices<'_>) -> Vec<Lint> {
    choices.list(0, |it| it.one_of(&Lint::ALL))
}

fn team_name() -> TeamName {
    TeamName::new("payments").unwrap()
}

fn metric(choices: &mut Choices<'_>) -> Metric {
    Metric {
        description: choices.maybe(Choices::text),
        kind: MetricKind::Failure,
    }
}

fn flag(choices: &mut Choices<'_>, before: &Before) -> Flag {
    let kind = choices.one_of(&[
        FlagType::Boolean,
        FlagType::String,
        FlagType::Number,
        FlagType::Object,
    ]);
    let names = NAMES[..VARIANTS]
        .iter()
        .map(|name| VariantName::new(name).unwrap());
    let variants = names.map(|name| {
        let value = match kind {
            FlagType::Boolean => json!(choices.is_chosen()),
            FlagType::String => json!(choices.text()),
            FlagType::Number => json!(choices.one_of(NUMBERS)),
            FlagType::Object => json!({ "value": choices.value(2) }),
        };
        (name, value)
    });
    Flag {
        kind,
        variants: variants.collect(),
        description: choices.maybe(Choices::text),
        owner: choices.is_chosen().then(team_name),
        tags: choices.list(0, Choices::some_text),
        is_enabled: !choices.is_chosen(),
        off_variant: choices.variant(),
        failsafe: choices.maybe(Choices::variant),
        expose: choices.one_of(&[Expose::Server, Expose::Values, Expose::Program]),
        track: choices.maybe(Choices::is_chosen),
        targets: choices
            .maybe(|it| (it.variant(), it.list(0, Choices::text)))
            .into_iter()
            .collect(),
        requires: if before.flags.is_empty() {
            Vec::new()
        } else {
            choices.list(0, |it| prerequisite(it, before))
        },
        rules: choices.list(0, |it| Rule {
            name: it.maybe(Choices::some_text),
            when: condition(it, before, 3),
            serve: serve(it),
            allow: lints(it),
        }),
        default: serve(choices),
        allow: lints(choices),
    }
}

fn serve(choices: &mut Choices<'_>) -> Serve {
    match choices.below(3) {
        0 => Serve::Variant(choices.variant()),
        1 => Serve::Release(ReleaseName::new("ga").unwrap()),
        _ => Serve::Split(split(choices)),
    }
}

fn split(choices: &mut Choices<'_>) -> Split {
    let exposure = Exposure::new(choices.one_of(&[1.0, 0.0, 0.5, 0.00001, 0.29])).unwrap();
    let weight =
        |it: &mut Choices<'_>| Weight::new(it.one_of(&[1.0, 0.1, 33.33333, 9e10])).unwrap();
    Split {
        arms: choices.list(1, |it| (it.variant(), weight(it))),
        by: choices.attribute(),
        salt: choices.maybe(Choices::some_text),
        hash: choices.maybe(|it| it.one_of(&Recipe::ALL)),
        rest: if exposure < Exposure::ALL {
            Some(choices.variant())
        } else {
            choices.maybe(Choices::variant)
        },
        exposure,
    }
}

fn segment(choices: &mut Choices<'_>, before: &Before) -> Segment {
    Segment {
        description: choices.maybe(Choices::text),
        members: choices.list(0, Choices::text),
        except: choices.list(0, Choices::text),
        when: choices.maybe(|it| condition(it, before, 3)),
        allow: lints(choices),
    }
}

fn release(choices: &mut Choices<'_>, before: &Before) -> Release {
    let [from, to] = [0, 1].map(|index| VariantName::new(NAMES[index]).unwrap());
    let mut stages = Vec::new();
    for (index, percent) in [0.1, 10.0, 100.0].into_iter().enumerate() {
        stages.push(Stage {
            name: format!("stage {index}"),
            audience: choices.maybe(|it| condition(it, before, 2)),
            percent: choices.maybe(|_| Percent::new(percent).unwrap()),
            hold: choices
                .maybe(|it| Duration::parse(it.one_of(&["0s", "90m", "24h", "2w"])).unwrap()),
        });
    }
    Release {
        description: choices.maybe(Choices::text),
        owner: choices.is_chosen().then(team_name),
        from,
        to,
        by: choices.attribute(),
        stages,
        allow: lints(choices),
    }
}
