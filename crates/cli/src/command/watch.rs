//! `vexil watch`

use std::io::Write;
use std::thread::sleep;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::config::Config;
use crate::edge::{Edge, Published, Target, Version};
use crate::failure::Failure;
use crate::time::Instant;

/// The first pause before it connects again, and the longest: each is twice the one before.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// How often a token alone asks.
const ASK: Duration = Duration::from_secs(1);

/// Prints every version as it comes, a line each, until it is interrupted
///
/// With a key that evaluates, it listens to the event stream, and comes back by itself wherever that ends. A key of a
/// browser is public and can be given with `--key`; one of a server goes into `VEXIL_KEY`. With a token that has the scope
/// `read` each line says who did what and why; with the token alone it asks once a second instead.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The public key of browsers [default: what `VEXIL_KEY` has]
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Ends after so many versions
    #[arg(long, short = 'n', value_name = "NUMBER")]
    count: Option<usize>,
    /// Prints one JSON object a line instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

pub(crate) fn run(
    arguments: &Watch,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let edge = Edge::of(config, &arguments.target)?;
    let key = key(arguments)?;
    if key.is_none() && !edge.has_token() {
        return Err(Failure::Usage(
            "this needs a key that evaluates (`--key`, VEXIL_KEY), or a token with the scope `read` (VEXIL_TOKEN)"
                .to_owned(),
        ));
    }
    let mut watching = Watching {
        edge: &edge,
        left: arguments.count.unwrap_or(usize::MAX),
        json: arguments.json,
        seen: None,
        out,
    };
    watching.begin()?;
    let begins = format!("watching {}", edge.place());
    if let Some(key) = key {
        return watching.listen(&key, &begins, notes);
    }
    writeln!(notes, "{begins}")?;
    watching.ask(notes)
}

/// The key that evaluates. Secrets are not for the command line.
fn key(arguments: &Watch) -> Result<Option<String>, Failure> {
    let set = std::env::var("VEXIL_KEY").ok();
    let key = arguments.key.clone().or(set);
    let key = key
        .map(|key| key.trim().to_owned())
        .filter(|key| !key.is_empty());
    let is_secret = |key: &String| key.starts_with("vxl_server_") || key.starts_with("vxl_admin_");
    if arguments.key.as_ref().is_some_and(is_secret) {
        return Err(Failure::Usage(
            "that key is a secret, which everybody on this machine can read on the command line: put it into VEXIL_KEY"
                .to_owned(),
        ));
    }
    Ok(key)
}

/// Who prints versions.
struct Watching<'w, W> {
    edge: &'w Edge,
    /// How many versions are still to come.
    left: usize,
    json: bool,
    /// The version that was printed last, or was the newest when this began.
    seen: Option<u64>,
    out: &'w mut W,
}

impl<W: Write> Watching<'_, W> {
    fn begin(&mut self) -> Result<(), Failure> {
        if self.edge.has_token() {
            let newest = self.edge.versions(None, 1)?;
            self.seen = Some(newest.first().map_or(0, |newest| newest.number));
        }
        Ok(())
    }

    /// Listens to the stream for as long as there is one to come back to.
    fn listen(&mut self, key: &str, begins: &str, notes: &mut impl Write) -> Result<(), Failure> {
        let mut pause = PAUSE;
        let mut last: Option<String> = self.seen.map(|seen| seen.to_string());
        let mut is_first = true;
        loop {
            match self.edge.listen(key, last.as_deref()) {
                Ok(events) => {
                    writeln!(notes, "{begins}")?;
                    is_first = false;
                    for id in events {
                        pause = PAUSE;
                        self.announced(&id)?;
                        if self.left == 0 {
                            return Ok(());
                        }
                        last = Some(id);
                    }
                    writeln!(notes, "the stream has ended: listening again")?;
                }
                Err(failure) if is_first || !is_passing(&failure) => return Err(failure),
                Err(failure) => {
                    failure.print(notes)?;
                    let seconds = pause.as_secs();
                    writeln!(notes, "trying again in {seconds} s")?;
                }
            }
            sleep(pause);
            pause = pause.saturating_mul(2).min(LONGEST);
        }
    }

    /// Asks once a second.
    fn ask(&mut self, notes: &mut impl Write) -> Result<(), Failure> {
        let mut pause = ASK;
        while self.left > 0 {
            match self.catch_up() {
                Ok(()) => pause = ASK,
                Err(failure) if is_passing(&failure) => {
                    failure.print(notes)?;
                    pause = pause.saturating_mul(2).min(LONGEST);
                    let seconds = pause.as_secs();
                    writeln!(notes, "trying again in {seconds} s")?;
                }
                Err(failure) => return Err(failure),
            }
            if self.left > 0 {
                sleep(pause);
            }
        }
        Ok(())
    }

    /// The stream says that there is a version.
    fn announced(&mut self, id: &str) -> Result<(), Failure> {
        if self.edge.has_token() {
            return match self.catch_up() {
                // The next event tells what this one could not.
                Err(failure) if is_passing(&failure) => Ok(()),
                result => result,
            };
        }
        let Ok(number) = id.parse::<u64>() else {
            return Ok(());
        };
        // A stream without a past begins with the newest version, which is not new.
        if self.seen.replace(number).is_some() {
            if self.json {
                writeln!(self.out, "{}", json!({ "number": number }))?;
            } else {
                let now = Instant::now().to_second();
                writeln!(self.out, "{now}  version {number}")?;
            }
            self.out.flush()?;
            self.left = self.left.saturating_sub(1);
        }
        Ok(())
    }

    /// Prints what came since the version that was seen last.
    fn catch_up(&mut self) -> Result<(), Failure> {
        for version in self.edge.since(self.seen.unwrap_or_default())? {
            if self.left == 0 {
                return Ok(());
            }
            let published = self.edge.published(&version)?;
            self.print(&version, &published)?;
            self.seen = Some(version.number);
            self.left = self.left.saturating_sub(1);
        }
        Ok(())
    }

    fn print(&mut self, version: &Version, published: &Published) -> Result<(), Failure> {
        if self.json {
            writeln!(self.out, "{}", version.document(published))?;
        } else {
            let (at, number, author) = (version.at.to_second(), version.number, &version.author);
            let (what, why) = (version.what(published), version.why());
            writeln!(self.out, "{at}  version {number}  {author}: {what}{why}")?;
        }
        Ok(self.out.flush()?)
    }
}

/// Whether that may be over in a while.
fn is_passing(failure: &Failure) -> bool {
    match failure {
        Failure::Unreachable(_) => true,
        Failure::Refused(refusal) => [429, 500, 502, 503, 504].contains(&refusal.status),
        _ => false,
    }
}
