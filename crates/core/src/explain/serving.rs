//! How a leaf chose its variant.

use alloc::vec::Vec;

use super::question::value;
use super::steps::{Chosen, Steps};
use crate::bucket::Seed;
use crate::build::Arm;
use crate::context::Value;
use crate::evaluate::{self, seed};
use crate::flag::some;
use crate::layout::{RAMP_WORDS, SPLIT_WORDS, Section};
use crate::node::{Node, operation};
use crate::recipe::Recipe;
use crate::release::Release;
use crate::wanted::arms;

/// How a variant was chosen.
#[derive(Clone, Debug)]
pub enum Serving<'a> {
    /// It is served to everybody who comes here.
    Plain,
    /// By the position of a unit among the arms of a split.
    Split {
        /// What was placed.
        unit: Unit<'a>,
        /// Where it fell, of 2^32.
        position: u32,
        /// The arms, by ascending boundary; between the end of one and its boundary the rest is served.
        arms: Vec<Arm>,
        /// The number of the variant served to the rest.
        rest: u32,
    },
    /// By the position of a unit and the exposure of a release.
    Release {
        /// The release.
        release: Release<'a>,
        /// What was placed; `None` where only its position was left.
        unit: Option<Unit<'a>>,
        /// Where it fell, of 2^32.
        position: u32,
        /// The stage that the release is at; `None` before it starts.
        stage: Option<&'a str>,
        /// The stage whose audience the context is in; `None` where none decided.
        audience: Option<&'a str>,
        /// The first position that is not exposed, up to 2^32; `None` before it starts.
        exposure: Option<u64>,
        /// The side of the comparison that the unit is on.
        arm: Option<evaluate::Arm>,
    },
}

/// What is placed.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit<'a> {
    /// The name or JSON Pointer of the attribute.
    pub attribute: &'a str,
    /// What the context has.
    pub found: Value<'a>,
    /// What separates this rollout from others.
    pub salt: Salt<'a>,
}

/// What separates one rollout from others, as far as a program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Salt<'a> {
    /// The key of the flag.
    Key,
    /// `release:` and the name of the release.
    Release,
    /// Another text, of which a program has the hash alone.
    Hashed(Seed),
    /// A text, in the manner of another vendor.
    Vendor(Recipe, &'a str),
}

impl<'a> Serving<'a> {
    /// How the split or the ramp `node` of the flag `key` chose.
    pub(super) fn of(
        steps: &Steps<'a, '_>,
        key: &str,
        node: Node<'_>,
        chosen: Chosen,
    ) -> Serving<'a> {
        let program = steps.program;
        let unit = unit_of(steps, key, node);
        if node.operation() == operation::RAMP {
            let [_, _, _, number, _, _, audience] =
                program.record::<RAMP_WORDS>(Section::Ramps, node.first());
            let release = Release::new(program, number);
            return Serving::Release {
                release,
                unit,
                position: chosen.placed.position,
                stage: chosen.by.map(|by| program.string(by.stage)),
                audience: some(audience).and_then(|stage| release.stage_name(stage)),
                exposure: chosen.placed.exposure,
                arm: chosen.by.and_then(|by| by.arm),
            };
        }
        let [_, _, _, first, count, rest, ..] =
            program.record::<SPLIT_WORDS>(Section::Splits, node.first());
        match unit {
            Some(unit) => Serving::Split {
                unit,
                position: chosen.placed.position,
                arms: arms(program, first, count),
                rest,
            },
            None => Serving::Plain,
        }
    }
}

/// What the split or the ramp of `node` places; `None` where only its position is left.
pub(super) fn unit_of<'a>(steps: &Steps<'a, '_>, key: &str, node: Node<'_>) -> Option<Unit<'a>> {
    let program = steps.program;
    let (slot, salt) = if node.operation() == operation::RAMP {
        let record = program.record::<RAMP_WORDS>(Section::Ramps, node.first());
        (some(record[2])?, Salt::Release)
    } else {
        let [low, high, slot, _, _, _, recipe, salt] =
            program.record::<SPLIT_WORDS>(Section::Splits, node.first());
        let seed = seed(low, high);
        let salt = match Recipe::from_code(recipe) {
            Some(recipe) => Salt::Vendor(recipe, program.string(salt)),
            None if seed == Seed::of(key) => Salt::Key,
            None => Salt::Hashed(seed),
        };
        (slot, salt)
    };
    Some(Unit {
        attribute: program.attribute(slot).name,
        found: value(steps.context, *steps.context.slot(slot)),
        salt,
    })
}
