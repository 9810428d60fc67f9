//! Flags, segments and releases that need themselves, and chains of them that are too long.

use std::collections::{BTreeMap, btree_set};

use vexil_core::limits::DEPTH;

use super::run::{Item, Needs, Run};
use crate::issue::Code;

/// What a walk over all that is needed knows of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// The walk is at something it needs, and how many items it went through before it.
    Open(usize),
    /// The longest chain of items that begins with it.
    Chain(usize),
}

/// An item the walk is at, and what of its needs is still to be walked.
struct Visit<'n, 'g> {
    item: Item<'n>,
    rest: btree_set::Iter<'g, Item<'n>>,
    longest: usize,
}

/// Reports each cycle once, at the item by which it was found.
pub(super) fn check(run: &Run<'_>) {
    let needs = run.all_needs();
    let mut marks = BTreeMap::new();
    for item in needs.keys() {
        if !marks.contains_key(item) {
            walk(*item, &needs, &mut marks, run);
        }
    }
}

/// A walk in depth, without recursion: what it walks is not known to be short.
fn walk<'n>(
    from: Item<'n>,
    needs: &Needs<'n>,
    marks: &mut BTreeMap<Item<'n>, Mark>,
    run: &Run<'n>,
) {
    let none = btree_set::BTreeSet::new();
    let visit = |item| Visit {
        item,
        rest: needs.get(&item).unwrap_or(&none).iter(),
        longest: 0,
    };
    marks.insert(from, Mark::Open(0));
    let mut visits = vec![visit(from)];
    while let Some(last) = visits.last_mut() {
        let Some(next) = last.rest.next().copied() else {
            let (item, chain) = (last.item, last.longest.saturating_add(1));
            visits.pop();
            close(item, chain, marks, run);
            if let Some(before) = visits.last_mut() {
                before.longest = before.longest.max(chain);
            }
            continue;
        };
        match marks.get(&next) {
            None => {
                marks.insert(next, Mark::Open(visits.len()));
                visits.push(visit(next));
            }
            Some(Mark::Chain(length)) => last.longest = last.longest.max(*length),
            Some(Mark::Open(place)) => {
                let cycle = visits.get(*place..).unwrap_or_default();
                let names = cycle.iter().take(DEPTH).map(|visit| visit.item.describe());
                let left_out = (cycle.len() > DEPTH).then(|| "…".to_owned());
                let names = names.chain(left_out).chain([next.describe()]);
                run.report(next.path(), Code::Cycle(names.collect()));
            }
        }
    }
}

fn close<'n>(item: Item<'n>, chain: usize, marks: &mut BTreeMap<Item<'n>, Mark>, run: &Run<'n>) {
    marks.insert(item, Mark::Chain(chain));
    // Longer chains contain one of this length, so each is reported once.
    if chain == DEPTH.saturating_add(1) {
        run.report(
            item.path(),
            Code::Limit {
                what: "flags, segments and releases in a chain",
                most: DEPTH,
                found: chain,
            },
        );
    }
}
