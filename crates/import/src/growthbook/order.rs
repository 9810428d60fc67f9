//! Texts on one side of a literal, as patterns.

use std::cmp::Ordering;

use super::pattern::{in_class, literal};

/// The longest literal that texts are ordered against, in characters: a pattern names each of its beginnings.
const MOST_CHARACTERS: usize = 64;

/// The last character before the surrogates: from there on, code units are not in the order of characters.
const LAST_IN_ORDER: char = '\u{d7ff}';

/// A side of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) ordering: Ordering,
    /// Whether the literal itself is on it.
    pub(super) or_equal: bool,
}

impl Side {
    pub(super) fn holds(self, ordering: Option<Ordering>) -> bool {
        ordering == Some(self.ordering) || self.or_equal && ordering == Some(Ordering::Equal)
    }

    /// The test of numbers.
    pub(super) fn test(self) -> &'static str {
        match (self.ordering, self.or_equal) {
            (Ordering::Greater, true) => "gte",
            (Ordering::Greater, false) => "gt",
            (_, true) => "lte",
            (_, false) => "lt",
        }
    }
}

/// The texts on that side of `bound` by UTF-16 code units; `None` where no short pattern says which.
pub(super) fn texts(side: Side, bound: &str) -> Option<String> {
    let characters: Vec<char> = bound.chars().collect();
    if characters.len() > MOST_CHARACTERS || characters.iter().any(|it| *it > LAST_IN_ORDER) {
        return None;
    }
    let mut alternatives = Vec::new();
    for (at, character) in characters.iter().enumerate() {
        let beginning = literal(&characters.iter().take(at).collect::<String>(), false);
        if side.ordering == Ordering::Less {
            alternatives.push(format!("{beginning}$"));
        }
        alternatives.extend(beyond(side.ordering, *character).map(|it| beginning.clone() + &it));
    }
    let whole = literal(bound, false);
    match (side.ordering, side.or_equal) {
        (Ordering::Greater, true) => alternatives.push(whole),
        (Ordering::Greater, false) => alternatives.push(format!("{whole}(?s:.)")),
        (_, true) => alternatives.push(format!("{whole}$")),
        (_, false) => {}
    }
    if alternatives.is_empty() {
        // Nothing is below the empty text.
        return Some(r"[^\x{0}-\x{10ffff}]".to_owned());
    }
    Some(format!("^(?:{})", alternatives.join("|")))
}

/// The characters on that side of `bound`.
pub(super) fn beyond(ordering: Ordering, bound: char) -> Option<String> {
    let code = u32::from(bound);
    let (from, to) = match ordering {
        Ordering::Less => (0, code.checked_sub(1)?),
        _ => (code.checked_add(1)?, u32::from(char::MAX)),
    };
    let (from, to) = (char::from_u32(from)?, char::from_u32(to)?);
    Some(format!("[{}-{}]", in_class(from), in_class(to)))
}

/// The texts that are numbers in plain decimal notation, `-2.50`, on that side of `bound`; `None` where there is none or
/// `bound` has too many digits.
pub(super) fn decimals(side: Side, bound: f64) -> Option<String> {
    let written = bound.abs().to_string();
    if !bound.is_finite() || written.len() > MOST_CHARACTERS {
        return None;
    }
    let (whole, part) = written.split_once('.').unwrap_or((&written, ""));
    let digits = Size {
        whole: whole.trim_start_matches('0'),
        part,
    };
    let is_zero = digits.whole.is_empty() && part.is_empty();
    let is_below_zero = bound < 0.0;
    let any = r"(?:\d+(?:\.\d*)?|\.\d+)".to_owned();
    let mut alternatives = Vec::new();
    let mut signed = |sign: &str, texts: Vec<String>| {
        alternatives.extend(texts.into_iter().map(|it| format!("{sign}{it}")));
    };
    match (side.ordering, is_below_zero) {
        (Ordering::Greater, false) => signed(r"\+?", digits.above()),
        (Ordering::Greater, true) => {
            signed(r"\+?", vec![any]);
            signed("-", digits.below());
        }
        (_, true) => signed("-", digits.above()),
        (_, false) if is_zero => signed("-", digits.above()),
        (_, false) => {
            signed("-", vec![any]);
            signed(r"\+?", digits.below());
        }
    }
    if side.or_equal {
        let sign = match (is_zero, is_below_zero) {
            (true, _) => "[+-]?",
            (false, true) => "-",
            (false, false) => r"\+?",
        };
        signed(sign, digits.equal());
    }
    (!alternatives.is_empty()).then(|| format!(r"^\s*(?:{})\s*$", alternatives.join("|")))
}

/// The digits of a number that is not negative, without zeros at either end.
struct Size<'d> {
    whole: &'d str,
    part: &'d str,
}

