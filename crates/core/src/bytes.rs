//! Reading little-endian numbers out of a buffer, in place and totally: outside the buffer everything is 0.

/// The four bytes at `at`.
#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    match bytes.get(at..).and_then(<[u8]>::first_chunk) {
        Some(chunk) => u32::from_le_bytes(*chunk),
        None => 0,
    }
}

/// The eight bytes at `at`.
#[inline]
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..).and_then(<[u8]>::first_chunk) {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => 0,
    }
}

/// A number of four bytes, as it lies in a buffer.
pub(crate) type Word = [u8; 4];

/// `N` words at `at`, checked once.
#[inline]
pub(crate) fn words_at<const N: usize>(bytes: &[u8], at: usize) -> &[Word; N] {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.as_chunks().0.first_chunk().unwrap_or(&[[0; 4]; N])
}
