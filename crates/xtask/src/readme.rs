//! The numbers in README.md, which are never typed by hand.

use std::fs;
use std::process::Command;

use crate::failure::Failure;
use crate::shell::Shell;
use crate::size;

const FILE: &str = "README.md";

/// Writes what is measured now between the markers; with `check`, only compares.
pub(crate) fn run(shell: &Shell, check: bool) -> Result<(), Failure> {
    let path = shell.root.join(FILE);
    let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
    let measured = [
        ("size", size::table(&size::measure(shell)?)),
        ("vectors", vectors(shell)?),
    ];
    let mut current = text.clone();
    for (name, measured) in &measured {
        current = replace(&current, name, measured).ok_or_else(|| {
            Failure::Wrong(format!(
                "{FILE} has no `<!-- {name} -->` followed by `<!-- /{name} -->`"
            ))
        })?;
    }
    if current == text {
        return Ok(());
    }
    if check {
        return Err(Failure::Wrong(format!(
            "the numbers in {FILE} are not those measured now: run `cargo xtask readme`, and look at what changed\n{}{}",
            measured[0].1, measured[1].1
        )));
    }
    fs::write(&path, current).map_err(Failure::file(&path))
}

/// How many answers the vectors hold, as `node --test tests/bindings` prints it.
fn vectors(shell: &Shell) -> Result<String, Failure> {
    let mut command = Command::new("cargo");
    command.args([
        "run",
        "--quiet",
        "--package",
        "vexil-conformance",
        "--bin",
        "vectors",
        "--",
        "print",
    ]);
    let printed = shell.step("counting the vectors", &mut command)?.stdout;
    let cases = printed
        .split(|byte| *byte == b'\n')
        .count()
        .saturating_sub(1);
    Ok(format!("```text\n{cases} cases × 4 runtimes agree\n```\n"))
}

/// `text` with `measured` between the markers of that name, or nothing without markers.
fn replace(text: &str, name: &str, measured: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{measured}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = "a\n<!-- size -->\nold\n<!-- /size -->\nb\n";
        let want = "a\n<!-- size -->\nnew\n<!-- /size -->\nb\n";
        assert_eq!(replace(text, "size", "new\n").as_deref(), Some(want));
        assert_eq!(replace(want, "size", "new\n").as_deref(), Some(want));
    }

    #[test]
    fn a_text_without_both_markers_in_order_is_left_alone() {
        assert_eq!(replace("<!-- size -->", "size", "new"), None);
        assert_eq!(replace("<!-- /size --> <!-- size -->", "size", "new"), None);
    }
}
