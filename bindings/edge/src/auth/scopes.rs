//! What somebody who administrates may do.

use crate::router::Scope;

/// A set of scopes, by their bits.
///
/// An owner may do all that is administration, and who writes may read; to operate is a thing of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scopes(u8);

const READ: u8 = 1;
const OPERATE: u8 = 2;
const WRITE: u8 = 4;
const OWNER: u8 = 8;
const NAMES: [(&str, u8); 4] = [
    ("read", READ),
    ("operate", OPERATE),
    ("write", WRITE),
    ("owner", OWNER),
];

impl Scopes {
    pub(crate) const ALL: Scopes = Scopes(READ | OPERATE | WRITE | OWNER);
    pub(crate) const OPERATE: Scopes = Scopes(OPERATE);

    /// The set of those names; `None` where one is no scope of administration, or there is none.
    pub(crate) fn from_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Option<Scopes> {
        let bit = |name: &str| {
            let known = NAMES.iter().find(|(known, _)| *known == name);
            known.map(|(_, bit)| *bit)
        };
        let mut bits = names.into_iter().map(bit);
        let bits = bits.try_fold(0, |bits, bit| Some(bits | bit?))?;
        (bits != 0).then_some(Scopes(bits))
    }

    /// Their names, as [`Scopes::from_names`] reads them.
    pub(crate) fn names(self) -> Vec<&'static str> {
        let names = NAMES.iter().filter(|(_, bit)| self.0 & bit != 0);
        names.map(|(name, _)| *name).collect()
    }

    /// Whether they allow what `scope` names.
    pub(crate) fn allow(self, scope: Scope) -> bool {
        let sufficient = match scope {
            Scope::Open => return true,
            Scope::Evaluate => 0,
            Scope::Read => READ | WRITE | OWNER,
            Scope::Operate => OPERATE | OWNER,
            Scope::Write => WRITE | OWNER,
            Scope::Owner => OWNER,
        };
        self.0 & sufficient != 0
    }
}
