//! Writing conditions.

use serde_json::Value;

use super::members::{Members, list, number, text};
use crate::condition::{AttributeTest, Condition, Prerequisite, Scalar};
use crate::instant::Instant;
use crate::texts::Texts;

pub(super) fn condition(it: &Condition) -> Value {
    let members = Members::new();
    match it {
        Condition::All(all) => members.with("all", list(all.iter().map(condition))).into(),
        Condition::Any(any) => members.with("any", list(any.iter().map(condition))).into(),
        Condition::Not(negated) => members.with("not", condition(negated)).into(),
        Condition::Segment(name) => members.with("segment", name.as_str()).into(),
        Condition::Flag(it) => prerequisite(it),
        Condition::Time(it) => {
            let interval = Members::new()
                .optional("from", it.from().map(instant))
                .optional("until", it.until().map(instant));
            members.with("time", interval).into()
        }
        Condition::Attribute(name, test) => {
            let (key, operand) = operand(test);
            members
                .with("attr", name.as_str())
                .with(key, operand)
                .optional("ignoreCase", ignores_case(test).then_some(true))
                .into()
        }
    }
}

pub(super) fn prerequisite(it: &Prerequisite) -> Value {
    Members::new()
        .with("flag", it.flag.as_str())
        .with("variant", list(it.variants.iter().map(text)))
        .into()
}

fn operand(test: &AttributeTest) -> (&'static str, Value) {
    match test {
        AttributeTest::Is(it) => ("is", scalar(it)),
        AttributeTest::In(scalars) => ("in", list(scalars.iter().map(scalar))),
        AttributeTest::Exists(exists) => ("exists", (*exists).into()),
        AttributeTest::StartsWith(parts) => ("startsWith", texts(parts)),
        AttributeTest::EndsWith(parts) => ("endsWith", texts(parts)),
        AttributeTest::Contains(parts) => ("contains", texts(parts)),
        AttributeTest::Matches(pattern) => ("matches", text(pattern.as_str())),
        AttributeTest::Lt(than) => ("lt", number(*than)),
        AttributeTest::Lte(than) => ("lte", number(*than)),
        AttributeTest::Gt(than) => ("gt", number(*than)),
        AttributeTest::Gte(than) => ("gte", number(*than)),
        AttributeTest::Before(than) => ("before", instant(than)),
        AttributeTest::After(than) => ("after", instant(than)),
        AttributeTest::Semver(range) => ("semver", text(range)),
        AttributeTest::Cidr(networks) => ("cidr", list(networks.iter().map(text))),
    }
}

fn ignores_case(test: &AttributeTest) -> bool {
    match test {
        AttributeTest::StartsWith(parts)
        | AttributeTest::EndsWith(parts)
        | AttributeTest::Contains(parts) => parts.is_ignoring_case(),
        AttributeTest::Is(_)
        | AttributeTest::In(_)
        | AttributeTest::Exists(_)
        | AttributeTest::Matches(_)
        | AttributeTest::Lt(_)
        | AttributeTest::Lte(_)
        | AttributeTest::Gt(_)
        | AttributeTest::Gte(_)
        | AttributeTest::Before(_)
        | AttributeTest::After(_)
        | AttributeTest::Semver(_)
        | AttributeTest::Cidr(_) => false,
    }
}

fn instant(it: &Instant) -> Value {
    match it.text() {
        Some(written) => text(written),
        None => it.ms().into(),
    }
}

fn scalar(it: &Scalar) -> Value {
    match it {
        Scalar::Text(it) => text(it),
        Scalar::Number(it) => number(*it),
        Scalar::Bool(it) => (*it).into(),
    }
}

fn texts(parts: &Texts) -> Value {
    match parts.as_slice() {
        [one] => text(one),
        several => list(several.iter().map(text)),
    }
}
