//! What splits and ramps serve, by the position of a unit.

use crate::bucket::{IntegerUnit, Position, Seed};
use crate::bytes::Word;
use crate::context::{Context, Slot};
use crate::evaluate::answer::{ARM, OPTIONS};
use crate::evaluate::walk::{Visit, Walk};
use crate::evaluate::{Arm, Reason};
use crate::layout::{NONE, SPLIT_WORDS, Section};
use crate::node::{Node, operation};
use crate::program::Program;
use crate::release::{EVERYONE, Release};

/// How a split or a ramp places its units.
#[derive(Clone, Copy)]
pub(crate) enum Placed<'p> {
    /// As this project does.
    By(Seed),
    /// As another vendor does: the code of a recipe, what it needs of the weights, and a salt.
    #[cfg_attr(
        not(feature = "recipes"),
        expect(dead_code, reason = "without the recipes such a program is refused")
    )]
    Recipe(u32, u64, &'p [u8]),
}

impl<V: Visit> Walk<'_, V> {
    /// What a split or a ramp serves to this unit, as the choice and the stage of an answer; `None` without a unit.
    pub(super) fn choose(&mut self, node: Node<'_>) -> Option<(u32, u32)> {
        let (choice, stage) = if node.operation() == operation::RAMP {
            self.ramp(node.first())?
        } else {
            (self.split(node.first())?, NONE)
        };
        Some((choice | u32::from(Reason::Split.code()) << OPTIONS, stage))
    }

    fn split(&mut self, split: u32) -> Option<u32> {
        let words: &[Word; SPLIT_WORDS] = self.program.words(Section::Splits, split);
        let [low, high, slot, first_arm, arms, rest, recipe, salt] = words;
        let number = |word: &Word| u32::from_le_bytes(*word);
        let placed = if number(recipe) == NONE {
            Placed::By(seed(number(low), number(high)))
        } else {
            let total = seed(number(low), number(high)).to_bits();
            Placed::Recipe(number(recipe), total, self.program.text(number(salt)))
        };
        let position = place(self.context, number(slot), placed)?;
        self.visit.place(position.get(), None);
        let arm = arm_of(self.program, number(first_arm), number(arms), position);
        Some(arm.unwrap_or_else(|| number(rest)))
    }

    fn ramp(&mut self, ramp: u32) -> Option<(u32, u32)> {
        let program = self.program;
        let word = |place| program.word(Section::Ramps, ramp, place);
        let seed = self.program.wide(Section::Ramps, ramp, 0);
        let position = match word(2) {
            NONE => Position::new(seed as u32),
            slot => place(self.context, slot, Placed::By(Seed::from_bits(seed)))?,
        };
        let (from, to, audience) = (word(4), word(5), word(6));
        let live = self.live.ramp(word(3));
        let stage = live.stage;
        if stage == NONE {
            self.visit.place(position.get(), None);
            return Some((from, NONE));
        }
        let release = Release::new(self.program, word(3));
        let (exposure, is_compared) = exposure(release, stage, audience, live.exposure);
        self.visit.place(position.get(), Some(exposure));
        let position = u64::from(position.get());
        let variant = if position < exposure { to } else { from };
        let arm = if is_compared {
            arm(position, exposure)
        } else {
            None
        };
        let choice = variant | u32::from(Arm::code(arm)) << ARM;
        Some((choice, release.stage(stage).name))
    }
}

/// What a release at `stage`, which exposes `live`, exposes to whom the audience of a stage led here, or none did; and
/// whether its arms are compared.
fn exposure(release: Release<'_>, stage: u32, audience: u32, live: u64) -> (u64, bool) {
    if audience == NONE {
        let is_compared = !release.stage(stage).has_audience();
        let exposure = if is_compared {
            live
        } else {
            release.base(stage)
        };
        return (exposure, is_compared);
    }
    let own = release.stage(audience);
    let is_compared = audience == stage && own.has_percent();
    let exposure = if is_compared {
        live
    } else if own.has_percent() {
        own.exposure
    } else {
        EVERYONE
    };
    (exposure, is_compared)
}

/// Where the unit in `slot` falls; `None` where there is none.
pub(crate) fn place(context: &Context<'_>, slot: u32, placed: Placed<'_>) -> Option<Position> {
    match *context.slot(slot) {
        Slot::Text(unit, _) if !unit.is_empty() => Some(placed.place(unit)),
        Slot::Number(number) => Some(placed.place(IntegerUnit::of(number)?.as_bytes())),
        Slot::Missing
        | Slot::Null
        | Slot::Bool(_)
        | Slot::Text(..)
        | Slot::List(..)
        | Slot::Object => None,
    }
}

/// The variant of the arm that `position` is in; `None` for the rest.
pub(crate) fn arm_of(
    program: &Program,
    first_arm: u32,
    arms: u32,
    position: Position,
) -> Option<u32> {
    let position = u64::from(position.get());
    for arm in first_arm..first_arm.wrapping_add(arms) {
        if position < program.wide(Section::Arms, arm, 3) {
            let is_served = position < program.wide(Section::Arms, arm, 1);
            return is_served.then(|| program.word(Section::Arms, arm, 0));
        }
    }
    None
}

impl Placed<'_> {
    #[cfg(feature = "recipes")]
    fn place(self, unit: &[u8]) -> Position {
        match self {
            Placed::By(seed) => seed.place_bytes(unit),
            Placed::Recipe(code, total, salt) => crate::recipe::Recipe::from_code(code)
                .map_or(Position::new(0), |recipe| {
                    recipe.place_bytes(total, salt, unit)
                }),
        }
    }

    #[cfg(not(feature = "recipes"))]
    fn place(self, unit: &[u8]) -> Position {
        match self {
            Placed::By(seed) => seed.place_bytes(unit),
            Placed::Recipe(..) => Position::new(0),
        }
    }
}

/// The side on which `position` is compared, both as large as the smaller of exposed and unexposed.
fn arm(position: u64, exposure: u64) -> Option<Arm> {
    let size = exposure.min(EVERYONE.saturating_sub(exposure));
    if position < size {
        Some(Arm::Treated)
    } else if position >= EVERYONE.saturating_sub(size) {
        Some(Arm::Control)
    } else {
        None
    }
}

pub(crate) fn seed(low: u32, high: u32) -> Seed {
    Seed::from_bits(u64::from(low) | u64::from(high) << 32)
}
