//! What is served, as leaves.

use vexil_core::build::{Graph, Leaf, NodeId, Ramp, Split};
use vexil_core::{Reason, Seed};

use super::share::arms;
use super::{Compiler, is_static, number};
use crate::key::FlagKey;
use crate::model::{self, Flag, Serve};

impl<'r> Compiler<'r> {
    /// What a rule serves, or the default (`rule` is `None`); a walk without a unit goes on at `otherwise`.
    pub(super) fn serve(
        &mut self,
        graph: &mut Graph<'r>,
        key: &'r FlagKey,
        flag: &'r Flag,
        serve: &'r Serve,
        rule: Option<u32>,
        otherwise: NodeId,
    ) -> NodeId {
        match serve {
            Serve::Variant(name) => graph.leaf(Leaf::Serve {
                variant: number(flag, name),
                reason: match rule {
                    Some(_) => Reason::TargetingMatch,
                    None if is_static(flag) => Reason::Static,
                    None => Reason::Default,
                },
                rule,
                is_missing_unit: false,
            }),
            Serve::Split(split) => {
                let split = self.split(key, flag, split);
                graph.leaf(Leaf::Split {
                    split,
                    rule,
                    otherwise,
                })
            }
            Serve::Release(name) => {
                // INVARIANT: what a ruleset names is there.
                let Some(release) = self.ruleset.releases.get(name) else {
                    return otherwise;
                };
                let ramp = Ramp {
                    seed: Seed::of(&format!("release:{name}")),
                    by: self.slot(&release.by),
                    release: name.as_str(),
                    from: number(flag, &release.from),
                    to: number(flag, &release.to),
                };
                graph.leaf(Leaf::Ramp {
                    ramp,
                    rule,
                    otherwise,
                })
            }
        }
    }

    fn split(&mut self, key: &'r FlagKey, flag: &'r Flag, split: &'r model::Split) -> Split {
        let weights = split.arms.iter();
        let weights = weights.map(|(name, weight)| (number(flag, name), *weight));
        Split {
            seed: Seed::of(split.salt.as_deref().unwrap_or(key.as_str())),
            by: self.slot(&split.by),
            arms: arms(weights, split.exposure),
            rest: number(flag, split.rest.as_ref().unwrap_or(&flag.off_variant)),
        }
    }
}
