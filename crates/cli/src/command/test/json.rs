//! The outcome of tests as one JSON document.

use serde_json::{Map, Value, json};

use super::coverage::{Coverage, Covered, Share};
use super::{Case, Suite, count};

/// `{"files": [{"file", "tests", "coverage"}], "passed", "failed", "coverage": {"covered", "all", "percent"}}`
pub(super) fn document(suites: &[Suite], share: Share) -> Value {
    let (failed, all) = count(suites);
    let files = suites.iter().map(|suite| {
        json!({
            "file": suite.file,
            "tests": suite.cases.iter().map(case).collect::<Value>(),
            "coverage": coverage(&suite.coverage),
        })
    });
    json!({
        "files": files.collect::<Value>(),
        "passed": all.saturating_sub(failed),
        "failed": failed,
        "coverage": self::share(share),
    })
}

fn case(case: &Case) -> Value {
    let failures = case.failures.iter().map(|it| {
        json!({
            "flag": it.flag,
            "expected": it.expected,
            "got": it.found,
            "reason": it.reason,
            "explanation": it.explanation,
        })
    });
    json!({
        "path": case.path,
        "line": case.place.map(|it| it.line),
        "context": case.context,
        "passed": case.failures.is_empty(),
        "failures": failures.collect::<Value>(),
    })
}

/// By flag, with the places that no test comes to.
fn coverage(coverage: &Coverage) -> Value {
    let flags = coverage.flags.iter().map(|(key, flag)| {
        let missing = missing(&flag.parts).chain(missing(&flag.variants));
        let mut value = share(flag.share());
        if let Some(members) = value.as_object_mut() {
            members.insert("missing".to_owned(), missing.collect());
        }
        (key.clone(), value)
    });
    Value::Object(flags.collect::<Map<_, _>>())
}

fn missing<T>(all: &[Covered<T>]) -> impl Iterator<Item = &str> {
    let missing = all.iter().filter(|it| !it.is_reached);
    missing.map(|it| it.path.as_str())
}

fn share(share: Share) -> Value {
    json!({ "covered": share.covered, "all": share.all, "percent": share.percent() })
}
