//! Reading what is served: a variant, a split, a release.

use vexil_core::Recipe;

use super::condition::attribute_name;
use super::reader::Reader;
use super::run::Item;
use super::scalar::{amount, owned_text, reference, some_text, word};
use crate::amount::{Exposure, Weight};
use crate::condition::AttributeName;
use crate::issue::Code;
use crate::json::Node;
use crate::key::{ReleaseName, VariantName};
use crate::model::{Serve, Split};

/// All that anything to serve can have.
const FIELDS: &[&str] = &["split", "by", "salt", "hash", "exposure", "rest", "release"];
pub(super) const SPLIT_FIELDS: &[&str] = &["split", "by", "salt", "hash", "exposure", "rest"];
pub(super) const RELEASE_FIELDS: &[&str] = &["release"];
/// The names of [`Recipe::ALL`].
pub(super) const RECIPES: &[&str] = &[
    "launchdarkly-sha1",
    "unleash-murmur3",
    "unleash-murmur3-variant",
    "growthbook-fnv1a-v1",
    "growthbook-fnv1a-v2",
    "flagd-murmur3-v1",
    "flagd-murmur3-v2",
    "eppo-md5",
    "flipt-crc32",
    "flipt-crc32-threshold",
    "unleash-murmur3-weights",
];

/// A variant of the flag `key`.
pub(super) fn own_variant(reader: &Reader<'_, '_>, key: &str) -> Option<VariantName> {
    let variants = reader.run.names.variants(key);
    reference(reader, variants, VariantName::new, Code::UnknownVariant)
}

pub(super) fn serve<'n>(reader: &Reader<'n, '_>, key: &'n str) -> Option<Serve> {
    match reader.node {
        Node::Text(_) => own_variant(reader, key).map(Serve::Variant),
        Node::Object(_) if reader.node.member("release").is_some() => {
            let fields = reader.fields(RELEASE_FIELDS)?;
            let release = fields.required("release", |it| release(it, key));
            release.map(Serve::Release)
        }
        Node::Object(_) if reader.node.member("split").is_some() => {
            split(reader, key).map(Serve::Split)
        }
        Node::Object(_) => {
            // Neither: whatever it has is reported as what it may have been meant to be.
            if !reader.fields(FIELDS)?.has_unknown {
                reader.report(Code::MissingKey("split"));
            }
            None
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::List(_) => {
            reader.wrong_type("the name of a variant, a split or a release", reader.node)
        }
    }
}

fn release<'n>(reader: &Reader<'n, '_>, key: &'n str) -> Option<ReleaseName> {
    let names = &reader.run.names;
    let release = reference(
        reader,
        Some(&names.releases),
        ReleaseName::new,
        Code::UnknownRelease,
    )?;
    if let Some(name) = reader.node.text() {
        reader.run.needs(Item::Flag(key), Item::Release(name));
    }
    let variants = names.variants(key);
    for end in names.ends(release.as_str()) {
        if variants.is_some_and(|variants| !variants.contains(end)) {
            reader.report(Code::ReleaseVariant {
                release: release.to_string(),
                variant: (*end).to_owned(),
            });
        }
    }
    Some(release)
}

fn split(reader: &Reader<'_, '_>, key: &str) -> Option<Split> {
    let fields = reader.fields(SPLIT_FIELDS)?;
    let arms = fields.required("split", |it| arms(it, key));
    let by = fields.optional("by", attribute_name);
    let hash = fields.optional("hash", recipe);
    // Other vendors hash what they are told, nothing before the unit included.
    let is_vendors = matches!(hash, Some(Some(_)));
    let salt = fields.optional("salt", if is_vendors { owned_text } else { some_text });
    let exposure = fields.optional("exposure", exposure);
    let rest = fields.optional("rest", |it| own_variant(it, key));
    let exposure = exposure?.unwrap_or(Exposure::ALL);
    if exposure < Exposure::ALL && rest == Some(None) {
        fields.report(Code::MissingRest);
    }
    Some(Split {
        arms: arms?,
        by: by?.unwrap_or_else(AttributeName::targeting_key),
        salt: salt?,
        hash: hash?,
        exposure,
        rest: rest?,
    })
}

fn arms(reader: &Reader<'_, '_>, key: &str) -> Option<Vec<(VariantName, Weight)>> {
    let arms = reader.some_list(|it| arm(it, key))?;
    if arms.iter().all(|(_, weight)| weight.parts() == 0) {
        reader.report(Code::WeightSum);
        return None;
    }
    Some(arms)
}

fn arm(reader: &Reader<'_, '_>, key: &str) -> Option<(VariantName, Weight)> {
    let Node::List(pair) = reader.node else {
        return reader.wrong_type("a pair of a variant and a weight", reader.node);
    };
    let [variant, weight] = pair.as_slice() else {
        reader.report(Code::PairLength(pair.len()));
        return None;
    };
    let variant = own_variant(&reader.item(0, variant), key);
    let weight = amount(&reader.item(1, weight), Weight::new, Code::BadWeight);
    Some((variant?, weight?))
}

fn recipe(reader: &Reader<'_, '_>) -> Option<Recipe> {
    word(reader, RECIPES).and_then(Recipe::from_name)
}

fn exposure(reader: &Reader<'_, '_>) -> Option<Exposure> {
    amount(reader, Exposure::new, Code::BadExposure)
}

#[cfg(test)]
mod tests {
    use vexil_core::Recipe;

    use super::RECIPES;

    #[test]
    fn every_recipe_can_be_written() {
        assert_eq!(RECIPES, Recipe::ALL.map(Recipe::name));
    }
}
