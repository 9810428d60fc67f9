//! npm's version ranges, read with `includePrerelease`, after the grammar in the README of npm's `semver`.

use std::cmp::Ordering;

use semver::{BuildMetadata, Prerelease, Version};

/// Whether `range` takes `version`.
pub(super) fn takes(version: &str, range: &str) -> bool {
    Version::parse(version).is_ok_and(|version| {
        range
            .split("||")
            .any(|alternative| is_within(&version, alternative))
    })
}

fn is_within(version: &Version, alternative: &str) -> bool {
    let mut text = alternative
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("~>", "~");
    if let Some((from, to)) = text.split_once(" - ") {
        let floor = if from.contains('-') || from.split('.').count() < 3 {
            ""
        } else {
            "-0"
        };
        return holds(version, &format!(">={from}{floor}")) && holds(version, &format!("<={to}"));
    }
    for operator in ["^", "~", "=", "<", ">"] {
        text = text.replace(&format!("{operator} "), operator);
    }
    text.split(' ').all(|comparator| holds(version, comparator))
}

/// One comparator: an operator before a version that may lack its last numbers, or have `x` for them.
fn holds(version: &Version, comparator: &str) -> bool {
    let at = comparator
        .find(|character: char| character.is_ascii_alphanumeric() || character == '*')
        .unwrap_or(0);
    let (operator, written) = comparator.split_at(at);
    let (numbers, pre) = written
        .trim_start_matches('v')
        .split_once('-')
        .unwrap_or((written.trim_start_matches('v'), ""));
    let numbers: Vec<u64> = numbers
        .split('.')
        .map_while(|number| number.parse().ok())
        .collect();
    let number = |place: usize| numbers.get(place).copied().unwrap_or(0);
    // What lacks a number begins with its lowest prerelease.
    let low = exact(
        [number(0), number(1), number(2)],
        if numbers.len() < 3 { "0" } else { pre },
    );
    let above = |place: usize| match place {
        0 => exact([number(0) + 1, 0, 0], "0"),
        1 => exact([number(0), number(1) + 1, 0], "0"),
        _ => exact([number(0), number(1), number(2) + 1], "0"),
    };
    let is_at_least = |bound: &Version| version.cmp_precedence(bound) != Ordering::Less;
    if numbers.is_empty() {
        return !matches!(operator, "<" | ">");
    }
    // Up to which number a bare version speaks: `1.2` is all of 1.2.
    let last = numbers.len() - 1;
    match operator {
        "^" => {
            let leftmost = numbers
                .iter()
                .position(|number| *number > 0)
                .unwrap_or(last);
            is_at_least(&low) && !is_at_least(&above(leftmost))
        }
        "~" => is_at_least(&low) && !is_at_least(&above(last.min(1))),
        ">=" => is_at_least(&low),
        "<" => !is_at_least(&low),
        ">" if last < 2 => is_at_least(&above(last)),
        ">" => version.cmp_precedence(&low) == Ordering::Greater,
        "<=" if last < 2 => !is_at_least(&above(last)),
        "<=" => version.cmp_precedence(&low) != Ordering::Greater,
        _ if last < 2 => is_at_least(&low) && !is_at_least(&above(last)),
        _ => version.cmp_precedence(&low) == Ordering::Equal,
    }
}

fn exact([major, minor, patch]: [u64; 3], pre: &str) -> Version {
    Version {
        major,
        minor,
        patch,
        pre: Prerelease::new(pre).unwrap_or_default(),
        build: BuildMetadata::EMPTY,
    }
}
