//! How a variant was chosen, in words.

use vexil_core::build::Arm;
use vexil_core::explain::{Salt, Serving, Unit};

use super::words;

/// How many positions there are: 2^32.
const POSITIONS: f64 = 4_294_967_296.0;

/// What chose `variant`; `None` where everybody is served it.
pub(super) fn serving(how: &Serving<'_>, variant: &str) -> Option<String> {
    match how {
        Serving::Plain => None,
        Serving::Split {
            unit,
            position,
            arms,
            rest: _,
        } => {
            let place = percent(u64::from(*position));
            let within = match arm_at(arms, *position) {
                Some((start, end)) => format!("in {} to {}", percent(start), percent(end)),
                None => "in the rest".to_owned(),
            };
            Some(format!(
                "split {}: at {place}, {within}: {variant}",
                by(unit)
            ))
        }
        Serving::Release {
            release,
            unit,
            position,
            stage,
            audience,
            exposure,
            arm,
        } => {
            let name = release.name();
            let Some((stage, exposure)) = stage.zip(*exposure) else {
                return Some(format!("release {name} has not started: {variant}"));
            };
            let by = unit
                .as_ref()
                .map_or(String::new(), |unit| format!(" {}", by(unit)));
            let is_exposed = u64::from(*position) < exposure;
            let below = if is_exposed { "below" } else { "not below" };
            let audience = audience.map_or(String::new(), |audience| {
                format!(", audience of {}", words::quoted(audience))
            });
            let arm = arm.map_or(String::new(), |arm| format!(", compared as {}", arm.name()));
            Some(format!(
                "release {name}, stage {}{audience}{by}: at {}, {below} {}: {variant}{arm}",
                words::quoted(stage),
                percent(u64::from(*position)),
                percent(exposure),
            ))
        }
    }
}

/// A unit that would have been placed, but is not there.
pub(super) fn no_unit(unit: &Unit<'_>) -> String {
    format!(
        "no unit: {} is {}",
        unit.attribute,
        words::found(&unit.found)
    )
}

/// Where the arm that serves `position` begins and ends; `None` where the rest is served.
pub(super) fn arm_at(arms: &[Arm], position: u32) -> Option<(u64, u64)> {
    let position = u64::from(position);
    let starts = arms.iter().map(|arm| arm.boundary);
    let mut arms = std::iter::once(0).chain(starts).zip(arms);
    let (start, arm) = arms.find(|(_, arm)| position < arm.boundary)?;
    (position < arm.end).then_some((start, arm.end))
}

fn by(unit: &Unit<'_>) -> String {
    let salt = match &unit.salt {
        Salt::Key | Salt::Release => String::new(),
        Salt::Hashed(_) => ", with a salt of its own".to_owned(),
        Salt::Vendor(recipe, salt) => {
            format!(", by {} with salt {}", recipe.name(), words::quoted(salt))
        }
    };
    format!("by {} {}{salt}", unit.attribute, words::found(&unit.found))
}

/// A number of positions as a part of all: `28.7342 %`.
fn percent(positions: u64) -> String {
    let text = format!("{:.4}", positions as f64 / POSITIONS * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}
