//! What lint looks for.

/// What is odd, for programs. The names are stable across releases, and what an `allow` lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Lint {
    /// A rule that never serves, since what is asked before it leaves nobody for it.
    UnreachableRule,
    /// A condition, or a segment, that everybody passes.
    AlwaysTrue,
    /// A condition, or a segment, that nobody passes.
    NeverTrue,
    /// An item of an `all` or an `any` that could be left out without changing what passes.
    RedundantCondition,
    /// A part of a condition that comes out alike wherever what is asked before and around it leaves it to decide.
    MootCondition,
    /// A flag that serves one variant to everyone while it is on.
    ConstantFlag,
    /// A flag whose `requires` can never be met.
    UnmetRequirement,
    /// A variant that nothing serves.
    UnusedVariant,
    /// A segment that nothing refers to.
    UnusedSegment,
    /// A release that no flag serves.
    UnusedRelease,
    /// A team that owns nothing.
    UnusedTeam,
    /// A private attribute that nothing reads.
    UnreadPrivate,
    /// Rollouts of different flags that put the same units first.
    SharedSalt,
    /// A variant with a weight of 0 in a split.
    ZeroWeight,
    /// A split that serves one variant to everybody.
    WholeWeight,
    /// An `allow` that allows nothing.
    UnusedAllow,
}

impl Lint {
    /// All there are, in the order of their names below.
    pub const ALL: [Lint; 16] = [
        Lint::UnreachableRule,
        Lint::AlwaysTrue,
        Lint::NeverTrue,
        Lint::RedundantCondition,
        Lint::MootCondition,
        Lint::ConstantFlag,
        Lint::UnmetRequirement,
        Lint::UnusedVariant,
        Lint::UnusedSegment,
        Lint::UnusedRelease,
        Lint::UnusedTeam,
        Lint::UnreadPrivate,
        Lint::SharedSalt,
        Lint::ZeroWeight,
        Lint::WholeWeight,
        Lint::UnusedAllow,
    ];

    /// The words that can stand in an `allow`.
    pub(crate) const NAMES: &[&str] = &names();

    /// The stable name, in kebab-case: `unreachable-rule`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Lint::UnreachableRule => "unreachable-rule",
            Lint::AlwaysTrue => "always-true",
            Lint::NeverTrue => "never-true",
            Lint::RedundantCondition => "redundant-condition",
            Lint::MootCondition => "moot-condition",
            Lint::ConstantFlag => "constant-flag",
            Lint::UnmetRequirement => "unmet-requirement",
            Lint::UnusedVariant => "unused-variant",
            Lint::UnusedSegment => "unused-segment",
            Lint::UnusedRelease => "unused-release",
            Lint::UnusedTeam => "unused-team",
            Lint::UnreadPrivate => "unread-private",
            Lint::SharedSalt => "shared-salt",
            Lint::ZeroWeight => "zero-weight",
            Lint::WholeWeight => "whole-weight",
            Lint::UnusedAllow => "unused-allow",
        }
    }

    /// The lint of that name.
    pub(crate) fn named(name: &str) -> Option<Lint> {
        Lint::ALL.into_iter().find(|lint| lint.name() == name)
    }
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a constant is computed when this is compiled, and both arrays have its length"
)]
const fn names() -> [&'static str; Lint::ALL.len()] {
    let mut names = [""; Lint::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = Lint::ALL[index].name();
        index += 1;
    }
    names
}
