//! The outcome of tests as `JUnit` XML.
//!
//! Source: the elements that Jenkins, GitLab and GitHub's reporters read, as `testmoapp/junitxml` describes them.

use std::io::{self, Write};

use super::{Suite, count};

/// A suite for each file, a case for each test, and in it a failure for each flag.
pub(super) fn write(out: &mut impl Write, suites: &[Suite]) -> io::Result<()> {
    let (failed, all) = count(suites);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="vexil" tests="{all}" failures="{failed}">"#
    )?;
    for suite in suites {
        let file = escaped(&suite.file);
        let (failed, all) = count(std::slice::from_ref(suite));
        writeln!(
            out,
            r#"  <testsuite name="{file}" tests="{all}" failures="{failed}">"#
        )?;
        for case in &suite.cases {
            let (name, context) = (escaped(&case.path), escaped(&case.context.to_string()));
            let line = case.place.map_or(0, |it| it.line);
            write!(
                out,
                r#"    <testcase classname="{file}" name="{name} {context}" file="{file}" line="{line}""#
            )?;
            if case.failures.is_empty() {
                writeln!(out, "/>")?;
                continue;
            }
            writeln!(out, ">")?;
            for it in &case.failures {
                let message = format!(
                    "{}: expected `{}`, got `{}` ({})",
                    it.flag, it.expected, it.found, it.reason
                );
                let (message, why) = (escaped(&message), escaped(&it.why));
                writeln!(out, r#"      <failure message="{message}">{why}</failure>"#)?;
            }
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// Text as XML has it, inside of elements and of attributes; without the characters that it cannot have.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' | '\t' => xml.push(character),
            '\u{fffe}' | '\u{ffff}' => xml.push('\u{fffd}'),
            control if control < ' ' => xml.push('\u{fffd}'),
            other => xml.push(other),
        }
    }
    xml
}
