//! What splits and ramps serve, by the position of a unit.

use crate::bucket::{IntegerUnit, Position, Seed};
use crate::bytes::u64_at;
use crate::context::{Context, Slot};
use crate::evaluate::walk::{Visit, Walk};
use crate::evaluate::{Arm, ChosenBy};
use crate::flag::some;
use crate::layout::{NONE, RAMP_WORDS, SPLIT_WORDS, Section};
use crate::node::{Node, operation};
use crate::program::Program;
use crate::release::{EVERYONE, Release};

/// How a split or a ramp places its units.
#[derive(Clone, Copy)]
pub(crate) enum Placed<'p> {
    /// As this project does.
    By(Seed),
    /// As another vendor does: the code of a recipe, and a salt.
    #[cfg_attr(
        not(feature = "recipes"),
        expect(dead_code, reason = "without the recipes such a program is refused")
    )]
    Recipe(u32, &'p str),
}

impl<V: Visit> Walk<'_, V> {
    /// The variant that a split or a ramp serves to this unit, and which stage chose it; `None` without a unit.
    pub(super) fn choose(&mut self, node: Node) -> Option<(u32, Option<ChosenBy>)> {
        if node.operation == operation::RAMP {
            self.ramp(node.first)
        } else {
            self.split(node.first).map(|variant| (variant, None))
        }
    }

    fn split(&mut self, split: u32) -> Option<u32> {
        let [low, high, slot, first_arm, arms, rest, recipe, salt] =
            self.program
                .record::<{ SPLIT_WORDS * 4 }, SPLIT_WORDS>(Section::Splits, split);
        let placed = if recipe == NONE {
            Placed::By(seed(low, high))
        } else {
            Placed::Recipe(recipe, self.program.string(salt))
        };
        let position = place(self.context, slot, placed)?;
        self.visit.place(position.get(), None);
        Some(arm_of(self.program, first_arm, arms, position).unwrap_or(rest))
    }

    fn ramp(&mut self, ramp: u32) -> Option<(u32, Option<ChosenBy>)> {
        let [low, high, slot, number, from, to, audience] = self
            .program
            .record::<{ RAMP_WORDS * 4 }, RAMP_WORDS>(Section::Ramps, ramp);
        let position = match some(slot) {
            Some(slot) => place(self.context, slot, Placed::By(seed(low, high)))?.get(),
            None => low,
        };
        let live = self.live.ramp(number);
        let Some(stage) = some(live.stage) else {
            self.visit.place(position, None);
            return Some((from, None));
        };
        let release = Release::new(self.program, number);
        let (exposure, is_compared) = exposure(release, stage, some(audience), live.exposure);
        self.visit.place(position, Some(exposure));
        let position = u64::from(position);
        let chosen_by = ChosenBy {
            stage: release.stage(stage).name,
            arm: arm(position, exposure).filter(|_| is_compared),
        };
        let variant = if position < exposure { to } else { from };
        Some((variant, Some(chosen_by)))
    }
}

/// What a release at `stage`, which exposes `live`, exposes to whom the audience of a stage led here, or none did; and
/// whether its arms are compared.
fn exposure(release: Release<'_>, stage: u32, audience: Option<u32>, live: u64) -> (u64, bool) {
    let Some(audience) = audience else {
        let is_compared = !release.stage(stage).has_audience();
        let exposure = if is_compared {
            live
        } else {
            release.base(stage)
        };
        return (exposure, is_compared);
    };
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
    match context.slot(slot) {
        Slot::Text(unit, _) if !unit.is_empty() => Some(placed.place(unit)),
        Slot::Number(number) => Some(placed.place(IntegerUnit::of(*number)?.as_str())),
        Slot::Missing
        | Slot::Null
        | Slot::Bool(_)
        | Slot::Text(..)
        | Slot::List(_)
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
    for arm in 0..arms {
        let arm = first_arm.wrapping_add(arm);
        let at = program.offset(Section::Arms, arm);
        if position < u64_at(program.bytes(), at.saturating_add(12)) {
            let [variant] = program.record::<4, 1>(Section::Arms, arm);
            let is_served = position < u64_at(program.bytes(), at.saturating_add(4));
            return is_served.then_some(variant);
        }
    }
    None
}

impl Placed<'_> {
    #[cfg(feature = "recipes")]
    fn place(self, unit: &str) -> Position {
        match self {
            Placed::By(seed) => seed.place(unit),
            Placed::Recipe(code, salt) => crate::recipe::Recipe::from_code(code)
                .map_or(Position::new(0), |recipe| recipe.place(salt, unit)),
        }
    }

    #[cfg(not(feature = "recipes"))]
    fn place(self, unit: &str) -> Position {
        match self {
            Placed::By(seed) => seed.place(unit),
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
