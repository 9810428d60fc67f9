//! What is wrong with rulesets, or odd, with its place in the file: for people and for machines.

pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod sarif;
pub(crate) mod text;

use std::ops::Range;
use std::path::{Path, PathBuf};

use vexil_ruleset::{Finding, Issue};

use crate::source::{Format, Lines, Place, Source, Spot};

/// One thing to say about a ruleset.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) level: Level,
    /// What, for programs: `unknown-variant`.
    pub(crate) code: &'static str,
    /// Where, as a JSON Pointer.
    pub(crate) pointer: String,
    /// What, for people.
    pub(crate) message: String,
    pub(crate) place: Place,
    /// What was probably meant, and what to write for the bytes of the place.
    pub(crate) suggestion: Option<Suggestion>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// It is no ruleset.
    Error,
    /// It is one, and odd.
    Warning,
}

/// A word instead of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suggestion {
    pub(crate) word: String,
    /// The same, quoted as what it replaces is.
    pub(crate) written: String,
}

/// A file, and all there is to say about it.
#[derive(Debug)]
pub(crate) struct Checked<'s> {
    pub(crate) source: &'s Source,
    pub(crate) reports: Vec<Report>,
    /// How many flags it has; `None` of no ruleset.
    pub(crate) flags: Option<usize>,
}

/// Where a report begins and ends, as editors count; the end is the first character after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) start: Spot,
    pub(crate) end: Spot,
}

/// Reports of issues, in the order of the file.
pub(crate) fn of_issues(source: &Source, issues: &[Issue]) -> Vec<Report> {
    let reports = issues.iter().map(|issue| {
        let place = source.place_of(issue);
        let meant = issue.code.unknown().and_then(|it| it.suggestion.as_ref());
        let suggestion = meant.filter(|_| place.is_word).and_then(|word| {
            let written = written_as(source, place.span.clone()?, word)?;
            let word = word.clone();
            Some(Suggestion { word, written })
        });
        Report {
            level: Level::Error,
            code: issue.code.name(),
            pointer: issue.path.to_string(),
            message: issue.code.to_string(),
            place,
            suggestion,
        }
    });
    in_order(reports.collect())
}

/// Reports of what is odd, in the order of the file.
pub(crate) fn of_findings(source: &Source, findings: &[Finding]) -> Vec<Report> {
    let reports = findings.iter().map(|finding| Report {
        level: Level::Warning,
        code: finding.lint.name(),
        pointer: finding.path.to_string(),
        message: finding.message.clone(),
        place: source.place(&finding.path),
        suggestion: None,
    });
    in_order(reports.collect())
}

impl Report {
    /// Where it begins and ends.
    pub(crate) fn region(&self, lines: &Lines<'_>) -> Option<Region> {
        let span = self.place.span.clone()?;
        Some(Region {
            start: lines.spot(span.start),
            end: lines.spot(span.end),
        })
    }
}

impl Level {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

impl Checked<'_> {
    /// How many of its reports are of this level.
    pub(crate) fn count(&self, level: Level) -> usize {
        self.reports.iter().filter(|it| it.level == level).count()
    }
}

/// What people call the file.
pub(crate) fn name(source: &Source) -> String {
    match source.path.to_str() {
        Some("-") => "<stdin>".to_owned(),
        _ => source.path.display().to_string(),
    }
}

/// The same from the root of the repository, where a workflow of GitHub Actions runs in it: `workspace` is what the
/// variable `GITHUB_WORKSPACE` says.
fn name_in(source: &Source, workspace: Option<&Path>) -> String {
    let name = name(source);
    let whole = std::path::absolute(&source.path).ok();
    let inner = whole.as_deref().zip(workspace).and_then(|(path, root)| {
        let is_file = source.path != Path::new("-");
        path.strip_prefix(root).ok().filter(|_| is_file)
    });
    inner.map_or(name, |path| path.display().to_string())
}

/// What [`name_in`] goes by.
fn workspace() -> Option<PathBuf> {
    std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from)
}

fn in_order(mut reports: Vec<Report>) -> Vec<Report> {
    // What is about the whole comes last: that so many issues are left out, say.
    reports.sort_by_key(|it| it.place.span.as_ref().map_or(usize::MAX, |span| span.start));
    reports
}

/// `word`, quoted as the bytes of `span` are. `None` where it has characters that nobody should guess how to quote.
fn written_as(source: &Source, span: Range<usize>, word: &str) -> Option<String> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "._-$/@".contains(it);
    let quote = match source.text.get(span)?.chars().next()? {
        quote @ ('"' | '\'') if source.format != Format::Json || quote == '"' => Some(quote),
        _ if source.format == Format::Json => Some('"'),
        _ => None,
    };
    let is_sure = !word.is_empty() && word.chars().all(is_plain);
    is_sure.then(|| match quote {
        Some(quote) => format!("{quote}{word}{quote}"),
        None => word.to_owned(),
    })
}
