//! Reading flags and their rules.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use vexil_core::limits::{RULES, VARIANTS};
use vexil_core::{Expose, FlagType};

use super::condition::{condition, prerequisite};
use super::reader::Reader;
use super::run::Item;
use super::scalar::{
    boolean, check_reference, lints, owned_text, reference, some_text, text, word,
};
use super::serve::{own_variant, serve};
use crate::condition::Prerequisite;
use crate::issue::Code;
use crate::json::Node;
use crate::key::{TeamName, VariantName};
use crate::model::{Flag, Rule};

pub(super) const FIELDS: &[&str] = &[
    "description",
    "owner",
    "tags",
    "type",
    "variants",
    "enabled",
    "offVariant",
    "failsafe",
    "expose",
    "track",
    "targets",
    "requires",
    "rules",
    "default",
    "allow",
];
/// The types of flags, in the order of [`FlagType`].
pub(super) const TYPES: &[&str] = &["boolean", "string", "number", "object"];
pub(super) const EXPOSES: &[&str] = &["server", "values", "program"];
pub(super) const RULE_FIELDS: &[&str] = &["name", "when", "serve", "allow"];

pub(super) fn flag<'n>(reader: &Reader<'n, '_>, key: &'n str) -> Option<Flag> {
    let fields = reader.fields(FIELDS)?;
    let description = fields.optional("description", owned_text);
    let owner = fields.optional("owner", team);
    let tags = fields.optional("tags", |it| it.list(some_text));
    let kind = fields.required("type", flag_type);
    let variants = fields.required("variants", |it| variants(it, kind));
    let is_enabled = fields.optional("enabled", boolean);
    let off_variant = fields.required("offVariant", |it| own_variant(it, key));
    let failsafe = fields.optional("failsafe", |it| own_variant(it, key));
    let expose = fields.optional("expose", expose);
    let track = fields.optional("track", boolean);
    let targets = fields.optional("targets", |it| targets(it, key));
    let requires = fields.optional("requires", |it| requires(it, key));
    let rules = fields.optional("rules", |it| {
        it.limit("rules", RULES);
        it.list(|it| rule(it, key))
    });
    let default = fields.required("default", |it| serve(it, key));
    let allow = fields.optional("allow", lints);
    Some(Flag {
        description: description?,
        owner: owner?,
        tags: tags?.unwrap_or_default(),
        kind: kind?,
        variants: variants?,
        is_enabled: is_enabled?.unwrap_or(true),
        off_variant: off_variant?,
        failsafe: failsafe?,
        expose: expose?.unwrap_or(Expose::Server),
        track: track?,
        targets: targets?.unwrap_or_default(),
        requires: requires?.unwrap_or_default(),
        rules: rules?.unwrap_or_default(),
        default: default?,
        allow: allow?.unwrap_or_default(),
    })
}

/// A team; any at all while a ruleset declares none.
pub(super) fn team(reader: &Reader<'_, '_>) -> Option<TeamName> {
    let teams = &reader.run.names.teams;
    reference(
        reader,
        (!teams.is_empty()).then_some(teams),
        TeamName::new,
        Code::UnknownTeam,
    )
}

fn flag_type(reader: &Reader<'_, '_>) -> Option<FlagType> {
    Some(match word(reader, TYPES)? {
        "boolean" => FlagType::Boolean,
        "string" => FlagType::String,
        "number" => FlagType::Number,
        _ => FlagType::Object,
    })
}

fn expose(reader: &Reader<'_, '_>) -> Option<Expose> {
    Some(match word(reader, EXPOSES)? {
        "server" => Expose::Server,
        "values" => Expose::Values,
        _ => Expose::Program,
    })
}

fn variants(
    reader: &Reader<'_, '_>,
    kind: Option<FlagType>,
) -> Option<BTreeMap<VariantName, Value>> {
    reader.limit("variants", VARIANTS);
    let variants = reader.map(VariantName::new, |it, _| {
        let node = it.node;
        match kind {
            Some(kind) if !is_of(node, kind) => {
                let found = node.kind();
                it.report(Code::ValueType {
                    expected: kind,
                    found,
                });
                None
            }
            Some(_) | None => Some(node.to_value()),
        }
    })?;
    if variants.is_empty() {
        reader.report(Code::EmptyList);
    }
    (!variants.is_empty()).then_some(variants)
}

/// `null` is of every type: no client takes it for a value, so it leaves the answer to the caller's default.
fn is_of(node: &Node, kind: FlagType) -> bool {
    match node {
        Node::Null => true,
        Node::Bool(_) => kind == FlagType::Boolean,
        Node::Number(_) => kind == FlagType::Number,
        Node::Text(_) => kind == FlagType::String,
        Node::List(_) | Node::Object(_) => kind == FlagType::Object,
    }
}

fn targets<'n>(
    reader: &Reader<'n, '_>,
    key: &'n str,
) -> Option<BTreeMap<VariantName, Vec<String>>> {
    let variants = reader.run.names.variants(key);
    let owners = std::cell::RefCell::new(HashMap::new());
    reader.map(VariantName::new, |it, variant| {
        check_reference(it, variant, variants, Code::UnknownVariant);
        it.list(|it| {
            let target = text(it)?;
            let other = *owners.borrow_mut().entry(target).or_insert(variant);
            if other != variant {
                let (target, other) = (target.to_owned(), other.to_owned());
                it.report(Code::DuplicateTarget { target, other });
            }
            Some(target.to_owned())
        })
    })
}

fn requires<'n>(reader: &Reader<'n, '_>, key: &'n str) -> Option<Vec<Prerequisite>> {
    let item = Item::Flag(key);
    match reader.node {
        Node::List(_) => reader.list(|it| prerequisite(it, item)),
        Node::Object(_) => prerequisite(reader, item).map(|it| vec![it]),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => {
            reader.wrong_type("an object or a list", reader.node)
        }
    }
}

fn rule<'n>(reader: &Reader<'n, '_>, key: &'n str) -> Option<Rule> {
    let fields = reader.fields(RULE_FIELDS)?;
    let name = fields.optional("name", some_text);
    let when = fields.required("when", |it| condition(it, Item::Flag(key), 1));
    let serve = fields.required("serve", |it| serve(it, key));
    let allow = fields.optional("allow", lints);
    Some(Rule {
        name: name?,
        when: when?,
        serve: serve?,
        allow: allow?.unwrap_or_default(),
    })
}
