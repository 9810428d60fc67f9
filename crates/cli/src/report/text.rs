//! Reports for people: what is wrong, the lines that say it, and what to write instead.

use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level as Kind, Origin, Patch, Renderer, Snippet};

use super::{Checked, Level, Report, name};
use crate::source::Lines;

/// How many reports of one file are shown; the others are counted.
const SHOWN: usize = 100;

/// How much of a line is shown on either side of what it is about, in bytes.
const AROUND: usize = 60;

/// Writes all reports of a file, each followed by an empty line.
pub(crate) fn write(to: &mut impl Write, checked: &Checked<'_>) -> io::Result<()> {
    let file = name(checked.source);
    let lines = Lines::of(&checked.source.text);
    let renderer = Renderer::styled();
    for report in checked.reports.iter().take(SHOWN) {
        let groups = groups(report, &file, &checked.source.text, &lines);
        writeln!(to, "{}\n", renderer.render(&groups))?;
    }
    match checked.reports.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        left => writeln!(to, "{file}: {left} more (`--json` has them all)\n"),
    }
}

fn groups<'a>(
    report: &'a Report,
    file: &'a str,
    text: &'a str,
    lines: &Lines<'_>,
) -> Vec<Group<'a>> {
    let level = match report.level {
        Level::Error => Kind::ERROR,
        Level::Warning => Kind::WARNING,
    };
    let title = level.primary_title(&report.message).id(report.code);
    let Some((span, region)) = report.place.span.clone().zip(report.region(lines)) else {
        return vec![title.element(Origin::path(file))];
    };
    let (window, first) = window(text, lines, &span);
    let shown = text.get(window.clone()).unwrap_or_default();
    let inside = |span: &Range<usize>| within(span, &window);
    let label = (!report.pointer.is_empty()).then_some(report.pointer.as_str());
    let primary = AnnotationKind::Primary.span(inside(&span)).label(label);
    let snippet = Snippet::source(shown).line_start(first);
    if window.start != lines.range(first).start {
        // The snippet would count columns from where it begins.
        let (line, column) = (region.start.line, region.start.column);
        let origin = Origin::path(file).line(line).char_column(column);
        return vec![title.element(origin).element(snippet.annotation(primary))];
    }
    let mut groups = vec![title.element(snippet.path(file).annotation(primary))];
    if let Some(other) = &report.place.other {
        let (window, first) = self::window(text, lines, other);
        let shown = text.get(window.clone()).unwrap_or_default();
        let mark = AnnotationKind::Primary.span(within(other, &window));
        let snippet = Snippet::source(shown).line_start(first).annotation(mark);
        groups.push(
            Kind::NOTE
                .secondary_title("first written here")
                .element(snippet),
        );
    }
    if let Some(suggestion) = &report.suggestion {
        let title = Kind::HELP.secondary_title(format!("write `{}`", suggestion.word));
        let patch = Patch::new(inside(&span), suggestion.written.as_str());
        let snippet = Snippet::source(shown).line_start(first).patch(patch);
        groups.push(title.element(snippet));
    }
    groups
}

/// The bytes to show, and the line they are on: the lines of `span`, and of a very long one only what is near.
fn window(text: &str, lines: &Lines<'_>, span: &Range<usize>) -> (Range<usize>, usize) {
    let first = lines.spot(span.start).line;
    let last = lines.spot(span.end.max(span.start)).line;
    let (start, end) = (lines.range(first).start, lines.range(last).end);
    let near = span.start.saturating_sub(AROUND)..span.end.saturating_add(AROUND);
    let near = text.floor_char_boundary(near.start)..text.ceil_char_boundary(near.end);
    let start = if span.start.saturating_sub(start) > AROUND.saturating_mul(2) {
        near.start
    } else {
        start
    };
    let end = if end.saturating_sub(span.end) > AROUND.saturating_mul(2) {
        near.end
    } else {
        end
    };
    (start..end, first)
}

fn within(span: &Range<usize>, window: &Range<usize>) -> Range<usize> {
    span.start.saturating_sub(window.start)..span.end.saturating_sub(window.start)
}
