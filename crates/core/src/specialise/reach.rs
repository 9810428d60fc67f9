//! All that flags lead to.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::flag::{Flag, FlagRecord};
use crate::layout::Section;
use crate::node::{Node, operation};
use crate::program::Program;

/// Visits each node of the graphs of `flags` once, and of the segments and flags that these lead to.
pub(super) fn reach<'p>(
    program: &Program,
    flags: impl Iterator<Item = Flag<'p>>,
    mut visit: impl FnMut(Node<'_>),
) {
    let nodes = |flag: FlagRecord<'_>| (flag.first_node(), flag.end_node());
    let mut open: Vec<(u32, u32)> = flags.map(|flag| nodes(flag.record())).collect();
    let mut seen = BTreeSet::new();
    while let Some((first, end)) = open.pop() {
        if !seen.insert(first) {
            continue;
        }
        for node in (first..end).map(|index| Node::read(program, index)) {
            match node.operation() {
                operation::SEGMENT => {
                    let [first, end, _] = program.record::<3>(Section::Segments, node.first());
                    open.push((first, end));
                }
                operation::FLAG => open.push(nodes(FlagRecord::read(program, node.first()))),
                _ => {}
            }
            visit(node);
        }
    }
}
