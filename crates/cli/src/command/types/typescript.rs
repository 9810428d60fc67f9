//! Flags as an interface of TypeScript.

use std::fmt::Write;

use serde_json::Value;
use vexil_core::{Expose, FlagType};
use vexil_ruleset::Flag;

use super::Flags;
use super::shape::{Shape, WIDTH, property};

pub(super) fn write(of: &str, flags: &Flags<'_>, attributes: &Shape) -> String {
    let mut text = format!(
        "// The flags of {of}, by `vexil types`. Change the ruleset and run it again instead of editing this.\n\n\
         /** What each flag comes to, by its key: for `createClient<Flags>` of the npm package `vexil`. */\n\
         export interface Flags {{\n"
    );
    for (key, flag) in flags {
        text.push_str(&comment(flag));
        let (key, values) = (property(key.as_str()), values(flag));
        let space = if values.starts_with('\n') { "" } else { " " };
        // A text is as long as it is.
        let _ = writeln!(text, "  {key}:{space}{values};");
    }
    text.push_str(
        "}\n\n\
         /** The attributes that flags decide by: `context: { … } satisfies Attributes`. */\n\
         export type Attributes = {\n",
    );
    for (name, shape) in attributes.members() {
        let type_ = if name == "targetingKey" {
            "string".to_owned()
        } else {
            shape.typescript(2, true)
        };
        let _ = writeln!(text, "  readonly {}?: {type_};", property(name));
    }
    text.push_str("};\n");
    text
}

/// The description, and whether a page can have the flag at all.
fn comment(flag: &Flag) -> String {
    let description = flag.description.as_deref().unwrap_or_default();
    let mut lines: Vec<String> = description
        .lines()
        .map(|line| line.trim_end().replace("*/", "*\\/"))
        .collect();
    if flag.expose == Expose::Server {
        lines.push("For servers: no browser key sees it.".to_owned());
    }
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("  /** {line} */\n"),
        lines => {
            let lines: String = lines
                .iter()
                .map(|line| format!("   * {line}").trim_end().to_owned() + "\n")
                .collect();
            format!("  /**\n{lines}   */\n")
        }
    }
}

/// A union of the values of its variants, or what those have in common.
fn values(flag: &Flag) -> String {
    if flag.kind == FlagType::Object {
        return Shape::of(flag.variants.values()).typescript(2, false);
    }
    let mut literals: Vec<String> = Vec::new();
    for value in flag.variants.values() {
        let literal = literal(value);
        if !literals.contains(&literal) {
            literals.push(literal);
        }
    }
    if flag.kind == FlagType::Boolean && literals.len() > 1 {
        return "boolean".to_owned();
    }
    let line = literals.join(" | ");
    if line.len() <= WIDTH {
        return line;
    }
    format!("\n    | {}", literals.join("\n    | "))
}

/// A number in one notation, so that each is there once.
fn literal(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Some(number) => format!("{number:?}"),
        None => value.to_string(),
    }
}
