//! Issued keys: `vxl_{kind}_{environment}_{secret}`.

use core::hint::black_box;

use vexil_audit::Hash;
use worker::Result;

use crate::crypto;
use crate::deployment::is_name;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pages: it is public, and sees what flags expose.
    Browser,
    /// Servers of the application.
    Server,
    /// Administration.
    Admin,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Browser, Kind::Server, Kind::Admin];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Browser => "browser",
            Kind::Server => "server",
            Kind::Admin => "admin",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a key says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IssuedKey<'k> {
    pub(crate) kind: Kind,
    pub(crate) environment: &'k str,
}

/// How many characters the secret of a key has: 190 bits nobody can guess.
const SECRET_LENGTH: usize = 32;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The greatest multiple of the alphabet's length that a byte can stay below.
const FAIR: usize = 248;

impl<'k> IssuedKey<'k> {
    /// `None` where it is not written as issued keys are.
    pub(crate) fn parse(text: &'k str) -> Option<IssuedKey<'k>> {
        let (kind, rest) = text.strip_prefix("vxl_")?.split_once('_')?;
        let (environment, secret) = rest.split_once('_')?;
        let is_secret = secret.len() == SECRET_LENGTH
            && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let kind = Kind::from_name(kind)?;
        (is_secret && is_name(environment)).then_some(IssuedKey { kind, environment })
    }

    /// A new key, which nobody has yet.
    pub(crate) fn issue(self) -> Result<String> {
        let secret = random(SECRET_LENGTH)?;
        Ok(format!(
            "vxl_{}_{}_{secret}",
            self.kind.name(),
            self.environment
        ))
    }
}

/// So many letters and digits, each as likely as the others.
pub(crate) fn random(length: usize) -> Result<String> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0; 64];
        crypto::fill(&mut bytes)?;
        let letters = bytes.into_iter().filter_map(letter);
        text.extend(letters.take(length.saturating_sub(text.len())));
    }
    Ok(text)
}

/// The letter that a random byte stands for; `None` for those that would make the first letters likelier.
fn letter(byte: u8) -> Option<char> {
    let at = usize::from(byte);
    let letter = ALPHABET.get(at.checked_rem(ALPHABET.len())?)?;
    (at < FAIR).then_some(char::from(*letter))
}

/// What belongs to the hash `given`. All are compared, whichever matches, and all bytes of each: so the time that it
/// takes tells how many keys there are, and nothing of what they are.
pub(crate) fn matching<K>(keys: impl IntoIterator<Item = (Hash, K)>, given: Hash) -> Option<K> {
    let mut found = None;
    for (hash, key) in keys {
        if is_same(hash, given) {
            found = Some(key);
        }
    }
    found
}

fn is_same(left: Hash, right: Hash) -> bool {
    let bytes = left.0.iter().zip(right.0);
    let differing = bytes.fold(0, |differing, (left, right)| {
        black_box(differing | (left ^ right))
    });
    black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;

    #[test]
    fn a_key_says_its_kind_and_environment() {
        let secret = "0123456789abcdefghijABCDEFGHIJ01";
        let issued = |kind, environment| Some(IssuedKey { kind, environment });
        for (text, want) in [
            (
                "vxl_browser_production_",
                issued(Kind::Browser, "production"),
            ),
            ("vxl_server_staging-2_", issued(Kind::Server, "staging-2")),
            ("vxl_admin_a_", issued(Kind::Admin, "a")),
            ("vxl_owner_a_", None),
            ("vxl_Browser_a_", None),
            ("vxl_browser__", None),
            ("vxl_browser_", None),
            ("vxl_browser_A_", None),
            ("vxl_browser_a_b_", None),
            ("vxl_", None),
            ("", None),
            (" vxl_browser_a_", None),
        ] {
            assert_eq!(IssuedKey::parse(&format!("{text}{secret}")), want, "{text}");
        }
        let shorter = "a".repeat(SECRET_LENGTH - 1);
        for secret in [
            "",
            &shorter,
            &format!("{shorter}aa"),
            &format!("{shorter}-"),
        ] {
            assert_eq!(
                IssuedKey::parse(&format!("vxl_admin_a_{secret}")),
                None,
                "{secret}"
            );
        }
    }

    #[test]
    fn every_letter_is_as_likely_as_the_others() {
        let mut counts = [0; 62];
        for letter in (0..=255).filter_map(letter) {
            let at = ALPHABET
                .iter()
                .position(|known| char::from(*known) == letter);
            counts[at.expect("it is of the alphabet")] += 1;
        }
        assert_eq!(counts, [4; 62]);
    }

    /// That the clock tells nothing of it cannot be shown here: only that no key is passed over once one has matched.
    #[test]
    fn every_key_is_compared_whichever_matches() {
        let hashes = ["a", "b", "c", "d"].map(|key| Hash::of(key.as_bytes()));
        for given in ["a", "c", "d", "x"] {
            let compared = Cell::new(0);
            let keys = hashes.iter().enumerate().map(|(index, hash)| {
                compared.set(compared.get() + 1);
                (*hash, index)
            });
            let given = Hash::of(given.as_bytes());
            let found = matching(keys, given);
            assert_eq!(found, hashes.iter().position(|hash| *hash == given));
            assert_eq!(compared.get(), hashes.len());
        }
    }

    #[test]
    fn hashes_are_the_same_only_where_every_byte_is() {
        let hash = Hash::of(b"secret");
        assert!(is_same(hash, hash));
        for at in 0..32 {
            let mut other = hash;
            other.0[at] ^= 1;
            assert!(!is_same(hash, other), "{at}");
        }
    }
}
