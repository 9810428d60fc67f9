//! What changes from one program to another: which flags can answer differently, and for how many they do.

mod contexts;
mod groups;
mod json;
mod moves;
mod rules;
mod text;

use std::collections::BTreeMap;

use vexil_core::build::Part;
use vexil_core::form::{FlagForm, Forms, NameKind, Named};
use vexil_core::{Expose, Flag, Program};

pub use contexts::Contexts;
pub use groups::{By, Count, Group, Groups, Name};
pub use json::json;
pub use moves::{Move, Moves, Resolve, moves};
pub use text::Text;

/// What is different about one flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<'p> {
    /// Its key.
    pub key: &'p str,
    /// What.
    pub what: What<'p>,
}

/// What is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What<'p> {
    /// The flag is new.
    Added,
    /// The flag is gone.
    Removed,
    /// The flag is in both.
    Changed {
        /// Whether there may be a context in which it answers differently: with another variant, value, reason, rule,
        /// stage or arm. Where there may not, there is none, whatever live state the two have in common.
        can_differ: bool,
        /// What changed; at least something.
        changes: Vec<Change<'p>>,
    },
}

impl What<'_> {
    /// Whether there may be a context in which the answers differ: always where the flag is in one of the two alone.
    #[must_use]
    pub fn can_differ(&self) -> bool {
        match self {
            What::Added | What::Removed => true,
            What::Changed { can_differ, .. } => *can_differ,
        }
    }
}

