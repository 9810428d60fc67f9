//! `vexil audit`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use vexil_audit::{Hash, Why, verify};

use crate::config::Config;
use crate::edge::{Edge, Page, Target, plain};
use crate::failure::Failure;
use crate::file;
use crate::table;
use crate::time::Instant;

/// Reads and verifies the audit: a line for each write, in a chain of hashes
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Lists the lines, oldest first. Needs a token with the scope `read`
    List(List),
    /// Verifies the chain, from its first line on
    ///
    /// Of the edge (a token with the scope `read`), or of a file: lines as `vexil audit list --json` writes them, or
    /// pages as the edge does. Says the first link that is broken. That the chain was not cut short, or written anew as
    /// a whole, is shown by a hash that was kept elsewhere: `--known`.
    ///
    /// vexil audit list --json > audit.jsonl; vexil audit verify audit.jsonl
    #[command(verbatim_doc_comment)]
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only lines after the one of this number
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    after: u64,
    /// Prints one JSON object a line, whole, instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The file; `-` reads standard input [default: asks the edge]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// A hash that must be in the chain, such as one that an earlier run printed
    #[arg(long, value_name = "HASH", value_parser = hash)]
    known: Option<Hash>,
    /// Prints one JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

fn hash(text: &str) -> Result<Hash, String> {
    Hash::parse(text).ok_or_else(|| "expected 64 hexadecimal digits in lower case".to_owned())
}

pub(crate) fn run(arguments: &Audit, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    match arguments {
        Audit::List(list) => self::list(list, config, out),
        Audit::Verify(verify) => self::verified(verify, config, out),
    }
}

fn list(arguments: &List, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let edge = Edge::open(config, &arguments.target)?;
    let mut rows = Vec::new();
    for page in edge.audit(arguments.after) {
        for line in page?.lines {
            if arguments.json {
                writeln!(out, "{line}")?;
            } else {
                rows.push(row(&line));
            }
        }
    }
    if arguments.json {
        return Ok(());
    }
    if rows.is_empty() {
        return Ok(writeln!(out, "no lines")?);
    }
    let head = ["LINE", "VERSION", "WHEN", "WHO", "WHAT", "WHY"];
    Ok(table::write(out, head, &rows)?)
}

fn row(line: &Value) -> [String; 6] {
    let text = |name: &str| plain(line.get(name).and_then(Value::as_str).unwrap_or_default());
    let number = |name: &str| {
        let number = line.get(name).and_then(Value::as_u64);
        number.map_or_else(String::new, |number| number.to_string())
    };
    let at = line.get("at").and_then(Value::as_i64);
    let at = at.map_or_else(String::new, |at| Instant(at).to_second().to_string());
    let again = line.pointer("/detail/from").and_then(Value::as_u64);
    let again = again.map_or_else(String::new, |version| format!("version {version}"));
    let what = format!("{} {}{again}", text("action"), text("subject"));
    [
        number("number"),
        number("version"),
        at,
        text("author"),
        what.trim_end().to_owned(),
        text("reason"),
    ]
}

/// A chain that is followed link by link.
#[derive(Default)]
struct Chain {
    /// Of the last line.
    number: u64,
    hash: Hash,
    known: Option<Hash>,
    /// The number of the line that has the known hash.
    found: Option<u64>,
    /// The number of the line before the first that was followed.
    before: u64,
}

impl Chain {
    /// Follows a page, which may begin anywhere if it is the first.
    fn page(&mut self, page: &Page) -> Result<(), Failure> {
        if self.number == 0 {
            let first = page.lines.first().and_then(|line| line.get("number"));
            let first = first.and_then(Value::as_u64).unwrap_or(1);
            self.number = first.saturating_sub(1);
            self.before = self.number;
            self.hash = page.previous;
        }
        self.follow(&page.lines)
    }

    /// Follows some more lines.
    fn follow(&mut self, lines: &[Value]) -> Result<(), Failure> {
        for line in lines {
            let number = self.number.saturating_add(1);
            let hash = verify(self.hash, self.number, std::slice::from_ref(line));
            self.hash = hash.map_err(|broken| {
                let claimed = line.get("number").and_then(Value::as_u64);
                Failure::No(match (broken.why, claimed) {
                    (Why::Shape, _) => format!("the chain breaks at line {number}, which is no line with a number and a hash"),
                    (Why::Number, Some(claimed)) => format!("the chain breaks at line {number}: after line {} comes line {claimed}", self.number),
                    (Why::Hash, _) | (Why::Number, None) => format!("the chain breaks at line {number}: its hash is not that of what it says after the line before it"),
                })
            })?;
            self.number = number;
            if self.known == Some(self.hash) {
                self.found = Some(number);
            }
        }
        Ok(())
    }
}

fn verified(arguments: &Verify, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let mut chain = Chain {
        known: arguments.known,
        ..Chain::default()
    };
    let of = if let Some(path) = &arguments.file {
        of_file(path, &mut chain)?;
        path.display().to_string()
    } else {
        let edge = Edge::open(config, &arguments.target)?;
        for page in edge.audit(0) {
            chain.page(&page?)?;
        }
        edge.place()
    };
    if let (Some(known), None) = (chain.known, chain.found) {
        return Err(Failure::No(format!(
            "{of}: {} lines, unbroken, and none has the hash {known}: the chain was cut short or written anew",
            chain.number.saturating_sub(chain.before)
        )));
    }
    let (number, hash) = (chain.number.saturating_sub(chain.before), chain.hash);
    if arguments.json {
        let document = json!({
            "after": chain.before,
            "lines": number,
            "hash": hash.to_string(),
            "known": chain.found,
        });
        return Ok(writeln!(out, "{document}")?);
    }
    let known = match chain.found {
        Some(found) => format!(" and the hash that is known is of line {found}"),
        None => String::new(),
    };
    let after = match chain.before {
        0 => String::new(),
        before => format!(" after line {before}, which is taken as it is"),
    };
    writeln!(out, "{of}: {number} lines{after}, unbroken{known}")?;
    Ok(writeln!(out, "newest hash: {hash}")?)
}

/// Follows the lines of a file.
fn of_file(path: &Path, chain: &mut Chain) -> Result<(), Failure> {
    let text = file::read(path)?;
    let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    for value in values {
        let value = value.map_err(|error| {
            let path = path.display();
            Failure::No(format!(
                "{path}: expected lines of an audit in JSON: {error}"
            ))
        })?;
        match Page::read(&value) {
            Some(page) => chain.page(&page)?,
            None => chain.follow(std::slice::from_ref(&value))?,
        }
    }
    Ok(())
}
