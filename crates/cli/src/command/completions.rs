//! `vexil completions` and `vexil man`

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::arguments::{Arguments, EXIT_CODES};
use crate::failure::Failure;
use crate::file;

const COMPLETIONS_HELP: &str = "\
Prints what completes commands and options in a shell.

  bash        vexil completions bash > ~/.local/share/bash-completion/completions/vexil
  zsh         vexil completions zsh > ~/.zfunc/_vexil             with ~/.zfunc in fpath
  fish        vexil completions fish > ~/.config/fish/completions/vexil.fish
  powershell  vexil completions powershell >> $PROFILE
  elvish      vexil completions elvish >> ~/.config/elvish/rc.elv";

/// Prints what completes commands and options in a shell
#[derive(Debug, Args)]
#[command(long_about = COMPLETIONS_HELP)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

/// Prints the manual page, or writes one for each command into a folder
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ManPages {
    /// The folder, which is made if it is not there: `vexil man ~/.local/share/man/man1`
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Completes for a shell.
pub(crate) fn run(arguments: &Completions, out: &mut impl Write) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "vexil",
        &mut script,
    );
    Ok(out.write_all(&script)?)
}

/// Writes manual pages.
pub(crate) fn man(arguments: &ManPages, out: &mut impl Write) -> Result<(), Failure> {
    let mut command = Arguments::command();
    command.build();
    let Some(folder) = &arguments.folder else {
        return Ok(Man::new(command).render(out)?);
    };
    std::fs::create_dir_all(folder).map_err(|error| Failure::File {
        doing: "make",
        path: folder.clone(),
        error,
    })?;
    let pages = pages(&command, "vexil", folder)?;
    let folder = folder.display();
    Ok(writeln!(out, "{folder}: {pages} pages")?)
}

/// Writes the page of a command and of all below it: `vexil.1`, `vexil-diff.1`; how many.
fn pages(command: &Command, name: &str, folder: &Path) -> Result<usize, Failure> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    let mut file_name = OsString::from(name);
    file_name.push(".1");
    file::write(&folder.join(file_name), &page)?;
    let mut count = 1_usize;
    let shown = |it: &&Command| !it.is_hide_set() && it.get_name() != "help";
    for inner in command.get_subcommands().filter(shown) {
        let below = pages(inner, &format!("{name}-{}", inner.get_name()), folder)?;
        count = count.saturating_add(below);
    }
    Ok(count)
}
