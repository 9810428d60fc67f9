//! Versions as `GrowthBook` orders them: as texts whose numbers are padded.
//!
//! Source: "Semver operators" in `GrowthBook`'s guide to building an SDK, `paddedVersionString`.

use std::cmp::Ordering;

use super::javascript;
use super::order::beyond;
use super::pattern::literal;

/// How wide a number is padded.
const WIDTH: usize = 5;
/// What a version of three parts ends in, so that it is above its pre-releases.
const END: &str = "~";
/// What ends a version: the build, and what was after it.
const BUILD: &str = r"(?:\+(?s:.)*)?";

/// A version taken apart.
pub(super) struct Version {
    /// Its parts; last [`END`] where there are three.
    parts: Vec<String>,
}

impl Version {
    /// Anything that is no text and no number is version `0`.
    pub(super) fn of(value: &serde_json::Value) -> Version {
        let text = match value {
            serde_json::Value::Number(_) => javascript::text(value),
            serde_json::Value::String(text) if !text.is_empty() => text.clone(),
            _ => "0".to_owned(),
        };
        let text = text.strip_prefix('v').unwrap_or(&text);
        let text = text.split('+').next().unwrap_or_default();
        let mut parts: Vec<String> = text.split(['-', '.']).map(str::to_owned).collect();
        if parts.len() == 3 {
            parts.push(END.to_owned());
        }
        Version { parts }
    }

    pub(super) fn compare(&self, other: &Version) -> Ordering {
        javascript::compare_texts(&self.padded(), &other.padded())
    }

    fn padded(&self) -> String {
        let part = |part: &String| {
            if is_number(part) {
                format!("{part:>WIDTH$}")
            } else {
                part.clone()
            }
        };
        self.parts.iter().map(part).collect::<Vec<_>>().join("-")
    }

    /// The number that its first part is.
    pub(super) fn major(&self) -> Option<f64> {
        self.parts.first().filter(|it| is_number(it))?.parse().ok()
    }

    /// The texts that are the same version; `None` where its parts have characters that versions do not have.
    pub(super) fn same(&self) -> Option<String> {
        let (parts, end) = match self.parts.as_slice() {
            [_, _, _, end] if end == END => (3, "(?:[-.]~)?"),
            parts => (parts.len(), ""),
        };
        self.is_plain()
            .then(|| format!("^v?{}{end}{BUILD}$", self.beginning(parts)))
    }

    /// The texts that are a higher version; `None` as for [`Version::same`], or where there are very many parts.
    pub(super) fn above(&self) -> Option<String> {
        if !self.is_plain() {
            return None;
        }
        let (after_v, other) = (self.alternatives(""), self.alternatives("v"));
        Some(format!("^(?:v(?:{after_v})|{other})"))
    }

    /// Beginnings of what is above it, without a `v` before; the first character is none of `not_first`.
    fn alternatives(&self, not_first: &str) -> String {
        let mut alternatives = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            let mut before = self.beginning(at);
            if at > 0 {
                before.push_str("[-.]");
            }
            let not_first = if at == 0 { not_first } else { "" };
            let is_last = at.saturating_add(1) == self.parts.len();
            let above = above_part(part, not_first, is_last).into_iter();
            alternatives.extend(above.map(|it| before.clone() + &it));
            // Three parts and no more are followed by `~`.
            if at == 3 && part.as_str() < END {
                alternatives.push(self.beginning(3) + BUILD + "$");
            }
        }
        // More parts than it has.
        alternatives.push(self.beginning(self.parts.len()) + "[-.]");
        alternatives.join("|")
    }

    /// The texts of its first parts.
    fn beginning(&self, parts: usize) -> String {
        let mut written = String::new();
        for (at, part) in self.parts.iter().take(parts).enumerate() {
            if at > 0 {
                written.push_str("[-.]");
            }
            written.push_str(&literal(part, false));
        }
        written
    }

    fn is_plain(&self) -> bool {
        let is_plain = |part: &String| {
            let mut characters = part.chars();
            part.len() <= 32 && characters.all(|it| it.is_ascii_alphanumeric() || "_~".contains(it))
        };
        let has_v = self.parts.first().is_some_and(|it| it.starts_with('v'));
        !has_v && self.parts != [""] && self.parts.len() <= 12 && self.parts.iter().all(is_plain)
    }
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|it| it.is_ascii_digit())
}

