//! The little JSON that the engine writes.

use alloc::string::String;

/// Appends `text` as a JSON string.
pub(crate) fn text(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => {
                out.push('\\');
                out.push(char);
            }
            '\0'..='\x1f' => {
                out.push_str(if char < '\x10' { "\\u000" } else { "\\u001" });
                out.push(char::from_digit(u32::from(char) & 15, 16).unwrap_or_default());
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}

/// Appends `items` as a JSON array.
pub(crate) fn array<T>(
    out: &mut String,
    items: impl Iterator<Item = T>,
    mut item: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (place, value) in items.enumerate() {
        if place > 0 {
            out.push(',');
        }
        item(out, value);
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::{array, text};

    #[track_caller]
    fn check(given: &str, want: &str) {
        let mut out = String::new();
        text(&mut out, given);
        assert_eq!(out, want);
    }

    #[test]
    fn what_json_reserves_is_escaped() {
        check("dach, new app", r#""dach, new app""#);
        check(r#"a "b" \c"#, r#""a \"b\" \\c""#);
        check("\0\t\n\x1f\x7f", "\"\\u0000\\u0009\\u000a\\u001f\x7f\"");
        check("käse 🧀", "\"käse 🧀\"");
    }

    #[test]
    fn items_are_parted_by_commas() {
        let mut out = String::new();
        array(&mut out, ["a", "b"].into_iter(), text);
        array(&mut out, [].into_iter(), text);
        assert_eq!(out, r#"["a","b"][]"#);
    }
}
