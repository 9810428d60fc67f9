//! The pictures of the demo page that README.md shows.

use crate::demo;
use crate::failure::Failure;
use crate::setup;
use crate::shell::Shell;

const FOLDER: &str = "www/screenshots";

/// Takes them anew, of a demo that was just started.
pub(crate) fn run(shell: &Shell) -> Result<(), Failure> {
    let chromium = setup::chromium(shell)?;
    demo::temporary(shell, |demo| {
        let mut command = shell.command("node");
        command
            .args(["tests/e2e/screenshot.mjs", &demo.link(), FOLDER])
            .env("VEXIL_CHROMIUM", &chromium);
        shell.step("taking the pictures", &mut command)?;
        println!("{FOLDER}");
        Ok(())
    })
}
