//! Reading conditions.

use vexil_core::limits::DEPTH;

use super::fields::Fields;
use super::operand::{instant, network, pattern, range, scalar, texts};
use super::reader::Reader;
use super::run::Item;
use super::scalar::{boolean, number, reference, text};
use crate::condition::{AttributeName, AttributeTest, Condition, Interval, Prerequisite};
use crate::issue::Code;
use crate::json::Node;
use crate::key::{FlagKey, SegmentName, VariantName};
use crate::texts::Place;

/// What makes an object a condition: it has one of these.
pub(super) const CONDITIONS: &[&str] = &["all", "any", "not", "segment", "flag", "time", "attr"];
/// What is asked of an attribute: one of these.
pub(super) const TESTS: &[&str] = &[
    "is",
    "in",
    "exists",
    "startsWith",
    "endsWith",
    "contains",
    "matches",
    "lt",
    "lte",
    "gt",
    "gte",
    "before",
    "after",
    "semver",
    "cidr",
];
/// The tests beside which `ignoreCase` may stand.
pub(super) const CASE_TESTS: &[&str] = &["startsWith", "endsWith", "contains"];
pub(super) const PREREQUISITE_FIELDS: &[&str] = &["flag", "variant"];
pub(super) const INTERVAL_FIELDS: &[&str] = &["from", "until"];

/// What a condition may have that has these of [`CONDITIONS`].
fn known(reader: &Reader<'_, '_>, heads: &[&'static str]) -> Vec<&'static str> {
    match heads {
        ["attr"] => {
            let is_present = |name: &&&str| reader.node.member(name).is_some();
            let counts_case = TESTS.iter().any(|name| is_present(&name))
                && !CASE_TESTS.iter().any(|name| is_present(&name));
            let case: &[_] = if counts_case { &[] } else { &["ignoreCase"] };
            [heads, TESTS, case].concat()
        }
        ["flag"] => PREREQUISITE_FIELDS.to_vec(),
        [_] => heads.to_vec(),
        _ => [CONDITIONS, PREREQUISITE_FIELDS, TESTS, &["ignoreCase"]].concat(),
    }
}

/// A condition of `item`, within `depth` - 1 others.
pub(super) fn condition<'n>(
    reader: &Reader<'n, '_>,
    item: Item<'n>,
    depth: usize,
) -> Option<Condition> {
    if depth > DEPTH {
        let (what, most, found) = ("levels of conditions", DEPTH, depth);
        reader.report(Code::Limit { what, most, found });
        return None;
    }
    let head = |name: &&&str| reader.node.member(name).is_some();
    let heads: Vec<&'static str> = CONDITIONS.iter().filter(head).copied().collect();
    let fields = reader.fields(&known(reader, &heads))?;
    let mut conditions: Vec<_> = heads
        .iter()
        .map(|head| one(&fields, head, item, depth))
        .collect();
    if heads.len() == 1 {
        return conditions.pop().flatten();
    }
    if heads.is_empty() && !fields.present(TESTS).is_empty() {
        fields.report(Code::MissingKey("attr"));
    } else if !(heads.is_empty() && fields.has_unknown) {
        let expected = CONDITIONS;
        fields.report(Code::OneTest {
            found: heads,
            expected,
        });
    }
    None
}

fn one<'n>(
    fields: &Fields<'n, '_>,
    head: &'static str,
    item: Item<'n>,
    depth: usize,
) -> Option<Condition> {
    let deeper = depth.saturating_add(1);
    match head {
        "all" | "any" => {
            let conditions =
                fields.required(head, |it| it.some_list(|it| condition(it, item, deeper)))?;
            Some(if head == "all" {
                Condition::All(conditions)
            } else {
                Condition::Any(conditions)
            })
        }
        "not" => {
            let negated = fields.required(head, |it| condition(it, item, deeper))?;
            Some(Condition::Not(Box::new(negated)))
        }
        "segment" => fields
            .required(head, |it| segment(it, item))
            .map(Condition::Segment),
        "flag" => prerequisite_of(fields, item).map(Condition::Flag),
        "time" => fields.required(head, interval).map(Condition::Time),
        _ => attribute(fields),
    }
}

fn segment<'n>(reader: &Reader<'n, '_>, item: Item<'n>) -> Option<SegmentName> {
    let segments = &reader.run.names.segments;
    let name = reference(
        reader,
        Some(segments),
        SegmentName::new,
        Code::UnknownSegment,
    );
    reader.run.needs(item, Item::Segment(reader.node.text()?));
    name
}

