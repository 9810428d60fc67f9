//! `vexil push`

use std::io::Write;
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};
use vexil_ruleset::{Path as Place, lint};

use super::change::Change;
use super::confirm::Confirm;
use crate::arguments::RulesetFile;
use crate::config::Config;
use crate::edge::{Edge, Sent, Target};
use crate::failure::Failure;
use crate::report::{self, Checked, Level, Report};
use crate::source::Source;
use crate::time::Instant;

/// Publishes a ruleset, after it has shown what becomes of the flags
///
/// Says what is odd about the ruleset, which flags can answer differently from those that are published now and for how
/// many units they do, and asks. If somebody else publishes or kills meanwhile, nothing is published, and it says who
/// did what. Needs a token with the scope `write`.
///
/// vexil push -m "cheaper shipping for Austria"
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Push {
    #[command(flatten)]
    ruleset: RulesetFile,
    /// Why, for the history
    #[arg(
        long,
        short,
        visible_alias = "reason",
        visible_short_alias = 'r',
        value_name = "REASON"
    )]
    message: Option<String>,
    /// Shows what would change, lets the edge check it as well, and changes nothing
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
    arguments: &Push,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let path = arguments.ruleset.path(config)?;
    if arguments.target.token_stdin && path == Path::new("-") {
        return Err(Failure::Usage(
            "standard input cannot be both the ruleset and the token".to_owned(),
        ));
    }
    let edge = Edge::open(config, &arguments.target)?;
    let source = Source::read(&path)?;
    let (ruleset, new) = match source.program() {
        Ok(both) => both,
        Err(issues) => return Err(Failure::issues(source, issues)),
    };
    let text = source.json().unwrap_or_default();
    let findings = lint(&ruleset);
    show(&source, report::of_findings(&source, &findings), notes)?;

    let live = edge.live()?;
    let change = Change::between(&live.program, &new);
    if !arguments.json {
        change.print(out)?;
        out.flush()?;
    }
    change.note_killed(&edge, live.version, notes)?;
    let mut said = Said {
        edge: &edge,
        json: arguments.json,
        change: &change,
        warnings: findings
            .iter()
            .filter_map(|finding| serde_json::from_str(&finding.to_json()).ok())
            .collect(),
        from: live.version,
    };
    if text == live.text {
        let version = live.version;
        let sentence = format!(
            "{} has this ruleset already, in version {version}",
            edge.name
        );
        return said.print(out, &sentence, version, false);
    }
    let sent = Sent {
        body: text,
        if_match: Some(live.version),
        reason: arguments.message.as_deref(),
        ..Sent::default()
    };
    if arguments.dry_run {
        edge.send("PUT", "/admin/v1/ruleset?dry-run=true", sent)
            .map_err(|failure| refused(&edge, &source, live.version, failure, notes))?;
        let sentence = format!("{} would take it; nothing has changed", edge.place());
        return said.print(out, &sentence, live.version, false);
    }
    let question = format!("Publish {} to {}?", path.display(), edge.place());
    arguments.confirm.ask(&question, notes)?;
    let answer = edge
        .send("PUT", "/admin/v1/ruleset", sent)
        .map_err(|failure| refused(&edge, &source, live.version, failure, notes))?;
    let version = answer.number("version")?;
    let sentence = format!(
        "{} has version {version}, in {} ms",
        edge.place(),
        answer.took.as_millis()
    );
    said.from = live.version;
    said.print(out, &sentence, version, true)
}

/// What was published, or not.
struct Said<'s> {
    edge: &'s Edge,
    json: bool,
    change: &'s Change<'s>,
    warnings: Vec<Value>,
    from: u64,
}

impl Said<'_> {
    fn print(
        &self,
        out: &mut impl Write,
        sentence: &str,
        version: u64,
        is_published: bool,
    ) -> Result<(), Failure> {
        if !self.json {
            return Ok(writeln!(out, "{sentence}")?);
        }
        let document = json!({
            "environment": self.edge.name,
            "url": self.edge.url(),
            "from": self.from,
            "version": version,
            "published": is_published,
            "flags": self.change.json(),
            "warnings": self.warnings,
        });
        Ok(writeln!(out, "{document}")?)
    }
}

fn show(source: &Source, reports: Vec<Report>, notes: &mut impl Write) -> Result<(), Failure> {
    let checked = Checked {
        source,
        reports,
        flags: None,
    };
    Ok(report::text::write(notes, &checked)?)
}

/// Shows the places of what the edge finds wrong, or what others did.
fn refused(
    edge: &Edge,
    source: &Source,
    version: u64,
    failure: Failure,
    notes: &mut impl Write,
) -> Failure {
    let mut failure = race(edge, version, failure, notes);
    if let Failure::Refused(refusal) = &mut failure {
        let issues = std::mem::take(&mut refusal.issues).into_iter();
        let reports = issues.map(|(pointer, message)| Report {
            level: Level::Error,
            code: "refused",
            place: source.place(&place(&pointer)),
            pointer,
            message,
            suggestion: None,
        });
        // That it was refused is said in any case.
        let _ = show(source, reports.collect(), notes);
    }
    failure
}

/// The place that a JSON Pointer names.
fn place(pointer: &str) -> Place {
    let steps = pointer.split('/').skip(1);
    steps.fold(Place::default(), |place, step| {
        place.join(&step.replace("~1", "/").replace("~0", "~"))
    })
}

/// Says what others did since `version`, where that is why nothing was written; and what nobody knows.
pub(super) fn race(edge: &Edge, version: u64, failure: Failure, notes: &mut impl Write) -> Failure {
    match &failure {
        Failure::Refused(refusal) if refusal.status == 412 => {
            let now = Instant::now();
            // That it was refused is said in any case.
            for it in edge.since(version).unwrap_or_default() {
                let (number, ago, author) = (it.number, it.at.ago(now), &it.author);
                let what = edge.published(&it).map(|published| it.what(&published));
                let what = what.unwrap_or_else(|_| it.action.clone());
                let why = it.why();
                let line = format!("version {number}, {ago}, by {author}: {what}{why}");
                let _ = writeln!(notes, "{line}");
            }
            let _ = writeln!(
                notes,
                "that came after version {version}, which this was compared with: nothing was published, look at it and try again"
            );
            failure
        }
        Failure::Unreachable(sentence) => Failure::Unreachable(format!(
            "{sentence}\nnobody can say whether it was done: `vexil history` does once the edge is back"
        )),
        _ => failure,
    }
}
