//! Flag keys in a text of code: by how they look, whatever the language.

use std::sync::LazyLock;

use regex::{Captures, Match, Regex};

/// A text between quotes that can be a key, as one of three groups; what is longer than 128 is caught by its reader.
const KEY: &str = r#"(?:"([A-Za-z0-9._-]+)"|'([A-Za-z0-9._-]+)'|`([A-Za-z0-9._-]+)`)"#;
/// `<Foo>` or `::<Foo>` before the parenthesis.
const TYPE: &str = r"(?:(?:::)?<[^()\n]{1,200}>)?";

/// A key, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Found<'t> {
    /// The byte of the quote before it.
    pub(super) at: usize,
    pub(super) key: &'t str,
}

/// A key that a call reads.
#[derive(Clone, Debug)]
pub(super) struct Call<'t> {
    pub(super) found: Found<'t>,
    /// What is called: `getBooleanValue`.
    pub(super) name: &'t str,
    /// What must be a client for the call to read a flag, by its last name; `None` where the name says enough.
    pub(super) receiver: Option<&'t str>,
    /// Whether it looks like no other library's call, so that its receiver is a client if the key is a flag's.
    pub(super) is_telling: bool,
}

/// Every text between quotes that can be a key.
pub(super) fn texts(text: &str) -> impl Iterator<Item = Found<'_>> {
    TEXTS
        .captures_iter(text)
        .filter_map(|captures| found(&captures, 1))
}

/// Every call that may read a flag by a key in quotes. Those of the npm package and of React are looked for where
/// `is_script`.
pub(super) fn calls(text: &str, is_script: bool) -> Vec<Call<'_>> {
    let open_feature = OPEN_FEATURE.captures_iter(text).filter_map(|captures| {
        Some(Call {
            found: found(&captures, 2)?,
            name: group(&captures, 1)?.as_str(),
            receiver: None,
            is_telling: false,
        })
    });
    let mut calls: Vec<Call<'_>> = open_feature.collect();
    if !is_script {
        return calls;
    }
    calls.extend(HOOK.captures_iter(text).filter_map(|captures| {
        Some(Call {
            found: found(&captures, 2)?,
            name: group(&captures, 1)?.as_str(),
            receiver: None,
            is_telling: false,
        })
    }));
    calls.extend(CLIENT.captures_iter(text).filter_map(|captures| {
        let name = group(&captures, 2)?.as_str();
        Some(Call {
            found: found(&captures, 3)?,
            name,
            receiver: Some(group(&captures, 1)?.as_str()),
            is_telling: name != "subscribe" && group(&captures, 6)?.as_str() == ",",
        })
    }));
    calls
}

/// The names that clients of the npm package are given where they are made.
pub(super) fn clients(text: &str) -> impl Iterator<Item = &str> {
    let all = MADE.captures_iter(text);
    all.filter_map(|captures| Some(group(&captures, 1)?.as_str()))
}

/// The constants of keys in what `vexil types` wrote for Rust; `None` for a text that it did not write.
pub(super) fn generated(text: &str) -> Option<Vec<(&str, &str)>> {
    let first = text.lines().next()?;
    if !first.starts_with("//") || !first.contains("by `vexil types`") {
        return None;
    }
    let mut constants: Vec<(&str, &str)> = Vec::new();
    for captures in CONSTANT.captures_iter(text) {
        let names = (group(&captures, 1), group(&captures, 2));
        if let (Some(name), Some(key)) = names {
            constants.push((name.as_str(), key.as_str()));
        }
    }
    for captures in ENUM.captures_iter(text) {
        let names = (group(&captures, 1), group(&captures, 2));
        let (Some(name), Some(constant)) = names else {
            continue;
        };
        let key = constants.iter().find(|(it, _)| *it == constant.as_str());
        if let Some((_, key)) = key.copied() {
            constants.push((name.as_str(), key));
        }
    }
    Some(constants)
}

/// Every name in a text of code.
pub(super) fn names(text: &str) -> impl Iterator<Item = Match<'_>> {
    NAME.find_iter(text)
}

/// The key in the three groups from `first`.
fn found<'t>(captures: &Captures<'t>, first: usize) -> Option<Found<'t>> {
    let mut groups = (first..first.saturating_add(3)).filter_map(|index| group(captures, index));
    let key = groups.next()?;
    Some(Found {
        at: key.start().saturating_sub(1),
        key: key.as_str(),
    })
}

fn group<'t>(captures: &Captures<'t>, index: usize) -> Option<Match<'t>> {
    captures.get(index)
}

macro_rules! pattern {
    ($text:literal) => {
        LazyLock::new(|| Regex::new(&format!($text)).expect("it is a pattern"))
    };
}

static TEXTS: LazyLock<Regex> = pattern!("{KEY}");
/// `flags.boolean("key", …)`, `flags?.details<Foo>("key")`
static CLIENT: LazyLock<Regex> = pattern!(
    r"([A-Za-z_$][A-Za-z0-9_$]*)\s*[?!]?\.\s*(boolean|string|number|object|details|subscribe){TYPE}\(\s*{KEY}\s*(,|\))"
);
/// `getBooleanValue("key", …)`, `get_boolean_details(flag_key="key", …)`, `BooleanValue(ctx, "key", …)`
static OPEN_FEATURE: LazyLock<Regex> = pattern!(
    r"\b((?i:(?:get|fetch)?_?(?:bool|boolean|string|number|integer|int|long|float|double|object|struct)_?(?:value(?:_?details)?|details)(?:_?async)?)){TYPE}\(\s*(?:[A-Za-z_][A-Za-z0-9_.]*(?:\(\))?\s*,\s*)?(?:[A-Za-z_]+\s*[:=]\s*)?{KEY}\s*,"
);
/// `useFlag("key")`, `useBooleanFlagValue("key", …)`, `useSuspenseFlag("key", …)`
static HOOK: LazyLock<Regex> = pattern!(
    r"\b(use(?:Suspense)?(?:Boolean|String|Number|Object)?Flag(?:Value|Details)?){TYPE}\(\s*{KEY}\s*[,)]"
);
/// `const flags = createClient(…)`, `flags: createClient<Flags>(…)`
static MADE: LazyLock<Regex> = pattern!(
    r"([A-Za-z_$][A-Za-z0-9_$]*)\s*(?::\s*[A-Za-z_$][A-Za-z0-9_$<>]*\s*)?[=:]\s*(?:await\s+)?(?:createClient|snapshotClient){TYPE}\("
);
static CONSTANT: LazyLock<Regex> = pattern!(r#"(?m)^pub const (\w+): &str = "([^"]+)";"#);
static ENUM: LazyLock<Regex> = pattern!(
    r"(?m)^impl (\w+) \{{\n    /// The key of the flag\.\n    pub const KEY: &'static str = (\w+);"
);
static NAME: LazyLock<Regex> = pattern!(r"[A-Za-z_][A-Za-z0-9_]*");
