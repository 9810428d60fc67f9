//! Reports as one JSON document.

use serde_json::{Value, json};

use super::{Checked, Level, Report, name};
use crate::source::Lines;

/// `{"files": [{"file", "flags", "reports": [{"level", "code", "path", "message", "line", …}]}], "errors", "warnings"}`;
/// `flags` is how many there are, null where the file is no ruleset.
pub(crate) fn document(files: &[Checked<'_>]) -> Value {
    let count = |level| -> usize { files.iter().map(|it| it.count(level)).sum() };
    let all = files.iter().map(|checked| {
        let lines = Lines::of(&checked.source.text);
        let reports = checked.reports.iter().map(|it| report(it, &lines));
        json!({
            "file": name(checked.source),
            "flags": checked.flags,
            "reports": reports.collect::<Value>(),
        })
    });
    json!({
        "files": all.collect::<Value>(),
        "errors": count(Level::Error),
        "warnings": count(Level::Warning),
    })
}

fn report(report: &Report, lines: &Lines<'_>) -> Value {
    let mut value = json!({
        "level": report.level.name(),
        "code": report.code,
        "path": report.pointer,
        "message": report.message,
    });
    if let (Some(region), Some(members)) = (report.region(lines), value.as_object_mut()) {
        members.insert("line".to_owned(), region.start.line.into());
        members.insert("column".to_owned(), region.start.column.into());
        members.insert("endLine".to_owned(), region.end.line.into());
        members.insert("endColumn".to_owned(), region.end.column.into());
        if let Some(suggestion) = &report.suggestion {
            members.insert("suggestion".to_owned(), suggestion.word.as_str().into());
        }
    }
    value
}
