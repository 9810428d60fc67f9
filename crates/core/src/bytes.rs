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

/// `N` words of four bytes each at `at`, checked once; `B` is `4 * N`.
#[inline]
pub(crate) fn words_at<const B: usize, const N: usize>(bytes: &[u8], at: usize) -> [u32; N] {
    let mut words = [0; N];
    if let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<B>) {
        let (fours, _) = chunk.as_chunks::<4>();
        let mut place = 0;
        while let (Some(word), Some(four)) = (words.get_mut(place), fours.get(place)) {
            *word = u32::from_le_bytes(*four);
            place = place.wrapping_add(1);
        }
    }
    words
}
