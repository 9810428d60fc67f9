//! `vexil status`

use std::io::Write;

use clap::Args;
use serde_json::{Value, json};

use crate::config::Config;
use crate::edge::{Edge, Published, Target, Version, plain};
use crate::failure::Failure;
use crate::style::{ERROR, GOOD};
use crate::time::Instant;

/// Says at one look how an environment is: reachable, up to date, what is killed, who changed it last
///
/// Without a token it says whether the edge runs and can be relied on; with one that has the scope `read`, all the rest.
/// Exits with 1 where the edge runs and says that its answers are stale.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Prints one JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

pub(crate) fn run(
    arguments: &Status,
    config: &Config,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let edge = Edge::of(config, &arguments.target)?;
    let (code, ready) = edge.look("/readyz")?;
    let ms = ready.took.as_millis() as u64;
    let state = ready.text("status")?;
    let newest = newest(&edge)?;
    if arguments.json {
        let (newest, is_unknown) = match &newest {
            Newest::Known(json) => (json.clone(), false),
            Newest::Unknown(_) => (Value::Null, true),
        };
        let document = json!({
            "environment": edge.name,
            "url": edge.url(),
            "status": state,
            "ms": ms,
            "newest": newest,
            "isUnknown": is_unknown,
        });
        writeln!(out, "{document}")?;
    } else {
        let (style, state) = if code == 200 {
            (GOOD, &state)
        } else {
            (ERROR, &state)
        };
        writeln!(
            out,
            "{}: {style}{state}{style:#}, answered in {ms} ms",
            edge.place()
        )?;
        match &newest {
            Newest::Known(json) => print(json, out)?,
            Newest::Unknown(why) => writeln!(out, "{why}")?,
        }
    }
    if code == 200 {
        return Ok(());
    }
    Err(Failure::No(format!(
        "{}: its answers may be older than they should be ({state})",
        edge.name
    )))
}

/// The newest version with its live state, as the edge says it; null before the first.
enum Newest {
    Known(Value),
    /// Why it cannot be said.
    Unknown(&'static str),
}

fn newest(edge: &Edge) -> Result<Newest, Failure> {
    if !edge.has_token() {
        let why =
            "a token with the scope `read` would say the version, and what is killed (VEXIL_TOKEN)";
        return Ok(Newest::Unknown(why));
    }
    let versions = match edge.versions(None, 1) {
        Ok(versions) => versions,
        Err(Failure::Refused(refusal)) if refusal.status == 403 => {
            let why = "the version, and what is killed, is said to tokens with the scope `read`: this one has another";
            return Ok(Newest::Unknown(why));
        }
        Err(failure) => return Err(failure),
    };
    let Some(newest) = versions.first() else {
        return Ok(Newest::Known(Value::Null));
    };
    let path = format!("/admin/v1/versions/{}", newest.number);
    Ok(Newest::Known(edge.get_json(&path)?))
}

fn print(json: &Value, out: &mut impl Write) -> Result<(), Failure> {
    let Some(version) = Version::read(json) else {
        return Ok(writeln!(out, "nothing was ever published")?);
    };
    let (number, ago) = (version.number, version.at.ago(Instant::now()));
    let (what, author) = (version.what(&Published::default()), &version.author);
    let why = version.why();
    writeln!(out, "version {number}, {ago}: {what} by {author}{why}")?;
    let killed = json.get("killed").and_then(Value::as_array);
    let killed = killed.into_iter().flatten().filter_map(Value::as_str);
    let killed: Vec<String> = killed.map(plain).collect();
    if killed.is_empty() {
        writeln!(out, "nothing is killed")?;
    } else {
        writeln!(out, "{ERROR}killed{ERROR:#}: {}", killed.join(", "))?;
    }
    let releases = json.get("releases").and_then(Value::as_object);
    for (name, state) in releases.into_iter().flatten() {
        let phase = state.get("phase").and_then(Value::as_str);
        let exposure = state.get("exposure").and_then(Value::as_f64);
        // As people write it: no more places than a stage can have.
        let percent = (exposure.unwrap_or_default() * 1e9).round() / 1e7;
        let (name, phase) = (plain(name), plain(phase.unwrap_or_default()));
        writeln!(out, "release {name}: {phase}, {percent} % exposed")?;
    }
    Ok(())
}
