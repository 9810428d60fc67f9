//! The rules of a feature: forced values, experiments, and what has to hold first.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use super::bucket::{self, Hash, Range, Shares, Version, is_within};
use super::condition::{Condition, Steps};
use super::feature::{Known, Writing};
use super::{Import, constant, general, javascript};

/// Something that keeps a rule from being kept: where, and why.
type Fault = (Path, String);

/// The members of a rule that are for what counts exposures, or for people.
const FOR_COUNTS: [&str; 7] = [
    "name",
    "phase",
    "meta",
    "tracks",
    "type",
    "banditVersion",
    "description",
];
/// Those that keep a unit in its variation although weights have changed.
const FOR_STICKINESS: [&str; 3] = ["fallbackAttribute", "bucketVersion", "minBucketVersion"];
/// Those that become something.
const MEMBERS: [&str; 19] = [
    "id",
    "condition",
    "parentConditions",
    "force",
    "variations",
    "contextualVariations",
    "contextualBanditRef",
    "weights",
    "key",
    "hashAttribute",
    "hashVersion",
    "range",
    "coverage",
    "namespace",
    "ranges",
    "filters",
    "seed",
    "disableStickyBucketing",
    "enabled",
];

/// A rule that is being read.
struct Rule<'r> {
    members: &'r Map<String, Value>,
    path: &'r Path,
    /// All that has to hold.
    when: Vec<Condition>,
    is_last: bool,
}

impl<'r> Rule<'r> {
    fn get(&self, name: &str) -> Option<&'r Value> {
        self.members.get(name)
    }

    /// A member that is there, and that JavaScript takes for true.
    fn some(&self, name: &str) -> Option<&'r Value> {
        self.get(name).filter(|it| javascript::is_truthy(it))
    }

    fn at(&self, name: &str) -> Path {
        self.path.clone().join(name)
    }

    fn fault(&self, name: &str, why: &str) -> Fault {
        (self.at(name), why.to_owned())
    }

    fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        match self.some(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.fault(name, "expected a text")),
        }
    }
}

