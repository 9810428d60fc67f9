//! Flag files and contexts by chance, for the vendors' own evaluators and for ours.

mod eppo;
mod flagd;
mod flipt;
mod growthbook;
mod launchdarkly;
mod unleash;

use serde_json::Value;

/// Numbers by chance, the same for the same seed on every machine: xorshift64*.
///
/// Source: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016.
pub struct Chance(u64);

impl Chance {
    /// Begins at `seed`.
    pub fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from 0 to below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.bits()).wrapping_mul(end as u128) >> 64;
        wide as usize
    }

    /// True `percent` times in a hundred.
    pub fn is(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `things`, of which there is at least one.
    pub fn one<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let index = self.below(things.len());
        things.get(index).unwrap_or_else(|| std::process::abort())
    }
}

/// A vendor's file and what is asked of it.
pub struct Question {
    /// The file, as the vendor writes it.
    pub file: Value,
    /// The keys of its flags, and where each is in the file: `/flags/checkout`.
    pub flags: Vec<(String, String)>,
    /// Contexts, as the vendor writes them.
    pub contexts: Vec<Value>,
}

/// A way to make questions of one vendor's.
pub struct Maker {
    /// The vendor: `launchdarkly`.
    pub name: &'static str,
    /// A file and what is asked of it.
    pub make: fn(&mut Chance) -> Question,
}

/// All vendors whose files are made by chance.
pub const MAKERS: &[Maker] = &[
    launchdarkly::MAKER,
    flagd::MAKER,
    unleash::MAKER,
    growthbook::MAKER,
    eppo::MAKER,
    flipt::MAKER,
];
