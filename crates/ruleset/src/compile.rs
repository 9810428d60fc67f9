//! From a ruleset to the program that machines run.

mod complex;
mod condition;
mod serve;
mod share;

use std::collections::{BTreeMap, BTreeSet};

use vexil_core::build::{
    Builder, FlagId, FlagSpec, Graph, Leaf, NodeId, Operand, Part, ReleaseId, SegmentId, Slot, Test,
};
use vexil_core::limits::STEPS;
use vexil_core::{Known, Live, Program, ProgramError, Reason, Recipient, specialise};

use crate::condition::{AttributeName, Prerequisite};
use crate::issue::{Code, Issue};
use crate::json::compact;
use crate::key::{FlagKey, ReleaseName, SegmentName, VariantName};
use crate::model::{Flag, Ruleset, Serve};

/// Compiles a ruleset for one environment.
///
/// `number` tells programs of an environment apart, `published` is in milliseconds since 1970.
/// The same arguments give the same bytes. A flag comes after those it needs.
///
/// # Errors
/// [`Code::TooComplex`] where evaluating a flag could take longer than [`vexil_core::limits::STEPS`] allows.
pub fn compile(
    ruleset: &Ruleset,
    environment: &str,
    number: u64,
    published: i64,
) -> Result<Program, Vec<Issue>> {
    let mut compiler = Compiler::new(ruleset, Builder::new(environment, number, published));
    for (key, flag) in &ruleset.flags {
        compiler.flag(key, flag);
    }
    compiler.finish().ok_or_else(|| {
        let path = complex::place(ruleset);
        let code = Code::TooComplex;
        vec![Issue { path, code }]
    })
}

/// The program as any copy of it is written, without what nothing leads to.
fn canonical(builder: Builder) -> Result<Program, ProgramError> {
    let program = builder.finish()?;
    let known = Known::nothing(&program);
    specialise(&program, &Live::default(), &known, Recipient::Server, 0)
}

/// What is compiled so far.
struct Compiler<'r> {
    ruleset: &'r Ruleset,
    builder: Builder,
    slots: BTreeMap<AttributeName, Slot>,
    private: BTreeSet<Vec<String>>,
    flags: BTreeMap<&'r FlagKey, FlagId>,
    /// The flags as they were added.
    order: Vec<(&'r FlagKey, &'r Flag)>,
    segments: BTreeMap<&'r SegmentName, SegmentId>,
    releases: BTreeMap<&'r ReleaseName, ReleaseId>,
    /// How much was compiled for audiences: tests and operands.
    audiences: usize,
}

impl<'r> Compiler<'r> {
    fn new(ruleset: &'r Ruleset, builder: Builder) -> Self {
        Compiler {
            ruleset,
            builder,
            slots: BTreeMap::new(),
            private: ruleset.private.iter().map(AttributeName::steps).collect(),
            flags: BTreeMap::new(),
            order: Vec::new(),
            segments: BTreeMap::new(),
            releases: BTreeMap::new(),
            audiences: 0,
        }
    }

    /// `None` where evaluating a flag could take too long.
    fn finish(self) -> Option<Program> {
        if self.is_too_complex() {
            return None;
        }
        // INVARIANT: ids go to the builder they come from, so complexity is all it can refuse.
        canonical(self.builder).ok()
    }

    /// Whether audiences alone take more tests than an evaluation may run.
    fn is_too_complex(&self) -> bool {
        self.audiences > STEPS as usize
    }

    fn slot(&mut self, name: &AttributeName) -> Slot {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        let is_private = is_private(&self.private, name);
        let slot = self.builder.attribute(name.as_str(), is_private);
        self.slots.insert(name.clone(), slot);
        slot
    }

