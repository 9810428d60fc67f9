//! Flags as a module of Rust.

use std::collections::BTreeSet;
use std::fmt::Write;

use vexil_core::{Expose, FlagType};
use vexil_ruleset::Flag;

use super::Flags;

pub(super) fn write(of: &str, flags: &Flags<'_>) -> String {
    let mut text = format!(
        "//! The flags of {of}, by `vexil types`. Change the ruleset and run it again instead of editing this.\n\n\
         #![allow(dead_code)]\n"
    );
    let (mut constants, mut types) = (BTreeSet::new(), BTreeSet::new());
    for (key, flag) in flags {
        let words = words(key.as_str());
        let constant = unused(&shouted(&words), "_", &mut constants);
        let name = unused(&camel(&words), "", &mut types);
        let key = quoted(key.as_str());
        // A text is as long as it is.
        let _ = write!(
            text,
            "\n{}pub const {constant}: &str = {key};\n",
            comment(flag)
        );
        if flag.kind == FlagType::String {
            text.push_str(&variants(&name, &constant, flag));
        }
    }
    text
}

/// An enum of the variants of a string.
fn variants(name: &str, constant: &str, flag: &Flag) -> String {
    let mut taken = BTreeSet::new();
    let mut variants = Vec::new();
    for (variant, value) in &flag.variants {
        let name = unused(&camel(&words(variant.as_str())), "", &mut taken);
        let value = quoted(value.as_str().unwrap_or_default());
        variants.push((name, quoted(variant.as_str()), value));
    }
    let arms = |arm: &dyn Fn(&(String, String, String)) -> String| -> String {
        variants.iter().map(arm).collect()
    };
    let declared = arms(&|(name, _, value)| format!("    /// {value}\n    {name},\n"));
    let values = arms(&|(name, _, value)| format!("            Self::{name} => {value},\n"));
    let names = arms(&|(name, variant, _)| format!("            Self::{name} => {variant},\n"));
    let mut seen = BTreeSet::new();
    let from_values: Vec<String> = variants
        .iter()
        .filter(|(_, _, value)| seen.insert(value))
        .map(|(name, _, value)| {
            format!("            {value} => ::core::option::Option::Some(Self::{name}),\n")
        })
        .collect();
    let from_values = from_values.concat();
    format!(
        "
/// What [`{constant}`] comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum {name} {{
{declared}}}

#[rustfmt::skip]
impl {name} {{
    /// The key of the flag.
    pub const KEY: &'static str = {constant};

    /// The value.
    pub const fn value(self) -> &'static str {{
        match self {{
{values}        }}
    }}

    /// The name of the variant.
    pub const fn variant(self) -> &'static str {{
        match self {{
{names}        }}
    }}

    /// What has this value; of several the first by name.
    pub fn from_value(value: &str) -> ::core::option::Option<Self> {{
        match value {{
{from_values}            _ => ::core::option::Option::None,
        }}
    }}
}}
"
    )
}

fn comment(flag: &Flag) -> String {
    let kind = match flag.kind {
        FlagType::Boolean => "A boolean.",
        FlagType::String => "A string.",
        FlagType::Number => "A number.",
        FlagType::Object => "An object.",
    };
    let description = flag.description.as_deref().unwrap_or_default();
    let mut lines: Vec<&str> = description.lines().map(str::trim_end).collect();
    if !lines.is_empty() {
        lines.push("");
    }
    lines.push(kind);
    if flag.expose == Expose::Server {
        lines.push("No browser key sees it.");
    }
    lines
        .iter()
        .map(|line| format!("/// {line}").trim_end().to_owned() + "\n")
        .collect()
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// `one-page.checkoutV2`: one, page, checkout, V2.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in key.chars() {
        let is_break = !character.is_ascii_alphanumeric()
            || character.is_ascii_uppercase() && !before.is_ascii_uppercase();
        if is_break {
            words.push(String::new());
        }
        if character.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(character);
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn shouted(words: &[String]) -> String {
    named(&words.join("_").to_ascii_uppercase())
}

fn camel(words: &[String]) -> String {
    let capitalised = words.iter().map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    named(&capitalised.collect::<String>())
}

/// Names begin with no digit, and `Self` is taken.
fn named(name: &str) -> String {
    match name {
        "" => "Unnamed".to_owned(),
        "Self" => "Self_".to_owned(),
        name if name.starts_with(|first: char| first.is_ascii_digit()) => format!("_{name}"),
        name => name.to_owned(),
    }
}

/// `name`, or with a number if that is taken.
fn unused(name: &str, before_number: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number: u32| format!("{name}{before_number}{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name));
    let free = free.unwrap_or_default();
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, constant: &str, name: &str) {
        let words = words(key);
        assert_eq!(
            (shouted(&words).as_str(), camel(&words).as_str()),
            (constant, name)
        );
    }

    #[test]
    fn keys_become_names_of_rust() {
        check("one-page-checkout", "ONE_PAGE_CHECKOUT", "OnePageCheckout");
        check("newCheckout", "NEW_CHECKOUT", "NewCheckout");
        check("v2.api_URL", "V2_API_URL", "V2ApiUrl");
        check("2fa", "_2FA", "_2fa");
        check("self", "SELF", "Self_");
        check("--", "Unnamed", "Unnamed");
    }

    #[test]
    fn a_name_that_is_taken_is_numbered() {
        let mut taken = BTreeSet::new();
        let names = ["A", "A", "A_2", "A"].map(|name| unused(name, "_", &mut taken));
        assert_eq!(names, ["A", "A_2", "A_2_2", "A_3"]);
    }
}
