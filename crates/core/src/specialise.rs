//! What is left of a program when a part of the context is known.

mod copy;
mod decided;
mod fold;
mod known;
mod lists;
mod reach;
mod reads;

pub use decided::private_readers;
pub use known::{Known, Recipient};
pub use lists::long_lists;
pub use reads::Reads;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::build::{Builder, FlagId, FlagSpec, Folded, Graph, Leaf, ReleaseId, SegmentId, Slot};
use crate::error::ProgramError;
use crate::evaluate::{Evaluation, decide};
use crate::flag::{Expose, Flag};
use crate::live::Live;
use crate::program::Program;
use copy::Residual;
use decided::Asks;
use fold::Folder;

/// What is left of `program` for a recipient when the attributes that `known` folds in are decided.
///
/// A condition that the folded attributes decide is gone, and with it every rule, segment, prerequisite, variant and
/// string that nothing leads to any more. Live state and time are never folded in: a ramp whose unit is known keeps
/// its position, and a flag of which one answer is left can still be killed.
///
/// A browser is sent a flag exposed as [`Expose::Program`] with its rules if no flag that is still asked for in them
/// is exposed otherwise, and no unit is placed by another vendor's recipe. Else, and for [`Expose::Values`], the flag
/// becomes its answer for all that is known at `now` ([`Flag::is_decided`]), its own kill left to live state. Flags
/// of [`Expose::Server`] are gone. [`Flag::asks`] names what was folded in.
///
/// # Errors
/// [`ProgramError`] only where `program` is at a limit that its copy exceeds.
pub fn specialise(
    program: &Program,
    live: &Live,
    known: &Known<'_>,
    recipient: Recipient,
    now: i64,
) -> Result<Program, ProgramError> {
    let mut copy = Copy {
        program,
        recipient,
        builder: Builder::new(program.environment(), program.number(), program.published()),
        folder: Folder::new(program, known, recipient),
        flags: BTreeMap::new(),
        segments: BTreeMap::new(),
        releases: BTreeMap::new(),
    };
    for flag in program.flags() {
        let is_withheld = flag.expose() == Expose::Server || known.withholds(flag.index());
        if recipient == Recipient::Browser && is_withheld {
            continue;
        }
        if copy.folder.is_sendable(flag) {
            copy.flag(flag);
        } else {
            let answer = decide(program, live, flag, known.context(), now);
            copy.decided_flag(flag, answer);
        }
    }
    copy.builder.finish()
}

/// A program as it is written anew.
struct Copy<'p, 'k> {
    program: &'p Program,
    recipient: Recipient,
    builder: Builder,
    folder: Folder<'p, 'k>,
    flags: BTreeMap<u32, Sent>,
    segments: BTreeMap<u32, SegmentId>,
    releases: BTreeMap<u32, ReleaseId>,
}

/// A flag that was sent with its rules.
struct Sent {
    id: FlagId,
    /// The variants that were kept, by their old numbers.
    variants: BTreeSet<u32>,
}

impl<'p> Copy<'p, '_> {
    fn flag(&mut self, flag: Flag<'p>) {
        let fates = self.folder.flag(flag.index());
        let asks: Vec<Slot> = fates.asks.iter().map(|slot| self.slot(*slot)).collect();
        let is_folded = !asks.is_empty() || fates.asks_anything;
        let all = 0..flag.variants().count() as u32;
        let variants: BTreeSet<u32> = if is_folded {
            let kept = fates.serves.iter().copied();
            kept.chain([flag.off_variant()])
                .chain(flag.failsafe())
                .collect()
        } else {
            all.collect()
        };
        let residual = self.residual(&fates, &variants);
        let kept = residual.graph.rules(residual.entry);
        let rules = rules(flag, |rule| !is_folded || kept.contains(&rule));
        let folded = Folded {
            asks,
            asks_anything: fates.asks_anything,
            is_decided: flag.is_decided() || is_folded && residual.graph.serves(residual.entry),
            until: flag.until(),
        };
        let id = self.finish_flag(flag, &variants, &rules, &folded, &residual);
        self.flags.insert(flag.index(), Sent { id, variants });
    }

    /// Adds `flag` as its answer, with the variants alone that it can still serve.
    fn decided_flag(&mut self, flag: Flag<'p>, answer: Evaluation) {
        let variants: BTreeSet<u32> = [answer.variant, flag.off_variant()]
            .into_iter()
            .chain(flag.failsafe())
            .collect();
        let mut graph = Graph::default();
        let chosen_by = answer
            .chosen_by
            .map(|chosen| (self.program.string(chosen.stage), chosen.arm));
        let entry = graph.leaf(Leaf::Serve {
            variant: renumbered(&variants, answer.variant),
            reason: answer.reason,
            rule: answer.rule,
            is_missing_unit: answer.is_missing_unit,
            chosen_by,
        });
        let residual = Residual { graph, entry };
        let asks = Asks::of(self.program, flag);
        let folded = Folded {
            asks: asks.slots.iter().map(|slot| self.slot(*slot)).collect(),
            asks_anything: asks.has_private,
            is_decided: true,
            until: answer.next_change,
        };
        let rules = rules(flag, |rule| Some(rule) == answer.rule);
        self.finish_flag(flag, &variants, &rules, &folded, &residual);
    }

    fn finish_flag(
        &mut self,
        flag: Flag<'p>,
        kept: &BTreeSet<u32>,
        rules: &[Option<&str>],
        folded: &Folded,
        residual: &Residual<'p>,
    ) -> FlagId {
        let variants = kept.iter().filter_map(|variant| flag.variant(*variant));
        let variants: Vec<(&str, &str)> = variants
            .map(|variant| (variant.name, variant.value))
            .collect();
        let spec = FlagSpec {
            key: flag.key(),
            kind: flag.kind(),
            expose: flag.expose(),
            is_enabled: flag.is_enabled(),
            track: flag.track(),
            variants: &variants,
            off_variant: renumbered(kept, flag.off_variant()),
            failsafe: flag.failsafe().map(|variant| renumbered(kept, variant)),
            rules,
        };
        self.builder
            .folded_flag(spec, folded, &residual.graph, residual.entry)
    }

    fn slot(&mut self, slot: u32) -> Slot {
        let attribute = self.program.attribute(slot);
        self.builder.attribute(attribute.name, attribute.is_private)
    }
}

/// The number of a variant among those that are kept.
fn renumbered(kept: &BTreeSet<u32>, variant: u32) -> u32 {
    kept.range(..variant).count() as u32
}

/// The names of the rules that are kept, each at its number.
fn rules(flag: Flag<'_>, is_kept: impl Fn(u32) -> bool) -> Vec<Option<&str>> {
    let mut rules = Vec::new();
    let mut end = 0;
    for rule in 0..flag.rule_count() {
        let is_kept = is_kept(rule);
        rules.push(flag.rule_name(rule).filter(|_| is_kept));
        if is_kept {
            end = rules.len();
        }
    }
    rules.truncate(end);
    rules
}

#[cfg(test)]
mod tests;
