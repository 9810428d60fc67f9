//! Automata with as few states as possible.
//!
//! Source: Hopcroft, "An n log n algorithm for minimizing states in a finite automaton", 1971; the sets of states
//! are kept as Valmari does in "Fast brief practical DFA minimization", 2012.

use std::collections::HashMap;

/// The state from which nothing is found any more.
pub(super) const DEAD: u32 = 0;
/// The state in which it is found, whatever follows.
pub(super) const MATCHED: u32 = 1;

/// An automaton over classes of bytes.
pub(super) struct States {
    /// The class of each byte.
    pub(super) classes: Vec<u8>,
    pub(super) class_count: usize,
    /// For each state the next one by class.
    pub(super) next: Vec<u32>,
    /// For each state whether it is found where the text ends there.
    pub(super) accepts: Vec<bool>,
    pub(super) start: u32,
}

impl States {
    /// The next states of one, by class.
    pub(super) fn row(&self, state: u32) -> &[u32] {
        let start = (state as usize).saturating_mul(self.class_count);
        let end = start.saturating_add(self.class_count);
        self.next.get(start..end).unwrap_or_default()
    }

    pub(super) fn accepts(&self, state: u32) -> bool {
        self.accepts.get(state as usize).copied() == Some(true)
    }

    /// The same decisions, with one state for all that decide alike, numbered in the order in which bytes lead to them.
    pub(super) fn minimal(&self) -> States {
        let block_of = self.blocks();
        let mut firsts = Vec::new();
        let mut numbers = HashMap::new();
        let mut number = |state: u32, firsts: &mut Vec<u32>| {
            *numbers.entry(at(&block_of, state)).or_insert_with(|| {
                firsts.push(state);
                firsts.len().saturating_sub(1) as u32
            })
        };
        number(DEAD, &mut firsts);
        number(MATCHED, &mut firsts);
        let start = number(self.start, &mut firsts);
        let mut next = Vec::new();
        let mut accepts = Vec::new();
        while let Some(state) = firsts.get(accepts.len()).copied() {
            for to in self.row(state) {
                next.push(number(*to, &mut firsts));
            }
            accepts.push(self.accepts(state));
        }
        States {
            classes: self.classes.clone(),
            class_count: self.class_count,
            next,
            accepts,
            start,
        }
    }

    /// For each state the number of the block of states that decide like it.
    fn blocks(&self) -> Vec<u32> {
        let mut partition = Partition::new(&self.accepts);
        let before: Vec<Before> = (0..self.class_count)
            .map(|class| self.before(class))
            .collect();
        let mut waiting = vec![0, 1];
        let mut is_waiting = vec![true, true];
        while let Some(block) = waiting.pop() {
            mark_as(&mut is_waiting, block, false);
            let members = partition.members(block).to_vec();
            for before in &before {
                for member in &members {
                    for state in before.of(*member) {
                        partition.mark(*state);
                    }
                }
                for (old, new) in partition.split() {
                    is_waiting.push(false);
                    let is_old_waiting = is_waiting.get(old as usize) == Some(&true);
                    let is_new_smaller =
                        partition.members(new).len() <= partition.members(old).len();
                    let added = if is_old_waiting || is_new_smaller {
                        new
                    } else {
                        old
                    };
                    mark_as(&mut is_waiting, added, true);
                    waiting.push(added);
                }
            }
        }
        partition.block_of
    }

    /// What leads to each state by bytes of a class.
    fn before(&self, class: usize) -> Before {
        let states = self.next.chunks_exact(self.class_count.max(1));
        let mut edges: Vec<(u32, u32)> = (0..)
            .zip(states)
            .filter_map(|(from, row)| Some((*row.get(class)?, from)))
            .collect();
        edges.sort_unstable();
        let mut starts = vec![0; self.accepts.len().saturating_add(1)];
        for (to, _) in &edges {
            if let Some(count) = starts.get_mut((*to as usize).saturating_add(1)) {
                *count = u32::saturating_add(*count, 1);
            }
        }
        let mut sum = 0_u32;
        for start in &mut starts {
            sum = sum.saturating_add(*start);
            *start = sum;
        }
        Before {
            starts,
            states: edges.into_iter().map(|(_, from)| from).collect(),
        }
    }
}

