//! What is served, as leaves.

use vexil_core::build::{Graph, Leaf, NodeId, Ramp, RampUnit, ReleaseId, Split, StageSpec};
use vexil_core::{Reason, Seed};

use super::share::{arms, share_of};
use super::{Compiler, is_static, number};
use crate::key::{FlagKey, ReleaseName};
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
                chosen_by: None,
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
                let Some((id, release)) = self.release(name) else {
                    return otherwise;
                };
                let ramp = Ramp {
                    unit: RampUnit::By(
                        self.slot(&release.by),
                        Seed::of(&format!("release:{name}")),
                    ),
                    release: id,
                    from: number(flag, &release.from),
                    to: number(flag, &release.to),
                    audience: None,
                };
                graph.leaf(Leaf::Ramp {
                    ramp,
                    rule,
                    otherwise,
                })
            }
        }
    }

    /// Adds a release, unless it was added before.
    fn release(&mut self, name: &'r ReleaseName) -> Option<(ReleaseId, &'r model::Release)> {
        // INVARIANT: what a ruleset names is there.
        let release = self.ruleset.releases.get(name)?;
        if let Some(id) = self.releases.get(name) {
            return Some((*id, release));
        }
        let stages: Vec<StageSpec<'_>> = release
            .stages
            .iter()
            .map(|stage| StageSpec {
                name: &stage.name,
                exposure: stage.percent.map(share_of),
                has_audience: false,
            })
            .collect();
        let id = self.builder.release(name.as_str(), &stages);
        self.releases.insert(name, id);
        Some((id, release))
    }

    fn split(&mut self, key: &'r FlagKey, flag: &'r Flag, split: &'r model::Split) -> Split<'r> {
        let weights = split.arms.iter();
        let weights = weights.map(|(name, weight)| (number(flag, name), *weight));
        Split {
            seed: Seed::of(split.salt.as_deref().unwrap_or(key.as_str())),
            recipe: None,
            by: self.slot(&split.by),
            arms: arms(weights, split.exposure),
            rest: number(flag, split.rest.as_ref().unwrap_or(&flag.off_variant)),
        }
    }
}
