//! The `vexil` command line.

mod arguments;
mod command;
mod failure;
mod file;
mod table;
mod time;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    let mut notes = std::io::stderr().lock();
    let result =
        command::run(arguments.command, &mut out, &mut notes).and_then(|()| Ok(out.flush()?));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to tell when this fails as well.
            let _ = failure.print(&mut notes);
            failure.exit_code()
        }
    }
}
