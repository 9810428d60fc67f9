//! Eppo's cases: `ufc` of Eppo-exp/sdk-test-data, in one file.

use serde_json::{Value, json};
use vexil_core::FlagType;
use vexil_import::Vendor;

use super::{Case, Folders, Outcome, Suite};
use crate::Subject;

pub(super) const SUITE: Suite = Suite { name: "eppo", run };

fn run(folders: &Folders<'_>) -> Result<Vec<Case>, String> {
    let Some(data) = folders.data else {
        return Ok(Vec::new());
    };
    let path = data.join("eppo.json");
    let text = std::fs::read_to_string(&path).map_err(|it| format!("{}: {it}", path.display()))?;
    let file: Value =
        serde_json::from_str(&text).map_err(|it| format!("{}: {it}", path.display()))?;
    let flags = file.get("flags").ok_or("eppo.json: expected `flags`")?;
    let subject = Subject::new(Vendor::Eppo, &flags.to_string())?;
    let tests = file
        .get("tests")
        .and_then(Value::as_array)
        .ok_or("eppo.json: expected `tests`")?;
    let mut cases = Vec::new();
    for test in tests {
        let flag = test
            .get("flag")
            .and_then(Value::as_str)
            .ok_or("a test: expected `flag`")?;
        let kind = flags.pointer(&format!("/flags/{flag}/variationType"));
        let subjects = test
            .get("subjects")
            .and_then(Value::as_array)
            .ok_or("a test: expected `subjects`")?;
        for asked in subjects {
            let key = asked
                .get("subjectKey")
                .and_then(Value::as_str)
                .unwrap_or_default();
            cases.push(Case {
                name: format!("{flag} for {key}"),
                outcome: outcome(&subject, flag, kind, test, asked),
            });
        }
    }
    Ok(cases)
}

/// How the question went that asks `test` for one subject; the flag's own type is `kind`.
fn outcome(
    subject: &Subject,
    flag: &str,
    kind: Option<&Value>,
    test: &Value,
    asked: &Value,
) -> Outcome {
    let null = Value::Null;
    let wanted = test
        .get("variationType")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_number = |kind: &str| matches!(kind, "INTEGER" | "NUMERIC");
    let kind = kind.and_then(Value::as_str).unwrap_or_default();
    if is_number(kind) && is_number(wanted) && kind != wanted {
        return Outcome::Unsupported("numbers-are-one-type");
    }
    let wanted = match wanted {
        "BOOLEAN" => FlagType::Boolean,
        "STRING" => FlagType::String,
        "INTEGER" | "NUMERIC" => FlagType::Number,
        "JSON" => FlagType::Object,
        other => return Outcome::Failed(format!("no such type: `{other}`")),
    };
    let default = test.get("defaultValue").unwrap_or(&null);
    let answer = match subject.answer(flag, asked) {
        Ok(answer) => answer.filter(|it| subject.has(flag, Some(wanted)) && !it.value.is_null()),
        Err(why) => return Outcome::Failed(why),
    };
    let found = answer.as_ref().map_or(default, |it| &it.value);
    let expected = asked.get("assignment").unwrap_or(&null);
    if as_numbers(found) == as_numbers(expected) {
        Outcome::Passed
    } else {
        Outcome::Failed(format!("expected {expected}, found {found}"))
    }
}

/// The same with every number as a double: `1` and `1.0` are one number.
fn as_numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(as_numbers).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, it)| (name.clone(), as_numbers(it)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}
