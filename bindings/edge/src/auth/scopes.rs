//! What somebody who administrates may do.

use crate::router::Scope;

/// A set of scopes.
///
/// An owner may do all that is administration, and who writes may read; to operate is a thing of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    read: bool,
    operate: bool,
    write: bool,
    owner: bool,
}

impl Scopes {
    pub(crate) const ALL: Scopes = Scopes {
        read: true,
        operate: true,
        write: true,
        owner: true,
    };
    pub(crate) const OPERATE: Scopes = Scopes {
        read: false,
        operate: true,
        write: false,
        owner: false,
    };

    /// The set of those names; `None` where one is no scope of administration, or there is none.
    pub(crate) fn from_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<Scopes> {
        let mut scopes = Scopes::default();
        for name in names {
            match name {
                "read" => scopes.read = true,
                "operate" => scopes.operate = true,
                "write" => scopes.write = true,
                "owner" => scopes.owner = true,
                _ => return None,
            }
        }
        (scopes != Scopes::default()).then_some(scopes)
    }

    /// Their names, as [`Scopes::from_names`] reads them.
    pub(crate) fn names(self) -> Vec<&'static str> {
        let all = [
            ("read", self.read),
            ("operate", self.operate),
            ("write", self.write),
            ("owner", self.owner),
        ];
        let names = all.into_iter().filter(|(_, is_in)| *is_in);
        names.map(|(name, _)| name).collect()
    }

    /// Whether they allow what `scope` names.
    pub(crate) fn allow(self, scope: Scope) -> bool {
        match scope {
            Scope::Open => true,
            Scope::Evaluate => false,
            Scope::Read => self.read || self.write || self.owner,
            Scope::Operate => self.operate || self.owner,
            Scope::Write => self.write || self.owner,
            Scope::Owner => self.owner,
        }
    }
}
