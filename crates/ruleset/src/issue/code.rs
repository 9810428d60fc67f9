//! What kind of thing is wrong.

use vexil_core::FlagType;

use crate::network::NetworkError;
use crate::pattern::PatternError;
use crate::semver::RangeError;

/// What kind of thing is wrong. [`Code::name`] is stable across releases; the sentence it displays is not.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Code {
    /// The text is no JSON.
    Syntax {
        /// What was expected.
        message: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A member of an object is written more than once.
    DuplicateKey(String),
    /// An object has a member that means nothing there.
    UnknownKey(Unknown),
    /// An object lacks a member.
    MissingKey(&'static str),
    /// A value of another JSON type.
    WrongType {
        /// `a string`.
        expected: &'static str,
        /// `null`.
        found: &'static str,
    },
    /// A name with characters that names cannot have, or too few or too many of them.
    BadKey(String),
    /// A word that is none of those that can stand there.
    UnknownWord {
        /// The word.
        word: Unknown,
        /// Those that can stand there.
        expected: &'static [&'static str],
    },
    /// No flag has this key.
    UnknownFlag(Unknown),
    /// The flag has no variant of this name.
    UnknownVariant(Unknown),
    /// No segment has this name.
    UnknownSegment(Unknown),
    /// No release has this name.
    UnknownRelease(Unknown),
    /// Teams are given, and none has this name.
    UnknownTeam(Unknown),
    /// A release moves between variants of which the flag lacks one.
    ReleaseVariant {
        /// The release.
        release: String,
        /// The variant.
        variant: String,
    },
    /// A release moves from a variant to the same one.
    SameVariant(String),
    /// A variant's value is not of its flag's type.
    ValueType {
        /// The flag's type.
        expected: FlagType,
        /// What the value is: `a string`.
        found: &'static str,
    },
    /// A condition that tests nothing, or more than one thing.
    OneTest {
        /// What it tests.
        found: Vec<&'static str>,
        /// Those of which it must have one.
        expected: &'static [&'static str],
    },
    /// A list that must not be empty.
    EmptyList,
    /// A text that must not be empty.
    EmptyText,
    /// A test for null.
    NullOperand,
    /// An attribute that is no name and no JSON Pointer.
    BadAttribute(String),
    /// A text that is no range of versions.
    BadRange {
        /// The text.
        text: String,
        /// Where it stops being one.
        error: RangeError,
    },
    /// A text that is no pattern.
    BadPattern {
        /// The text.
        text: String,
        /// What is wrong with it, and where.
        error: PatternError,
    },
    /// A pattern for which no automaton within the limit decides.
    AutomatonSize,
    /// So many texts whose case does not count that no automaton within the limit decides.
    TextsSize(usize),
    /// A text or a number, as JSON, that is no time.
    BadInstant(String),
    /// An interval that ends when it begins, or before.
    IntervalOrder,
    /// A text that is no network.
    BadNetwork {
        /// The text.
        text: String,
        /// Why.
        error: NetworkError,
    },
    /// An arm of a split with so many items instead of a variant and a weight.
    PairLength(usize),
    /// A number that is no weight.
    BadWeight(f64),
    /// Every weight of a split is 0.
    WeightSum,
    /// A number that is no exposure.
    BadExposure(f64),
    /// A split that serves less than all, and does not say what the rest gets.
    MissingRest,
    /// A number that is no percentage.
    BadPercent(f64),
    /// A text that is no duration.
    BadDuration(String),
    /// A stage that exposes less than one before it, neither of them for an audience.
    StageOrder,
    /// Two stages of one release have the same name.
    DuplicateStage(String),
    /// A release that is under way, or a part of it, that must stay as it was. Only what is published is checked for
    /// this: a ruleset by itself does not know.
    ReleaseUnderway,
    /// One targeting key is a target of two variants.
    DuplicateTarget {
        /// The targeting key.
        target: String,
        /// The variant that has it too.
        other: String,
    },
    /// Flags, segments or releases that need each other: each needs the next, and the last is the first. Of a long
    /// cycle the middle is `…`.
    Cycle(Vec<String>),
    /// More of something than there may be.
    Limit {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// Evaluating the flag could take too long; where a rule is named, it and the rules before it do.
    TooComplex,
    /// So many issues follow that they were left out.
    MoreIssues(usize),
}

/// A name that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

impl Code {
    /// The name that stands for nothing, with what may have been meant, where that is what is wrong.
    #[must_use]
    pub fn unknown(&self) -> Option<&Unknown> {
        match self {
            Code::UnknownKey(it)
            | Code::UnknownWord { word: it, .. }
            | Code::UnknownFlag(it)
            | Code::UnknownVariant(it)
            | Code::UnknownSegment(it)
            | Code::UnknownRelease(it)
            | Code::UnknownTeam(it) => Some(it),
            _ => None,
        }
    }

    /// The stable name, in kebab-case: `unknown-variant`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Code::Syntax { .. } => "syntax",
            Code::DuplicateKey(_) => "duplicate-key",
            Code::UnknownKey(_) => "unknown-key",
            Code::MissingKey(_) => "missing-key",
            Code::WrongType { .. } => "wrong-type",
            Code::BadKey(_) => "bad-key",
            Code::UnknownWord { .. } => "unknown-word",
            Code::UnknownFlag(_) => "unknown-flag",
            Code::UnknownVariant(_) => "unknown-variant",
            Code::UnknownSegment(_) => "unknown-segment",
            Code::UnknownRelease(_) => "unknown-release",
            Code::UnknownTeam(_) => "unknown-team",
            Code::ReleaseVariant { .. } => "release-variant",
            Code::SameVariant(_) => "same-variant",
            Code::ValueType { .. } => "value-type",
            Code::OneTest { .. } => "one-test",
            Code::EmptyList => "empty-list",
            Code::EmptyText => "empty-text",
            Code::NullOperand => "null-operand",
            Code::BadAttribute(_) => "bad-attribute",
            Code::BadRange { .. } => "bad-range",
            Code::BadPattern { .. } => "bad-pattern",
            Code::AutomatonSize | Code::TextsSize(_) => "automaton-size",
            Code::BadInstant(_) => "bad-instant",
            Code::IntervalOrder => "interval-order",
            Code::BadNetwork { .. } => "bad-network",
            Code::PairLength(_) => "pair-length",
            Code::BadWeight(_) => "bad-weight",
            Code::WeightSum => "weight-sum",
            Code::BadExposure(_) => "bad-exposure",
            Code::MissingRest => "missing-rest",
            Code::BadPercent(_) => "bad-percent",
            Code::BadDuration(_) => "bad-duration",
            Code::StageOrder => "stage-order",
            Code::DuplicateStage(_) => "duplicate-stage",
            Code::ReleaseUnderway => "release-underway",
            Code::DuplicateTarget { .. } => "duplicate-target",
            Code::Cycle(_) => "cycle",
            Code::Limit { .. } => "limit",
            Code::TooComplex => "too-complex",
            Code::MoreIssues(_) => "more-issues",
        }
    }
}
