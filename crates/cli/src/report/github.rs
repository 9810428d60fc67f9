//! Reports as annotations of GitHub Actions.
//!
//! Source: GitHub Docs, "Workflow commands for GitHub Actions", and how `@actions/core` escapes them.

use std::io::{self, Write};

use super::{Checked, Report, name_in, workspace};
use crate::source::Lines;

/// A line for each report: `::error file=flags.json,line=7,col=18,endColumn=23,title=unknown-variant::unknown …`
pub(crate) fn write(to: &mut impl Write, files: &[Checked<'_>]) -> io::Result<()> {
    let workspace = workspace();
    for checked in files {
        let lines = Lines::of(&checked.source.text);
        let file = property(&name_in(checked.source, workspace.as_deref()));
        for report in &checked.reports {
            let level = report.level.name();
            let (place, title) = (place(report, &lines), property(report.code));
            let message = data(&sentence(report));
            writeln!(to, "::{level} file={file}{place},title={title}::{message}")?;
        }
    }
    Ok(())
}

fn sentence(report: &Report) -> String {
    match report.pointer.as_str() {
        "" => report.message.clone(),
        pointer => format!("{pointer}: {}", report.message),
    }
}

fn place(report: &Report, lines: &Lines<'_>) -> String {
    let Some(region) = report.region(lines) else {
        return String::new();
    };
    let (line, column) = (region.start.line, region.start.column);
    // Columns are shown of one line only.
    if region.end.line == line {
        let end = region.end.column;
        format!(",line={line},col={column},endColumn={end}")
    } else {
        let end = region.end.line;
        format!(",line={line},endLine={end}")
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(data("50 %\r\nof: a, b"), "50 %25%0D%0Aof: a, b");
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