/// By state, those that come before it.
struct Before {
    /// Where those of each state begin, and after the last where they end.
    starts: Vec<u32>,
    states: Vec<u32>,
}

impl Before {
    fn of(&self, state: u32) -> &[u32] {
        let start = at(&self.starts, state) as usize;
        let end = at(&self.starts, state.saturating_add(1)) as usize;
        self.states.get(start..end).unwrap_or_default()
    }
}

/// States in disjoint blocks; each block is a run of `states` whose first `marked` are marked.
struct Partition {
    states: Vec<u32>,
    /// Where each state stands in `states`.
    place: Vec<u32>,
    block_of: Vec<u32>,
    blocks: Vec<Block>,
    /// The blocks with marks.
    touched: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Block {
    start: u32,
    end: u32,
    marked: u32,
}

impl Partition {
    /// What accepts and what does not, which is the first block.
    fn new(accepts: &[bool]) -> Partition {
        let numbered = || (0..).zip(accepts);
        let those = |wanted: bool| {
            let chosen = numbered().filter(move |(_, accepts)| **accepts == wanted);
            chosen.map(|(state, _)| state)
        };
        let states: Vec<u32> = those(false).chain(those(true)).collect();
        let mut place = vec![0; states.len()];
        for (index, state) in (0..).zip(&states) {
            set(&mut place, *state, index);
        }
        let (middle, end) = (those(false).count() as u32, states.len() as u32);
        let block = |start, end| Block {
            start,
            end,
            marked: 0,
        };
        Partition {
            states,
            place,
            block_of: accepts.iter().map(|accepts| u32::from(*accepts)).collect(),
            blocks: vec![block(0, middle), block(middle, end)],
            touched: Vec::new(),
        }
    }

    fn members(&self, block: u32) -> &[u32] {
        let block = self.blocks.get(block as usize);
        let run = block.and_then(|it| self.states.get(it.start as usize..it.end as usize));
        run.unwrap_or_default()
    }

    fn mark(&mut self, state: u32) {
        let number = at(&self.block_of, state);
        let Some(block) = self.blocks.get_mut(number as usize) else {
            return;
        };
        let border = block.start.saturating_add(block.marked);
        let place = at(&self.place, state);
        if place < border {
            return;
        }
        if block.marked == 0 {
            self.touched.push(number);
        }
        block.marked = block.marked.saturating_add(1);
        let other = at(&self.states, border);
        set(&mut self.states, border, state);
        set(&mut self.states, place, other);
        set(&mut self.place, state, border);
        set(&mut self.place, other, place);
    }

    /// Makes blocks of the marked states of each that has others too: pairs of the block and the new one.
    fn split(&mut self) -> Vec<(u32, u32)> {
        let mut pairs = Vec::new();
        for old in std::mem::take(&mut self.touched) {
            let new = self.blocks.len() as u32;
            let Some(block) = self.blocks.get_mut(old as usize) else {
                continue;
            };
            let (start, border) = (block.start, block.start.saturating_add(block.marked));
            block.marked = 0;
            if border == block.end {
                continue;
            }
            block.start = border;
            self.blocks.push(Block {
                start,
                end: border,
                marked: 0,
            });
            for index in start..border {
                let state = at(&self.states, index);
                set(&mut self.block_of, state, new);
            }
            pairs.push((old, new));
        }
        pairs
    }
}

// INVARIANT: every index is the number of a state or of a block, which has a place in the list.

fn at(numbers: &[u32], index: u32) -> u32 {
    numbers.get(index as usize).copied().unwrap_or_default()
}

fn set(numbers: &mut [u32], index: u32, number: u32) {
    if let Some(place) = numbers.get_mut(index as usize) {
        *place = number;
    }
}

fn mark_as(marks: &mut [bool], index: u32, mark: bool) {
    if let Some(place) = marks.get_mut(index as usize) {
        *place = mark;
    }
}
