//! The names that people give: of flags, variants, segments, releases, metrics and teams.

use std::borrow::Borrow;
use std::fmt;

use vexil_core::limits::KEY_CHARACTERS;

/// Whether `text` is 1 to 128 characters of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`.
fn is_key(text: &str) -> bool {
    (1..=KEY_CHARACTERS).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

// A macro, because it declares types: each kind of name is one of its own, and none passes for another.
macro_rules! keys {
    ($($(#[$about:meta])* $name:ident;)*) => {$(
        $(#[$about])*
        ///
        /// 1 to 128 characters of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// `None` where `text` has another character, none at all, or more than 128.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                is_key(text).then(|| Self(text.to_owned()))
            }

            /// The name itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

keys! {
    /// The key of a flag.
    FlagKey;
    /// The name of a variant within its flag.
    VariantName;
    /// The name of a segment.
    SegmentName;
    /// The name of a release.
    ReleaseName;
    /// The name of a metric.
    MetricName;
    /// The name of a team.
    TeamName;
}

#[cfg(test)]
mod tests {
    use super::FlagKey;

    #[track_caller]
    fn check(text: &str, want: bool) {
        assert_eq!(FlagKey::new(text).is_some(), want, "{text:?}");
    }

    #[test]
    fn a_key_is_1_to_128_of_letters_digits_dot_underscore_and_dash() {
        check("one-page_checkout.v2", true);
        check("..", true);
        check(&"k".repeat(128), true);
        check(&"k".repeat(129), false);
        check("", false);
        check("release:x", false);
        check("a b", false);
        check("é", false);
    }
}
