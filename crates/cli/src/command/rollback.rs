//! `vexil rollback`

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::change::Change;
use super::confirm::Confirm;
use super::push::race;
use crate::config::Config;
use crate::edge::{Edge, Sent, Target};
use crate::failure::Failure;

/// Publishes the ruleset of an earlier version again, as a new version
///
/// Shows first what becomes of the flags. What is killed stays killed, and releases stay where they are; `vexil history`
/// lists the versions. Needs a token with the scope `write`.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The version whose ruleset is published again
    #[arg(value_name = "VERSION")]
    version: u64,
    /// Why, for the history
    #[arg(
        long,
        short,
        visible_alias = "message",
        visible_short_alias = 'm',
        value_name = "REASON"
    )]
    reason: Option<String>,
    /// Shows what would change, and changes nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    confirm: Confirm,
    /// Prints one JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

pub(crate) fn run(
    arguments: &Rollback,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let edge = Edge::open(config, &arguments.target)?;
    let number = arguments.version;
    let live = edge.live()?;
    let text = edge
        .get(&format!("/admin/v1/versions/{number}/ruleset"))?
        .body;
    let new = edge.program(&text, number)?;
    let change = Change::between(&live.program, &new);
    if !arguments.json {
        change.print(out)?;
        out.flush()?;
    }
    change.note_killed(&edge, live.version, notes)?;
    let place = edge.place();
    let mut document = json!({
        "environment": edge.name,
        "url": edge.url(),
        "from": live.version,
        "ruleset": number,
        "version": live.version,
        "published": false,
        "flags": change.json(),
    });
    let sentence = if text == live.text {
        format!("{} has the ruleset of version {number} already", edge.name)
    } else if arguments.dry_run {
        "nothing has changed".to_owned()
    } else {
        let question = format!("Publish the ruleset of version {number} to {place} again?");
        arguments.confirm.ask(&question, notes)?;
        let body = match &arguments.reason {
            Some(reason) => json!({ "reason": reason }).to_string(),
            None => "{}".to_owned(),
        };
        let sent = Sent {
            if_match: Some(live.version),
            ..Sent::body(&body)
        };
        let answer = edge
            .send("POST", &format!("/admin/v1/rollback/{number}"), sent)
            .map_err(|failure| race(&edge, live.version, failure, notes))?;
        let version = answer.number("version")?;
        if let Some(members) = document.as_object_mut() {
            members.insert("version".to_owned(), version.into());
            members.insert("published".to_owned(), true.into());
        }
        let took = answer.took.as_millis();
        format!("{place} has version {version}, with the ruleset of version {number}, in {took} ms")
    };
    if arguments.json {
        return Ok(writeln!(out, "{document}")?);
    }
    Ok(writeln!(out, "{sentence}")?)
}
