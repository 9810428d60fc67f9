//! `vexil history`

use std::io::Write;

use clap::Args;

use crate::config::Config;
use crate::edge::{Edge, Target};
use crate::failure::Failure;
use crate::table;
use crate::time::Instant;

/// Lists the versions, newest first: when, who, what and why
///
/// Every change of what flags answer is a version: a ruleset that is published, a kill, a step of a release. Needs a
/// token with the scope `read`.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// How many versions
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 20)]
    limit: u64,
    /// Only versions before this one
    #[arg(long, value_name = "VERSION")]
    before: Option<u64>,
    /// Prints one JSON object a line instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

pub(crate) fn run(
    arguments: &History,
    config: &Config,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let edge = Edge::open(config, &arguments.target)?;
    let versions = edge.versions(arguments.before, arguments.limit)?;
    let now = Instant::now();
    let mut rows = Vec::with_capacity(versions.len());
    for version in &versions {
        let published = edge.published(version)?;
        if arguments.json {
            writeln!(out, "{}", version.document(&published))?;
            continue;
        }
        rows.push([
            version.number.to_string(),
            version.at.to_second().to_string(),
            version.at.ago(now),
            version.author.clone(),
            version.what(&published),
            version.reason.clone(),
        ]);
    }
    if arguments.json {
        return Ok(());
    }
    if rows.is_empty() {
        let place = edge.place();
        return Ok(writeln!(out, "nothing was ever published to {place}")?);
    }
    let head = ["VERSION", "WHEN", "", "WHO", "WHAT", "WHY"];
    Ok(table::write(out, head, &rows)?)
}
