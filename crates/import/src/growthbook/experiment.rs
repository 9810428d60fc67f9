//! Experiments and contextual bandits, as splits.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::bucket::{self, Hash, Range, Version, is_within};
use super::condition::{Condition, Steps};
use super::feature::Writing;
use super::rule::{Fault, Rule};
use super::{Import, javascript};

impl Import<'_> {
    pub(super) fn experiment(
        &mut self,
        mut rule: Rule<'_>,
        flag: &mut Writing,
    ) -> Result<(), Fault> {
        let (at, variations) = match rule.get("contextualVariations").filter(|it| !it.is_null()) {
            Some(variations) => ("contextualVariations", variations),
            None => ("variations", rule.get("variations").unwrap_or(&Value::Null)),
        };
        let variations = variations
            .as_array()
            .ok_or_else(|| rule.fault(at, "expected a list"))?
            .clone();
        let key = rule.text("key")?.unwrap_or_else(|| flag.id.clone());
        if rule.some("seed").is_some() && rule.some("key").is_some() {
            self.dropped(
                &rule.at("key"),
                "left out: its seed divides the experiment, its key is for counting who saw what",
            );
        }
        let Some(hash) = self.hash(&rule, &key)?.filter(|_| variations.len() > 1) else {
            return {
                self.never(&rule);
                Ok(())
            };
        };
        if let Some(namespace) = rule
            .some("namespace")
            .filter(|_| rule.some("filters").is_none())
        {
            let fault = || rule.fault("namespace", "expected a name and two numbers");
            let list = namespace.as_array().ok_or_else(fault)?;
            let name = list.first().and_then(Value::as_str).ok_or_else(fault)?;
            let range =
                bucket::range(&json!(list.get(1..).unwrap_or_default())).ok_or_else(fault)?;
            let own = Hash {
                by: hash.by.clone(),
                salt: format!("__{name}"),
                version: Version::One,
            };
            let name = format!("namespace.{name}");
            let within = self.within(&name, &own, &rule.at("namespace"), |place| {
                is_within(place, range)
            });
            rule.when.push(within);
        } else if rule.some("namespace").is_some() {
            self.dropped(
                &rule.at("namespace"),
                "left out: GrowthBook takes the filters instead",
            );
        }
        let mut before = rule.when.clone();
        for (condition, weights) in self.leaves(&rule)? {
            let ranges = self.ranges(&rule, variations.len(), weights.as_ref())?;
            let mut outcomes = Vec::new();
            for (index, value) in variations.iter().enumerate() {
                let meta = rule.get("meta").and_then(|it| it.get(index));
                let passes = meta
                    .and_then(|it| it.get("passthrough"))
                    .is_some_and(javascript::is_truthy);
                outcomes.push((!passes).then(|| flag.variants.name(value)));
            }
            let shares = hash.shares(|place| {
                let chosen = ranges.iter().position(|range| is_within(place, *range))?;
                outcomes.get(chosen).cloned().flatten()
            });
            let when = before.iter().cloned().chain([condition.clone()]).collect();
            self.divide(&rule, when, &hash, shares, flag);
            before.push(condition.not());
        }
        Ok(())
    }

    fn ranges(
        &mut self,
        rule: &Rule<'_>,
        variations: usize,
        weights: Option<&Value>,
    ) -> Result<Vec<Range>, Fault> {
        if let Some(ranges) = rule.some("ranges") {
            for name in ["weights", "coverage"]
                .into_iter()
                .filter(|it| rule.get(it).is_some())
            {
                self.dropped(
                    &rule.at(name),
                    "left out: GrowthBook takes the ranges instead",
                );
            }
            return bucket::ranges(ranges)
                .ok_or_else(|| rule.fault("ranges", "expected ranges of numbers"));
        }
        let coverage = match rule.get("coverage") {
            None => 1.0,
            Some(Value::Null) => 0.0,
            Some(it) => it
                .as_f64()
                .ok_or_else(|| rule.fault("coverage", "expected a number"))?,
        };
        let weights = weights.filter(|it| javascript::is_truthy(it));
        let weights: Option<Vec<f64>> = match weights {
            None => None,
            Some(weights) => {
                let numbers = weights
                    .as_array()
                    .and_then(|it| it.iter().map(Value::as_f64).collect());
                Some(numbers.ok_or_else(|| rule.fault("weights", "expected numbers"))?)
            }
        };
        Ok(bucket::of_weights(variations, coverage, weights.as_deref()))
    }

    /// For whom which weights are: those of a contextual bandit are for one context after the other.
    fn leaves(&mut self, rule: &Rule<'_>) -> Result<Vec<(Condition, Option<Value>)>, Fault> {
        let own = (Condition::Always, rule.get("weights").cloned());
        let Some(reference) = rule.some("contextualBanditRef") else {
            return Ok(vec![own]);
        };
        let name = javascript::text(reference);
        let at = Path::default()
            .join("contextualBandits")
            .join(&name)
            .join("contexts");
        let contexts = self
            .bandits
            .and_then(|it| it.get(&name)?.get("contexts")?.as_array().cloned());
        let mut leaves = Vec::new();
        let empty = json!({});
        for (index, context) in contexts.unwrap_or_default().iter().enumerate() {
            let at = at.clone().join(&index.to_string()).join("condition");
            let condition = context
                .get("condition")
                .filter(|it| javascript::is_truthy(it));
            let condition = self.condition(condition.unwrap_or(&empty), &Steps::default(), &at)?;
            leaves.push((condition, context.get("weights").cloned()));
        }
        let bandit = Path::default().join("contextualBandits").join(&name);
        self.note_of(&bandit, &rule.at("contextualBanditRef"), "the bandit");
        self.used_bandits.insert(name);
        leaves.push(own);
        Ok(leaves)
    }
}
