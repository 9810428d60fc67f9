//! Whether one attribute of a context passes one test.

use crate::automaton;
use crate::context::{Context, Slot};
use crate::instant;
use crate::layout::{NONE, Section};
use crate::network::{Address, Network};
use crate::node::{Node, operation};
use crate::program::{List, Program};
use crate::semver::{Comparator, Operator, Precedence, Version};

/// Whether the attribute that `node` looks at passes its test.
///
/// A missing attribute, or one of another type, passes no test; a list passes when an element does.
pub(crate) fn holds(program: &Program, node: Node<'_>, context: &Context<'_>) -> bool {
    match context.slot(node.slot()) {
        Slot::Missing | Slot::Null => false,
        _ if node.operation() == operation::EXISTS => true,
        Slot::List(first, length) => context
            .elements(*first, *length)
            .iter()
            .any(|item| scalar_holds(program, node, item)),
        scalar => scalar_holds(program, node, scalar),
    }
}

#[inline]
fn scalar_holds(program: &Program, node: Node<'_>, slot: &Slot<'_>) -> bool {
    match *slot {
        Slot::Text(text, number) => text_holds(program, node, text, number),
        Slot::Number(number) => number_holds(program, node, number),
        Slot::Bool(bool) => match node.operation() {
            operation::IS_BOOL => bool == (node.first() != 0),
            operation::IN => node.options() & bool_bit(bool) != 0,
            _ => false,
        },
        Slot::Missing | Slot::Null | Slot::List(..) | Slot::Object => false,
    }
}

/// The bit of an `in` test's options that says its list holds `bool`.
pub(crate) fn bool_bit(bool: bool) -> u8 {
    if bool { 2 } else { 1 }
}

#[inline]
fn text_holds(program: &Program, node: Node<'_>, text: &[u8], number: u32) -> bool {
    match node.operation() {
        operation::IS_TEXT => number == node.first(),
        operation::IN => number != NONE && contains_string(program, node, number),
        _ => reads(program, node, text),
    }
}

/// Whether what `text` says passes a test that asks for more than equality.
#[inline(never)]
fn reads(program: &Program, node: Node<'_>, text: &[u8]) -> bool {
    match node.operation() {
        operation::STARTS_WITH | operation::ENDS_WITH | operation::CONTAINS => {
            has_any(program, node, text)
        }
        operation::SEMVER => {
            Precedence::read(text).is_some_and(|version| is_within(program, node, &version))
        }
        operation::BEFORE | operation::AFTER => {
            instant::read(text).is_some_and(|instant| compares(program, node, instant as f64))
        }
        operation::CIDR => {
            Address::read(text).is_some_and(|address| is_in_network(program, node, address))
        }
        operation::MATCHES => automaton::matches(program.list(node.first()), text),
        _ => false,
    }
}

#[inline(never)]
fn number_holds(program: &Program, node: Node<'_>, number: f64) -> bool {
    match node.operation() {
        operation::IS_NUMBER => is_same(program.number_at(node.first()), number),
        operation::IN => contains_number(program, node, number),
        _ => compares(program, node, number),
    }
}

/// Whether a number or an instant lies on the right side of the node's.
fn compares(program: &Program, node: Node<'_>, number: f64) -> bool {
    let bound = program.number_at(node.first());
    match node.operation() {
        operation::LESS | operation::BEFORE => number < bound,
        operation::LESS_OR_EQUAL => number <= bound,
        operation::GREATER | operation::AFTER => number > bound,
        operation::GREATER_OR_EQUAL => number >= bound,
        _ => false,
    }
}

/// Binary search among networks, which ascend and do not overlap.
fn is_in_network(program: &Program, node: Node<'_>, address: Address) -> bool {
    let (mut low, mut high) = (0, node.second());
    while low < high {
        let middle = low.midpoint(high);
        if network_at(program, node.first().wrapping_add(middle)).address <= address {
            low = middle.wrapping_add(1);
        } else {
            high = middle;
        }
    }
    // The last network that begins at the address or before it, if there is one.
    low.checked_sub(1)
        .is_some_and(|last| network_at(program, node.first().wrapping_add(last)).contains(address))
}

