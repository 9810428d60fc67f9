//! `vexil release`

use std::io::Write;

use vexil_release::{Command, Entry, Event, Plan, State, due, step};
use vexil_ruleset::{ReleaseName, Ruleset};

use crate::command::unknown;
use crate::failure::Failure;
use crate::table;
use crate::time::Instant;

/// Runs the release on a clock that jumps from one due tick to the next.
pub(crate) fn timeline(
    ruleset: &Ruleset,
    name: &str,
    from: Instant,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let release = ruleset.releases().get(name).ok_or_else(|| {
        unknown(
            "release",
            name,
            ruleset.releases().keys().map(ReleaseName::as_str),
        )
    })?;
    let plan = Plan::from(release);
    let mut rows = Vec::new();
    let mut state = State::default();
    let mut next = Some((Event::Start, from.0));
    while let Some((event, now)) = next {
        let (after, commands) = step(&plan, &state, event, now);
        rows.extend(commands.iter().filter_map(row));
        state = after;
        next = due(&plan, &state).map(|due| (Event::Tick, due));
    }
    Ok(table::write(
        out,
        ["begins", "stage", "exposure", "phase"],
        &rows,
    )?)
}

fn row(command: &Command) -> Option<[String; 4]> {
    match command {
        Command::SetExposure(_) => None,
        Command::Log(Entry {
            at,
            stage,
            exposure,
            phase,
            ..
        }) => Some([
            Instant(*at).to_string(),
            stage.clone().unwrap_or_default(),
            format!("{} %", exposure.percent()),
            phase.name().to_owned(),
        ]),
    }
}
