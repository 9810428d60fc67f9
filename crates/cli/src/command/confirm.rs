//! The question before a command changes what people are served.

use std::io::{IsTerminal, Write};

use clap::Args;

use crate::failure::Failure;

/// Whether to ask.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Confirm {
    /// Asks nothing
    #[arg(long, short)]
    yes: bool,
}

impl Confirm {
    /// Goes on if whoever sits at the terminal says so, or the command line has.
    pub(super) fn ask(self, question: &str, notes: &mut impl Write) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return Err(Failure::Usage(format!(
                "there is no terminal to ask on: `{question}` needs `--yes`"
            )));
        }
        write!(notes, "{question} [y/N] ")?;
        notes.flush()?;
        let mut answer = String::new();
        stdin.read_line(&mut answer)?;
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(Failure::No("nothing has changed".to_owned())),
        }
    }
}
