//! Unleash's engine, Yggdrasil.

use serde_json::{Value, json};
use unleash_types::client_features::{ClientFeatures, Context};
use unleash_yggdrasil::{EngineState, ExtendedVariantDef, UpdateMessage};
use vexil_vendors::question::Question;

use crate::Peer;

/// Evaluates in this process.
pub struct Unleash;

impl Peer for Unleash {
    fn answers(&mut self, question: &Question) -> Result<Vec<Vec<Value>>, String> {
        let features: ClientFeatures =
            serde_json::from_value(question.file.clone()).map_err(|it| it.to_string())?;
        let contexts: Result<Vec<Context>, _> = question
            .contexts
            .iter()
            .cloned()
            .map(serde_json::from_value)
            .collect();
        let contexts = contexts.map_err(|it| it.to_string())?;
        let engine = EngineState::default();
        engine.take_state(UpdateMessage::FullResponse(features));
        let flag = |(_, path): &(String, String)| {
            let feature = question.file.pointer(path).ok_or("no such feature")?;
            let name = feature["name"].as_str().ok_or("no name")?;
            let answer = |context: &Context| {
                let resolved = engine.resolve(name, context, &None)?;
                Some(value(feature, resolved.enabled, &resolved.variant))
            };
            let answers = contexts
                .iter()
                .map(|context| answer(context).unwrap_or_default());
            Ok(answers.collect())
        };
        question.flags.iter().map(flag).collect()
    }
}

/// What a flag serves by the guide: whether it is on; with variants, what their payloads all are.
fn value(feature: &Value, is_enabled: bool, variant: &ExtendedVariantDef) -> Value {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut variants = items(&feature["variants"]);
    for strategy in items(&feature["strategies"]) {
        variants.extend(items(&strategy["variants"]));
    }
    if variants.is_empty() {
        return is_enabled.into();
    }
    let all = |kind: &Value| {
        variants
            .iter()
            .all(|variant| variant["payload"]["type"] == *kind)
    };
    let text = variant
        .payload
        .as_ref()
        .map(|payload| payload.value.as_str());
    if all(&Value::Null) {
        variant.name.as_str().into()
    } else if all(&json!("number")) {
        text.map_or(json!(0), |text| {
            text.parse::<f64>().unwrap_or_default().into()
        })
    } else if all(&json!("json")) {
        text.map_or(json!({}), |text| {
            serde_json::from_str(text).unwrap_or_default()
        })
    } else {
        text.unwrap_or_default().into()
    }
}
