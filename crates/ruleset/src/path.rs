//! Places in a ruleset.
//!
//! Source: RFC 6901, JavaScript Object Notation (JSON) Pointer.

use std::fmt;

/// A place in a ruleset, as an RFC 6901 JSON Pointer: `/flags/checkout/rules/2`.
///
/// The default is the whole ruleset, written as the empty string.
///
/// ```
/// use vexil_ruleset::Path;
/// let path = Path::default().join("flags").join("a/b");
/// assert_eq!(path.to_string(), "/flags/a~1b");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

impl Path {
    /// The member or the item `step` of this place.
    #[must_use]
    pub fn join(mut self, step: &str) -> Path {
        self.0.push('/');
        for character in step.chars() {
            match character {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// The place around this one; `None` around the whole.
    pub(crate) fn parent(&self) -> Option<Path> {
        let (parent, _) = self.0.rsplit_once('/')?;
        Some(Path(parent.to_owned()))
    }

    /// The pointer itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether `text` is an RFC 6901 pointer: steps that begin with `/`, in which `~` stands only in `~0` and `~1`.
pub(crate) fn is_pointer(text: &str) -> bool {
    let is_escaped = |after: &str| after.starts_with(['0', '1']);
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(is_escaped)
}

#[cfg(test)]
mod tests {
    use super::{Path, is_pointer};

    #[track_caller]
    fn check(taken: &[&str], pointer: &str) {
        let path = taken
            .iter()
            .fold(Path::default(), |path, step| path.join(step));
        assert_eq!(path.as_str(), pointer);
        assert!(is_pointer(pointer));
    }

    #[test]
    fn pointers_escape_what_rfc_6901_says() {
        check(&[], "");
        check(&[""], "/");
        check(&["flags", "a/b"], "/flags/a~1b");
        check(&["~1"], "/~01");
        check(&["~", "/"], "/~0/~1");
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for pointer in ["a", "/~", "/~2", "/a~", "/~0~"] {
            assert!(!is_pointer(pointer), "{pointer}");
        }
    }
}
