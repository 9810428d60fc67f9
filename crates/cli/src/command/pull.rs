//! `vexil pull`

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use vexil_audit::Hash;

use crate::config::Config;
use crate::edge::{Edge, Target};
use crate::failure::Failure;
use crate::file;
use crate::source::{Format, Source};

/// Fetches the ruleset that is published, as it was written
///
/// Prints it, or with `-o` writes it to a file. A file whose text nobody has ever published is left alone: it would be
/// lost. Needs a token with the scope `read`.
///
/// vexil pull -o flags.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Pull {
    /// The file to write; `-` is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrites the file whatever it has
    #[arg(long)]
    force: bool,
    /// The version to fetch instead of the newest
    #[arg(long, value_name = "VERSION")]
    version: Option<u64>,
    /// Prints one JSON object that says what was written; with `-o`
    #[arg(long, requires = "output")]
    json: bool,
    #[command(flatten)]
    target: Target,
}

pub(crate) fn run(arguments: &Pull, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let edge = Edge::open(config, &arguments.target)?;
    let (text, version) = if let Some(version) = arguments.version {
        let path = format!("/admin/v1/versions/{version}/ruleset");
        (edge.get(&path)?.body, version)
    } else {
        let live = edge.live()?;
        (live.text, live.version)
    };
    let Some(path) = arguments
        .output
        .as_deref()
        .filter(|it| *it != Path::new("-"))
    else {
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            writeln!(out)?;
        }
        return Ok(());
    };
    let local = match std::fs::read(path) {
        Ok(bytes) => Some(local(path, bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            let (doing, path) = ("read", path.to_owned());
            return Err(Failure::File { doing, path, error });
        }
    };
    let is_same = local.as_deref() == Some(text.as_bytes());
    let shown = path.display();
    if !is_same && Format::of(path) != Format::Json {
        return Err(Failure::Usage(format!(
            "{shown}: what is published is JSON: name a file such as flags.json with `-o`"
        )));
    }
    if let Some(local) = local
        && !is_same
        && !arguments.force
        && !was_published(&edge, &local)?
    {
        let name = &edge.name;
        return Err(Failure::No(format!(
            "{shown}: has what nobody has published to {name}: `vexil push --dry-run` shows it, and `--force` overwrites it"
        )));
    }
    if !is_same {
        file::write(path, text.as_bytes())?;
    }
    if arguments.json {
        let document = json!({
            "environment": edge.name,
            "url": edge.url(),
            "version": version,
            "file": shown.to_string(),
            "written": !is_same,
        });
        return Ok(writeln!(out, "{document}")?);
    }
    let does = if is_same { "is already" } else { "is now" };
    let place = edge.place();
    Ok(writeln!(
        out,
        "{shown} {does} version {version} of {place}"
    )?)
}

/// What would be published of a file: its bytes, where they are JSON or nothing that can be read.
fn local(path: &Path, bytes: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) => {
            let source = Source::new(path.to_owned(), text);
            source.json().unwrap_or(&source.text).as_bytes().to_vec()
        }
        Err(error) => error.into_bytes(),
    }
}

/// Whether these bytes are a ruleset that was published once: then the edge still has it.
fn was_published(edge: &Edge, bytes: &[u8]) -> Result<bool, Failure> {
    let hash = Value::from(Hash::of(bytes).to_string());
    for page in edge.audit(0) {
        let lines = page?.lines;
        if lines
            .iter()
            .any(|line| line.pointer("/detail/ruleset") == Some(&hash))
        {
            return Ok(true);
        }
    }
    Ok(false)
}
