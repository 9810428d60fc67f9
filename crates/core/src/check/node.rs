//! What a node of a graph refers to, and what it may cost to come by it.

use super::{Check, Kind, require};
use crate::automaton;
use crate::evaluate::MAX_LINEAR;
use crate::layout::{NONE, Section};
use crate::node::{Node, operation};

/// What running an automaton counts for: a step a byte of a text of middling length.
const AUTOMATON_STEPS: u32 = 32;

impl Check<'_> {
    pub(super) fn node(&mut self, node: Node<'_>) -> Option<()> {
        let (first, second) = (node.first(), node.second());
        if node.reads_attribute() {
            let slot = node.slot();
            self.refers(Kind::Reference, Section::Attributes, slot, 0)?;
        }
        let strings = Some((Kind::Reference, Section::Strings));
        let (kind, target) = match node.operation() {
            operation::EXISTS | operation::IS_BOOL => return Some(()),
            operation::HOLDS => return require(self.variants == 0),
            operation::IN => return self.one_of(node),
            operation::STARTS_WITH | operation::ENDS_WITH | operation::CONTAINS => {
                let count = self.list(first, strings)?;
                self.spend_steps(count);
                return Some(());
            }
            operation::MATCHES => {
                let count = self.list(first, None)? as usize;
                let table = self.program.list(first);
                require(automaton::is_sound(count, |at| table.at(at)))?;
                self.spend_steps(AUTOMATON_STEPS);
                return self.refers(Kind::Reference, Section::Strings, second, 0);
            }
            operation::SEGMENT => {
                let flags = self.program.count(Section::Flags);
                return self.leads_to(flags.checked_add(first)?);
            }
            operation::FLAG => {
                let variants = self.list(second, None)?;
                self.spend_steps(variants);
                require(first < self.program.count(Section::Flags))?;
                return self.leads_to(first);
            }
            operation::SERVE => {
                self.serves(node.rule(), first)?;
                if second != NONE {
                    require(self.list(second, None)? == 2)?;
                    let stage = self.program.list(second).at(0);
                    self.refers(Kind::Reference, Section::Strings, stage, 0)?;
                }
                return Some(());
            }
            operation::IS_TEXT => (Kind::Reference, Section::Strings),
            operation::IS_NUMBER
            | operation::LESS..=operation::GREATER_OR_EQUAL
            | operation::BEFORE
            | operation::AFTER => (Kind::Reference, Section::Numbers),
            operation::TIME => {
                self.refers(Kind::Optional, Section::Numbers, second, 0)?;
                (Kind::Optional, Section::Numbers)
            }
            operation::SEMVER => {
                self.spend_steps(second);
                (Kind::Range, Section::Versions)
            }
            operation::CIDR => (Kind::Range, Section::Networks),
            operation::REACHED => (Kind::Reference, Section::Releases),
            operation::SPLIT => {
                self.split(node)?;
                (Kind::Reference, Section::Splits)
            }
            operation::RAMP => {
                let word = |place| self.program.word(Section::Ramps, first, place);
                self.serves(node.rule(), word(4))?;
                self.serves(node.rule(), word(5))?;
                self.spend_steps(self.stages(word(3)));
                (Kind::Reference, Section::Ramps)
            }
            _ => return None,
        };
        self.refers(kind, target, first, second)
    }

    /// What a flag may serve by that rule.
    fn serves(&self, rule: u32, variant: u32) -> Option<()> {
        require((rule == NONE || rule < self.rules) && variant < self.variants)
    }

    fn split(&mut self, node: Node<'_>) -> Option<()> {
        let word = |place| self.program.word(Section::Splits, node.first(), place);
        let (first, arms) = (word(3), word(4));
        self.serves(node.rule(), word(5))?;
        self.spend(arms)?;
        for arm in first..first.saturating_add(arms) {
            self.serves(node.rule(), self.program.word(Section::Arms, arm, 0))?;
        }
        self.spend_steps(arms);
        Some(())
    }

    /// A graph that was checked already.
    fn leads_to(&mut self, graph: u32) -> Option<()> {
        let cost = *self.costs.get(graph as usize)?;
        require(cost > 0)?;
        self.depth = ((cost >> 32) as u32).max(self.depth);
        self.spend_steps(cost as u32);
        Some(())
    }

    /// An `in` test, and how many of its items one look at it may compare.
    fn one_of(&mut self, node: Node<'_>) -> Option<()> {
        let strings = node.second();
        let length = self.list(node.first(), None)?;
        let list = self.program.list(node.first());
        let is_table = strings > MAX_LINEAR;
        require(strings <= length && (!is_table || strings.is_power_of_two()))?;
        let (mut run, mut longest) = (0_u32, 0);
        for at in 0..length {
            let item = list.at(at as usize);
            if at >= strings {
                self.refers(Kind::Reference, Section::Numbers, item, 0)?;
            } else if is_table && item == NONE {
                run = 0;
            } else {
                self.refers(Kind::Reference, Section::Strings, item, 0)?;
                run = run.saturating_add(1);
                longest = run.max(longest);
            }
        }
        // A run may go on at the beginning of its table.
        self.spend_steps(longest.saturating_mul(2).min(strings));
        Some(())
    }
}
