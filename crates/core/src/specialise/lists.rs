//! Which attributes are compared with long lists.

use alloc::vec;
use alloc::vec::Vec;

use super::reach::reach;
use crate::flag::Expose;
use crate::layout::{NONE, Section};
use crate::node::{Node, operation};
use crate::program::Program;

/// By slot: whether what leads to flags exposed as [`Expose::Program`] compares the attribute with a list of more than
/// `longest` values.
///
/// Members of segments and targets of flags are such lists. Where their attribute is folded in they need not be sent.
#[must_use]
pub fn long_lists(program: &Program, longest: u32) -> Vec<bool> {
    let mut is_long = vec![false; program.count(Section::Attributes) as usize];
    let flags = program
        .flags()
        .filter(|flag| flag.expose() == Expose::Program);
    reach(program, flags, |node| {
        if let Some(is_long) = is_long.get_mut(node.slot() as usize) {
            *is_long = *is_long || has_more(program, node, longest);
        }
    });
    is_long
}

/// Whether the node compares with more than `longest` values.
fn has_more(program: &Program, node: Node<'_>, longest: u32) -> bool {
    match node.operation() {
        // Of a table that is half empty no more is looked at than has to be.
        operation::IN => program
            .list(node.first())
            .iter()
            .filter(|value| *value != NONE)
            .nth(longest as usize)
            .is_some(),
        operation::STARTS_WITH | operation::ENDS_WITH | operation::CONTAINS => {
            program.list(node.first()).len() > longest
        }
        operation::CIDR => node.second() > longest,
        _ => false,
    }
}
