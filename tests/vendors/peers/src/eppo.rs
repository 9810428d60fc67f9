//! Eppo's evaluator in Rust.

use std::sync::Arc;

use eppo_core::eval::get_assignment;
use eppo_core::ufc::{AssignmentValue, UniversalFlagConfig};
use eppo_core::{Attributes, Configuration, SdkMetadata, Str};
use serde_json::Value;
use vexil_vendors::question::Question;

use crate::Peer;

/// The crate `eppo_core`.
pub struct Eppo;

impl Peer for Eppo {
    fn answers(&mut self, question: &Question) -> Result<Vec<Vec<Value>>, String> {
        let metadata = SdkMetadata {
            name: "vexil",
            version: "0",
        };
        let flags =
            UniversalFlagConfig::from_json(metadata, question.file.to_string().into_bytes());
        let flags = flags.map_err(|it| it.to_string())?;
        let configuration = Configuration::from_server_response(flags, None);
        let contexts: Result<Vec<_>, String> = question.contexts.iter().map(subject).collect();
        let contexts = contexts?;
        let now =
            chrono::DateTime::from_timestamp_millis(vexil_vendors::NOW).ok_or("no such time")?;
        let answer = |key: &str, (subject, attributes): &(Str, Arc<Attributes>)| {
            let assignment =
                get_assignment(Some(&configuration), key, subject, attributes, None, now);
            assignment
                .ok()
                .flatten()
                .map_or(Value::Null, |it| value(&it.value))
        };
        let flag =
            |(key, _): &(String, String)| contexts.iter().map(|it| answer(key, it)).collect();
        Ok(question.flags.iter().map(flag).collect())
    }
}

fn subject(context: &Value) -> Result<(Str, Arc<Attributes>), String> {
    let key = context["subjectKey"].as_str().ok_or("no subject")?;
    let attributes = serde_json::from_value(context["subjectAttributes"].clone());
    let attributes: Attributes = attributes.map_err(|it| it.to_string())?;
    Ok((Str::from(key), Arc::new(attributes)))
}

/// As programs write it: a whole number has no point.
fn value(assigned: &AssignmentValue) -> Value {
    match assigned {
        AssignmentValue::String(text) => text.as_str().into(),
        AssignmentValue::Integer(number) => (*number).into(),
        AssignmentValue::Numeric(number) if number.fract() == 0.0 => (*number as i64).into(),
        AssignmentValue::Numeric(number) => (*number).into(),
        AssignmentValue::Boolean(truth) => (*truth).into(),
        AssignmentValue::Json { parsed, .. } => parsed.as_ref().clone(),
    }
}
