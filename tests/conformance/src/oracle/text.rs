//! Text without regard to case, and text by pattern.

use icu_casemap::CaseMapper;
use regex::Regex;

/// Each character by Unicode simple case folding.
pub(super) fn folded(text: &str) -> String {
    let fold = |character| CaseMapper::new().simple_fold(character);
    text.chars().map(fold).collect()
}

/// Whether `pattern` is found in `text`.
pub(super) fn matches(text: &str, pattern: &str) -> bool {
    Regex::new(&ascii(pattern)).is_ok_and(|pattern| pattern.is_match(text))
}

/// `pattern` with Perl's classes and word boundaries of ASCII.
fn ascii(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, escape)) = rest.split_once('\\') {
        out.push_str(before);
        let escaped = escape.chars().next().unwrap_or_default();
        let mut taken = escaped.len_utf8();
        match escaped {
            'd' => out.push_str("[0-9]"),
            'D' => out.push_str("[^0-9]"),
            's' => out.push_str(r"[\t\n\v\f\r ]"),
            'S' => out.push_str(r"[^\t\n\v\f\r ]"),
            'w' => out.push_str("[0-9A-Za-z_]"),
            'W' => out.push_str("[^0-9A-Za-z_]"),
            'b' | 'B' | '<' | '>' => {
                let sides = ["{start}", "{end}", "{start-half}", "{end-half}"];
                let side = sides.iter().find(|side| escape[1..].starts_with(**side));
                taken += side.map_or(0, |side| side.len());
                out += &["(?-u:\\", &escape[..taken], ")"].concat();
            }
            _ => out += &["\\", &escape[..taken]].concat(),
        }
        rest = &escape[taken..];
    }
    out + rest
}
