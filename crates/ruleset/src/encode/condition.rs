//! Writing conditions.

use serde_json::Value;

use super::members::{Members, list, number, text};
use crate::condition::{AttributeTest, Condition, Prerequisite, Scalar};

pub(super) fn condition(it: &Condition) -> Value {
    let members = Members::new();
    match it {
        Condition::All(all) => members.with("all", list(all.iter().map(condition))).into(),
        Condition::Any(any) => members.with("any", list(any.iter().map(condition))).into(),
        Condition::Not(negated) => members.with("not", condition(negated)).into(),
        Condition::Segment(name) => members.with("segment", name.as_str()).into(),
        Condition::Flag(it) => prerequisite(it),
        Condition::Attribute(name, test) => {
            let (key, operand) = operand(test);
            members
                .with("attr", name.as_str())
                .with(key, operand)
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
        AttributeTest::Lt(than) => ("lt", number(*than)),
        AttributeTest::Lte(than) => ("lte", number(*than)),
        AttributeTest::Gt(than) => ("gt", number(*than)),
        AttributeTest::Gte(than) => ("gte", number(*than)),
        AttributeTest::Semver(range) => ("semver", text(range)),
    }
}

fn scalar(it: &Scalar) -> Value {
    match it {
        Scalar::Text(it) => text(it),
        Scalar::Number(it) => number(*it),
        Scalar::Bool(it) => (*it).into(),
    }
}

fn texts(parts: &[String]) -> Value {
    match parts {
        [one] => text(one),
        several => list(several.iter().map(text)),
    }
}