/// The beginnings of what is above `part`, which other parts may follow; none begins with one of `not_first`.
fn above_part(part: &str, not_first: &str, is_last: bool) -> Vec<String> {
    // What follows a part is a hyphen or nothing.
    if part.is_empty() && is_last {
        return vec![r"[^+.-]".to_owned()];
    }
    if part.is_empty() {
        let all = [
            format!(r"[^\x{{0}}-\x{{2e}}\d{not_first}]"),
            r"\d{5}".into(),
            r"\d{1,4}[^\d+.-]".into(),
        ];
        return all.into();
    }
    let length = part.len();
    if is_number(part) && length < WIDTH {
        // Padded, it begins with a space: anything but a number as short is above it.
        let longer = length.saturating_add(1);
        let mut all = vec![
            format!(r"\d{{{longer},}}"),
            format!(r"[^\x{{0}}-\x{{20}}\d+.{not_first}-]"),
            r"\d+[^\x{0}-\x{20}\d+.-]".to_owned(),
        ];
        // A part without a character, if there is another after it.
        all.push("[-.]".to_owned());
        for (at, beginning, above) in beginnings(part) {
            let rest = length.saturating_sub(at).saturating_sub(1);
            all.push(format!(
                r"{beginning}[{above}&&[\d]]\d{{{rest}}}(?:[+.-]|$)"
            ));
        }
        return all;
    }
    let mut all = Vec::new();
    for (at, beginning, above) in beginnings(part) {
        let taken = at.saturating_add(1);
        let is_digits = part.chars().take(at).all(|it| it.is_ascii_digit());
        if !is_digits || taken >= WIDTH {
            all.push(beginning + &above);
            continue;
        }
        // A number of fewer digits would be padded, and then it is below.
        let others = if at == 0 { not_first } else { "" };
        all.push(format!(r"{beginning}(?:[{above}&&[^\d{others}]])"));
        let missing = WIDTH.saturating_sub(taken);
        let fewer = missing.saturating_sub(1);
        let enough = format!(r"(?:\d{{{missing}}}|\d{{0,{fewer}}}[^\x{{0}}-\x{{20}}\d+.-])");
        all.push(format!(r"{beginning}(?:[{above}&&[\d]]){enough}"));
    }
    // Longer than it, and not by what separates parts.
    let longer = if is_last {
        "[^+.-]"
    } else {
        r"[^\x{0}-\x{2e}]"
    };
    all.push(literal(part, false) + longer);
    all
}

/// How many characters, those, and what is above the next of `part`.
fn beginnings(part: &str) -> Vec<(usize, String, String)> {
    let characters: Vec<char> = part.chars().collect();
    let one = |(at, character): (usize, &char)| {
        let beginning: String = characters.iter().take(at).collect();
        Some((
            at,
            literal(&beginning, false),
            beyond(Ordering::Greater, *character)?,
        ))
    };
    characters
        .iter()
        .enumerate()
        .filter_map(one)
        .filter(|(_, _, above)| !above.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use serde_json::json;
    use vexil_ruleset::Pattern;

    use super::Version;

    const TEXTS: &[&str] = &[
        "0",
        "1",
        "2",
        "1.2",
        "1.2.3",
        "v1.2.3",
        "1.2.3-alpha",
        "1.2.3-alpha.1",
        "1.2.3-alpha.beta",
        "1.2.3-beta",
        "1.2.3-beta.2",
        "1.2.3-beta.11",
        "1.2.3-5",
        "1.2.3-5-foo",
        "1.2.3-5-Foo",
        "1.2.3-r2",
        "1.2.3-r100",
        "1.2.10",
        "1.10.0",
        "10.0.0",
        "9999.0.0",
        "10000.0.0",
        "99999.1.1",
        "100000.0.0",
        "123456.0.0",
        "1-2-3",
        "1.2.3.4",
        "1.2.3.~",
        "1.2.3-~-1",
        "1.2.3+build.5",
        "1.2.3-alpha+b",
        "a.b.c.d.e.f",
        "01.2.3",
        "1.2.03",
        "1.2.3-1a",
        "1.2.3-12",
        "1.2.3-12a",
        "1.2.3-12345",
        "1.2.3-12345a",
        "1.2.3-2",
        "1.2.3-20000",
        "1.2.3-al",
        "1.2.3-alphabet",
        "1.2.3-~",
        "2.0.0-0",
        "2.0.0",
        "v",
        "1.",
        "1..3",
        "1.2.3-",
        "x",
        "1.2.3.4.5",
    ];

    #[test]
    fn patterns_find_what_the_padded_texts_say() {
        for bound in TEXTS.iter().step_by(5) {
            let version = Version::of(&json!(bound));
            let (Some(same), Some(above)) = (version.same(), version.above()) else {
                assert!(*bound == "v", "{bound}");
                continue;
            };
            let parse = |written: &str| {
                Pattern::parse(written).unwrap_or_else(|it| panic!("{it}: {written}"))
            };
            let (same_pattern, above_pattern) = (parse(&same), parse(&above));
            for text in TEXTS {
                let ordering = Version::of(&json!(text)).compare(&version);
                assert_eq!(
                    same_pattern.matches(text),
                    ordering == Ordering::Equal,
                    "{text} is {bound}: {same}"
                );
                assert_eq!(
                    above_pattern.matches(text),
                    ordering == Ordering::Greater,
                    "{text} > {bound}: {above}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_version_is_version_0() {
        for value in [
            json!(null),
            json!(true),
            json!(["1.2.3"]),
            json!({}),
            json!(""),
        ] {
            assert_eq!(
                Version::of(&value).compare(&Version::of(&json!("0"))),
                Ordering::Equal
            );
        }
        assert_eq!(
            Version::of(&json!(1.5)).compare(&Version::of(&json!("1.5"))),
            Ordering::Equal
        );
    }
}
