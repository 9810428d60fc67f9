//! What the flags say, before any engine's language.

use crate::context::{COUNTRIES, Context, PLANS};
use crate::random::Random;

/// The values of flags that serve strings; a split serves the first three.
pub const TEXTS: [&str; 4] = ["control", "compact", "detailed", "minimal"];
/// The weights of a three-way split, in percent.
pub const WEIGHTS: [u32; 3] = [50, 30, 20];
/// The name of the one segment.
pub const SEGMENT: &str = "members";
/// What the last rule of [`RULES`] asks for.
pub const LAST: Rule<'static> = Rule {
    countries: &["DE", "AT", "CH", "FR", "IT"],
    plan: "pro",
};

/// In each set of the mix: a flag that is on for all, one of five rules of which the last matches, a three-way split.
pub const ON: usize = 0;
pub const RULES: usize = 4;
pub const SPLIT: usize = 7;

const SEED: u64 = 0x5eed;
const CONTEXTS: usize = 64;

/// Flags, and the contexts they are evaluated for.
pub struct Set {
    pub flags: Vec<Flag>,
    /// Targeting keys; empty where no flag asks for a segment.
    pub members: Vec<String>,
    pub contexts: Vec<Context>,
}

pub struct Flag {
    pub key: String,
    pub serve: Serve,
}

/// What a flag serves, and to whom.
pub enum Serve {
    /// `true` to all.
    On,
    /// `false`: it is disabled.
    Off,
    /// `true` where a rule matches.
    Boolean(Vec<Rule<'static>>),
    /// Of [`TEXTS`] the one of the first rule that matches, the last where none does.
    Text(Vec<Rule<'static>>),
    /// One of three by targeting key.
    Split,
    /// `true` to that many of a hundred.
    Percent(u32),
    /// `true` to members of the segment.
    Members,
}

/// Matches where both hold.
#[derive(Clone, Copy)]
pub struct Rule<'a> {
    pub countries: &'a [&'static str],
    pub plan: &'static str,
}

impl Serve {
    pub fn is_boolean(&self) -> bool {
        !matches!(self, Serve::Text(_) | Serve::Split)
    }

    /// Whether engines agree on whom it serves what: they hash differently.
    pub fn is_hashed(&self) -> bool {
        matches!(self, Serve::Split | Serve::Percent(_))
    }
}

impl Set {
    /// `count` flags: of every ten, three are on for all, one is off, two are boolean with one to five rules, one is a
    /// string with three rules, two are three-way splits, one is a boolean percentage.
    pub fn mix(count: usize) -> Set {
        let mut random = Random::new(SEED);
        let flags = (0..count).map(|index| flag(index, &mut random)).collect();
        let contexts = (0..CONTEXTS)
            .map(|_| Context::random(&mut random))
            .collect();
        Set {
            flags,
            members: Vec::new(),
            contexts,
        }
    }

    /// The same flags, for contexts that match the last rule of flag [`RULES`].
    pub fn asked(count: usize) -> Set {
        let mut random = Random::new(!SEED);
        let contexts = (0..CONTEXTS)
            .map(|_| Context::matching(&LAST, &mut random))
            .collect();
        Set {
            contexts,
            ..Set::mix(count)
        }
    }

    /// One flag on a segment of `count` targeting keys; every other context is a member.
    pub fn segment(count: usize) -> Set {
        let mut random = Random::new(SEED);
        let members: Vec<String> = (0..count)
            .map(|index| format!("user-{}", 7 * index))
            .collect();
        let contexts = (0..CONTEXTS).map(|index| {
            let mut context = Context::random(&mut random);
            context.targeting_key = if index % 2 == 0 {
                members[random.below(count)].clone()
            } else {
                format!("user-{}", 7 * index + 1)
            };
            context
        });
        let contexts = contexts.collect();
        Set {
            flags: vec![Flag {
                key: key(0),
                serve: Serve::Members,
            }],
            members,
            contexts,
        }
    }
}

fn flag(index: usize, random: &mut Random) -> Flag {
    let serve = match index % 10 {
        0..=2 => Serve::On,
        3 => Serve::Off,
        4 if index == RULES => Serve::Boolean(five_rules()),
        4 | 5 => Serve::Boolean(rules(1 + random.below(5), random)),
        6 => Serve::Text(rules(3, random)),
        7 | 8 => Serve::Split,
        _ => Serve::Percent(10 + random.below(81) as u32),
    };
    Flag {
        key: key(index),
        serve,
    }
}

fn key(index: usize) -> String {
    format!("flag-{index:04}")
}

fn rules(count: usize, random: &mut Random) -> Vec<Rule<'static>> {
    let mut rule = || {
        let length = 3 + random.below(6);
        let start = random.below(COUNTRIES.len() - length);
        Rule {
            countries: &COUNTRIES[start..start + length],
            plan: random.one_of(&PLANS),
        }
    };
    (0..count).map(|_| rule()).collect()
}

/// Four fail for contexts that match [`LAST`], half of them in the first condition and half in the second.
fn five_rules() -> Vec<Rule<'static>> {
    let elsewhere = Rule {
        countries: &["US", "CA", "MX", "BR", "AR"],
        plan: LAST.plan,
    };
    let other_plan = Rule {
        plan: "team",
        ..LAST
    };
    vec![elsewhere, other_plan, elsewhere, other_plan, LAST]
}