/// One thing that changed about a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<'p> {
    /// The type of its values.
    Type,
    /// Whether its rules are used at all; the new state.
    Enabled(bool),
    /// The variant served while it is off.
    OffVariant(&'p str, &'p str),
    /// A variant came.
    VariantAdded(&'p str),
    /// A variant went.
    VariantRemoved(&'p str),
    /// A variant has another value.
    VariantValue(&'p str),
    /// The flags it requires.
    Requires,
    /// Its targets.
    Targets,
    /// A rule came; its number is the new one.
    RuleAdded(Rule<'p>),
    /// A rule went; its number is the old one.
    RuleRemoved(Rule<'p>),
    /// What a rule asks or serves.
    Rule(Rule<'p>),
    /// What a rule is called: from, to.
    RuleName(Rule<'p>, Rule<'p>),
    /// How a rule shares its units out: weights, exposure, rest.
    Shares(Rule<'p>),
    /// The rules that stayed are tried in another order.
    RuleOrder,
    /// What it serves where no rule holds.
    Default,
    /// How its default shares its units out.
    DefaultShares,
    /// What a flag, segment or release that it names says.
    Named(NameKind, &'p str),
    /// How its parts hang together.
    Otherwise,
    /// Who may see it.
    Expose(Expose, Expose),
    /// Whether exposures are recorded; the new state.
    Track(bool),
    /// The variant served once the ruleset is too old.
    Failsafe,
}

/// A rule of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'p> {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: Option<&'p str>,
}

/// What is different about the flags of two programs, by key; a flag that is the same in both is left out.
///
/// Compares everything that a flag leads to: what it does not report as able to differ answers the same in every
/// context. What it reports may still do so.
///
/// ```
/// use vexil_ruleset::diff::{Change, What, diff};
///
/// let program = |weight: u32| -> Result<_, Vec<vexil_ruleset::Issue>> {
///     let ruleset = vexil_ruleset::decode(&format!(r#"{{
///         "flags": {{ "checkout": {{
///             "type": "boolean", "variants": {{ "on": true, "off": false }}, "offVariant": "off",
///             "default": {{ "split": [["on", {weight}], ["off", 90]] }}
///         }} }}
///     }}"#))?;
///     vexil_ruleset::compile(&ruleset, "production", 1, 0)
/// };
/// let (old, new) = (program(10)?, program(20)?);
/// assert!(diff(&old, &old).is_empty());
/// assert_eq!(diff(&old, &new)[0].what, What::Changed { can_differ: true, changes: vec![Change::DefaultShares] });
/// # Ok::<(), Vec<vexil_ruleset::Issue>>(())
/// ```
#[must_use]
pub fn diff<'p>(old: &'p Program, new: &'p Program) -> Vec<Difference<'p>> {
    let mut forms = Forms::default();
    let read = |program: &'p Program, forms: Vec<FlagForm<'p>>| -> BTreeMap<&'p str, Side<'p>> {
        let sides = program.flags().zip(forms);
        sides
            .map(|(flag, form)| (flag.key(), Side { flag, form }))
            .collect()
    };
    let old = read(old, forms.read(old));
    let new = read(new, forms.read(new));
    let removed = old.keys().filter(|key| !new.contains_key(*key));
    let removed = removed.map(|key| (*key, What::Removed));
    let others = new.iter().filter_map(|(key, new)| {
        let Some(old) = old.get(key) else {
            return Some((*key, What::Added));
        };
        let can_differ = old.form.answers != new.form.answers;
        let changes = changes(old, new, can_differ);
        (!changes.is_empty()).then_some((
            *key,
            What::Changed {
                can_differ,
                changes,
            },
        ))
    });
    let all: BTreeMap<&str, What<'_>> = removed.chain(others).collect();
    let all = all.into_iter();
    all.map(|(key, what)| Difference { key, what }).collect()
}

/// A flag of one of the programs.
struct Side<'p> {
    flag: Flag<'p>,
    form: FlagForm<'p>,
}

impl<'p> Side<'p> {
    fn variants(&self) -> BTreeMap<&'p str, &'p str> {
        let variants = self.flag.variants();
        variants
            .map(|variant| (variant.name, variant.value))
            .collect()
    }

    fn name(&self, variant: u32) -> &'p str {
        self.flag
            .variant(variant)
            .map_or("", |variant| variant.name)
    }

    /// What a part says, and what it says but for the arms of its splits.
    fn part(&self, part: Part) -> Option<(u32, u32)> {
        let mut parts = self.form.parts.iter();
        let found = parts.find(|known| known.part == part)?;
        Some((found.whole, found.without_arms))
    }
}

fn changes<'p>(old: &Side<'p>, new: &Side<'p>, can_differ: bool) -> Vec<Change<'p>> {
    let mut changes = Vec::new();
    let mut note = |is_changed: bool, change: Change<'p>| {
        if is_changed {
            changes.push(change);
        }
    };
    let (was, is) = (&old.flag, &new.flag);
    note(was.kind() != is.kind(), Change::Type);
    note(
        was.is_enabled() != is.is_enabled(),
        Change::Enabled(is.is_enabled()),
    );
    let off = (old.name(was.off_variant()), new.name(is.off_variant()));
    note(off.0 != off.1, Change::OffVariant(off.0, off.1));
    changes.extend(variants(old, new));
    for (part, change) in [
        (Part::Requires, Change::Requires),
        (Part::Targets, Change::Targets),
    ] {
        if old.part(part) != new.part(part) {
            changes.push(change);
        }
    }
    changes.extend(rules::changes(old, new));
    match (old.part(Part::Default), new.part(Part::Default)) {
        (Some((was, _)), Some((is, _))) if was == is => {}
        (Some((_, was)), Some((_, is))) if was == is => changes.push(Change::DefaultShares),
        (None, None) => {}
        _ => changes.push(Change::Default),
    }
    changes.extend(named(&old.form.names, &new.form.names));
    if can_differ && changes.is_empty() {
        changes.push(Change::Otherwise);
    }
    if was.expose() != is.expose() {
        changes.push(Change::Expose(was.expose(), is.expose()));
    }
    if was.track() != is.track() {
        changes.push(Change::Track(is.track()));
    }
    let failsafe = |side: &Side<'p>| side.flag.failsafe().map(|variant| side.name(variant));
    if failsafe(old) != failsafe(new) {
        changes.push(Change::Failsafe);
    }
    changes
}

fn variants<'p>(old: &Side<'p>, new: &Side<'p>) -> Vec<Change<'p>> {
    let (old, new) = (old.variants(), new.variants());
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    let gone = gone.map(|name| Change::VariantRemoved(name));
    let others = new.iter().filter_map(|(name, value)| match old.get(name) {
        None => Some(Change::VariantAdded(name)),
        Some(was) if was != value => Some(Change::VariantValue(name)),
        Some(_) => None,
    });
    gone.chain(others).collect()
}

/// What both name, and is not the same.
fn named<'p>(old: &[Named<'p>], new: &[Named<'p>]) -> Vec<Change<'p>> {
    let changed = new.iter().filter(|is| {
        let mut old = old.iter();
        let was = old.find(|was| (was.kind, was.name) == (is.kind, is.name));
        was.is_some_and(|was| was.form != is.form)
    });
    changed
        .map(|named| Change::Named(named.kind, named.name))
        .collect()
}

#[cfg(test)]
mod tests;
