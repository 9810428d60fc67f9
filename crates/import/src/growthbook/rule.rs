//! The rules of a feature: forced values, experiments, and what has to hold first.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use super::bucket::{self, Hash, Shares, Version, is_within, merged};
use super::condition::{Condition, Steps};
use super::feature::Writing;
use super::{Import, general, javascript};

/// Something that keeps a rule from being kept: where, and why.
pub(super) type Fault = (Path, String);

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

/// Those that only some rules ask for: first those of experiments, then those of everything that is divided.
const DIVIDED: [&str; 12] = [
    "variations",
    "contextualVariations",
    "contextualBanditRef",
    "weights",
    "key",
    "namespace",
    "ranges",
    "seed",
    "hashAttribute",
    "hashVersion",
    "coverage",
    "range",
];

/// A rule that is being read.
pub(super) struct Rule<'r> {
    pub(super) members: &'r Map<String, Value>,
    pub(super) path: &'r Path,
    /// All that has to hold.
    pub(super) when: Vec<Condition>,
    is_last: bool,
}

impl<'r> Rule<'r> {
    pub(super) fn get(&self, name: &str) -> Option<&'r Value> {
        self.members.get(name)
    }

    pub(super) fn is_forced(&self) -> bool {
        self.members.contains_key("force")
    }

    /// Whether it is there for its prerequisites alone.
    fn is_gate(&self) -> bool {
        let has = |name| self.get(name).is_some_and(|it| !it.is_null());
        !self.is_forced() && !has("variations") && !has("contextualVariations")
    }

    /// The members that a rule of its kind does not ask for.
    fn unread(&self) -> Vec<&'static str> {
        let (of_experiments, of_all) = DIVIDED.split_at(7);
        let is_divided = self.some("range").is_some() || self.get("coverage").is_some();
        if self.is_gate() {
            return [&["id", "condition", "filters"], &DIVIDED[..]].concat();
        }
        match (self.is_forced(), is_divided) {
            (true, false) => DIVIDED.to_vec(),
            (true, true) if self.some("range").is_some() => {
                [of_experiments, &["coverage"]].concat()
            }
            (true, true) => [of_experiments, &["range"]].concat(),
            (false, _) if self.get("contextualVariations").is_some() => vec!["variations", "range"],
            (false, _) => of_all.get(4..).unwrap_or_default().to_vec(),
        }
    }

    /// A member that is there, and that JavaScript takes for true.
    pub(super) fn some(&self, name: &str) -> Option<&'r Value> {
        self.get(name).filter(|it| javascript::is_truthy(it))
    }

    pub(super) fn at(&self, name: &str) -> Path {
        self.path.clone().join(name)
    }

    pub(super) fn fault(&self, name: &str, why: &str) -> Fault {
        (self.at(name), why.to_owned())
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Fault> {
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
        let is_gate = rule.is_gate();
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
        for name in rule.unread() {
            if rule.get(name).is_some() {
                self.dropped(&rule.at(name), "left out: such a rule does not ask for it");
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
    pub(super) fn within(
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
            return {
                self.never(rule);
                Ok(())
            };
        };
        let shares = hash.shares(|place| match (range, coverage) {
            (Some(range), _) => is_within(place, range).then(|| name.clone()),
            (None, coverage) => coverage.is_some_and(|it| place <= it).then(|| name.clone()),
        });
        self.divide(rule, rule.when.clone(), &hash, shares, flag);
        Ok(())
    }

    /// How a rule hashes; `None` where `GrowthBook` does not know the way, and so nobody is in it.
    pub(super) fn hash(&mut self, rule: &Rule<'_>, seed: &str) -> Result<Option<Hash>, Fault> {
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

    pub(super) fn never(&mut self, rule: &Rule<'_>) {
        self.dropped(rule.path, "left out: nobody is in it");
    }

    pub(super) fn serve(
        &mut self,
        rule: &Rule<'_>,
        when: Condition,
        serve: Value,
        flag: &mut Writing,
    ) {
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
    pub(super) fn divide(
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
