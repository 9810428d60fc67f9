//! The numbers in README.md, which are never typed by hand.

use std::fs;

use crate::failure::Failure;
use crate::shell::Shell;
use crate::size;

const FILE: &str = "README.md";
const BEGIN: &str = "<!-- size -->";
const END: &str = "<!-- /size -->";

/// Writes what is measured now between the two markers; with `check`, only compares.
pub(crate) fn run(shell: &Shell, check: bool) -> Result<(), Failure> {
    let path = shell.root.join(FILE);
    let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
    let table = size::table(&size::measure(shell)?);
    let current = replace(&text, &table)
        .ok_or_else(|| Failure::Wrong(format!("{FILE} has no `{BEGIN}` followed by `{END}`")))?;
    if current == text {
        return Ok(());
    }
    if check {
        return Err(Failure::Wrong(format!(
            "the sizes in {FILE} are not those measured now: run `cargo xtask readme`, and look at what changed\n{table}"
        )));
    }
    fs::write(&path, current).map_err(Failure::file(&path))
}

/// `text` with `table` between the markers, or nothing without markers.
fn replace(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = "a\n<!-- size -->\nold\n<!-- /size -->\nb\n";
        let want = "a\n<!-- size -->\nnew\n<!-- /size -->\nb\n";
        assert_eq!(replace(text, "new\n").as_deref(), Some(want));
        assert_eq!(replace(want, "new\n").as_deref(), Some(want));
    }

    #[test]
    fn a_text_without_both_markers_in_order_is_left_alone() {
        assert_eq!(replace("<!-- size -->", "new"), None);
        assert_eq!(replace("<!-- /size --> <!-- size -->", "new"), None);
    }
}
