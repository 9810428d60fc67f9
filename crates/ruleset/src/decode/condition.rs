//! Reading conditions.

use vexil_core::limits::DEPTH;

use super::fields::Fields;
use super::reader::Reader;
use super::run::Item;
use super::scalar::{boolean, number, owned_text, reference, text};
use crate::condition::{AttributeName, AttributeTest, Condition, Prerequisite, Scalar};
use crate::issue::Code;
use crate::json::Node;
use crate::key::{FlagKey, SegmentName, VariantName};
use crate::semver::Range;

/// What makes an object a condition: it has one of these.
const CONDITIONS: &[&str] = &["all", "any", "not", "segment", "flag", "attr"];
/// What is asked of an attribute: one of these.
const TESTS: &[&str] = &[
    "is",
    "in",
    "exists",
    "startsWith",
    "endsWith",
    "contains",
    "lt",
    "lte",
    "gt",
    "gte",
    "semver",
];
/// All that any condition can have.
const FIELDS: &[&str] = &[
    "all",
    "any",
    "not",
    "segment",
    "flag",
    "variant",
    "attr",
    "is",
    "in",
    "exists",
    "startsWith",
    "endsWith",
    "contains",
    "lt",
    "lte",
    "gt",
    "gte",
    "semver",
];
const ATTRIBUTE_FIELDS: &[&str] = &[
    "attr",
    "is",
    "in",
    "exists",
    "startsWith",
    "endsWith",
    "contains",
    "lt",
    "lte",
    "gt",
    "gte",
    "semver",
];

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
    let known = match heads.as_slice() {
        ["attr"] => ATTRIBUTE_FIELDS,
        ["flag"] => &["flag", "variant"],
        [head] => std::slice::from_ref(head),
        _ => FIELDS,
    };
    let fields = reader.fields(known)?;
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
    prerequisite_of(&reader.fields(&["flag", "variant"])?, item)
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

fn attribute(fields: &Fields<'_, '_>) -> Option<Condition> {
    let name = fields.required("attr", attribute_name);
    let found = fields.present(TESTS);
    let mut tests: Vec<_> = found
        .iter()
        .map(|test| attribute_test(fields, test))
        .collect();
    if found.len() == 1 {
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

fn attribute_test(fields: &Fields<'_, '_>, test: &'static str) -> Option<AttributeTest> {
    fields.required(test, |it| {
        Some(match test {
            "is" => AttributeTest::Is(scalar(it)?),
            "in" => AttributeTest::In(it.some_list(scalar)?),
            "exists" => AttributeTest::Exists(boolean(it)?),
            "startsWith" => AttributeTest::StartsWith(texts(it)?),
            "endsWith" => AttributeTest::EndsWith(texts(it)?),
            "contains" => AttributeTest::Contains(texts(it)?),
            "lt" => AttributeTest::Lt(number(it)?),
            "lte" => AttributeTest::Lte(number(it)?),
            "gt" => AttributeTest::Gt(number(it)?),
            "gte" => AttributeTest::Gte(number(it)?),
            _ => AttributeTest::Semver(range(it)?),
        })
    })
}

fn scalar(reader: &Reader<'_, '_>) -> Option<Scalar> {
    match reader.node {
        Node::Text(text) => Some(Scalar::Text(text.clone())),
        Node::Number(number) => number.as_f64().map(Scalar::Number),
        Node::Bool(bool) => Some(Scalar::Bool(*bool)),
        Node::Null => {
            reader.report(Code::NullOperand);
            None
        }
        Node::List(_) | Node::Object(_) => {
            reader.wrong_type("a string, a number or a boolean", reader.node)
        }
    }
}

/// One text, or a list of them.
fn texts(reader: &Reader<'_, '_>) -> Option<Vec<String>> {
    match reader.node {
        Node::Text(text) => Some(vec![text.clone()]),
        Node::List(_) => reader.some_list(owned_text),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Object(_) => {
            reader.wrong_type("a string or a list of strings", reader.node)
        }
    }
}

fn range(reader: &Reader<'_, '_>) -> Option<Range> {
    let text = text(reader)?;
    let range = Range::parse(text);
    if let Err(error) = range {
        let text = text.to_owned();
        reader.report(Code::BadRange { text, error });
    }
    range.ok()
}
