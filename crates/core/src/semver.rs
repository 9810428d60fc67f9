//! Versions and how they are ordered.
//!
//! Source: Semantic Versioning 2.0.0, sections 2, 9, 10 and 11 (precedence).

use core::cmp::Ordering;

use crate::cursor::Cursor;

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
        let Precedence {
            numbers: [major, minor, patch],
            pre,
        } = Precedence::read(text.as_bytes())?;
        Some(Version {
            major,
            minor,
            patch,
            pre: core::str::from_utf8(pre).unwrap_or_default(),
        })
    }
}

/// What versions are ordered by. As bytes: making text of them takes WebAssembly.
pub(crate) struct Precedence<'a> {
    pub(crate) numbers: [u64; 3],
    pub(crate) pre: &'a [u8],
}

impl<'a> Precedence<'a> {
    pub(crate) fn read(text: &'a [u8]) -> Option<Precedence<'a>> {
        let mut cursor = Cursor::new(text);
        let major = cursor.plain(LONGEST);
        cursor.expect(b'.');
        let minor = cursor.plain(LONGEST);
        cursor.expect(b'.');
        let patch = cursor.plain(LONGEST);
        let mut pre: &[u8] = &[];
        if cursor.skip(b'-') {
            pre = identifiers(&mut cursor, false);
        }
        if cursor.skip(b'+') {
            identifiers(&mut cursor, true);
        }
        cursor.is_done().then_some(Precedence {
            numbers: [major, minor, patch],
            pre,
        })
    }

    pub(crate) fn compare(&self, other: &Precedence<'_>) -> Ordering {
        for (one, other) in self.numbers.iter().zip(&other.numbers) {
            if one != other {
                return one.cmp(other);
            }
        }
        compare_pre(self.pre, other.pre)
    }
}

/// Digits of the largest `u64`.
const LONGEST: usize = 20;

/// As many identifiers, with a dot between two, as there are; those of numbers without leading zeros unless they
/// `may_have_zeros`.
fn identifiers<'t>(cursor: &mut Cursor<'t>, may_have_zeros: bool) -> &'t [u8] {
    let start = cursor.at();
    loop {
        let identifier = identifier(cursor);
        let has_zeros =
            identifier.len() > 1 && identifier.first() == Some(&b'0') && is_numeric(identifier);
        cursor.require(!identifier.is_empty() && (may_have_zeros || !has_zeros));
        if !cursor.skip(b'.') {
            return cursor.since(start);
        }
    }
}

fn identifier<'t>(cursor: &mut Cursor<'t>) -> &'t [u8] {
    let start = cursor.at();
    while matches!(cursor.peek(), b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-') {
        cursor.next();
    }
    cursor.since(start)
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let of = |version: &Self| Precedence {
            numbers: [version.major, version.minor, version.patch],
            pre: version.pre.as_bytes(),
        };
        of(self).compare(&of(other))
    }
}

impl Operator {
    /// Whether a version that compares as `ordering` with the bound is within it.
    #[must_use]
    pub fn holds(self, ordering: Ordering) -> bool {
        let is = |other| ordering == other;
        match self {
            Operator::Equal => is(Ordering::Equal),
            Operator::Less => is(Ordering::Less),
            Operator::LessOrEqual => !is(Ordering::Greater),
            Operator::Greater => is(Ordering::Greater),
            Operator::GreaterOrEqual => !is(Ordering::Less),
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

fn compare_pre(left: &[u8], right: &[u8]) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let (mut left, mut right) = (Cursor::new(left), Cursor::new(right));
            loop {
                let ordering = compare_identifiers(identifier(&mut left), identifier(&mut right));
                if ordering.is_ne() {
                    return ordering;
                }
                // The longer one is the higher.
                match (left.skip(b'.'), right.skip(b'.')) {
                    (true, true) => {}
                    (more, other) => return more.cmp(&other),
                }
            }
        }
    }
}

fn compare_identifiers(left: &[u8], right: &[u8]) -> Ordering {
    match (is_numeric(left), is_numeric(right)) {
        // Without leading zeros the longer number is the larger, however long it is.
        (true, true) => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => left.cmp(right),
    }
}

fn is_numeric(identifier: &[u8]) -> bool {
    identifier.iter().all(u8::is_ascii_digit)
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
