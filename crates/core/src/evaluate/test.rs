//! Whether one attribute of a context passes one test.

use crate::context::Slot;
use crate::layout::{Section, VERSION_WORDS};
use crate::node::{Node, operation};
use crate::program::Program;
use crate::semver::{Comparator, Operator, Version};

/// A missing attribute, or one of another type, passes no test; a list passes when an element does.
#[inline]
pub(super) fn holds(program: &Program, node: Node, slot: &Slot<'_>) -> bool {
    match slot {
        Slot::Missing | Slot::Null => false,
        _ if node.operation == operation::EXISTS => true,
        Slot::List(items) => items.iter().any(|item| scalar_holds(program, node, item)),
        scalar => scalar_holds(program, node, scalar),
    }
}

#[inline]
fn scalar_holds(program: &Program, node: Node, slot: &Slot<'_>) -> bool {
    match slot {
        Slot::Text(text, interned) => text_holds(program, node, text, *interned),
        Slot::Number(number) => number_holds(program, node, *number),
        Slot::Bool(bool) => match node.operation {
            operation::IS_BOOL => *bool == (node.first != 0),
            operation::IN => node.options & bool_bit(*bool) != 0,
            _ => false,
        },
        Slot::Missing | Slot::Null | Slot::List(_) | Slot::Object => false,
    }
}

/// The bit of an `in` test's options that says its list holds `bool`.
pub(crate) fn bool_bit(bool: bool) -> u8 {
    if bool { 2 } else { 1 }
}

#[inline]
fn text_holds(program: &Program, node: Node, text: &str, interned: Option<u32>) -> bool {
    match node.operation {
        operation::IS_TEXT => interned == Some(node.first),
        operation::IN => interned.is_some_and(|string| contains_string(program, node, string)),
        operation::STARTS_WITH => any_of(program, node, |part| text.as_bytes().starts_with(part)),
        operation::ENDS_WITH => any_of(program, node, |part| text.as_bytes().ends_with(part)),
        operation::CONTAINS => any_of(program, node, |part| contains(text.as_bytes(), part)),
        operation::SEMVER => {
            Version::parse(text).is_some_and(|version| is_within(program, node, version))
        }
        _ => false,
    }
}

#[inline]
fn number_holds(program: &Program, node: Node, number: f64) -> bool {
    #[expect(clippy::float_cmp, reason = "RULESET: `is` means exactly equal")]
    let equals = |index: u32| program.number_at(index) == number;
    match node.operation {
        operation::IS_NUMBER => equals(node.first),
        operation::IN => program
            .list(node.first)
            .iter()
            .skip(node.second as usize)
            .any(equals),
        operation::LESS => number < program.number_at(node.first),
        operation::LESS_OR_EQUAL => number <= program.number_at(node.first),
        operation::GREATER => number > program.number_at(node.first),
        operation::GREATER_OR_EQUAL => number >= program.number_at(node.first),
        _ => false,
    }
}

/// Binary search among the strings of an `in` list, which ascend.
fn contains_string(program: &Program, node: Node, string: u32) -> bool {
    let list = program.list(node.first);
    let (mut low, mut high) = (0, node.second);
    while low < high {
        let middle = low.midpoint(high);
        match list.get(middle) {
            Some(found) if found == string => return true,
            Some(found) if found < string => low = middle.saturating_add(1),
            _ => high = middle,
        }
    }
    false
}

fn any_of(program: &Program, node: Node, holds: impl Fn(&[u8]) -> bool) -> bool {
    program
        .list(node.first)
        .iter()
        .any(|string| holds(program.text(string)))
}

/// A search that cannot panic, and so brings no text of a panic along.
fn contains(text: &[u8], part: &[u8]) -> bool {
    (0..=text.len()).any(|at| text.get(at..).is_some_and(|rest| rest.starts_with(part)))
}

/// Whether all comparators of one of the alternatives hold.
fn is_within(program: &Program, node: Node, version: Version<'_>) -> bool {
    let mut all_hold = true;
    for index in node.first..node.first.saturating_add(node.second) {
        let (comparator, ends_alternative) = comparator_at(program, index);
        all_hold = all_hold && comparator.operator.holds(version.cmp(&comparator.version));
        if ends_alternative {
            if all_hold {
                return true;
            }
            all_hold = true;
        }
    }
    false
}

/// The comparator of that number, and whether it is the last of its alternative.
pub(crate) fn comparator_at(program: &Program, index: u32) -> (Comparator<'_>, bool) {
    let [
        head,
        major_low,
        major_high,
        minor_low,
        minor_high,
        patch_low,
        patch_high,
        pre,
    ] = program.record::<{ VERSION_WORDS * 4 }, VERSION_WORDS>(Section::Versions, index);
    let wide = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let version = Version {
        major: wide(major_low, major_high),
        minor: wide(minor_low, minor_high),
        patch: wide(patch_low, patch_high),
        pre: program.string(pre),
    };
    (
        Comparator {
            operator: Operator::from_code(head & 0xFF),
            version,
        },
        head >> 8 != 0,
    )
}
