//! Whether one attribute of a context passes one test.

use crate::automaton;
use crate::context::Slot;
use crate::instant;
use crate::layout::{NONE, Section, VERSION_WORDS};
use crate::network::{Address, Network};
use crate::node::{Node, operation};
use crate::program::Program;
use crate::semver::{Comparator, Operator, Version};

/// A missing attribute, or one of another type, passes no test; a list passes when an element does.
#[inline]
pub(crate) fn holds(program: &Program, node: Node, slot: &Slot<'_>) -> bool {
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
        operation::BEFORE | operation::AFTER => {
            instant::parse(text).is_some_and(|instant| compares(program, node, instant as f64))
        }
        operation::CIDR => {
            Address::parse(text).is_some_and(|address| is_in_network(program, node, address))
        }
        operation::MATCHES => automaton::matches(program.list(node.first), text.as_bytes()),
        _ => false,
    }
}

#[inline]
fn number_holds(program: &Program, node: Node, number: f64) -> bool {
    match node.operation {
        operation::IS_NUMBER => is_same(program.number_at(node.first), number),
        operation::IN => contains_number(program, node, number),
        _ => compares(program, node, number),
    }
}

/// Whether a number or an instant lies on the right side of the node's.
fn compares(program: &Program, node: Node, number: f64) -> bool {
    let bound = program.number_at(node.first);
    match node.operation {
        operation::LESS | operation::BEFORE => number < bound,
        operation::LESS_OR_EQUAL => number <= bound,
        operation::GREATER | operation::AFTER => number > bound,
        operation::GREATER_OR_EQUAL => number >= bound,
        _ => false,
    }
}

/// Binary search among networks, which ascend and do not overlap.
fn is_in_network(program: &Program, node: Node, address: Address) -> bool {
    let (mut low, mut high) = (0, node.second);
    while low < high {
        let middle = low.midpoint(high);
        if network_at(program, node.first.saturating_add(middle)).address <= address {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    // The last network that begins at the address or before it, if there is one.
    low.checked_sub(1)
        .is_some_and(|last| network_at(program, node.first.saturating_add(last)).contains(address))
}

/// The network of that number.
pub(crate) fn network_at(program: &Program, index: u32) -> Network {
    let [lowest, low, high, highest, prefix] = program.record::<20, 5>(Section::Networks, index);
    let wide = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    Network {
        address: Address(u128::from(wide(lowest, low)) | u128::from(wide(high, highest)) << 64),
        prefix: prefix as u8,
    }
}

/// Whether a string is in an `in` list: a few are compared one by one, many are found by their hash.
fn contains_string(program: &Program, node: Node, string: u32) -> bool {
    let (list, count) = (program.list(node.first), node.second);
    if count <= MAX_LINEAR {
        return (0..count).any(|at| list.at(at as usize) == string);
    }
    let mut at = table_start(string, count);
    for _ in 0..count {
        let found = list.at(at as usize);
        if found == string || found == NONE {
            return found == string;
        }
        at = at.wrapping_add(1) & count.wrapping_sub(1);
    }
    false
}

/// How many strings of a list are compared one by one; a longer list is an open-addressed table.
pub(crate) const MAX_LINEAR: u32 = 8;

/// Where the search for `string` begins in a table of `count` places, a power of two.
pub(crate) fn table_start(string: u32, count: u32) -> u32 {
    // Fibonacci hashing: the numbers of a list mostly follow each other.
    let hash = string.wrapping_mul(0x9e37_79b1);
    hash.checked_shr(count.leading_zeros().saturating_add(1))
        .unwrap_or_default()
}

/// Binary search among the numbers of an `in` list, which ascend after its strings.
fn contains_number(program: &Program, node: Node, number: f64) -> bool {
    let list = program.list(node.first);
    let (mut low, mut high) = (node.second, list.len());
    while low < high {
        let middle = low.midpoint(high);
        let found = program.number_at(list.at(middle as usize));
        if is_same(found, number) {
            return true;
        }
        if found < number {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    false
}

#[expect(clippy::float_cmp, reason = "`is` means exactly equal")]
fn is_same(left: f64, right: f64) -> bool {
    left == right
}

fn any_of(program: &Program, node: Node, holds: impl Fn(&[u8]) -> bool) -> bool {
    let list = program.list(node.first);
    (0..list.len()).any(|at| holds(program.text(list.at(at as usize))))
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