    /// Whether the targeting key is one of `keys`.
    fn is_one_of(&mut self, keys: &'r [String]) -> Test<'r> {
        let slot = self.slot(&AttributeName::targeting_key());
        Test::OneOf(slot, keys.iter().map(|key| Operand::Text(key)).collect())
    }

    /// Adds a flag, after those it needs, unless it was added before.
    ///
    /// Recursion ends and is shallow: nothing needs itself, and chains have a limit.
    fn flag(&mut self, key: &'r FlagKey, flag: &'r Flag) -> FlagId {
        if let Some(id) = self.flags.get(key) {
            return *id;
        }
        let mut graph = Graph::default();
        let entry = self.order_of_evaluation(&mut graph, key, flag);
        let values: Vec<String> = flag.variants.values().map(compact).collect();
        let names = flag.variants.keys().map(VariantName::as_str);
        let variants: Vec<(&str, &str)> = names.zip(values.iter().map(String::as_str)).collect();
        let rules: Vec<Option<&str>> = flag.rules.iter().map(|rule| rule.name.as_deref()).collect();
        let spec = FlagSpec {
            key: key.as_str(),
            kind: flag.kind,
            expose: flag.expose,
            is_enabled: flag.is_enabled,
            track: flag.track.unwrap_or_else(|| uses_release(flag)),
            variants: &variants,
            off_variant: number(flag, &flag.off_variant),
            failsafe: flag.failsafe.as_ref().map(|name| number(flag, name)),
            rules: &rules,
        };
        let id = self.builder.flag(spec, &graph, entry);
        self.flags.insert(key, id);
        self.order.push((key, flag));
        id
    }

    /// Prerequisites, targets, rules, default: built from the last to the first.
    fn order_of_evaluation(
        &mut self,
        graph: &mut Graph<'r>,
        key: &'r FlagKey,
        flag: &'r Flag,
    ) -> NodeId {
        let mut entry = self.default(graph, key, flag);
        for (index, rule) in flag.rules.iter().enumerate().rev() {
            let number = Some(index as u32);
            graph.begin(Part::Rule(index as u32));
            let serve = self.serve(graph, key, flag, &rule.serve, number, entry);
            entry = self.condition(graph, &rule.when, serve, entry);
        }
        graph.begin(Part::Targets);
        for (variant, targets) in flag.targets.iter().rev() {
            if !targets.is_empty() {
                let serve = graph.leaf(Leaf::Serve {
                    variant: number(flag, variant),
                    reason: Reason::TargetingMatch,
                    rule: None,
                    is_missing_unit: false,
                    chosen_by: None,
                });
                let is_target = self.is_one_of(targets);
                entry = graph.test(is_target, serve, entry);
            }
        }
        graph.begin(Part::Requires);
        if !flag.requires.is_empty() {
            let failed = graph.leaf(Leaf::Serve {
                variant: number(flag, &flag.off_variant),
                reason: Reason::PrerequisiteFailed,
                rule: None,
                is_missing_unit: false,
                chosen_by: None,
            });
            for prerequisite in flag.requires.iter().rev() {
                entry = self.prerequisite(graph, prerequisite, entry, failed);
            }
        }
        entry
    }

    fn default(&mut self, graph: &mut Graph<'r>, key: &'r FlagKey, flag: &'r Flag) -> NodeId {
        let missing_unit = graph.leaf(Leaf::Serve {
            variant: number(flag, &flag.off_variant),
            reason: Reason::Default,
            rule: None,
            is_missing_unit: true,
            chosen_by: None,
        });
        self.serve(graph, key, flag, &flag.default, None, missing_unit)
    }

    fn prerequisite(
        &mut self,
        graph: &mut Graph<'r>,
        prerequisite: &'r Prerequisite,
        met: NodeId,
        failed: NodeId,
    ) -> NodeId {
        // INVARIANT: what a ruleset names is there.
        let Some(flag) = self.ruleset.flags.get(&prerequisite.flag) else {
            return failed;
        };
        let id = self.flag(&prerequisite.flag, flag);
        let variants = prerequisite.variants.iter();
        let variants = variants.map(|name| number(flag, name)).collect();
        graph.test(Test::Flag(id, variants), met, failed)
    }
}

/// The number of a variant in programs: its place among all by name.
fn number(flag: &Flag, name: &VariantName) -> u32 {
    let found = flag.variants.keys().zip(0..).find(|(key, _)| *key == name);
    // INVARIANT: what a ruleset names is there.
    found.map(|(_, number)| number).unwrap_or_default()
}

/// Whether a flag serves the same to everyone.
fn is_static(flag: &Flag) -> bool {
    flag.rules.is_empty() && flag.requires.is_empty() && flag.targets.values().all(Vec::is_empty)
}

fn uses_release(flag: &Flag) -> bool {
    let mut serves = flag
        .rules
        .iter()
        .map(|rule| &rule.serve)
        .chain([&flag.default]);
    serves.any(|serve| matches!(serve, Serve::Release(_)))
}

/// Whether an attribute is private, or part of one that is, however the two are written.
fn is_private(private: &BTreeSet<Vec<String>>, name: &AttributeName) -> bool {
    let mut steps = name.steps();
    while !steps.is_empty() {
        if private.contains(&steps) {
            return true;
        }
        steps.pop();
    }
    false
}

#[cfg(test)]
mod tests;
