//! The reference of the npm package: its types and their comments, as a page.

use crate::build::{self, Part};
use crate::failure::Failure;
use crate::shell::Shell;

/// Writes `bindings/browser/docs/reference.md`; `tests/packaging/docs` compares it with what would be written.
pub(crate) fn run(shell: &Shell) -> Result<(), Failure> {
    build::run(shell, &[Part::Browser])?;
    let mut command = shell.command("node");
    command.arg("tests/packaging/docs/reference.mjs");
    shell
        .step("writing the reference", &mut command)
        .map(|_| ())
}
