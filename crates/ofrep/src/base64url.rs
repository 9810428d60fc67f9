//! The URL-safe alphabet of RFC 4648, section 5.

/// The bytes that `text` encodes, with or without padding; `None` where it encodes none.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(digits.len());
    for group in digits.chunks(4) {
        if group.len() == 1 {
            return None;
        }
        let mut bits = 0_u32;
        for place in 0..4 {
            bits = bits << 6 | group.get(place).map_or(Some(0), |digit| value_of(*digit))?;
        }
        bytes.extend(
            bits.to_be_bytes()
                .into_iter()
                .skip(1)
                .take(group.len().saturating_sub(1)),
        );
    }
    Some(bytes)
}

fn value_of(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit.wrapping_sub(b'A'),
        b'a'..=b'z' => digit.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => digit.wrapping_sub(b'0').wrapping_add(52),
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[track_caller]
    fn check(text: &str, want: Option<&[u8]>) {
        assert_eq!(decode(text).as_deref(), want, "{text}");
    }

    #[test]
    fn the_vectors_of_rfc_4648_decode_with_and_without_padding() {
        check("", Some(b""));
        check("Zg==", Some(b"f"));
        check("Zg", Some(b"f"));
        check("Zm8=", Some(b"fo"));
        check("Zm8", Some(b"fo"));
        check("Zm9v", Some(b"foo"));
        check("Zm9vYg", Some(b"foob"));
        check("Zm9vYmE", Some(b"fooba"));
        check("Zm9vYmFy", Some(b"foobar"));
        check("-_8", Some(&[0xfb, 0xff]));
    }

    #[test]
    fn other_alphabets_and_odd_lengths_decode_to_nothing() {
        check("Z", None);
        check("Zm9vY", None);
        check("+/8", None);
        check("Zm 9v", None);
        check("Zg=a", None);
    }
}
