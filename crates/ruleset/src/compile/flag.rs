//! A flag as a graph: prerequisites, targets, rules, default.

use vexil_core::build::{FlagId, FlagSpec, Graph, Leaf, NodeId, Ramp};
use vexil_core::{Reason, Seed};

use super::{Compiler, split};
use crate::json::text::compact;
use crate::key::{FlagKey, VariantName};
use crate::model::{Flag, Serve};

impl<'r> Compiler<'r> {
    pub(super) fn new_flag(&mut self, key: &'r FlagKey, flag: &'r Flag) -> FlagId {
        let mut graph = Graph::default();
        let mut entry = self.default(&mut graph, key, flag);
        for (number, rule) in (0..).zip(&flag.rules).rev() {
            let serve = self.serve(&mut graph, key, flag, &rule.serve, Some(number), entry);
            entry = self.condition(&mut graph, &rule.when, serve, entry);
        }
        for (name, keys) in flag.targets.iter().rev() {
            let serve = graph.leaf(leaf(variant(flag, name), Reason::TargetingMatch, None));
            entry = self.keys(&mut graph, keys, serve, entry);
        }
        if !flag.requires.is_empty() {
            let unmet = graph.leaf(leaf(variant(flag, &flag.off_variant), Reason::PrerequisiteFailed, None));
            for prerequisite in flag.requires.iter().rev() {
                entry = self.prerequisite(&mut graph, prerequisite, entry, unmet);
            }
        }

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
            off_variant: variant(flag, &flag.off_variant),
            failsafe: flag.failsafe.as_ref().map(|name| variant(flag, name)),
            rules: &rules,
        };
        self.builder.flag(spec, &graph, entry)
    }

    fn default(&mut self, graph: &mut Graph<'r>, key: &FlagKey, flag: &'r Flag) -> NodeId {
        let Serve::Variant(name) = &flag.default else {
            let off = graph.leaf(Leaf::Serve {
                variant: variant(flag, &flag.off_variant),
                reason: Reason::Default,
                rule: None,
                is_missing_unit: true,
            });
            return self.serve(graph, key, flag, &flag.default, None, off);
        };
        let is_static = flag.targets.is_empty() && flag.rules.is_empty() && flag.requires.is_empty();
        let reason = if is_static { Reason::Static } else { Reason::Default };
        graph.leaf(leaf(variant(flag, name), reason, None))
    }

    fn serve(
        &mut self,
        graph: &mut Graph<'r>,
        key: &FlagKey,
        flag: &'r Flag,
        serve: &'r Serve,
        rule: Option<u32>,
        otherwise: NodeId,
    ) -> NodeId {
        match serve {
            Serve::Variant(name) => graph.leaf(leaf(variant(flag, name), Reason::TargetingMatch, rule)),
            Serve::Split(split) => {
                let seed = Seed::of(split.salt.as_deref().unwrap_or(key.as_str()));
                let split = vexil_core::build::Split {
                    seed,
                    by: self.slot(&split.by),
                    arms: split::arms(split, |name| variant(flag, name)),
                    rest: variant(flag, split.rest.as_ref().unwrap_or(&flag.off_variant)),
                };
                graph.leaf(Leaf::Split { split, rule, otherwise })
            }
            Serve::Release(name) => {
                // INVARIANT: what a decoded ruleset names is there.
                let Some(release) = self.ruleset.releases().get(name) else { return otherwise };
                let ramp = Ramp {
                    seed: Seed::of(&format!("release:{name}")),
                    by: self.slot(&release.by),
                    release: name.as_str(),
                    from: variant(flag, &release.from),
                    to: variant(flag, &release.to),
                };
                graph.leaf(Leaf::Ramp { ramp, rule, otherwise })
            }
        }
    }
}

/// The number of a variant within its flag.
pub(super) fn variant(flag: &Flag, name: &VariantName) -> u32 {
    // INVARIANT: a decoded ruleset names only variants that are there.
    flag.variants.keys().position(|variant| variant == name).unwrap_or_default() as u32
}

fn leaf(variant: u32, reason: Reason, rule: Option<u32>) -> Leaf<'static> {
    Leaf::Serve { variant, reason, rule, is_missing_unit: false }
}

fn uses_release(flag: &Flag) -> bool {
    let serves = flag.rules.iter().map(|rule| &rule.serve);
    serves.chain([&flag.default]).any(|serve| matches!(serve, Serve::Release(_)))
}