/// Another flag that `item` needs, and the variants it needs of it.
pub(super) fn prerequisite<'n>(reader: &Reader<'n, '_>, item: Item<'n>) -> Option<Prerequisite> {
    prerequisite_of(&reader.fields(PREREQUISITE_FIELDS)?, item)
}

fn prerequisite_of<'n>(fields: &Fields<'n, '_>, item: Item<'n>) -> Option<Prerequisite> {
    let mut key = None;
    let flag = fields.required("flag", |it| {
        let flag = reference(
            it,
            Some(&it.run.names.flags),
            FlagKey::new,
            Code::UnknownFlag,
        );
        key = flag.is_some().then_some(it.node).and_then(Node::text);
        it.run.needs(item, Item::Flag(key?));
        flag
    });
    let variants = fields.required("variant", |it| {
        let known = key.and_then(|key| it.run.names.variants(key));
        it.some_list(|it| reference(it, known, VariantName::new, Code::UnknownVariant))
    });
    Some(Prerequisite {
        flag: flag?,
        variants: variants?,
    })
}

fn interval(reader: &Reader<'_, '_>) -> Option<Interval> {
    let fields = reader.fields(INTERVAL_FIELDS)?;
    let from = fields.optional("from", instant);
    let until = fields.optional("until", instant);
    if fields.present(INTERVAL_FIELDS).is_empty() {
        if !fields.has_unknown {
            fields.report(Code::OneTest {
                found: Vec::new(),
                expected: INTERVAL_FIELDS,
            });
        }
        return None;
    }
    let (from, until) = (from?, until?);
    if let (Some(from), Some(until)) = (&from, &until)
        && from.ms() >= until.ms()
    {
        fields.report(Code::IntervalOrder);
        return None;
    }
    Some(Interval { from, until })
}

fn attribute(fields: &Fields<'_, '_>) -> Option<Condition> {
    let name = fields.required("attr", attribute_name);
    let found = fields.present(TESTS);
    let is_case_known = found.is_empty() || found.iter().any(|it| CASE_TESTS.contains(it));
    let ignores_case = if is_case_known {
        fields.optional("ignoreCase", boolean)
    } else {
        Some(None)
    };
    let mut tests: Vec<_> = found
        .iter()
        .map(|test| attribute_test(fields, test, ignores_case.flatten() == Some(true)))
        .collect();
    if found.len() == 1 {
        ignores_case?;
        return Some(Condition::Attribute(name?, tests.pop().flatten()?));
    }
    if !(found.is_empty() && fields.has_unknown) {
        fields.report(Code::OneTest {
            found,
            expected: TESTS,
        });
    }
    None
}

/// An attribute of contexts.
pub(super) fn attribute_name(reader: &Reader<'_, '_>) -> Option<AttributeName> {
    let text = text(reader)?;
    let name = AttributeName::new(text);
    match name {
        Some(_) => reader.run.attribute(text),
        None if text.is_empty() => reader.report(Code::EmptyText),
        None => reader.report(Code::BadAttribute(text.to_owned())),
    }
    name
}

fn attribute_test(
    fields: &Fields<'_, '_>,
    test: &'static str,
    ignores_case: bool,
) -> Option<AttributeTest> {
    fields.required(test, |it| {
        let texts = |place| texts(it, ignores_case.then_some(place));
        Some(match test {
            "is" => AttributeTest::Is(scalar(it)?),
            "in" => AttributeTest::In(it.some_list(scalar)?),
            "exists" => AttributeTest::Exists(boolean(it)?),
            "startsWith" => AttributeTest::StartsWith(texts(Place::Start)?),
            "endsWith" => AttributeTest::EndsWith(texts(Place::End)?),
            "contains" => AttributeTest::Contains(texts(Place::Anywhere)?),
            "matches" => AttributeTest::Matches(pattern(it)?),
            "lt" => AttributeTest::Lt(number(it)?),
            "lte" => AttributeTest::Lte(number(it)?),
            "gt" => AttributeTest::Gt(number(it)?),
            "gte" => AttributeTest::Gte(number(it)?),
            "before" => AttributeTest::Before(instant(it)?),
            "after" => AttributeTest::After(instant(it)?),
            "semver" => AttributeTest::Semver(range(it)?),
            _ => AttributeTest::Cidr(it.some_list(network)?),
        })
    })
}
