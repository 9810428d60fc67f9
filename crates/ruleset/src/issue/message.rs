//! How issues are said: lower case, no full stop, what somebody wrote in backticks, what was expected.

use std::fmt::{self, Display, Formatter};

use vexil_core::limits::AUTOMATON_BYTES;

use super::code::{Code, Unknown};
use crate::json::compact;

impl Display for Code {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Code::Syntax { message, line, column } => write!(to, "{message} at line {line}, column {column}"),
            Code::DuplicateKey(name) => write!(to, "{} is written more than once, expected once", Quoted(name)),
            Code::UnknownKey(it) => write!(to, "unknown key {it}"),
            Code::MissingKey(name) => write!(to, "missing `{name}`"),
            Code::WrongType { expected, found } => write!(to, "expected {expected}, found {found}"),
            Code::BadKey(text) => {
                let text = Quoted(text);
                write!(to, "{text} is no key, expected 1 to 128 of letters, digits, `.`, `_` and `-`")
            }
            Code::UnknownWord { word, expected } => {
                write!(to, "unknown word {word}, expected {}", Words(expected, "or"))
            }
            Code::UnknownFlag(it) => write!(to, "unknown flag {it}"),
            Code::UnknownVariant(it) => write!(to, "unknown variant {it}"),
            Code::UnknownSegment(it) => write!(to, "unknown segment {it}"),
            Code::UnknownRelease(it) => write!(to, "unknown release {it}"),
            Code::UnknownTeam(it) => write!(to, "unknown team {it}"),
            Code::ReleaseVariant { release, variant } => {
                write!(to, "release `{release}` needs variant `{variant}`, which this flag lacks")
            }
            Code::SameVariant(name) => {
                write!(to, "the release comes from `{name}` already, expected another variant")
            }
            Code::ValueType { expected, found } => {
                let (name, expected) = (expected.name(), value_of(*expected));
                write!(to, "expected {expected} in a flag of type `{name}`, found {found}")
            }
            Code::OneTest { found, expected } if found.is_empty() => {
                write!(to, "expected one of {}, found none", Words(expected, "or"))
            }
            Code::OneTest { found, .. } => {
                let found = Words(found, "and");
                write!(to, "expected one test, found {found} (join tests with `all` or `any`)")
            }
            Code::EmptyList => to.write_str("expected a list that is not empty"),
            Code::EmptyText => to.write_str("expected a text that is not empty"),
            Code::NullOperand => to.write_str(
                "expected a string, a number or a boolean, found null (for a missing attribute write `\"exists\": false`)",
            ),
            Code::BadAttribute(text) => {
                let text = Quoted(text);
                write!(to, "{text} is no attribute, expected a name, or a JSON Pointer with `~` as `~0` and `/` as `~1`")
            }
            Code::BadRange { text, error } => write!(to, "{} is no range of versions, {error}", Quoted(text)),
            Code::BadPattern { text, error } => write!(to, "{} is no pattern, {error}", Quoted(text)),
            Code::AutomatonSize => {
                write!(to, "needs an automaton of more than {AUTOMATON_BYTES} bytes, expected something simpler")
            }
            Code::TextsSize(count) => {
                write!(to, "{count} texts in any case need an automaton of more than {AUTOMATON_BYTES} bytes, expected fewer in one test: an `any` of several tests can have the others")
            }
            Code::BadInstant(text) => {
                let text = Quoted(text);
                write!(to, "{text} is no time, expected RFC 3339, such as `2024-05-01T09:00:00Z`, or whole milliseconds since 1970")
            }
            Code::IntervalOrder => to.write_str("never holds, expected `from` before `until`"),
            Code::BadNetwork { text, error } => write!(to, "{} is no network, {error}", Quoted(text)),
            Code::PairLength(found) => {
                write!(to, "expected a pair of a variant and a weight, found a list of {found}")
            }
            Code::BadWeight(number) => {
                write!(to, "{} is no weight, expected 0 or more with at most five decimal places", Number(*number))
            }
            Code::WeightSum => to.write_str("weights add up to 0, expected more"),
            Code::BadExposure(number) => {
                write!(to, "{} is no exposure, expected 0 to 1 with at most five decimal places", Number(*number))
            }
            Code::MissingRest => {
                to.write_str("missing `rest`, expected the variant for those outside an `exposure` below 1")
            }
            Code::BadPercent(number) => {
                write!(to, "{} is no percentage, expected 0 to 100 with at most five decimal places", Number(*number))
            }
            Code::BadDuration(text) => {
                let text = Quoted(text);
                write!(to, "{text} is no duration, expected digits and one of `s`, `m`, `h`, `d`, `w`, such as `4h`")
            }
            Code::StageOrder => to.write_str("exposes less than an earlier stage, expected at least as much"),
            Code::DuplicateStage(name) => {
                write!(to, "an earlier stage is called {} too, expected another name", Quoted(name))
            }
            Code::ReleaseUnderway => to.write_str(
                "cannot change while the release is under way, expected it as it was (or roll the release back first)",
            ),
            Code::DuplicateTarget { target, other } => {
                write!(to, "{} is a target of `{other}` too, expected one variant for it", Quoted(target))
            }
            Code::Cycle(items) => write!(to, "needs itself: {}", items.join(" → ")),
            Code::Limit { what, most, found } => write!(to, "{found} {what}, expected at most {most}"),
            Code::TooComplex => to.write_str("evaluating the flag could take too many steps, expected fewer or shorter lists"),
            Code::MoreIssues(count) => write!(to, "{count} more issues, left out"),
        }
    }
}

fn value_of(kind: vexil_core::FlagType) -> &'static str {
    match kind {
        vexil_core::FlagType::Boolean => "a boolean",
        vexil_core::FlagType::String => "a string",
        vexil_core::FlagType::Number => "a number",
        vexil_core::FlagType::Object => "an object or a list",
    }
}

impl Display for Unknown {
    /// `` `onn` (did you mean `on`?) ``
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "{}", Quoted(&self.name))?;
        match &self.suggestion {
            Some(name) => write!(to, " (did you mean {}?)", Quoted(name)),
            None => Ok(()),
        }
    }
}

/// What somebody wrote, in backticks, on one line and not too long.
struct Quoted<'t>(&'t str);

/// How much of what somebody wrote is repeated.
const QUOTED_CHARACTERS: usize = 160;

impl Display for Quoted<'_> {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str("`")?;
        for character in self.0.chars().take(QUOTED_CHARACTERS) {
            if character.is_control() {
                write!(to, "{}", character.escape_default())?;
            } else {
                write!(to, "{character}")?;
            }
        }
        let is_cut = self.0.chars().nth(QUOTED_CHARACTERS).is_some();
        to.write_str(if is_cut { "…`" } else { "`" })
    }
}

/// A number in backticks, as JSON writes it.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        write!(to, "`{}`", compact(&self.0.into()))
    }
}

/// `a`, `b` or `c`, with the word before the last.
struct Words<'t>(&'t [&'static str], &'static str);

impl Display for Words<'_> {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let Words(words, before_last) = self;
        let last = words.len().saturating_sub(1);
        for (index, word) in words.iter().enumerate() {
            match index {
                0 => write!(to, "`{word}`")?,
                _ if index == last => write!(to, " {before_last} `{word}`")?,
                _ => write!(to, ", `{word}`")?,
            }
        }
        Ok(())
    }
}
