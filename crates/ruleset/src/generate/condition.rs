//! Conditions, made from choices.

use super::{Before, Choices, NUMBERS};
use crate::condition::{AttributeTest, Condition, Interval, Prerequisite, Scalar};
use crate::instant::Instant;
use crate::network::Network;
use crate::pattern::Pattern;
use crate::semver::Range;
use crate::texts::{Place, Texts};

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
pub(super) fn prerequisite(choices: &mut Choices<'_>, before: &Before) -> Prerequisite {
    Prerequisite {
        flag: before.flags[choices.below(before.flags.len())].clone(),
        variants: choices.list(1, Choices::variant),
    }
}

pub(super) fn condition(choices: &mut Choices<'_>, before: &Before, depth: usize) -> Condition {
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