/// The network of that number.
pub(crate) fn network_at(program: &Program, index: u32) -> Network {
    let wide = |place| u128::from(program.wide(Section::Networks, index, place));
    Network {
        address: Address(wide(0) | wide(2) << 64),
        prefix: program.word(Section::Networks, index, 4) as u8,
    }
}

/// Whether a string is in an `in` list: a few are compared one by one, many are found by their hash.
#[inline]
fn contains_string(program: &Program, node: Node<'_>, string: u32) -> bool {
    let (list, count) = (program.list(node.first()), node.second());
    if count <= MAX_LINEAR {
        return list.first(count).has(string);
    }
    is_in_table(list, count, string)
}

#[inline(never)]
fn is_in_table(list: List<'_>, count: u32, string: u32) -> bool {
    let mut at = table_start(string, count);
    // Of a table that nobody checked there may be less than it claims.
    for _ in 0..count.min(list.len()) {
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
    hash.checked_shr(count.leading_zeros().wrapping_add(1))
        .unwrap_or_default()
}

/// Binary search among the numbers of an `in` list, which ascend after its strings.
fn contains_number(program: &Program, node: Node<'_>, number: f64) -> bool {
    let list = program.list(node.first());
    let (mut low, mut high) = (node.second(), list.len());
    while low < high {
        let middle = low.midpoint(high);
        let found = program.number_at(list.at(middle as usize));
        if is_same(found, number) {
            return true;
        }
        if found < number {
            low = middle.wrapping_add(1);
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

/// Whether `text` has one of the strings of a list where the test asks for it.
fn has_any(program: &Program, node: Node<'_>, text: &[u8]) -> bool {
    let parts = program.list(node.first());
    for item in 0..parts.len() {
        let part = program.text(parts.at(item as usize));
        let Some(last) = text.len().checked_sub(part.len()) else {
            continue;
        };
        let mut place = if node.operation() == operation::ENDS_WITH {
            last
        } else {
            0
        };
        while place <= last {
            if text.get(place..).is_some_and(|rest| rest.starts_with(part)) {
                return true;
            }
            if node.operation() == operation::STARTS_WITH {
                break;
            }
            place = place.wrapping_add(1);
        }
    }
    false
}

/// Whether all comparators of one of the alternatives hold.
fn is_within(program: &Program, node: Node<'_>, version: &Precedence<'_>) -> bool {
    let mut all_hold = true;
    for index in node.first()..node.first().wrapping_add(node.second()) {
        let head = program.word(Section::Versions, index, 0);
        let operator = Operator::from_code(head & 0xff);
        all_hold = all_hold && operator.holds(version.compare(&version_at(program, index)));
        if head & ENDS_ALTERNATIVE != 0 {
            if all_hold {
                return true;
            }
            all_hold = true;
        }
    }
    false
}

/// In the first word of a comparator: it is the last of its alternative.
const ENDS_ALTERNATIVE: u32 = 1 << 8;

/// The comparator of that number, and whether it is the last of its alternative.
pub(crate) fn comparator_at(program: &Program, index: u32) -> (Comparator<'_>, bool) {
    let head = program.word(Section::Versions, index, 0);
    let Precedence {
        numbers: [major, minor, patch],
        ..
    } = version_at(program, index);
    let comparator = Comparator {
        operator: Operator::from_code(head & 0xff),
        version: Version {
            major,
            minor,
            patch,
            pre: program.string(program.word(Section::Versions, index, 7)),
        },
    };
    (comparator, head & ENDS_ALTERNATIVE != 0)
}

fn version_at(program: &Program, index: u32) -> Precedence<'_> {
    let number = |place| program.wide(Section::Versions, index, place);
    Precedence {
        numbers: [number(1), number(3), number(5)],
        pre: program.text(program.word(Section::Versions, index, 7)),
    }
}
