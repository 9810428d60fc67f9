//! The members of an object whose names have meanings.

use super::reader::Reader;
use crate::issue::Code;

/// The members of an object, by name.
pub(super) struct Fields<'n, 'r> {
    of: Reader<'n, 'r>,
    /// Whether it has a member that means nothing.
    pub(super) has_unknown: bool,
}

impl<'n> Reader<'n, '_> {
    /// The members of an object that may have those named `known`; reports all others.
    pub(super) fn fields(&self, known: &[&'static str]) -> Option<Fields<'n, '_>> {
        if !matches!(self.node, crate::json::Node::Object(_)) {
            return self.wrong_type("an object", self.node);
        }
        let mut absent: Option<Vec<&str>> = None;
        for (name, node) in self.node.members() {
            if !known.contains(&name.as_str()) {
                let is_absent = |name: &&str| self.node.member(name).is_none();
                let absent =
                    absent.get_or_insert_with(|| known.iter().copied().filter(is_absent).collect());
                let unknown = self.unknown(name, absent.iter().copied());
                self.member(name, node).report(Code::UnknownKey(unknown));
            }
        }
        let (of, has_unknown) = (*self, absent.is_some());
        Some(Fields { of, has_unknown })
    }
}

impl<'n> Fields<'n, '_> {
    /// A member that must be there.
    pub(super) fn required<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Reader<'n, '_>) -> Option<T>,
    ) -> Option<T> {
        let Some(node) = self.of.node.member(name) else {
            self.of.report(Code::MissingKey(name));
            return None;
        };
        read(&self.of.member(name, node))
    }

    /// A member that may be there. `Some(None)` where it is not.
    #[expect(
        clippy::option_option,
        reason = "absent is one thing, wrong another: the outer option is that of all readers"
    )]
    pub(super) fn optional<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&Reader<'n, '_>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.of.node.member(name) {
            Some(node) => read(&self.of.member(name, node)).map(Some),
            None => Some(None),
        }
    }

    /// Those of `names` that are there, in the order of `names`.
    pub(super) fn present(&self, names: &'static [&'static str]) -> Vec<&'static str> {
        let is_present = |name: &&&'static str| self.of.node.member(name).is_some();
        names.iter().filter(is_present).copied().collect()
    }

    pub(super) fn report(&self, code: Code) {
        self.of.report(code);
    }
}
