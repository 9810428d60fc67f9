//! `sem_ver`, as an npm range.

use serde_json::Value;

use super::operand::{Attribute, text_of};
use super::truth::Truth;

/// The lowest version and all above it.
const ANY: &str = ">=0.0.0-0";

/// A bound as flagd reads it: `v2.1` is `2.1.0`.
struct Bound {
    major: u64,
    minor: u64,
    patch: u64,
    pre: String,
}

/// How versions compare with `bound`: the range that holds for the same ones, or `None` where flagd compares nothing
/// because the operator or the bound is none.
pub(super) fn range(comparison: &str, bound: &Value) -> Option<String> {
    let Bound {
        major,
        minor,
        patch,
        pre,
    } = Bound::of(&text_of(bound))?;
    let whole = format!("{major}.{minor}.{patch}{pre}");
    // `^` and `~` compare the first number, or the first two, and nothing else; `-0` is the lowest pre-release.
    match comparison {
        "=" | "<" | "<=" | ">" | ">=" => Some(format!("{comparison}{whole}")),
        "!=" => Some(format!("<{whole} || >{whole}")),
        "^" => Some(format!(">={major}.0.0-0 <{}.0.0-0", major.checked_add(1)?)),
        "~" => Some(format!(
            ">={major}.{minor}.0-0 <{major}.{}.0-0",
            minor.checked_add(1)?
        )),
        _ => None,
    }
}

impl Attribute {
    /// Whether it is a version in `range`. What it is without being there is none.
    pub(super) fn is_version_in(&self, range: &str) -> Truth {
        self.passes(("semver", range.into()), false)
    }

    /// Whether it is a version.
    pub(super) fn is_version(&self) -> Truth {
        self.is_version_in(ANY)
    }
}

impl Bound {
    fn of(text: &str) -> Option<Bound> {
        let text = text
            .strip_prefix(['v', 'V'])
            .unwrap_or(text)
            .trim_matches(' ');
        let (version, _build) = text.split_once('+').unwrap_or((text, ""));
        let (numbers, pre) = match version.split_once('-') {
            Some((numbers, pre)) => (numbers, format!("-{pre}")),
            None => (version, String::new()),
        };
        let read: Result<Vec<u64>, _> = numbers.split('.').map(str::parse).collect();
        let (major, minor, patch) = match read.ok()?.as_slice() {
            [major, minor, patch] => (*major, *minor, *patch),
            // Written in part, it has no pre-release.
            [major, minor] if text == numbers => (*major, *minor, 0),
            [major] if text == numbers => (*major, 0, 0),
            _ => return None,
        };
        Some(Bound {
            major,
            minor,
            patch,
            pre,
        })
    }
}
