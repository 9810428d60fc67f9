//! Which flag could take too long to evaluate, and up to which of its rules.

use vexil_core::build::Builder;

use super::Compiler;
use crate::key::FlagKey;
use crate::model::{Flag, Ruleset};
use crate::path::Path;

/// The place of a flag that cannot be compiled, though those that it needs can; of its rules the first up to which that
/// is so, where there is one.
///
/// Takes the time of a few dozen compilations.
pub(super) fn place(ruleset: &Ruleset) -> Path {
    let mut compiler = Compiler::new(ruleset, Builder::new("", 0, 0));
    for (key, flag) in &ruleset.flags {
        compiler.flag(key, flag);
    }
    // Each flag comes after those it needs.
    let order = compiler.order;
    let fails = |count: &usize| {
        let mut compiler = Compiler::new(ruleset, Builder::new("", 0, 0));
        for (key, flag) in order.iter().take(*count) {
            compiler.flag(key, flag);
        }
        compiler.finish().is_none()
    };
    let Some((key, flag)) =
        first(order.len(), fails).and_then(|count| order.get(count.checked_sub(1)?))
    else {
        return Path::default();
    };
    let path = Path::default().join("flags").join(key.as_str());
    match first_rule(ruleset, key, flag) {
        Some(index) => path.join("rules").join(&index.to_string()),
        None => path,
    }
}

/// `None` where it takes too long without any rule.
fn first_rule(ruleset: &Ruleset, key: &FlagKey, flag: &Flag) -> Option<usize> {
    let fails = |count: &usize| {
        let mut cut = flag.clone();
        cut.rules.truncate(*count);
        let mut compiler = Compiler::new(ruleset, Builder::new("", 0, 0));
        compiler.flag(key, &cut);
        compiler.finish().is_none()
    };
    first(flag.rules.len(), fails)?.checked_sub(1)
}

/// The least number up to `most` of which `holds` is so; it is so of all above.
fn first(most: usize, holds: impl Fn(&usize) -> bool) -> Option<usize> {
    let (mut low, mut high) = (0, most);
    if !holds(&high) {
        return None;
    }
    while low < high {
        let middle = low.midpoint(high);
        if holds(&middle) {
            high = middle;
        } else {
            low = middle.saturating_add(1);
        }
    }
    Some(low)
}
