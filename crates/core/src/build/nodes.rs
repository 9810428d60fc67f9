//! How tests and leaves become records.

use alloc::vec::Vec;

use super::graph::{Leaf, Operand, Slot, Test};
use super::{Builder, halves};
use crate::evaluate::bool_bit;
use crate::layout::NONE;
use crate::node::{MISSING_UNIT, Node, operation};
use crate::semver::Comparator;

impl Builder {
    pub(super) fn test(&mut self, test: &Test<'_>) -> Node {
        let node = |operation, slot: Slot, first, second| Node {
            slot: slot.0 as u16,
            ..plain(operation, first, second)
        };
        match test {
            Test::Exists(slot) => node(operation::EXISTS, *slot, NONE, NONE),
            Test::OneOf(slot, operands) => self.one_of(*slot, operands),
            Test::StartsWith(slot, parts) => node(
                operation::STARTS_WITH,
                *slot,
                self.strings_list(parts),
                NONE,
            ),
            Test::EndsWith(slot, parts) => {
                node(operation::ENDS_WITH, *slot, self.strings_list(parts), NONE)
            }
            Test::Contains(slot, parts) => {
                node(operation::CONTAINS, *slot, self.strings_list(parts), NONE)
            }
            Test::Less(slot, than) => node(operation::LESS, *slot, self.number(*than), NONE),
            Test::LessOrEqual(slot, than) => {
                node(operation::LESS_OR_EQUAL, *slot, self.number(*than), NONE)
            }
            Test::Greater(slot, than) => node(operation::GREATER, *slot, self.number(*than), NONE),
            Test::GreaterOrEqual(slot, than) => {
                node(operation::GREATER_OR_EQUAL, *slot, self.number(*than), NONE)
            }
            Test::Semver(slot, alternatives) => {
                let first = (self.versions.len() / 8) as u32;
                for alternative in alternatives {
                    let last = alternative.len().saturating_sub(1);
                    for (index, comparator) in alternative.iter().enumerate() {
                        self.comparator(comparator, index == last);
                    }
                }
                let count = ((self.versions.len() / 8) as u32).saturating_sub(first);
                node(operation::SEMVER, *slot, first, count)
            }
            Test::Segment(segment) => plain(operation::SEGMENT, segment.0, NONE),
            Test::Flag(flag, variants) => plain(operation::FLAG, flag.0, self.list(variants)),
        }
    }

    fn one_of(&mut self, slot: Slot, operands: &[Operand<'_>]) -> Node {
        let slot = slot.0 as u16;
        match operands {
            [Operand::Text(text)] => Node {
                slot,
                ..plain(operation::IS_TEXT, self.strings.add_compared(text), NONE)
            },
            [Operand::Number(number)] => Node {
                slot,
                ..plain(operation::IS_NUMBER, self.number(*number), NONE)
            },
            [Operand::Bool(bool)] => Node {
                slot,
                ..plain(operation::IS_BOOL, u32::from(*bool), NONE)
            },
            _ => {
                let mut options = 0;
                let mut strings = Vec::new();
                let mut numbers = Vec::new();
                for operand in operands {
                    match operand {
                        Operand::Text(text) => strings.push(self.strings.add_compared(text)),
                        Operand::Number(number) => numbers.push(self.number(*number)),
                        Operand::Bool(bool) => options |= bool_bit(*bool),
                    }
                }
                strings.sort_unstable();
                strings.dedup();
                let count = strings.len() as u32;
                strings.append(&mut numbers);
                Node {
                    options,
                    slot,
                    ..plain(operation::IN, self.list(&strings), count)
                }
            }
        }
    }

    pub(super) fn leaf(&mut self, leaf: &Leaf<'_>) -> Node {
        match leaf {
            Leaf::Holds(holds) => plain(operation::HOLDS, u32::from(*holds), NONE),
            Leaf::Serve {
                variant,
                reason,
                rule,
                is_missing_unit,
            } => {
                let options = reason.code() | if *is_missing_unit { MISSING_UNIT } else { 0 };
                Node {
                    options,
                    ..plain(operation::SERVE, *variant, rule.unwrap_or(NONE))
                }
            }
            Leaf::Split { split, rule, .. } => {
                let [low, high] = halves(split.seed.to_bits());
                let first = (self.arms.len() / 5) as u32;
                for arm in &split.arms {
                    let ([end_low, end_high], [low, high]) =
                        (halves(arm.end), halves(arm.boundary));
                    self.arms
                        .extend([arm.variant, end_low, end_high, low, high]);
                }
                self.splits.extend([
                    low,
                    high,
                    split.by.0,
                    first,
                    split.arms.len() as u32,
                    split.rest,
                ]);
                plain(
                    operation::SPLIT,
                    (self.splits.len() / 6).saturating_sub(1) as u32,
                    rule.unwrap_or(NONE),
                )
            }
            Leaf::Ramp { ramp, rule, .. } => {
                let [low, high] = halves(ramp.seed.to_bits());
                let name = self.strings.add(ramp.release);
                let found = self.releases.iter().position(|release| *release == name);
                let release = found.unwrap_or_else(|| {
                    self.releases.push(name);
                    self.releases.len().saturating_sub(1)
                });
                self.ramps
                    .extend([low, high, ramp.by.0, release as u32, ramp.from, ramp.to]);
                plain(
                    operation::RAMP,
                    (self.ramps.len() / 6).saturating_sub(1) as u32,
                    rule.unwrap_or(NONE),
                )
            }
        }
    }

    fn comparator(&mut self, comparator: &Comparator<'_>, ends_alternative: bool) {
        let version = comparator.version;
        let pre = self.strings.add(version.pre);
        self.versions
            .push(comparator.operator.code() | u32::from(ends_alternative) << 8);
        self.versions.extend(
            [version.major, version.minor, version.patch]
                .into_iter()
                .flat_map(halves),
        );
        self.versions.push(pre);
    }

    fn number(&mut self, number: f64) -> u32 {
        self.numbers.push(number);
        self.numbers.len().saturating_sub(1) as u32
    }

    fn strings_list(&mut self, parts: &[&str]) -> u32 {
        let strings: Vec<u32> = parts.iter().map(|part| self.strings.add(part)).collect();
        self.list(&strings)
    }

    pub(super) fn list(&mut self, items: &[u32]) -> u32 {
        let at = self.pool.len() as u32;
        self.pool.push(items.len() as u32);
        self.pool.extend(items);
        at
    }
}

fn plain(operation: u8, first: u32, second: u32) -> Node {
    Node {
        operation,
        options: 0,
        slot: 0,
        first,
        second,
        yes: NONE,
        no: NONE,
    }
}
