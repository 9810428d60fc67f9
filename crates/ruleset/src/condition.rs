//! What rules and segments ask about a context.

use std::borrow::Borrow;
use std::fmt;

use crate::instant::Instant;
use crate::key::{FlagKey, SegmentName, VariantName};
use crate::network::Network;
use crate::path;
use crate::pattern::Pattern;
use crate::semver::Range;
use crate::texts::Texts;

/// A question about a context that is true or false.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these hold; at least one.
    All(Vec<Condition>),
    /// One of these holds; at least one.
    Any(Vec<Condition>),
    /// This does not hold.
    Not(Box<Condition>),
    /// The context is in a segment.
    Segment(SegmentName),
    /// Another flag is on and serves one of some variants.
    Flag(Prerequisite),
    /// It is a certain time.
    Time(Interval),
    /// An attribute passes a test. False where it is missing or of another type.
    Attribute(AttributeName, AttributeTest),
}

/// When a condition holds: one end may be open.
///
/// Only [`crate::decode`] makes one, so it has an end, and begins before it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    pub(crate) from: Option<Instant>,
    pub(crate) until: Option<Instant>,
}

impl Interval {
    /// The first instant of it.
    #[must_use]
    pub fn from(&self) -> Option<&Instant> {
        self.from.as_ref()
    }

    /// The first instant after it.
    #[must_use]
    pub fn until(&self) -> Option<&Instant> {
        self.until.as_ref()
    }
}

/// Another flag, and the variants it must serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prerequisite {
    /// The other flag.
    pub flag: FlagKey,
    /// The variants of which it must serve one; at least one.
    pub variants: Vec<VariantName>,
}

/// A test of one attribute. An attribute that is a list passes where one of its items does.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeTest {
    /// Equal, and of the same type.
    Is(Scalar),
    /// Equal to one of these; at least one.
    In(Vec<Scalar>),
    /// There and not null, or else not.
    Exists(bool),
    /// A string that begins with one of these; at least one.
    StartsWith(Texts),
    /// A string that ends with one of these; at least one.
    EndsWith(Texts),
    /// A string that contains one of these; at least one.
    Contains(Texts),
    /// A string in which this is found.
    Matches(Pattern),
    /// A number below this.
    Lt(f64),
    /// A number not above this.
    Lte(f64),
    /// A number above this.
    Gt(f64),
    /// A number not below this.
    Gte(f64),
    /// A time before this.
    Before(Instant),
    /// A time after this.
    After(Instant),
    /// A version within this.
    Semver(Range),
    /// An address in one of these; at least one.
    Cidr(Vec<Network>),
}

/// What an attribute can equal.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A string.
    Text(String),
    /// A number, which is finite.
    Number(f64),
    /// `true` or `false`.
    Bool(bool),
}

/// Which attribute of a context: the name of a top-level member, or a JSON Pointer when it begins with `/`.
///
/// ```
/// use vexil_ruleset::AttributeName;
/// assert!(AttributeName::new("country").is_some());
/// assert!(AttributeName::new("/app/version").is_some());
/// assert!(AttributeName::new("").is_none());
/// assert!(AttributeName::new("/app/~version").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeName(String);

impl AttributeName {
    /// `None` where `text` is empty, or begins with `/` and is no RFC 6901 pointer.
    #[must_use]
    pub fn new(text: &str) -> Option<AttributeName> {
        let is_name = !text.is_empty() && !text.starts_with('/');
        let is_valid = is_name || (!text.is_empty() && path::is_pointer(text));
        is_valid.then(|| AttributeName(text.to_owned()))
    }

    /// `targetingKey`: the unit unless another is named.
    #[must_use]
    pub fn targeting_key() -> AttributeName {
        AttributeName("targetingKey".to_owned())
    }

    /// The members that lead to it, from the top of a context: a name takes one, a pointer as many as it says.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        match self.0.strip_prefix('/') {
            None => vec![self.0.clone()],
            Some(steps) => {
                let unescape = |step: &str| step.replace("~1", "/").replace("~0", "~");
                steps.split('/').map(unescape).collect()
            }
        }
    }

    /// The name or the pointer itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same for `plan` and `/plan`. Names with escapes may differ though they mean the same.
    pub(crate) fn plain(&self) -> &str {
        let one_step = self.0.strip_prefix('/');
        let one_step = one_step.filter(|step| !step.is_empty() && !step.contains(['/', '~']));
        one_step.unwrap_or(&self.0)
    }
}

impl Borrow<str> for AttributeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AttributeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
