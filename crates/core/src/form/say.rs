//! What one node says, as bytes.

use alloc::vec::Vec;

use super::read::{Depth, Reader};
use crate::build::Operand;
use crate::evaluate::chosen_at;
use crate::flag::{Flag, some};
use crate::layout::{NONE, RAMP_WORDS, SPLIT_WORDS, Section};
use crate::node::{Node, operation};
use crate::program::Program;
use crate::release::Release;
use crate::semver::{Comparator, Operator};
use crate::wanted::{Shown, Wanted, arms};

/// Bytes that say one thing and no other.
pub(super) struct Said(Vec<u8>);

impl Said {
    pub(super) fn new(operation: u8) -> Said {
        Said(Vec::from([operation]))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn word(&mut self, word: u32) {
        self.0.extend(word.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.wide(text.len() as u64);
        self.0.extend(text.bytes());
    }

    pub(super) fn instant(&mut self, instant: Option<i64>) {
        self.word(u32::from(instant.is_some()));
        self.wide(instant.unwrap_or_default().cast_unsigned());
    }

    /// A variant is its name and its value, whatever its number.
    pub(super) fn variant(&mut self, flag: Flag<'_>, variant: u32) {
        if let Some(variant) = flag.variant(variant) {
            self.text(variant.name);
            self.text(variant.value);
        }
    }

    pub(super) fn release(&mut self, program: &Program, release: Release<'_>) {
        self.text(release.name());
        self.word(release.stage_count());
        for stage in 0..release.stage_count() {
            let stage = release.stage(stage);
            self.text(program.string(stage.name));
            self.word(stage.bits);
            self.wide(stage.exposure);
        }
    }

    fn wide(&mut self, wide: u64) {
        self.0.extend(wide.to_le_bytes());
    }

    /// 0 and -0 are equal to every test.
    fn number(&mut self, number: f64) {
        let number = if number == 0.0 { 0.0 } else { number };
        self.wide(number.to_bits());
    }

    /// What a rule is called in answers: its name, or else its number.
    fn rule(&mut self, flag: Flag<'_>, rule: Option<u32>) {
        let name = rule.and_then(|rule| flag.rule_name(rule));
        self.word(u32::from(rule.is_some()));
        self.word(u32::from(name.is_some()));
        match name {
            Some(name) => self.text(name),
            None => self.word(rule.unwrap_or(NONE)),
        }
    }

    /// A list in which order and repetition say nothing.
    fn set(&mut self, items: Vec<Said>) {
        let mut items: Vec<Vec<u8>> = items.into_iter().map(Said::into_bytes).collect();
        items.sort_unstable();
        items.dedup();
        self.wide(items.len() as u64);
        for item in items {
            self.wide(item.len() as u64);
            self.0.extend(item);
        }
    }

    fn texts(&mut self, kind: u8, texts: &Shown<&str>) {
        self.0.push(kind);
        let said = |text: &&str| {
            let mut said = Said(Vec::new());
            said.text(text);
            said
        };
        self.set(texts.some.iter().map(said).collect());
    }

    fn operand(operand: &Operand<'_>) -> Said {
        let mut said = Said(Vec::new());
        match operand {
            Operand::Text(text) => {
                said.0.push(0);
                said.text(text);
            }
            Operand::Number(number) => {
                said.0.push(1);
                said.number(*number);
            }
            Operand::Bool(bool) => {
                said.0.push(2);
                said.word(u32::from(*bool));
            }
        }
        said
    }

    fn comparator(&mut self, comparator: &Comparator<'_>) {
        self.word(Operator::code(comparator.operator));
        let version = comparator.version;
        for part in [version.major, version.minor, version.patch] {
            self.wide(part);
        }
        self.text(version.pre);
    }

    fn wanted(&mut self, wanted: &Wanted<'_>) {
        match wanted {
            Wanted::Exists | Wanted::Matches(_) => {}
            Wanted::OneOf(operands) => {
                self.set(operands.some.iter().map(Said::operand).collect());
            }
            Wanted::StartsWith(texts) => self.texts(operation::STARTS_WITH, texts),
            Wanted::EndsWith(texts) => self.texts(operation::ENDS_WITH, texts),
            Wanted::Contains(texts) => self.texts(operation::CONTAINS, texts),
            Wanted::Less(number)
            | Wanted::LessOrEqual(number)
            | Wanted::Greater(number)
            | Wanted::GreaterOrEqual(number) => self.number(*number),
            Wanted::Before(instant) | Wanted::After(instant) => self.instant(Some(*instant)),
            Wanted::Semver(alternatives) => {
                for alternative in alternatives {
                    self.wide(alternative.len() as u64);
                    for comparator in alternative {
                        self.comparator(comparator);
                    }
                }
            }
            Wanted::Cidr(networks) => {
                for network in &networks.some {
                    self.wide(network.address.0 as u64);
                    self.wide((network.address.0 >> 64) as u64);
                    self.word(u32::from(network.prefix));
                }
            }
        }
    }
}

impl<'p> Reader<'_, 'p> {
    /// What `node` says, but for where it leads.
    pub(super) fn said(&self, flag: Option<Flag<'p>>, node: Node<'_>, depth: Depth) -> Said {
        let mut said = Said::new(operation_of(node));
        if let Some(flag) = flag.filter(|_| depth == Depth::Answers && !node.is_test()) {
            said.rule(flag, some(node.rule()));
        }
        match node.operation() {
            operation::TIME => {
                let bound = |at: u32| some(at).map(|at| self.program.number_at(at) as i64);
                said.instant(bound(node.first()));
                said.instant(bound(node.second()));
            }
            operation::REACHED => {
                self.release(&mut said, node, depth);
                said.word(node.second());
            }
            operation::SEGMENT => self.segment(&mut said, node, depth),
            operation::FLAG => self.prerequisite(&mut said, node, depth),
            operation::HOLDS => said.word(node.first()),
            operation::SERVE => self.serve(&mut said, flag, node),
            operation::SPLIT => self.split(&mut said, flag, node, depth),
            operation::RAMP => self.ramp(&mut said, flag, node, depth),
            _ => {
                said.text(self.program.attribute(node.slot()).name);
                said.wanted(&Wanted::of(self.program, node, usize::MAX));
                if node.operation() == operation::MATCHES {
                    for word in self.program.list(node.first()).iter() {
                        said.word(word);
                    }
                }
            }
        }
        said
    }

    /// The release that `node` speaks of.
    pub(super) fn release_of(&self, node: Node<'_>) -> Option<Release<'p>> {
        let number = match node.operation() {
            operation::REACHED => node.first(),
            operation::RAMP => self
                .program
                .record::<RAMP_WORDS>(Section::Ramps, node.first())[3],
            _ => return None,
        };
        Some(Release::new(self.program, number))
    }

    fn release(&self, said: &mut Said, node: Node<'_>, depth: Depth) {
        match self.release_of(node) {
            Some(release) if depth == Depth::Answers => said.release(self.program, release),
            Some(release) => said.text(release.name()),
            None => {}
        }
    }

    fn segment(&self, said: &mut Said, node: Node<'_>, depth: Depth) {
        if depth == Depth::Answers {
            said.word(
                self.segments
                    .get(node.first() as usize)
                    .copied()
                    .unwrap_or(NONE),
            );
        } else {
            let [_, _, name] = self.program.record::<3>(Section::Segments, node.first());
            said.text(self.program.string(name));
        }
    }

    /// Another flag is said with its key as well, by which it can be killed.
    fn prerequisite(&self, said: &mut Said, node: Node<'_>, depth: Depth) {
        let flag = Flag::new(self.program, node.first());
        said.text(flag.key());
        if depth == Depth::Answers {
            said.word(
                self.flags
                    .get(node.first() as usize)
                    .copied()
                    .unwrap_or(NONE),
            );
        }
        let wanted = self.program.list(node.second()).iter().map(|variant| {
            let mut said = Said(Vec::new());
            said.text(flag.variant(variant).map_or("", |variant| variant.name));
            said
        });
        said.set(wanted.collect());
    }

    fn serve(&self, said: &mut Said, flag: Option<Flag<'p>>, node: Node<'_>) {
        said.word(u32::from(node.options()));
        variant(said, flag, node.first());
        if let Some(at) = some(node.second()) {
            let chosen = chosen_at(self.program, at);
            said.text(self.program.string(chosen.stage));
            said.word(u32::from(crate::evaluate::Arm::code(chosen.arm)));
        }
    }

    fn split(&self, said: &mut Said, flag: Option<Flag<'p>>, node: Node<'_>, depth: Depth) {
        let program = self.program;
        let [low, high, slot, first, count, rest, recipe, salt] =
            program.record::<SPLIT_WORDS>(Section::Splits, node.first());
        said.text(program.attribute(slot).name);
        said.word(recipe);
        said.word(low);
        said.word(high);
        if let Some(salt) = some(salt) {
            said.text(program.string(salt));
        }
        if depth == Depth::WithoutArms {
            return;
        }
        let arms = arms(program, first, count);
        for arm in &arms {
            variant(said, flag, arm.variant);
            said.wide(arm.end);
            said.wide(arm.boundary);
        }
        if arms.iter().any(|arm| arm.end < arm.boundary) {
            variant(said, flag, rest);
        }
    }

    fn ramp(&self, said: &mut Said, flag: Option<Flag<'p>>, node: Node<'_>, depth: Depth) {
        let program = self.program;
        let [low, high, slot, _, from, to, audience] =
            program.record::<RAMP_WORDS>(Section::Ramps, node.first());
        self.release(said, node, depth);
        said.word(low);
        said.word(high);
        said.text(some(slot).map_or("", |slot| program.attribute(slot).name));
        variant(said, flag, from);
        variant(said, flag, to);
        said.word(audience);
    }
}

fn variant(said: &mut Said, flag: Option<Flag<'_>>, number: u32) {
    if let Some(flag) = flag {
        said.variant(flag, number);
    }
}

/// The operation, tests of equality taken as one.
fn operation_of(node: Node<'_>) -> u8 {
    match node.operation() {
        operation::IS_TEXT | operation::IS_NUMBER | operation::IS_BOOL => operation::IN,
        other => other,
    }
}
