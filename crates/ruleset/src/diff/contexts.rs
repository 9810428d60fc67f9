//! Contexts by chance, of what programs compare with.

mod chance;
mod matching;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use vexil_core::build::Operand;
use vexil_core::semver::Version;
use vexil_core::{Program, Wanted};

use crate::condition::AttributeName;
use chance::Chance;

/// How many operands of a list are drawn from.
const DRAWN: usize = 100;

/// Contexts without end; the same programs and the same seed give the same ones.
///
/// An attribute has mostly a value that a program compares with or one beside it, sometimes another or none. The unit
/// of a split or a release is mostly a new one in each context.
#[derive(Clone, Debug)]
pub struct Contexts {
    attributes: Vec<Attribute>,
    chance: Chance,
}

#[derive(Clone, Debug)]
struct Attribute {
    steps: Vec<String>,
    is_unit: bool,
    values: Vec<Json>,
}

impl Contexts {
    /// Contexts for `programs`.
    pub fn of(programs: &[&Program], seed: u64) -> Contexts {
        let mut values: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
        let mut units = BTreeSet::new();
        let mut chance = Chance::new(seed);
        for program in programs {
            for (attribute, wanted) in program.comparisons(DRAWN) {
                let values = values.entry(attribute.name).or_default();
                for value in beside(&wanted, &mut chance) {
                    if !values.contains(&value) && values.len() < DRAWN {
                        values.push(value);
                    }
                }
            }
            for unit in program.units() {
                units.insert(unit.name);
                values.entry(unit.name).or_default();
            }
        }
        let attributes = values.into_iter().filter_map(|(name, values)| {
            Some(Attribute {
                steps: AttributeName::new(name)?.steps(),
                is_unit: units.contains(name),
                values,
            })
        });
        Contexts {
            attributes: attributes.collect(),
            chance: Chance::new(seed),
        }
    }

    /// A unit that was not there before.
    pub fn unit(&mut self) -> String {
        format!("unit-{:016x}", self.chance.draw())
    }

    fn value(&mut self, attribute: &Attribute) -> Option<Json> {
        let drawn = self.chance.below(8);
        if attribute.is_unit && (drawn > 0 || attribute.values.is_empty()) {
            return Some(Json::from(self.unit()));
        }
        match drawn {
            1 => None,
            2 => Some(match self.chance.below(3) {
                0 => Json::from(true),
                1 => Json::from(self.chance.below(1_000)),
                _ => Json::from(self.unit()),
            }),
            _ => {
                let index = self.chance.below(attribute.values.len());
                attribute.values.get(index).cloned()
            }
        }
    }
}

impl Iterator for Contexts {
    type Item = Map<String, Json>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut context = Map::new();
        let attributes = std::mem::take(&mut self.attributes);
        for attribute in &attributes {
            if let Some(value) = self.value(attribute) {
                put(&mut context, &attribute.steps, value);
            }
        }
        self.attributes = attributes;
        Some(context)
    }
}

/// Puts a value where `steps` lead; what is in the way gives way.
fn put(context: &mut Map<String, Json>, steps: &[String], value: Json) {
    let Some((last, before)) = steps.split_last() else {
        return;
    };
    let mut members = context;
    for step in before {
        let member = members.entry(step.clone()).or_insert(Json::Null);
        if !member.is_object() {
            *member = Json::Object(Map::new());
        }
        let Json::Object(within) = member else {
            return;
        };
        members = within;
    }
    members.insert(last.clone(), value);
}

/// Values that pass a test, and some that just do not.
fn beside(wanted: &Wanted<'_>, chance: &mut Chance) -> Vec<Json> {
    // Of a number that is large its neighbours, which are more than 1 away.
    let number = |bound: f64| {
        let (below, above) = (
            bound.next_down().min(bound - 1.0),
            bound.next_up().max(bound + 1.0),
        );
        [below, bound, above].map(Json::from).to_vec()
    };
    let texts = |texts: &[&str], around: fn(&str) -> String| {
        let found = texts.iter().map(|text| Json::from(around(text)));
        found.collect::<Vec<Json>>()
    };
    match wanted {
        Wanted::Exists => vec![Json::from(true)],
        Wanted::OneOf(operands) => operands.some.iter().map(operand).collect(),
        Wanted::StartsWith(shown) => texts(&shown.some, |text| format!("{text}-")),
        Wanted::EndsWith(shown) => texts(&shown.some, |text| format!("-{text}")),
        Wanted::Contains(shown) => texts(&shown.some, |text| format!("-{text}-")),
        Wanted::Less(bound)
        | Wanted::LessOrEqual(bound)
        | Wanted::Greater(bound)
        | Wanted::GreaterOrEqual(bound) => number(*bound),
        Wanted::Before(instant) | Wanted::After(instant) => number(*instant as f64),
        Wanted::Semver(alternatives) => {
            let comparators = alternatives.iter().flatten();
            let versions = comparators.flat_map(|comparator| versions(comparator.version));
            versions.collect()
        }
        Wanted::Cidr(networks) => {
            let addresses = networks.some.iter();
            let addresses = addresses.map(|network| network.address.to_ip().to_string());
            addresses.map(Json::from).collect()
        }
        Wanted::Matches(source) => {
            let texts = matching::texts(source, chance).into_iter();
            texts.map(Json::from).collect()
        }
    }
}

fn operand(operand: &Operand<'_>) -> Json {
    match operand {
        Operand::Text(text) => Json::from(*text),
        Operand::Number(number) => Json::from(*number),
        Operand::Bool(bool) => Json::from(*bool),
    }
}

/// A version, the next patch of it, and the version before it, if there is one.
fn versions(version: Version<'_>) -> Vec<Json> {
    let text = |major: u64, minor: u64, patch: u64| format!("{major}.{minor}.{patch}");
    let Version {
        major,
        minor,
        patch,
        pre,
    } = version;
    let mut versions = vec![
        text(major, minor, patch),
        text(major, minor, patch.saturating_add(1)),
        text(major.saturating_sub(1), minor, patch),
    ];
    if !pre.is_empty() {
        versions.push(format!("{}-{pre}", text(major, minor, patch)));
    }
    versions.into_iter().map(Json::from).collect()
}
