//! A SHA-256 hash, and how it is written.

use std::fmt;

use sha2::{Digest, Sha256};

/// A SHA-256 hash; displayed as 64 lower-case hexadecimal digits. The default is all zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Hash {
        Hash(Sha256::digest(bytes).into())
    }

    /// Of `previous`, and then `bytes`.
    #[must_use]
    pub fn after(previous: Hash, bytes: &[u8]) -> Hash {
        let hasher = Sha256::new().chain_update(previous.0).chain_update(bytes);
        Hash(hasher.finalize().into())
    }

    /// The hash that is written so; `None` unless it is 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Hash> {
        let digit = |byte: &u8| match byte {
            b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
            b'a'..=b'f' => Some(byte.wrapping_sub(b'a').wrapping_add(10)),
            _ => None,
        };
        let bytes = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        });
        let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
        bytes.try_into().ok().map(Hash)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Hash;

    #[test]
    fn hashes_are_those_of_fips_180_4() {
        for (bytes, want) in [
            (
                "",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
        ] {
            assert_eq!(Hash::of(bytes.as_bytes()).to_string(), want);
            assert_eq!(Hash::parse(want), Some(Hash::of(bytes.as_bytes())));
        }
    }

    #[test]
    fn what_is_no_hash_is_none() {
        let zeros = "0".repeat(64);
        assert_eq!(Hash::parse(&zeros), Some(Hash::default()));
        for text in ["", "0", &"0".repeat(63), &"A".repeat(64), &"é".repeat(32)] {
            assert_eq!(Hash::parse(text), None, "{text}");
        }
    }
}
