//! How tests and leaves become records.

use alloc::vec;
use alloc::vec::Vec;

use super::graph::{Leaf, Operand, Ramp, RampUnit, Slot, Split, Test};
use super::{Builder, halves, last};
use crate::evaluate::{Arm, MAX_LINEAR, bool_bit, table_start};
use crate::layout::{NONE, RAMP_WORDS, SPLIT_WORDS};
use crate::network::Network;
use crate::node::{MISSING_UNIT, NodeSpec, operation};
use crate::semver::Comparator;

impl Builder {
    pub(super) fn test(&mut self, test: &Test<'_>) -> NodeSpec {
        let node = |operation, slot: Slot, first, second| NodeSpec {
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
            Test::Before(slot, instant) => {
                node(operation::BEFORE, *slot, self.number(*instant as f64), NONE)
            }
            Test::After(slot, instant) => {
                node(operation::AFTER, *slot, self.number(*instant as f64), NONE)
            }
            Test::Cidr(slot, networks) => {
                let (first, count) = self.networks(networks);
                node(operation::CIDR, *slot, first, count)
            }
            Test::Matches {
                slot,
                automaton,
                source,
            } => {
                let source = self.strings.add(source);
                node(
                    operation::MATCHES,
                    *slot,
                    self.list(automaton.words()),
                    source,
                )
            }
            Test::Time { from, until } => {
                let mut bound =
                    |bound: &Option<i64>| bound.map_or(NONE, |instant| self.number(instant as f64));
                plain(operation::TIME, bound(from), bound(until))
            }
            Test::Reached(release, stage) => plain(operation::REACHED, release.0, *stage),
            Test::Segment(segment) => plain(operation::SEGMENT, segment.0, NONE),
            Test::Flag(flag, variants) => plain(operation::FLAG, flag.0, self.list(variants)),
        }
    }

    fn one_of(&mut self, slot: Slot, operands: &[Operand<'_>]) -> NodeSpec {
        let slot = slot.0 as u16;
        match operands {
            [Operand::Text(text)] => NodeSpec {
                slot,
                ..plain(operation::IS_TEXT, self.strings.add_compared(text), NONE)
            },
            [Operand::Number(number)] => NodeSpec {
                slot,
                ..plain(operation::IS_NUMBER, self.number(*number), NONE)
            },
            [Operand::Bool(bool)] => NodeSpec {
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
                        Operand::Number(number) => numbers.push(*number),
                        Operand::Bool(bool) => options |= bool_bit(*bool),
                    }
                }
                strings.sort_unstable();
                strings.dedup();
                if strings.len() > MAX_LINEAR as usize {
                    strings = hashed(&strings);
                }
                let count = strings.len() as u32;
                numbers.sort_unstable_by(f64::total_cmp);
                strings.extend(numbers.into_iter().map(|number| self.number(number)));
                NodeSpec {
                    options,
                    slot,
                    ..plain(operation::IN, self.list(&strings), count)
                }
            }
        }
    }

    pub(super) fn leaf(&mut self, leaf: &Leaf<'_>) -> NodeSpec {
        match leaf {
            Leaf::Holds(holds) => plain(operation::HOLDS, u32::from(*holds), NONE),
            Leaf::Serve {
                variant,
                reason,
                rule,
                is_missing_unit,
                chosen_by,
            } => {
                let options = reason.code() | if *is_missing_unit { MISSING_UNIT } else { 0 };
                let chosen_by = chosen_by.map_or(NONE, |(stage, arm)| {
                    let stage = self.strings.add(stage);
                    self.list(&[stage, u32::from(Arm::code(arm))])
                });
                NodeSpec {
                    options,
                    rule: rule.unwrap_or(NONE),
                    ..plain(operation::SERVE, *variant, chosen_by)
                }
            }
            Leaf::Split { split, rule, .. } => {
                let split = self.split(split);
                NodeSpec {
                    rule: rule.unwrap_or(NONE),
                    ..plain(operation::SPLIT, split, NONE)
                }
            }
            Leaf::Ramp { ramp, rule, .. } => {
                let ramp = self.ramp(ramp);
                NodeSpec {
                    rule: rule.unwrap_or(NONE),
                    ..plain(operation::RAMP, ramp, NONE)
                }
            }
        }
    }

    fn split(&mut self, split: &Split<'_>) -> u32 {
        let [low, high] = halves(split.seed.to_bits());
        let first = (self.arms.len() / 5) as u32;
        for arm in &split.arms {
            let ([end_low, end_high], [low, high]) = (halves(arm.end), halves(arm.boundary));
            self.arms
                .extend([arm.variant, end_low, end_high, low, high]);
        }
        let (recipe, salt) = match split.recipe {
            Some((recipe, salt)) => (recipe.code(), self.strings.add(salt)),
            None => (NONE, NONE),
        };
        self.splits.extend([
            low,
            high,
            split.by.0,
            first,
            split.arms.len() as u32,
            split.rest,
            recipe,
            salt,
        ]);
        last(&self.splits, SPLIT_WORDS)
    }

    fn ramp(&mut self, ramp: &Ramp) -> u32 {
        let ([low, high], slot) = match ramp.unit {
            RampUnit::By(slot, seed) => (halves(seed.to_bits()), slot.0),
            RampUnit::At(position) => ([position.get(), 0], NONE),
        };
        self.ramps.extend([
            low,
            high,
            slot,
            ramp.release.0,
            ramp.from,
            ramp.to,
            ramp.audience.unwrap_or(NONE),
        ]);
        last(&self.ramps, RAMP_WORDS)
    }

    /// Networks in ascending order, without those that others hold.
    fn networks(&mut self, networks: &[Network]) -> (u32, u32) {
        let mut networks = Vec::from(networks);
        networks.sort_unstable();
        networks.dedup_by(|later, earlier| earlier.contains(later.address));
        let first = (self.networks.len() / 5) as u32;
        for network in &networks {
            let [lowest, low] = halves(network.address.0 as u64);
            let [high, highest] = halves((network.address.0 >> 64) as u64);
            self.networks
                .extend([lowest, low, high, highest, u32::from(network.prefix)]);
        }
        (first, networks.len() as u32)
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

    pub(super) fn number(&mut self, number: f64) -> u32 {
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

/// `strings` as an open-addressed table, at most half full.
fn hashed(strings: &[u32]) -> Vec<u32> {
    let count = strings.len().saturating_mul(2).next_power_of_two();
    let mut table = vec![NONE; count];
    let mask = count.saturating_sub(1);
    for string in strings {
        let mut at = table_start(*string, count as u32) as usize;
        while let Some(place) = table.get_mut(at) {
            if *place == NONE {
                *place = *string;
                break;
            }
            at = at.wrapping_add(1) & mask;
        }
    }
    table
}

fn plain(operation: u8, first: u32, second: u32) -> NodeSpec {
    NodeSpec {
        operation,
        options: 0,
        slot: 0,
        first,
        second,
        yes: NONE,
        no: NONE,
        rule: NONE,
    }
}
