//! Unleash's client specification, the npm package `@unleash/client-specification`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vexil_import::{Vendor, key_for};

use super::{Case, Folders, Outcome, Suite};
use crate::{Answer, Subject};

const FOLDER: &str = "@unleash/client-specification/specifications";

/// Runs each test (`isEnabled`) and each variant test (`getVariant`) of each specification.
pub(super) const SUITE: Suite = Suite {
    name: "unleash",
    run,
};

fn run(folders: &Folders<'_>) -> Result<Vec<Case>, String> {
    let folder = folders.node_modules.join(FOLDER);
    let index = read(&folder, "index.json")?;
    let mut cases = Vec::new();
    for name in index
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        specification(name, &read(&folder, name)?, &mut cases)?;
    }
    Ok(cases)
}

fn read(folder: &Path, name: &str) -> Result<Value, String> {
    let path = folder.join(name);
    let fault = |it: &dyn std::fmt::Display| format!("{}: {it}", path.display());
    let text = fs::read_to_string(&path).map_err(|it| fault(&it))?;
    serde_json::from_str(&text).map_err(|it| fault(&it))
}

fn specification(name: &str, specification: &Value, into: &mut Vec<Case>) -> Result<(), String> {
    let state = specification.get("state").unwrap_or(&Value::Null);
    let subject =
        Subject::new(Vendor::Unleash, &state.to_string()).map_err(|it| format!("{name}: {it}"))?;
    for (member, derive) in [
        ("tests", is_enabled as fn(Option<&Answer>) -> Value),
        ("variantTests", variant),
    ] {
        let tests = specification.get(member).and_then(Value::as_array);
        for test in tests.into_iter().flatten() {
            let text = |name: &str| test.get(name).and_then(Value::as_str).unwrap_or_default();
            let flag = text("toggleName");
            let context = test.get("context").unwrap_or(&Value::Null);
            let answer = subject.answer(&key_for(flag), context)?;
            let want = test.get("expectedResult").unwrap_or(&Value::Null);
            let found = derive(answer.as_ref());
            let outcome = if found == *want {
                Outcome::Passed
            } else {
                Outcome::Failed(format!("expected {want}, found {found} of {answer:?}"))
            };
            into.push(Case {
                name: format!("{name}: {}", text("description")),
                outcome,
            });
        }
    }
    Ok(())
}

/// What `isEnabled` says where a flag has `answer`; without the flag, false, as the caller's default is.
fn is_enabled(answer: Option<&Answer>) -> Value {
    let is_on = answer.is_some_and(|answer| match answer.value {
        Value::Bool(is_on) => is_on,
        _ => answer.variant != "disabled",
    });
    is_on.into()
}

/// What `getVariant` says where a flag has `answer`.
fn variant(answer: Option<&Answer>) -> Value {
    let is_on = is_enabled(answer);
    match answer {
        Some(answer)
            if !answer.value.is_boolean()
                && !["disabled", "enabled"].contains(&answer.variant.as_str()) =>
        {
            let name = &answer.variant;
            match payload(answer) {
                Some(payload) => {
                    json!({ "name": name, "payload": payload, "enabled": true, "feature_enabled": true })
                }
                None => json!({ "name": name, "enabled": true, "feature_enabled": true }),
            }
        }
        _ => json!({ "name": "disabled", "enabled": false, "feature_enabled": is_on }),
    }
}

/// The payload of a variant, from its value; none where the value is the variant's name.
fn payload(answer: &Answer) -> Option<Value> {
    let (kind, text) = match &answer.value {
        Value::String(text) if *text == answer.variant => return None,
        Value::String(text) => ("string", text.clone()),
        Value::Number(number) => ("number", number.to_string()),
        value => ("json", value.to_string()),
    };
    Some(json!({ "type": kind, "value": text }))
}