impl Import<'_> {
    /// Adds what a rule says to a flag.
    pub(super) fn rule(
        &mut self,
        rule: &Value,
        path: &Path,
        is_last: bool,
        flag: &mut Writing,
    ) -> Result<(), Fault> {
        let members = rule
            .as_object()
            .ok_or_else(|| (path.clone(), "expected an object".to_owned()))?;
        let mut rule = Rule {
            members,
            path,
            when: Vec::new(),
            is_last,
        };
        self.note_rule(&rule);
        if self.prerequisites(&mut rule, flag)? {
            return Ok(());
        }
        let is_gate = !members.contains_key("force")
            && rule.get("variations").is_none()
            && rule.get("contextualVariations").is_none();
        flag.has_only_gates &= is_gate && rule.when.is_empty();
        if is_gate {
            if rule.get("parentConditions").is_none() {
                self.dropped(path, "left out: it serves nothing");
            }
            return Ok(());
        }
        if rule.some("filters").is_some() {
            self.filters(&mut rule)?;
        }
        if let Some(condition) = rule.some("condition") {
            let found = self.condition(condition, &Steps::default(), &rule.at("condition"))?;
            rule.when.push(found);
        }
        if let Some(value) = members.get("force") {
            self.force(value, &rule, flag)
        } else {
            self.experiment(rule, flag)
        }
    }

    fn note_rule(&mut self, rule: &Rule<'_>) {
        let is_sticky = rule.some("disableStickyBucketing").is_none();
        for (name, value) in rule.members {
            let at = rule.at(name);
            if FOR_COUNTS.contains(&name.as_str()) {
                self.dropped(&at, "left out: it is for counting who saw what");
            } else if FOR_STICKINESS.contains(&name.as_str()) {
                if is_sticky && javascript::is_truthy(value) {
                    self.note(&at, "left out: nothing is stored about units, so nobody stays in a variation once weights or versions change");
                } else {
                    self.dropped(&at, "left out: nothing is stored about units");
                }
            } else if !MEMBERS.contains(&name.as_str()) {
                self.note(&at, "left out: a rule has no place for it");
            }
        }
        if rule.get("disableStickyBucketing").is_some() {
            self.dropped(
                &rule.at("disableStickyBucketing"),
                "left out: nothing is stored about units",
            );
        }
    }

    /// Reads the prerequisites; whether nothing is left to be served by the rule itself.
    fn prerequisites(&mut self, rule: &mut Rule<'_>, flag: &mut Writing) -> Result<bool, Fault> {
        let path = rule.at("parentConditions");
        let asked = match rule.some("parentConditions") {
            None => return Ok(false),
            Some(asked) => asked
                .as_array()
                .ok_or((path.clone(), "expected a list".to_owned()))?,
        };
        for (index, asked) in asked.iter().enumerate() {
            let at = path.clone().join(&index.to_string());
            let fault = |why: String| (at.clone(), why);
            let id = asked.get("id").map(javascript::text).unwrap_or_default();
            if self.is_in_circle(&id) || self.leads_to(&id, &flag.id) {
                self.note(&at, "the prerequisites lead back to themselves: from here on the feature has no value");
                let name = flag.variants.name(&Value::Null);
                let when = Condition::all(rule.when.clone());
                flag.push(None, when, json!(name));
                return Ok(true);
            }
            let held = self
                .prerequisite(&id, asked.get("condition"))
                .map_err(fault)?;
            let is_gate = asked.get("gate").is_some_and(javascript::is_truthy);
            if !is_gate {
                rule.when.push(held);
                continue;
            }
            let is_first = flag.has_only_gates && rule.when.is_empty();
            match held {
                Condition::Always => {}
                Condition::When(required) if is_first && required.get("flag").is_some() => {
                    flag.variants.name(&Value::Null);
                    flag.requires.push(required);
                }
                held => {
                    let name = flag.variants.name(&Value::Null);
                    let blocked = rule.when.iter().cloned().chain([held.not()]);
                    flag.push(None, Condition::all(blocked), json!(name));
                    if flag.is_done {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Whether the value of a feature matches.
    fn prerequisite(&mut self, id: &str, condition: Option<&Value>) -> Result<Condition, String> {
        let always = json!({});
        let condition = condition
            .filter(|it| javascript::is_truthy(it))
            .unwrap_or(&always);
        let groups = self.groups;
        let is_met = |value: &Value| constant::holds(condition, &json!({ "value": value }), groups);
        match self.feature(id) {
            Known::LeftOut => Err(format!("`{id}` is left out")),
            Known::NoValue => is_met(&Value::Null).map(Condition::of),
            Known::Flag(key, outcomes) => {
                let mut names = Vec::new();
                for (name, value) in &outcomes {
                    if is_met(value)? {
                        names.push(name);
                    }
                }
                Ok(match names.len() {
                    0 => Condition::Never,
                    all if all == outcomes.len() => Condition::Always,
                    _ => Condition::When(json!({ "flag": key, "variant": names })),
                })
            }
        }
    }

    fn filters(&mut self, rule: &mut Rule<'_>) -> Result<(), Fault> {
        let path = rule.at("filters");
        let fault = |why: &str| (path.clone(), why.to_owned());
        let filters = rule
            .get("filters")
            .and_then(Value::as_array)
            .ok_or_else(|| fault("expected a list"))?
            .clone();
        for filter in &filters {
            let ranges = filter
                .get("ranges")
                .and_then(bucket::ranges)
                .ok_or_else(|| fault("expected ranges of numbers"))?;
            let seed = filter
                .get("seed")
                .and_then(Value::as_str)
                .ok_or_else(|| fault("expected a seed"))?;
            let by = filter
                .get("attribute")
                .filter(|it| javascript::is_truthy(it));
            let Some(version) = Version::of(filter.get("hashVersion"), Version::Two) else {
                rule.when.push(Condition::Never);
                continue;
            };
            let hash = Hash {
                by: by.map_or_else(|| "id".into(), javascript::text),
                salt: seed.to_owned(),
                version,
            };
            let within = self.within(&format!("filter.{seed}"), &hash, &path, |place| {
                ranges.iter().any(|range| is_within(place, *range))
            });
            rule.when.push(within);
        }
        Ok(())
    }

    /// Whether the place of a unit is within something: a flag of its own says it.
    fn within(
        &mut self,
        name: &str,
        hash: &Hash,
        path: &Path,
        is_in: impl Fn(f64) -> bool,
    ) -> Condition {
        let shares = hash.shares(is_in);
        if shares.iter().all(|(is_in, _)| !is_in) {
            return Condition::Never;
        }
        self.note_hash(hash, path);
        let shares = shares
            .into_iter()
            .map(|(is_in, count)| (if is_in { "in" } else { "out" }.to_owned(), count));
        let split = hash.split(&shares.collect());
        let flag = self.bucket_flag(name, split, path);
        Condition::When(json!({ "flag": flag, "variant": ["in"] }))
    }

    fn force(&mut self, value: &Value, rule: &Rule<'_>, flag: &mut Writing) -> Result<(), Fault> {
        let range = rule
            .some("range")
            .map(|it| bucket::range(it).ok_or_else(|| rule.fault("range", "expected two numbers")))
            .transpose()?;
        let coverage = match rule.get("coverage") {
            None => None,
            Some(Value::Null) => Some(0.0),
            Some(it) => Some(
                it.as_f64()
                    .ok_or_else(|| rule.fault("coverage", "expected a number"))?,
            ),
        };
        let name = flag.variants.name(value);
        if range.is_none() && coverage.is_none() {
            self.serve(rule, Condition::all(rule.when.clone()), json!(name), flag);
            return Ok(());
        }
        let hash = self.hash(rule, &flag.id)?;
        let is_nobody =
            range.is_none() && rule.get("coverage").and_then(Value::as_f64) == Some(0.0);
        let Some(hash) = hash.filter(|_| !is_nobody) else {
            return Ok(self.never(rule));
        };
        let shares = hash.shares(|place| match (range, coverage) {
            (Some(range), _) => is_within(place, range).then(|| name.clone()),
            (None, coverage) => coverage.is_some_and(|it| place <= it).then(|| name.clone()),
        });
        self.divide(rule, rule.when.clone(), &hash, shares, flag);
        Ok(())
    }

    fn experiment(&mut self, mut rule: Rule<'_>, flag: &mut Writing) -> Result<(), Fault> {
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
            return Ok(self.never(&rule));
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
        self.used_bandits.insert(name);
        leaves.push(own);
        Ok(leaves)
    }

    /// How a rule hashes; `None` where GrowthBook does not know the way, and so nobody is in it.
    fn hash(&mut self, rule: &Rule<'_>, seed: &str) -> Result<Option<Hash>, Fault> {
        let salt = rule.text("seed")?.unwrap_or_else(|| seed.to_owned());
        let by = rule
            .text("hashAttribute")?
            .unwrap_or_else(|| "id".to_owned());
        let version = Version::of(rule.get("hashVersion"), Version::One);
        let hash = version.map(|version| Hash { by, salt, version });
        if let Some(hash) = &hash {
            self.note_hash(hash, rule.path);
        }
        Ok(hash)
    }

    fn note_hash(&mut self, hash: &Hash, path: &Path) {
        self.general.insert(general::UNITS);
        if !hash.salt.is_ascii() {
            self.note(path, "units fall elsewhere: GrowthBook's JavaScript hashes the UTF-16 of its seed, and we the UTF-8");
        }
    }

    fn never(&mut self, rule: &Rule<'_>) {
        self.dropped(rule.path, "left out: nobody is in it");
    }

    fn serve(&mut self, rule: &Rule<'_>, when: Condition, serve: Value, flag: &mut Writing) {
        if when == Condition::Never {
            return self.never(rule);
        }
        let name = rule.get("id").and_then(Value::as_str);
        flag.push(name, when, serve);
        if flag.is_done && name.is_some() {
            self.dropped(
                &rule.at("id"),
                "left out: what it served is the default, which has no name",
            );
        }
    }

    /// Serves what each place leads to; where that is nothing, the next rule.
    fn divide(
        &mut self,
        rule: &Rule<'_>,
        mut when: Vec<Condition>,
        hash: &Hash,
        shares: Shares<Option<String>>,
        flag: &mut Writing,
    ) {
        if shares.iter().all(|(it, _)| it.is_none()) {
            return self.never(rule);
        }
        let some = shares
            .iter()
            .find_map(|(it, _)| it.clone())
            .unwrap_or_default();
        let is_whole = shares.iter().all(|(it, _)| it.is_some());
        let mut rest = some.clone();
        if rule.is_last {
            rest.clone_from(&flag.default_variant);
        } else if !is_whole {
            let name = format!(
                "{}.{}",
                flag.id,
                rule.path.as_str().rsplit('/').next().unwrap_or_default()
            );
            let is_in = shares
                .iter()
                .map(|(it, count)| (if it.is_some() { "in" } else { "out" }.to_owned(), *count));
            let split = hash.split(&merged(is_in));
            let key = self.bucket_flag(&name, split, rule.path);
            when.push(Condition::When(json!({ "flag": key, "variant": ["in"] })));
            if shares.iter().flat_map(|(it, _)| it).all(|it| *it == some) {
                return self.serve(rule, Condition::all(when), json!(some), flag);
            }
        }
        let shares = merged(
            shares
                .into_iter()
                .map(|(it, count)| (it.unwrap_or_else(|| rest.clone()), count)),
        );
        let (when, split) = (Condition::all(when), hash.split(&shares));
        let serves_default = rule.is_last && when == Condition::Always && flag.requires.is_empty();
        if serves_default && rule.get("id").is_none() {
            flag.default = split;
            flag.is_done = true;
            return;
        }
        self.serve(rule, when, split, flag);
    }
}

/// Neighbours of the same outcome, as one.
fn merged(shares: impl Iterator<Item = (String, u64)>) -> Shares<String> {
    let mut all: Shares<String> = Vec::new();
    for (outcome, share) in shares {
        match all.last_mut() {
            Some((last, count)) if *last == outcome => *count = count.saturating_add(share),
            _ => all.push((outcome, share)),
        }
    }
    all
}
