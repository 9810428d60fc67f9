//! The hashes of the recipes.
//!
//! Sources: RFC 3174 (SHA-1) and RFC 1321 (MD5), by their crates; Austin Appleby's `MurmurHash3_x86_32`; the
//! Fowler–Noll–Vo hash FNV-1a, 32 bits; CRC-32 as RFC 1952 (gzip) has it. The expected values live in `tests/vectors/bucket/recipes.json`.

use md5::Md5;
use sha1::{Digest, Sha1};

use super::Recipe;
use crate::bucket::Position;

impl Recipe {
    /// Places `unit` in the rollout of `salt`, in a split whose weights add up to `total`.
    #[must_use]
    pub fn place(self, total: u64, salt: &str, unit: &str) -> Position {
        self.place_bytes(total, salt.as_bytes(), unit.as_bytes())
    }

    pub(crate) fn place_bytes(self, total: u64, salt: &[u8], unit: &[u8]) -> Position {
        Position::new(match self {
            Recipe::LaunchDarklySha1 => {
                let hash = Sha1::new()
                    .chain_update(salt)
                    .chain_update(b".")
                    .chain_update(unit);
                first_word(&hash.finalize())
            }
            Recipe::UnleashMurmur3 => share_of(murmur3(0, &[salt, b":", unit]), 100),
            Recipe::UnleashMurmur3Variant => {
                share_of(murmur3(VARIANT_SEED, &[salt, b":", unit]), 1_000)
            }
            Recipe::UnleashMurmur3Weights => {
                share_of(murmur3(VARIANT_SEED, &[salt, b":", unit]), total)
            }
            Recipe::GrowthBookFnv1aV1 => share_of(fnv1a(&[unit, salt]), 1_000),
            Recipe::GrowthBookFnv1aV2 => {
                let mut digits = [0; 10];
                let digits = decimal(fnv1a(&[salt, unit]), &mut digits);
                share_of(fnv1a(&[digits]), 10_000)
            }
            Recipe::FlagdMurmur3V1 => {
                let size = murmur3(0, &[salt, unit]).cast_signed().unsigned_abs();
                size.saturating_mul(2)
            }
            Recipe::FlagdMurmur3V2 => murmur3(0, &[salt, unit]),
            Recipe::EppoMd5 => {
                let hash = Md5::new()
                    .chain_update(salt)
                    .chain_update(b"-")
                    .chain_update(unit);
                share_of(first_word(&hash.finalize()), 10_000)
            }
            Recipe::FliptCrc32 => share_of(crc32(&[salt, unit]), 1_000),
            Recipe::FliptCrc32Threshold => share_of(crc32(&[unit, salt]), 100),
        })
    }
}

/// What sets the hashes of Unleash's variants apart from those of its strategies.
const VARIANT_SEED: u32 = 86_028_157;

/// The first four bytes, as a number that is written as it is read.
fn first_word(digest: &[u8]) -> u32 {
    digest
        .first_chunk()
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// `hash` modulo `parts`, of `parts`, as a position.
fn share_of(hash: u32, parts: u64) -> u32 {
    // Below 2^32, as the hash is.
    let part = u64::from(hash).checked_rem(parts).unwrap_or_default();
    (part << 32).checked_div(parts).unwrap_or_default() as u32
}

fn fnv1a(texts: &[&[u8]]) -> u32 {
    let bytes = texts.iter().copied().flatten();
    bytes.fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

fn crc32(texts: &[&[u8]]) -> u32 {
    let bytes = texts.iter().copied().flatten();
    !bytes.fold(u32::MAX, |rest, byte| {
        let divide = |rest: u32, _| rest >> 1 ^ (rest & 1).wrapping_mul(0xedb8_8320);
        (0..8).fold(rest ^ u32::from(*byte), divide)
    })
}

fn decimal(number: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut rest = number;
    let mut start = digits.len();
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0'.wrapping_add((rest % 10) as u8);
        rest /= 10;
        start = at;
        if rest == 0 {
            break;
        }
    }
    digits.get(start..).unwrap_or_default()
}

/// The hash of `texts` one after the other.
fn murmur3(seed: u32, texts: &[&[u8]]) -> u32 {
    let mix = |block: u32| {
        block
            .wrapping_mul(0xcc9e_2d51)
            .rotate_left(15)
            .wrapping_mul(0x1b87_3593)
    };
    let (mut hash, mut block, mut length) = (seed, 0_u32, 0_u32);
    for byte in texts.iter().copied().flatten() {
        block |= u32::from(*byte) << (length % 4).wrapping_mul(8);
        length = length.wrapping_add(1);
        if length.is_multiple_of(4) {
            hash = (hash ^ mix(block))
                .rotate_left(13)
                .wrapping_mul(5)
                .wrapping_add(0xe654_6b64);
            block = 0;
        }
    }
    // Without a tail the block is 0, and mixing it changes nothing.
    hash ^= mix(block) ^ length;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::{crc32, fnv1a, murmur3};

    #[test]
    fn hashes_are_the_published_ones() {
        // SMHasher's and the FNV page's own examples.
        assert_eq!(murmur3(0, &[b""]), 0);
        assert_eq!(murmur3(1, &[b""]), 0x514e_28b7);
        assert_eq!(murmur3(0, &[b"hel", b"lo"]), 0x248b_fa47);
        assert_eq!(murmur3(0x9747_b28c, &[b"Hello, world!"]), 0x2488_4cba);
        assert_eq!(fnv1a(&[b""]), 0x811c_9dc5);
        assert_eq!(fnv1a(&[b"foo", b"bar"]), 0xbf9c_f968);
        // The check value of CRC-32/ISO-HDLC in Greg Cook's catalogue.
        assert_eq!(crc32(&[b"12345", b"6789"]), 0xcbf4_3926);
        assert_eq!(crc32(&[b""]), 0);
    }
}
