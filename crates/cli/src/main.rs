//! The `vexil` command line.

mod arguments;
mod command;
mod config;
mod context;
mod edge;
mod failure;
mod file;
mod files;
mod git;
mod report;
mod source;
mod style;
mod table;
mod time;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = anstream::stdout().lock();
    let mut notes = anstream::stderr().lock();
    let result = command::run(arguments, &mut out, &mut notes).and_then(|()| Ok(out.flush()?));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to tell when this fails as well.
            let _ = failure.print(&mut notes);
            failure.exit_code()
        }
    }
}
