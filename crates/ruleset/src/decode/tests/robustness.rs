//! That no text whatever makes decoding fail otherwise than by issues.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a test that overflows or slices amiss fails"
)]

use proptest::prelude::*;

use crate::generate::{Choices, ruleset};
use crate::{decode, encode};

/// Texts that are likely to mean something in a ruleset.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"flags\"",
    "\"segments\"",
    "\"type\"",
    "\"boolean\"",
    "\"variants\"",
    "\"a\"",
    "\"when\"",
    "\"all\"",
    "\"attr\"",
    "\"split\"",
    "\"release\"",
    "\"semver\"",
    "\">=1 <\"",
    "\"matches\"",
    "\"(?i)[^a]+\\b\"",
    "\"ignoreCase\"",
    "\"startsWith\"",
    "\"cidr\"",
    "\"10.1.0.0/8\"",
    "\"time\"",
    "\"from\"",
    "\"2024-01-01T00:00:00Z\"",
    "\"audience\"",
    "null",
    "true",
    "-1",
    "1e400",
    "0.1",
    "\"\\ud800\"",
    "\"\\u0000\"",
    " ",
];

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = decode(&text);
    }

    #[test]
    fn any_pieces_are_read_or_refused(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let _ = decode(&pieces.concat());
    }

    /// A valid ruleset with one value replaced is read, or refused with an issue that points somewhere.
    #[test]
    fn a_damaged_ruleset_is_read_or_refused(
        choices in prop::collection::vec(any::<u32>(), 0..200),
        at in any::<prop::sample::Index>(),
        piece in prop::sample::select(&["null", "true", "-1.5", "\"\"", "\"x y\"", "[]", "{}", "[[1]]"][..]),
    ) {
        let json = encode(&ruleset(&mut Choices::new(&choices)));
        let colons: Vec<usize> = json.match_indices(": ").map(|(at, _)| at + 2).collect();
        prop_assume!(!colons.is_empty());
        let start = colons[at.index(colons.len())];
        let line = json[start..].find(",\n").map_or(json.len(), |end| start + end);
        let damaged = format!("{}{piece}{}", &json[..start], &json[line..]);
        if let Err(issues) = decode(&damaged) {
            prop_assert!(!issues.is_empty());
            for issue in issues {
                let path = issue.path.as_str();
                prop_assert!(path.is_empty() || path.starts_with('/'));
                prop_assert!(serde_json::from_str::<serde_json::Value>(&issue.to_json()).is_ok());
            }
        }
    }
}