impl Size<'_> {
    /// Texts of the same number.
    fn equal(&self) -> Vec<String> {
        let Size { whole, part } = self;
        match (whole.is_empty(), part.is_empty()) {
            (true, true) => vec![r"0+(?:\.0*)?".into(), r"\.0+".into()],
            (false, true) => vec![format!(r"0*{whole}(?:\.0*)?")],
            (_, false) => vec![format!(r"0*{whole}\.{part}0*")],
        }
    }

    fn above(&self) -> Vec<String> {
        let Size { whole, part } = self;
        let longer = format!(r"0*[1-9]\d{{{},}}(?:\.\d*)?", whole.len());
        let larger = beside(whole, '9', r"0*", r"(?:\.\d*)?", true);
        let finer = beside(part, '9', &format!(r"0*{whole}\."), r"\d*", false);
        let longest = format!(r"0*{whole}\.{part}\d*[1-9]\d*");
        [vec![longer], larger, finer, vec![longest]].concat()
    }

    fn below(&self) -> Vec<String> {
        let Size { whole, part } = self;
        let mut all = beside(whole, '0', r"0*", r"(?:\.\d*)?", true);
        match whole.len() {
            0 => {}
            1 => all.extend([r"0+(?:\.\d*)?".into(), r"\.\d+".into()]),
            more => {
                let fewer = more.saturating_sub(1);
                all.push(format!(r"\d{{1,{fewer}}}(?:\.\d*)?"));
                all.push(format!(r"0+\d{{0,{fewer}}}(?:\.\d*)?"));
                all.push(r"\.\d+".into());
            }
        }
        all.extend(beside(part, '0', &format!(r"0*{whole}\."), r"\d*", false));
        // What ends before its last digit is below it: that one is no zero.
        for length in 0..part.len() {
            let beginning: String = part.chars().take(length).collect();
            match (whole.is_empty(), length) {
                (true, 0) => all.push(r"0+\.?".into()),
                (false, 0) => all.push(format!(r"0*{whole}\.?")),
                _ => all.push(format!(r"0*{whole}\.{beginning}")),
            }
        }
        all
    }
}

/// Digits as many as `digits` and on the way to `end`, behind `before`: the same up to one, and that one beyond.
fn beside(digits: &str, end: char, before: &str, after: &str, is_fixed: bool) -> Vec<String> {
    let all: Vec<char> = digits.chars().collect();
    let one = |(at, digit): (usize, &char)| {
        let beginning: String = all.iter().take(at).collect();
        let code = u32::from(*digit);
        let (from, to) = if end == '9' {
            (char::from_u32(code.checked_add(1)?)?, '9')
        } else {
            ('0', char::from_u32(code.checked_sub(1)?)?)
        };
        let (is_some, left) = (
            from <= to && to.is_ascii_digit(),
            all.len().checked_sub(at)?,
        );
        let left = left.checked_sub(1)?;
        let rest = if is_fixed {
            format!(r"\d{{{left}}}")
        } else {
            String::new()
        };
        is_some.then(|| format!("{before}{beginning}[{from}-{to}]{rest}{after}"))
    };
    all.iter().enumerate().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{Greater, Less};

    use serde_json::json;
    use vexil_ruleset::Pattern;

    use super::super::javascript::{compare, compare_texts};
    use super::{Side, decimals, texts};

    const SIDES: [Side; 4] = [
        Side {
            ordering: Greater,
            or_equal: false,
        },
        Side {
            ordering: Greater,
            or_equal: true,
        },
        Side {
            ordering: Less,
            or_equal: false,
        },
        Side {
            ordering: Less,
            or_equal: true,
        },
    ];

    #[test]
    fn numbers_in_texts_are_where_javascript_has_them() {
        let numbers = [
            "0", "-0", "00", ".0", "0.", "1", "+1", "01", "1.0", "1.5", "1.50", "1.05", ".5",
            "0.5", "9", "10", "010", "11", "12.5", "12.49", "12.51", "99", "100", "-1", "-1.5",
            "-.5", "-9", "-10", "-12.5", "-100", " 7 ",
        ];
        for bound in [
            0.0, 1.0, 1.5, 0.5, 0.05, 9.0, 10.0, 12.5, 100.0, -1.0, -1.5, -10.0, -12.5,
        ] {
            for side in SIDES {
                let written = decimals(side, bound).expect("it has few digits");
                let pattern = Pattern::parse(&written).expect("it is a pattern");
                for text in numbers {
                    let want = side.holds(compare(&json!(text), &json!(bound)));
                    assert_eq!(
                        pattern.matches(text),
                        want,
                        "{text} {side:?} {bound}: {written}"
                    );
                }
                for text in ["", ".", "-", "+", "1,5", "a", "1a", "--1", "1.2.3"] {
                    assert!(!pattern.matches(text), "{text} {side:?} {bound}: {written}");
                }
            }
        }
    }

    #[test]
    fn texts_are_where_javascript_has_them() {
        let all = [
            "",
            "a",
            "alphabet",
            "always",
            "AZL",
            "zebra",
            "b",
            "al",
            "alphabets",
            "ä",
            "a\n",
            "\u{10ffff}",
            "\u{e000}",
        ];
        for bound in all
            .into_iter()
            .filter(|it| it.chars().all(|it| it <= super::LAST_IN_ORDER))
        {
            for side in SIDES {
                let written = texts(side, bound).expect("it is short");
                let pattern = Pattern::parse(&written).expect("it is a pattern");
                for text in all {
                    let want = side.holds(Some(compare_texts(text, bound)));
                    assert_eq!(
                        pattern.matches(text),
                        want,
                        "{text:?} {side:?} {bound:?}: {written}"
                    );
                }
            }
        }
    }
}
