//! `LaunchDarkly`'s cases for server-side evaluation (launchdarkly/sdk-test-harness): each line a file with questions.

use serde_json::Value;
use vexil_core::FlagType;
use vexil_import::Vendor;

use super::{Case, Folders, Outcome, Suite};
use crate::imported::{Answer, Subject};

/// The file in the data folder.
const FILE: &str = "launchdarkly.jsonl";

pub(super) const SUITE: Suite = Suite {
    name: "launchdarkly",
    run,
};

fn run(folders: &Folders<'_>) -> Result<Vec<Case>, String> {
    let Some(data) = folders.data else {
        return Ok(Vec::new());
    };
    let path = data.join(FILE);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let mut cases = Vec::new();
    let lines = text.lines().enumerate();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let group: Value = serde_json::from_str(line)
            .map_err(|error| format!("{FILE}, line {}: {error}", number.saturating_add(1)))?;
        cases.extend(run_group(&group));
    }
    Ok(cases)
}

fn run_group(group: &Value) -> Vec<Case> {
    let file = group.get("sdkData").unwrap_or(&Value::Null);
    let subject = Subject::new(Vendor::LaunchDarkly, &file.to_string());
    let evaluations = group.get("evaluations").and_then(Value::as_array);
    let evaluations = evaluations.into_iter().flatten().enumerate();
    let case = |(number, evaluation): (usize, &Value)| {
        let text = |name: &str| {
            evaluation
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let id = group.get("id").and_then(Value::as_str).unwrap_or_default();
        let outcome = match &subject {
            Ok(subject) => ask(subject, file, evaluation).unwrap_or_else(|outcome| outcome),
            Err(error) => Outcome::Failed(error.clone()),
        };
        Case {
            name: format!("{id} {number} {} {}", text("flagKey"), text("name")),
            outcome,
        }
    };
    evaluations.map(case).collect()
}

/// The type that a caller asks for; `None` takes any.
fn type_of(name: &str) -> Option<FlagType> {
    match name {
        "bool" => Some(FlagType::Boolean),
        "int" | "double" => Some(FlagType::Number),
        "string" => Some(FlagType::String),
        _ => None,
    }
}

fn ask(subject: &Subject, file: &Value, evaluation: &Value) -> Result<Outcome, Outcome> {
    let failed = Outcome::Failed;
    let text = |name: &str| {
        evaluation
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let key = text("flagKey");
    let flag = file.get("flags").and_then(|flags| flags.get(key));
    let variations = flag.and_then(|flag| flag.get("variations")?.as_array());
    if variations.is_some_and(|variations| are_of_several_types(variations)) {
        return Ok(Outcome::Unsupported("types-mixed"));
    }
    let context = evaluation
        .get("context")
        .or(evaluation.get("user"))
        .unwrap_or(&Value::Null);
    // LaunchDarkly answers a context that it refuses with the caller's default, and so does whoever cannot make ours.
    let answer = subject.answer(key, context).unwrap_or_default();
    let answer = answer.filter(|it| !it.value.is_null());
    let answer = answer.filter(|_| subject.has(key, type_of(text("valueType"))));

    let expect = evaluation.get("expect").unwrap_or(&Value::Null);
    let want = expect.get("value").unwrap_or(&Value::Null);
    let reason = expect
        .pointer("/reason/kind")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some(index) = expect.get("variationIndex").and_then(Value::as_u64) else {
        // The caller's default is expected, whatever it is.
        return match answer {
            None => Ok(Outcome::Passed),
            Some(answer) => Err(failed(format!(
                "expected no answer, found {}",
                answer.value
            ))),
        };
    };
    let Some(Answer {
        variant,
        value,
        reason: found,
    }) = answer
    else {
        return Err(failed(format!("expected {want}, found no answer")));
    };
    if value != *want {
        return Err(failed(format!("expected {want}, found {value}")));
    }
    if !is_variation(
        &variant,
        &value,
        index,
        variations.map_or(&[], Vec::as_slice),
    ) {
        return Err(failed(format!(
            "expected variation {index}, found `{variant}`"
        )));
    }
    if !reasons(reason).contains(&found) {
        return Err(failed(format!("expected {reason}, found {found}")));
    }
    Ok(Outcome::Passed)
}

/// Whether the variations are of more than one type of flags.
fn are_of_several_types(variations: &[Value]) -> bool {
    let kind = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) | Value::Object(_) => 4,
    };
    let mut kinds = variations.iter().map(kind);
    let first = kinds.next();
    kinds.any(|kind| Some(kind) != first)
}

/// Whether a variant is the variation of that number: by its value, or by its name where values are equal.
fn is_variation(variant: &str, value: &Value, index: u64, variations: &[Value]) -> bool {
    let same = variations.iter().filter(|it| *it == value).count();
    let own = usize::try_from(index)
        .ok()
        .and_then(|index| variations.get(index));
    own == Some(value) && (same == 1 || variant == format!("variation-{index}"))
}

/// What we may call a reason of theirs.
fn reasons(theirs: &str) -> &'static [&'static str] {
    match theirs {
        "OFF" => &["DISABLED"],
        "TARGET_MATCH" => &["TARGETING_MATCH"],
        "RULE_MATCH" => &["TARGETING_MATCH", "SPLIT"],
        "FALLTHROUGH" => &["DEFAULT", "SPLIT", "STATIC"],
        // Of a prerequisite that is not there a ruleset cannot say so: the flag serves its off variation to all.
        "PREREQUISITE_FAILED" => &["PREREQUISITE_FAILED", "DEFAULT", "STATIC"],
        _ => &[],
    }
}
