//! Texts that a pattern finds, by chance: of each choice in it one, and of each class a letter or digit where it has one.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use super::chance::Chance;
use crate::pattern;

/// How many texts are made of one pattern, at most.
const TEXTS: usize = 8;
/// How many bytes a text may have: more would hardly be read.
const BYTES: usize = 1_000;
/// How often more than needed something is repeated, at most.
const MORE: u32 = 2;

/// Texts for a test that is written as `matches "^a"` or `contains "a", "b" ignoring case`: mostly such as pass it.
pub(super) fn texts(source: &str, chance: &mut Chance) -> Vec<String> {
    let Some((test, operand)) = source.split_once(' ') else {
        return Vec::new();
    };
    if test == "matches" {
        let pattern: Option<String> = serde_json::from_str(operand).ok();
        return pattern.map_or_else(Vec::new, |pattern| matching(&pattern, chance));
    }
    let list = operand.strip_suffix(" ignoring case").unwrap_or(operand);
    let words: Vec<String> = serde_json::from_str(&format!("[{list}]")).unwrap_or_default();
    let words = words.into_iter().take(TEXTS);
    words
        .map(|word| match test {
            "startsWith" => format!("{word}-"),
            "endsWith" => format!("-{word}"),
            _ => format!("-{word}-"),
        })
        .collect()
}

/// What stands around a text does not count here: where a pattern asks for more than that nothing does, its texts may
/// fail it.
fn matching(pattern: &str, chance: &mut Chance) -> Vec<String> {
    let Ok(hir) = pattern::hir(pattern, &mut 0) else {
        return Vec::new();
    };
    let texts = (0..TEXTS).filter_map(|_| {
        let mut text = String::new();
        write(&hir, chance, &mut text)?;
        Some(text)
    });
    texts.collect()
}

/// `None` where nothing matches, or only what is too long.
fn write(hir: &Hir, chance: &mut Chance, text: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => text.push(one_of(class, chance)?),
        HirKind::Class(Class::Bytes(class)) => {
            text.push(one_of(&class.to_unicode_class()?, chance)?);
        }
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let more = most.saturating_sub(repetition.min).min(MORE);
            let drawn = chance.below(more.saturating_add(1) as usize);
            let count = (repetition.min as usize).saturating_add(drawn);
            for _ in 0..count {
                write(&repetition.sub, chance, text)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, chance, text)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, chance, text)?;
            }
        }
        HirKind::Alternation(ways) => write(ways.get(chance.below(ways.len()))?, chance, text)?,
    }
    (text.len() <= BYTES).then_some(())
}

fn one_of(class: &ClassUnicode, chance: &mut Chance) -> Option<char> {
    let range = ClassUnicodeRange::new;
    let mut plain = ClassUnicode::new([range('0', '9'), range('A', 'Z'), range('a', 'z')]);
    plain.intersect(class);
    let ranges = if plain.ranges().is_empty() {
        class.ranges()
    } else {
        plain.ranges()
    };
    let range = ranges.get(chance.below(ranges.len()))?;
    let offset = chance.below(range.len()) as u32;
    // Between the two may be surrogates, which are no characters.
    let character = char::from_u32(u32::from(range.start()).saturating_add(offset));
    Some(character.unwrap_or(range.end()))
}

#[cfg(test)]
mod tests {
    use super::{Chance, texts};

    /// Checks that texts for a pattern are made, and all are found by the crate `regex`.
    #[track_caller]
    fn check(pattern: &str) {
        let mut chance = Chance::new(1);
        let source = format!("matches {}", serde_json::Value::from(pattern));
        let found = texts(&source, &mut chance);
        let regex = regex::Regex::new(pattern).unwrap();
        assert!(!found.is_empty());
        for text in found {
            assert!(regex.is_match(&text), "{text:?} by {pattern}");
        }
    }

    #[test]
    fn texts_match_the_pattern_they_are_made_of() {
        check("");
        check(r"^user-[0-9]{2,5}@example\.(com|org)$");
        check("(?i)beta|gamma+");
        check(r"^[^a-z]?[日本]*\x{1F389}$");
        check("^[\u{d7ff}-\u{e000}]$");
        check("(?:a{0}b?){3}");
        check("^(?:)*a$");
    }

    #[test]
    fn nothing_is_made_of_what_nothing_matches_or_is_too_long() {
        let mut chance = Chance::new(1);
        assert!(texts(r#"matches "[a&&b]""#, &mut chance).is_empty());
        assert!(texts(r#"matches "a{1100}""#, &mut chance).is_empty());
        assert!(texts(r#"matches "(""#, &mut chance).is_empty());
    }

    #[test]
    fn texts_in_any_case_stand_where_they_are_looked_for() {
        let mut chance = Chance::new(1);
        let mut of = |source| texts(source, &mut chance);
        assert_eq!(
            of(r#"contains "a", "b \"c\"" ignoring case"#),
            ["-a-", "-b \"c\"-"]
        );
        assert_eq!(of(r#"startsWith "a" ignoring case"#), ["a-"]);
        assert_eq!(of(r#"endsWith "a" ignoring case"#), ["-a"]);
    }
}
