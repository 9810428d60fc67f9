//! The token that opens an edge. It is never on the command line, and never written anywhere.

use std::fmt;
use std::io::BufRead;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::file;

/// A secret, and where it came from.
pub(super) struct Token {
    secret: String,
    source: &'static str,
}

impl Token {
    /// What goes into the header `Authorization`.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.secret)
    }

    /// Where whoever is to mend it finds it.
    pub(super) fn source(&self) -> &'static str {
        self.source
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token")
    }
}

/// The token of standard input where that is asked for, else of `VEXIL_TOKEN`, else of the file `VEXIL_TOKEN_FILE`.
pub(super) fn find(is_on_stdin: bool) -> Result<Option<Token>, Failure> {
    if is_on_stdin {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        read.map_err(|error| Failure::File {
            doing: "read",
            path: PathBuf::from("standard input"),
            error,
        })?;
        return secret(&line, "standard input").map(Some);
    }
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(text) = set("VEXIL_TOKEN") {
        return secret(&text.to_string_lossy(), "VEXIL_TOKEN").map(Some);
    }
    match set("VEXIL_TOKEN_FILE") {
        Some(path) => {
            let text = file::read(&PathBuf::from(path))?;
            secret(&text, "the file VEXIL_TOKEN_FILE").map(Some)
        }
        None => Ok(None),
    }
}

/// The token in a text that may end in a new line. What is wrong with it is said without it.
fn secret(text: &str, source: &'static str) -> Result<Token, Failure> {
    let secret = text.trim();
    let is_token = !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic());
    if is_token {
        let secret = secret.to_owned();
        return Ok(Token { secret, source });
    }
    let what = if secret.is_empty() {
        "nothing"
    } else {
        "something that is no token"
    };
    Err(Failure::Usage(format!("{source} has {what}")))
}
