//! Reports in the Static Analysis Results Interchange Format, which GitHub's code scanning reads, among others.
//!
//! Source: SARIF 2.1.0, OASIS Standard.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::{Checked, Level, Region, Report, Suggestion, name_in, workspace};
use crate::source::Lines;

/// One run with a result for each report, and a rule for each code that occurs.
pub(crate) fn document(files: &[Checked<'_>]) -> Value {
    let reports = files.iter().flat_map(|it| &it.reports);
    let levels: BTreeMap<&str, Level> = reports.map(|it| (it.code, it.level)).collect();
    let rules: Vec<Value> = levels
        .iter()
        .map(|(code, level)| rule(code, *level))
        .collect();
    let numbers: BTreeMap<&str, usize> = levels.keys().copied().zip(0..).collect();
    let workspace = workspace();
    let results = files.iter().flat_map(|checked| {
        let lines = Lines::of(&checked.source.text);
        let artifact = json!({ "uri": uri(&name_in(checked.source, workspace.as_deref())) });
        let numbers = &numbers;
        checked.reports.iter().map(move |report| {
            let number = numbers.get(report.code).copied().unwrap_or_default();
            result(report, number, &artifact, &lines)
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "vexil",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Value>(),
        }],
    })
}

fn rule(code: &str, level: Level) -> Value {
    json!({
        "id": code,
        "shortDescription": { "text": code.replace('-', " ") },
        "defaultConfiguration": { "level": level.name() },
    })
}

fn result(report: &Report, number: usize, artifact: &Value, lines: &Lines<'_>) -> Value {
    let region = report.region(lines).map(region);
    let mut physical = json!({ "artifactLocation": artifact });
    let mut fixes = None;
    if let (Some(region), Some(members)) = (region, physical.as_object_mut()) {
        fixes = report
            .suggestion
            .as_ref()
            .map(|it| fix(it, artifact, &region));
        members.insert("region".to_owned(), region);
    }
    let mut location = json!({ "physicalLocation": physical });
    if let (false, Some(members)) = (report.pointer.is_empty(), location.as_object_mut()) {
        let logical = json!([{ "fullyQualifiedName": report.pointer }]);
        members.insert("logicalLocations".to_owned(), logical);
    }
    let mut result = json!({
        "ruleId": report.code,
        "ruleIndex": number,
        "level": report.level.name(),
        "message": { "text": report.message },
        "locations": [location],
    });
    if let (Some(fix), Some(members)) = (fixes, result.as_object_mut()) {
        members.insert("fixes".to_owned(), json!([fix]));
    }
    result
}

fn region(region: Region) -> Value {
    json!({
        "startLine": region.start.line,
        "startColumn": region.start.column,
        "endLine": region.end.line,
        "endColumn": region.end.column,
    })
}

fn fix(suggestion: &Suggestion, artifact: &Value, region: &Value) -> Value {
    json!({
        "description": { "text": format!("write `{}`", suggestion.word) },
        "artifactChanges": [{
            "artifactLocation": artifact,
            "replacements": [{
                "deletedRegion": region,
                "insertedContent": { "text": suggestion.written },
            }],
        }],
    })
}

/// A path as a relative reference of RFC 3986, or as a `file:` URI where it begins at the root.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    };
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        let is_kept = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        // Writing to a string cannot fail.
        let _ = if is_kept {
            uri.write_char(char::from(byte))
        } else {
            write!(uri, "%{byte:02X}")
        };
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_becomes_a_reference() {
        assert_eq!(uri("flags/a b.json"), "flags/a%20b.json");
        assert_eq!(uri("/é:%"), "file:///%C3%A9%3A%25");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
    }
}
