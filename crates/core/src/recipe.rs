//! How other vendors place units: an imported flag keeps everybody where they were.
//!
//! Each gives a position of 32 bits, as ours does, so that arms and boundaries are the same for all. What a vendor
//! counts in hundreds or thousands is spread out evenly. They are compiled in by the feature `recipes`.

/// A vendor's way from a salt and a unit to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipe {
    /// `LaunchDarkly`: SHA-1 of `salt.unit`, the first 60 bits.
    LaunchDarklySha1,
    /// Unleash's strategies: `MurmurHash3` of `salt:unit`, in hundreds.
    UnleashMurmur3,
    /// Unleash's variants: the same with a seed of its own, in thousands.
    UnleashMurmur3Variant,
    /// `GrowthBook`, version 1: FNV-1a of unit and salt, in thousands.
    GrowthBookFnv1aV1,
    /// `GrowthBook`, version 2: FNV-1a of the FNV-1a of salt and unit, in ten thousands.
    GrowthBookFnv1aV2,
    /// flagd's first fractional: the size of `MurmurHash3` of salt and unit as a signed number.
    FlagdMurmur3V1,
    /// flagd's second: `MurmurHash3` of salt and unit.
    FlagdMurmur3V2,
    /// Eppo: MD5 of `salt-unit`, the first 32 bits, in ten thousands.
    EppoMd5,
    /// Flipt's distributions: CRC-32 of salt and unit, in thousands.
    FliptCrc32,
    /// Flipt's thresholds: CRC-32 of unit and salt, in hundreds.
    FliptCrc32Threshold,
    /// Unleash's variants again, in as many parts as the weights of the split add up to.
    UnleashMurmur3Weights,
}

impl Recipe {
    /// All there are, in the order of their codes.
    pub const ALL: [Recipe; 11] = [
        Recipe::LaunchDarklySha1,
        Recipe::UnleashMurmur3,
        Recipe::UnleashMurmur3Variant,
        Recipe::GrowthBookFnv1aV1,
        Recipe::GrowthBookFnv1aV2,
        Recipe::FlagdMurmur3V1,
        Recipe::FlagdMurmur3V2,
        Recipe::EppoMd5,
        Recipe::FliptCrc32,
        Recipe::FliptCrc32Threshold,
        Recipe::UnleashMurmur3Weights,
    ];

    /// Its name in rulesets: `launchdarkly-sha1`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Recipe::LaunchDarklySha1 => "launchdarkly-sha1",
            Recipe::UnleashMurmur3 => "unleash-murmur3",
            Recipe::UnleashMurmur3Variant => "unleash-murmur3-variant",
            Recipe::GrowthBookFnv1aV1 => "growthbook-fnv1a-v1",
            Recipe::GrowthBookFnv1aV2 => "growthbook-fnv1a-v2",
            Recipe::FlagdMurmur3V1 => "flagd-murmur3-v1",
            Recipe::FlagdMurmur3V2 => "flagd-murmur3-v2",
            Recipe::EppoMd5 => "eppo-md5",
            Recipe::FliptCrc32 => "flipt-crc32",
            Recipe::FliptCrc32Threshold => "flipt-crc32-threshold",
            Recipe::UnleashMurmur3Weights => "unleash-murmur3-weights",
        }
    }

    /// The recipe of which [`Recipe::name`] gave `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Recipe> {
        Recipe::ALL.into_iter().find(|recipe| recipe.name() == name)
    }

    pub(crate) fn code(self) -> u32 {
        self as u32
    }

    pub(crate) fn from_code(code: u32) -> Option<Recipe> {
        Recipe::ALL.get(code as usize).copied()
    }
}

#[cfg(feature = "recipes")]
mod place;
