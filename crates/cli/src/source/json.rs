//! Where things are in JSON.

use std::ops::Range;

use jsonc_parser::ast::{ObjectPropName, Value as Node};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use super::tree::{Kind, Member, Tree};

/// The places of a text that `vexil_ruleset` could read as JSON; `None` of any other.
pub(super) fn places(text: &str) -> Option<Tree> {
    let options = ParseOptions {
        allow_comments: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        ..ParseOptions::default()
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).ok()?;
    parsed.value.map(tree)
}

fn tree(node: Node<'_>) -> Tree {
    let span = span(&node);
    let kind = match node {
        Node::StringLit(text) => Kind::Leaf(Value::from(text.value)),
        // Nobody asks a place what number it has.
        Node::NumberLit(_) | Node::NullKeyword(_) => Kind::Leaf(Value::Null),
        Node::BooleanLit(bool) => Kind::Leaf(Value::Bool(bool.value)),
        Node::Array(list) => Kind::List(list.elements.into_iter().map(tree).collect()),
        Node::Object(object) => {
            let members = object.properties.into_iter().map(|member| Member {
                name_span: match &member.name {
                    ObjectPropName::String(name) => span_of(name),
                    ObjectPropName::Word(name) => span_of(name),
                },
                name: member.name.into_string(),
                value: tree(member.value),
            });
            Kind::Object(members.collect())
        }
    };
    Tree { span, kind }
}

fn span(node: &Node<'_>) -> Range<usize> {
    span_of(node)
}

fn span_of(ranged: &impl Ranged) -> Range<usize> {
    let range = ranged.range();
    range.start..range.end
}
