//! Which parts of flags, and which of their variants, tests come to.

use std::collections::{BTreeMap, BTreeSet};

use vexil_core::{Evaluation, Reason};
use vexil_ruleset::{Flag, Path as Pointer, Ruleset, Serve, VariantName};

use crate::source::{Lines, Source, Spot};

/// The flags of a ruleset, by key, each with what can be covered of it.
pub(super) struct Coverage {
    pub(super) flags: BTreeMap<String, FlagCoverage>,
}

/// What can be covered of a flag.
pub(super) struct FlagCoverage {
    pub(super) parts: Vec<Covered<Part>>,
    pub(super) variants: Vec<Covered<String>>,
}

/// Something, and whether a test comes to it.
pub(super) struct Covered<T> {
    pub(super) what: T,
    pub(super) path: String,
    pub(super) place: Option<Spot>,
    pub(super) is_reached: bool,
}

/// A part of a flag that can decide what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The flag is not enabled.
    Off,
    Requires,
    Targets,
    /// Its number and its name.
    Rule(u32, Option<String>),
    Default,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) covered: usize,
    pub(super) all: usize,
}

impl Coverage {
    /// Nothing is covered yet.
    pub(super) fn of(ruleset: &Ruleset, source: &Source, lines: &Lines<'_>) -> Coverage {
        let spot = |path: &Pointer| {
            let span = source.place(path).span?;
            Some(lines.spot(span.start))
        };
        let flags = ruleset.flags().iter().map(|(key, flag)| {
            let path = Pointer::default().join("flags").join(key.as_str());
            let parts = parts(flag).into_iter().map(|part| {
                let path = part.path(path.clone());
                uncovered(part, &path, spot(&path))
            });
            let variants = variants(flag, ruleset).into_iter().map(|name| {
                let path = path.clone().join("variants").join(name);
                uncovered(name.to_owned(), &path, spot(&path))
            });
            let flag = FlagCoverage {
                parts: parts.collect(),
                variants: variants.collect(),
            };
            (key.to_string(), flag)
        });
        Coverage {
            flags: flags.collect(),
        }
    }

    /// Notes what a flag came to where a test expected something of it.
    pub(super) fn cover(&mut self, key: &str, answer: Evaluation, variant: &str) {
        let Some(flag) = self.flags.get_mut(key) else {
            return;
        };
        for part in flag.parts.iter_mut().filter(|it| it.what.decided(answer)) {
            part.is_reached = true;
        }
        for it in flag.variants.iter_mut().filter(|it| it.what == variant) {
            it.is_reached = true;
        }
    }

    pub(super) fn share(&self) -> Share {
        let shares = self.flags.values().map(FlagCoverage::share);
        shares.fold(Share::default(), Share::plus)
    }
}

impl FlagCoverage {
    pub(super) fn share(&self) -> Share {
        let parts = self.parts.iter().map(|it| it.is_reached);
        let variants = self.variants.iter().map(|it| it.is_reached);
        let all = parts.chain(variants);
        all.fold(Share::default(), |sum, is_reached| {
            sum.plus(Share {
                covered: usize::from(is_reached),
                all: 1,
            })
        })
    }
}

impl Part {
    /// Whether it is what led to the answer.
    fn decided(&self, answer: Evaluation) -> bool {
        match (self, answer.rule) {
            (Part::Rule(number, _), rule) => rule == Some(*number),
            (_, Some(_)) => false,
            (Part::Off, None) => answer.reason == Reason::Disabled,
            (Part::Requires, None) => answer.reason == Reason::PrerequisiteFailed,
            (Part::Targets, None) => answer.reason == Reason::TargetingMatch,
            (Part::Default, None) => {
                matches!(
                    answer.reason,
                    Reason::Default | Reason::Split | Reason::Static
                )
            }
        }
    }

    /// Where it stands, given where its flag does.
    fn path(&self, flag: Pointer) -> Pointer {
        match self {
            Part::Off => flag.join("enabled"),
            Part::Requires => flag.join("requires"),
            Part::Targets => flag.join("targets"),
            Part::Rule(number, _) => flag.join("rules").join(&number.to_string()),
            Part::Default => flag.join("default"),
        }
    }
}

impl Share {
    pub(super) fn plus(self, other: Share) -> Share {
        Share {
            covered: self.covered.saturating_add(other.covered),
            all: self.all.saturating_add(other.all),
        }
    }

    /// From 0 to 100, in tenths; 100 only where nothing is left out.
    pub(super) fn percent(self) -> f64 {
        if self.all == 0 {
            return 100.0;
        }
        (self.covered as f64 * 1000.0 / self.all as f64).floor() / 10.0
    }
}

fn uncovered<T>(what: T, path: &Pointer, place: Option<Spot>) -> Covered<T> {
    Covered {
        what,
        path: path.to_string(),
        place,
        is_reached: false,
    }
}

fn parts(flag: &Flag) -> Vec<Part> {
    if !flag.is_enabled {
        return vec![Part::Off];
    }
    let requires = (!flag.requires.is_empty()).then_some(Part::Requires);
    let targets = flag.targets.values().any(|it| !it.is_empty());
    let targets = targets.then_some(Part::Targets);
    let rules = (0..).zip(&flag.rules);
    let rules = rules.map(|(number, rule)| Part::Rule(number, rule.name.clone()));
    let parts = requires.into_iter().chain(targets).chain(rules);
    parts.chain([Part::Default]).collect()
}

/// The variants that it can come to while no release has started and it is not killed.
fn variants<'r>(flag: &'r Flag, ruleset: &'r Ruleset) -> BTreeSet<&'r str> {
    if !flag.is_enabled {
        return BTreeSet::from([flag.off_variant.as_str()]);
    }
    let mut names = BTreeSet::new();
    if !flag.requires.is_empty() {
        names.insert(flag.off_variant.as_str());
    }
    let targets = flag.targets.iter().filter(|(_, keys)| !keys.is_empty());
    names.extend(targets.map(|(name, _)| name.as_str()));
    let serves = flag.rules.iter().map(|rule| &rule.serve);
    for serve in serves.chain([&flag.default]) {
        match serve {
            Serve::Variant(name) => drop(names.insert(name.as_str())),
            Serve::Split(split) => {
                let arms = split.arms.iter().filter(|(_, weight)| weight.get() > 0.0);
                names.extend(arms.map(|(name, _)| name.as_str()));
                names.extend(split.rest.as_ref().map(VariantName::as_str));
            }
            Serve::Release(name) => {
                let release = ruleset.releases().get(name);
                names.extend(release.map(|it| it.from.as_str()));
            }
        }
    }
    names
}
