//! Valid rulesets, every construct of the language among them, made from a list of choices.
//!
//! A choice that is missing is 0, which is the simplest there is, so a shorter list is a simpler ruleset.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "a test that overflows or slices amiss fails"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vexil_core::{Expose, FlagType, Recipe};

use crate::amount::{Duration, Exposure, Percent, Weight};
use crate::condition::{AttributeName, AttributeTest, Condition, Interval, Prerequisite, Scalar};
use crate::instant::Instant;
use crate::key::{FlagKey, MetricName, ReleaseName, SegmentName, TeamName, VariantName};
use crate::lint::Lint;
use crate::model::{
    Flag, Metric, MetricKind, Release, Rule, Ruleset, Segment, Serve, Split, Stage, Team, Test,
};
use crate::network::Network;
use crate::pattern::Pattern;
use crate::semver::Range;
use crate::texts::{Place, Texts};

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
const RANGES: &[&str] = &["*", "^2.1", ">=1.2 <2 || 3.x", "1.2.3-rc.1 - 2"];
const PATTERNS: &[&str] = &["", "^a", r"(?i)é|\d{2}\b", "\"\\\\\n", r"[^\W_]+$"];
/// In the order of time.
const INSTANTS: &[&str] = &[
    "0000-01-01T00:00:00+23:59",
    "1970-01-01t00:00:00.5z",
    "2024-02-29T23:59:60-08:00",
];
const NETWORKS: &[&str] = &[
    "10.0.0.0/8",
    "0.0.0.0/0",
    "192.0.2.1",
    "::/0",
    "2001:db8::/32",
    "::1",
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

fn prerequisite(choices: &mut Choices<'_>, before: &Before) -> Prerequisite {
    Prerequisite {
        flag: before.flags[choices.below(before.flags.len())].clone(),
        variants: choices.list(1, Choices::variant),
    }
}

fn condition(choices: &mut Choices<'_>, before: &Before, depth: usize) -> Condition {
    let kinds = if depth == 0 { 4 } else { 7 };
    match choices.below(kinds) {
        1 if !before.segments.is_empty() => {
            Condition::Segment(before.segments[choices.below(before.segments.len())].clone())
        }
        2 if !before.flags.is_empty() => Condition::Flag(prerequisite(choices, before)),
        3 => Condition::Time(interval(choices)),
        4 => Condition::All(choices.list(1, |it| condition(it, before, depth - 1))),
        5 => Condition::Any(choices.list(1, |it| condition(it, before, depth - 1))),
        6 => Condition::Not(Box::new(condition(choices, before, depth - 1))),
        _ => Condition::Attribute(choices.attribute(), attribute_test(choices)),
    }
}

fn interval(choices: &mut Choices<'_>) -> Interval {
    let [before, from, until] = [0, 1, 2].map(|index| Instant::parse(INSTANTS[index]).unwrap());
    match choices.below(3) {
        0 => Interval {
            from: Some(instant(choices)),
            until: None,
        },
        1 => Interval {
            from: None,
            until: Some(instant(choices)),
        },
        _ => Interval {
            from: Some(if choices.is_chosen() { from } else { before }),
            until: Some(until),
        },
    }
}

fn instant(choices: &mut Choices<'_>) -> Instant {
    match choices.below(2) {
        0 => Instant::parse(choices.one_of(INSTANTS)).unwrap(),
        _ => Instant::from_ms(choices.one_of(&[0.0, -1.0, 1e12, 8.64e15])).unwrap(),
    }
}

fn texts(choices: &mut Choices<'_>, place: Place) -> Texts {
    let texts = choices.list(1, Choices::text);
    if choices.is_chosen() {
        Texts::ignoring_case(texts, place).unwrap()
    } else {
        Texts::exact(texts)
    }
}

fn attribute_test(choices: &mut Choices<'_>) -> AttributeTest {
    let number = |it: &mut Choices<'_>| it.one_of(NUMBERS);
    match choices.below(15) {
        0 => AttributeTest::Exists(choices.is_chosen()),
        1 => AttributeTest::Is(scalar(choices)),
        2 => AttributeTest::In(choices.list(1, scalar)),
        3 => AttributeTest::StartsWith(texts(choices, Place::Start)),
        4 => AttributeTest::EndsWith(texts(choices, Place::End)),
        5 => AttributeTest::Contains(texts(choices, Place::Anywhere)),
        6 => AttributeTest::Lt(number(choices)),
        7 => AttributeTest::Lte(number(choices)),
        8 => AttributeTest::Gt(number(choices)),
        9 => AttributeTest::Gte(number(choices)),
        10 => AttributeTest::Matches(Pattern::parse(choices.one_of(PATTERNS)).unwrap()),
        11 => AttributeTest::Before(instant(choices)),
        12 => AttributeTest::After(instant(choices)),
        13 => {
            let network = |it: &mut Choices<'_>| Network::parse(it.one_of(NETWORKS)).unwrap();
            AttributeTest::Cidr(choices.list(1, network))
        }
        _ => AttributeTest::Semver(Range::parse(choices.one_of(RANGES)).unwrap()),
    }
}

fn scalar(choices: &mut Choices<'_>) -> Scalar {
    match choices.below(3) {
        0 => Scalar::Text(choices.text()),
        1 => Scalar::Number(choices.one_of(NUMBERS)),
        _ => Scalar::Bool(choices.is_chosen()),
    }
}
