//! What is served, as leaves.

use vexil_core::build::{Graph, Leaf, NodeId, Ramp, RampUnit, ReleaseId, Split, StageSpec, Test};
use vexil_core::{Reason, Recipe, Seed};

use super::share::{arms, share_of};
use super::{Compiler, is_static, number};
use crate::condition::{AttributeTest, Condition};
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
                let seed = Seed::of(&format!("release:{name}"));
                let ramp = Ramp {
                    unit: RampUnit::By(self.slot(&release.by), seed),
                    release: id,
                    from: number(flag, &release.from),
                    to: number(flag, &release.to),
                    audience: None,
                };
                self.ramp(graph, ramp, &release.stages, rule, otherwise)
            }
        }
    }

    /// The base of a release, after the audiences of the stages that it has reached: the first that holds decides.
    fn ramp(
        &mut self,
        graph: &mut Graph<'r>,
        ramp: Ramp,
        stages: &'r [model::Stage],
        rule: Option<u32>,
        otherwise: NodeId,
    ) -> NodeId {
        let mut entry = graph.leaf(Leaf::Ramp {
            ramp,
            rule,
            otherwise,
        });
        for (index, stage) in stages.iter().enumerate().rev() {
            let Some(audience) = &stage.audience else {
                continue;
            };
            // Written once, compiled for each that serves it.
            self.audiences = self.audiences.saturating_add(size(audience));
            if self.is_too_complex() {
                break;
            }
            let number = index as u32;
            let served = graph.leaf(Leaf::Ramp {
                ramp: Ramp {
                    audience: Some(number),
                    ..ramp
                },
                rule,
                otherwise,
            });
            let holds = self.condition(graph, audience, served, entry);
            entry = graph.test(Test::Reached(ramp.release, number), holds, entry);
        }
        entry
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
                has_audience: stage.audience.is_some(),
            })
            .collect();
        let id = self.builder.release(name.as_str(), &stages);
        self.releases.insert(name, id);
        Some((id, release))
    }

    fn split(&mut self, key: &'r FlagKey, flag: &'r Flag, split: &'r model::Split) -> Split<'r> {
        let weights = split.arms.iter();
        let weights = weights.map(|(name, weight)| (number(flag, name), *weight));
        let salt = split.salt.as_deref().unwrap_or(key.as_str());
        let seed = match split.hash {
            Some(Recipe::UnleashMurmur3Weights) => Seed::from_bits(total(split)),
            Some(_) | None => Seed::of(salt),
        };
        Split {
            seed,
            recipe: split.hash.map(|recipe| (recipe, salt)),
            by: self.slot(&split.by),
            arms: arms(weights, split.exposure),
            rest: number(flag, split.rest.as_ref().unwrap_or(&flag.off_variant)),
        }
    }
}

/// What the weights add up to, without a fraction; at least 1.
fn total(split: &model::Split) -> u64 {
    const PLACES: u64 = 100_000;
    let parts = split
        .arms
        .iter()
        .fold(0_u64, |sum, (_, weight)| sum.saturating_add(weight.parts()));
    (parts / PLACES).max(1)
}

/// How many tests and operands a condition has; of an automaton the words.
fn size(condition: &Condition) -> usize {
    let sum = |conditions: &[Condition]| conditions.iter().map(size).sum();
    match condition {
        Condition::All(conditions) | Condition::Any(conditions) => sum(conditions),
        Condition::Not(negated) => size(negated),
        Condition::Segment(_) | Condition::Time(_) => 1,
        Condition::Flag(prerequisite) => prerequisite.variants.len(),
        Condition::Attribute(_, test) => match test {
            AttributeTest::In(scalars) => scalars.len(),
            AttributeTest::StartsWith(texts)
            | AttributeTest::EndsWith(texts)
            | AttributeTest::Contains(texts) => match texts.search() {
                Some(search) => search.bytes / 4,
                None => texts.as_slice().len(),
            },
            AttributeTest::Matches(pattern) => pattern.search().bytes / 4,
            AttributeTest::Semver(range) => range.alternatives().iter().map(Vec::len).sum(),
            AttributeTest::Cidr(networks) => networks.len(),
            AttributeTest::Is(_)
            | AttributeTest::Exists(_)
            | AttributeTest::Lt(_)
            | AttributeTest::Lte(_)
            | AttributeTest::Gt(_)
            | AttributeTest::Gte(_)
            | AttributeTest::Before(_)
            | AttributeTest::After(_) => 1,
        },
    }
}
