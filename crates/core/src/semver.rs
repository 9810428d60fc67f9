//! Versions and how they are ordered.
//!
//! Source: Semantic Versioning 2.0.0, sections 2, 9, 10 and 11 (precedence).

use core::cmp::Ordering;

/// A version without its build metadata, which has no precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'a> {
    /// Incompatible changes.
    pub major: u64,
    /// Additions.
    pub minor: u64,
    /// Fixes.
    pub patch: u64,
    /// Dot-separated identifiers after the hyphen; empty for a release.
    pub pre: &'a str,
}

/// One bound on a version: `>=2.1.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparator<'a> {
    /// How the version compares.
    pub operator: Operator,
    /// With what.
    pub version: Version<'a>,
}

/// How a version compares with a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Of the same precedence.
    Equal,
    /// Lower.
    Less,
    /// Lower, or of the same precedence.
    LessOrEqual,
    /// Higher.
    Greater,
    /// Higher, or of the same precedence.
    GreaterOrEqual,
}

impl<'a> Version<'a> {
    /// Reads `1.2.3-rc.1+build`; `None` for anything else, such as `1.2` or `v1.2.3`.
    ///
    /// ```
    /// use vexil_core::semver::Version;
    /// assert!(Version::parse("1.0.0-rc.1") < Version::parse("1.0.0"));
    /// assert_eq!(Version::parse("1.0"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Version<'a>> {
        let (text, build) = cut(text, '+');
        let (numbers, pre) = cut(text, '-');
        if !build.is_none_or(|build| build.split('.').all(is_identifier)) {
            return None;
        }
        if !pre.is_none_or(|pre| {
            pre.split('.')
                .all(|part| is_identifier(part) && !has_leading_zero(part))
        }) {
            return None;
        }
        let mut parts = numbers.split('.');
        let mut number = || parts.next().and_then(parse_number);
        let (major, minor, patch) = (number()?, number()?, number()?);
        parts.next().is_none().then_some(Version {
            major,
            minor,
            patch,
            pre: pre.unwrap_or_default(),
        })
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| compare_pre(self.pre, other.pre))
    }
}

impl Operator {
    /// Whether a version that compares as `ordering` with the bound is within it.
    #[must_use]
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Operator::Equal => ordering.is_eq(),
            Operator::Less => ordering.is_lt(),
            Operator::LessOrEqual => ordering.is_le(),
            Operator::Greater => ordering.is_gt(),
            Operator::GreaterOrEqual => ordering.is_ge(),
        }
    }

    pub(crate) fn code(self) -> u32 {
        match self {
            Operator::Equal => 0,
            Operator::Less => 1,
            Operator::LessOrEqual => 2,
            Operator::Greater => 3,
            Operator::GreaterOrEqual => 4,
        }
    }

    pub(crate) fn from_code(code: u32) -> Operator {
        match code {
            0 => Operator::Equal,
            1 => Operator::Less,
            2 => Operator::LessOrEqual,
            3 => Operator::Greater,
            _ => Operator::GreaterOrEqual,
        }
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at)
        .map_or((text, None), |(before, after)| (before, Some(after)))
}

fn compare_pre(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let mut rights = right.split('.');
            for left in left.split('.') {
                let Some(right) = rights.next() else {
                    return Ordering::Greater;
                };
                let ordering = compare_identifiers(left, right);
                if ordering.is_ne() {
                    return ordering;
                }
            }
            if rights.next().is_some() {
                Ordering::Less
            } else {
                Ordering::Equal
            }
        }
    }
}

fn compare_identifiers(left: &str, right: &str) -> Ordering {
    match (is_numeric(left), is_numeric(right)) {
        // Without leading zeros the longer number is the larger, however long it is.
        (true, true) => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.cmp(right),
    }
}

fn parse_number(text: &str) -> Option<u64> {
    if !is_numeric(text) || has_leading_zero(text) {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, digit| {
        number
            .checked_mul(10)?
            .checked_add(u64::from(digit.wrapping_sub(b'0')))
    })
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn is_numeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0') && is_numeric(text)
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn precedence_is_that_of_section_11() {
        let ascending = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.1.0",
            "2.0.0",
        ];
        for pair in ascending.windows(2) {
            assert!(
                Version::parse(pair[0]) < Version::parse(pair[1]),
                "{pair:?}"
            );
        }
    }

    #[test]
    fn build_metadata_has_no_precedence() {
        assert_eq!(Version::parse("1.0.0+a"), Version::parse("1.0.0+b.7"));
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "",
            "1",
            "1.0",
            "1.0.0.0",
            "v1.0.0",
            "01.0.0",
            "1.0.0-",
            "1.0.0-01",
            "1.0.0-a..b",
            "1.0.0+",
            " 1.0.0",
            "1.0.0-ü",
        ] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
